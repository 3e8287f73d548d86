"""The generated company as data: shape, types, references, determinism, bounded memory."""

import hashlib
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from core.models.schema import ARROW_TYPES, TABLES
from core.services.demo import DemoCompany, generate
from core.services.demo.timeline import season, stream

LINES = 30_000


@pytest.fixture(scope="module")
def company() -> DemoCompany:
    return generate(LINES)


@pytest.fixture(scope="module")
def sales(company: DemoCompany) -> pa.Table:
    return pa.concat_tables(company.sales_batches())


def _digest(company: DemoCompany) -> str:
    digest = hashlib.sha256(json.dumps(company.truths, sort_keys=True).encode())
    tables = [*company.dimensions.values(), *company.sales_batches()]
    for table in tables:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        digest.update(sink.getvalue())
    return digest.hexdigest()


def _values(table: pa.Table, column: str) -> set[Any]:
    return set(table[column].to_pylist())


@pytest.mark.parametrize("lines", [100, 1_000, 29_999])
def test_exactly_the_lines_asked_for(lines: int) -> None:
    assert sum(batch.num_rows for batch in generate(lines).sales_batches()) == lines


def test_too_few_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 100"):
        generate(99)


def test_same_arguments_same_bytes_other_seed_other_bytes() -> None:
    assert _digest(generate(5_000)) == _digest(generate(5_000))
    assert _digest(generate(5_000)) != _digest(generate(5_000, seed=7))


def test_batches_can_be_read_again(company: DemoCompany, sales: pa.Table) -> None:
    assert pa.concat_tables(company.sales_batches()).equals(sales)


def test_every_table_follows_the_business_schema(company: DemoCompany, sales: pa.Table) -> None:
    for name, table in {**company.dimensions, "sales": sales}.items():
        declared = {field.key: ARROW_TYPES[field.kind] for field in TABLES[name].fields}
        assert {f.name: f.type for f in table.schema}.items() <= declared.items(), name
        for field in TABLES[name].fields:
            if field.required:
                assert table[field.key].null_count == 0, (name, field.key)
        table.validate(full=True)


def test_natural_keys_are_unique(company: DemoCompany, sales: pa.Table) -> None:
    for name, table in {**company.dimensions, "sales": sales}.items():
        key = [k for k in TABLES[name].natural_key if k in table.column_names]
        if key:
            assert table.group_by(key).aggregate([]).num_rows == table.num_rows, name


def test_references_lead_somewhere(company: DemoCompany, sales: pa.Table) -> None:
    own = company.dimensions
    products = _values(own["products"], "product_id")
    for table in (sales, own["purchases"], own["stock_moves"], own["stock_counts"]):
        assert _values(table, "product_id") <= products
    assert _values(sales, "customer_id") - {None} == _values(own["customers"], "customer_id")
    suppliers = _values(own["suppliers"], "supplier_id")
    assert _values(own["purchases"], "supplier_id") <= suppliers
    assert _values(own["products"], "supplier_id") - {None} <= suppliers
    assert _values(sales, "currency") == {"EUR", *_values(own["fx_rates"], "currency")}
    assert _values(own["investments"], "country") - {None} <= _values(sales, "country")


def test_no_number_is_missing_by_accident(sales: pa.Table) -> None:
    optional = {"customer_id", "salesperson", "promotion", "unit_cost"}
    assert {f for f in sales.column_names if sales[f].null_count} == optional
    assert pc.min(sales["discount_rate"]).as_py() >= 0
    assert pc.max(sales["discount_rate"]).as_py() < 1
    for column in ("freight_out", "fees"):
        assert pc.min(sales[column]).as_py() >= 0


def test_span_is_fixed_and_in_order(company: DemoCompany, sales: pa.Table) -> None:
    days = sales["date"].to_numpy()
    assert days.min() >= np.datetime64("2022-10-01")
    assert days.max() <= np.datetime64("2026-09-30")
    assert (np.diff(days) >= np.timedelta64(0, "D")).all()
    rates = company.dimensions["fx_rates"]["date"].to_numpy()
    assert rates.min() <= company.dimensions["purchases"]["date"].to_numpy().min()


def test_identifiers_keep_their_zeros(company: DemoCompany) -> None:
    assert "0101" in _values(company.dimensions["suppliers"], "supplier_id")
    assert "01000" in _values(generate(60_000).dimensions["customers"], "postcode")


def test_returns_come_later_and_belong_to_a_sale(sales: pa.Table) -> None:
    table = sales.to_pandas()
    back = table[(table.quantity < 0)]
    assert set(back.line_kind) == {"product"}
    assert back.invoice_id.str.startswith("AV").all()
    first = table[table.quantity > 0].drop_duplicates(["order_id", "product_id"])
    both = back.merge(first, on=["order_id", "product_id"], suffixes=("", "_sold"))
    assert len(both) == len(back)
    delay = (both.date.astype("datetime64[s]") - both.date_sold.astype("datetime64[s]")).dt.days
    assert delay.between(1, 40).all()
    same = ["unit_price", "discount_rate", "currency", "country", "channel"]
    # The same product may stand twice on an order, so a few returns find the other line.
    assert all((both[c] == both[f"{c}_sold"]).mean() > 0.99 for c in same)


def test_stock_is_receipts_less_sales_less_losses(company: DemoCompany, sales: pa.Table) -> None:
    moves = company.dimensions["stock_moves"].to_pandas()
    sold = sales.to_pandas()
    goods = sold.line_kind.isin(["product", "sample"])
    bought = set(moves[moves.kind == "receipt"].product_id)
    left = sold[goods & sold.product_id.isin(bought)].groupby("product_id").quantity.sum()
    moved = -moves[moves.kind == "sale"].groupby("product_id").quantity.sum()
    assert (left.sub(moved, fill_value=0) == 0).all()
    counts = company.dimensions["stock_counts"].to_pandas()
    last = counts[counts.date == counts.date.max()].groupby("product_id").quantity.sum()
    balance = moves.groupby("product_id").quantity.sum()
    assert (last.sub(balance, fill_value=0) == 0).all()
    purchased = company.dimensions["purchases"].to_pandas().groupby("product_id").quantity.sum()
    receipts = moves[moves.kind == "receipt"].groupby("product_id").quantity.sum()
    assert (purchased == receipts).all()


def test_many_lines_do_not_stay_in_memory() -> None:
    company = generate(3_000_000)
    before = pa.total_allocated_bytes()
    rows = highest = 0
    for batch in company.sales_batches():
        assert batch.num_rows <= 500_000
        rows += batch.num_rows
        highest = max(highest, pa.total_allocated_bytes() - before)
        size = batch.nbytes
    assert rows == 3_000_000
    assert highest < 4 * size  # one batch and what it is made from, never all eight


def test_streams_of_different_purposes_differ() -> None:
    assert stream(1, 2).random() == stream(1, 2).random()
    assert stream(1, 2).random() != stream(1, 3).random()


def test_season_has_its_hills_where_they_belong() -> None:
    days = season(1.0, 0.5, 0.5)
    assert days[65:75].max() > 1.9  # early December
    assert days[110:120].max() < 1.0  # late January
    assert days[285:300].max() > 1.4  # July


def test_truths_are_json(company: DemoCompany) -> None:
    assert json.loads(json.dumps(company.truths)) == company.truths
    assert company.truths["demo"] is True
