"""What is gathered of a large file while it is read: rows that may repeat, reach of values."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from core.models.schema import AMOUNT_TYPE
from core.services.ingest.prints import Twice, prints_of
from core.services.ingest.spans import Spans, spans_of

DRAWN = np.random.default_rng(7)


def rows_of(count: int, products: int) -> pa.Table:
    """Return rows with some empty cells, texts of many lengths and amounts below zero."""
    texts = [None if n % 11 == 0 else f"P{'é' * (n % 5)}{n}" for n in range(products)]
    amounts = DRAWN.integers(-5_000, 5_000, count)
    return pa.table({
        "product_id": pa.array([texts[n] for n in DRAWN.integers(0, products, count)]),
        "currency": pa.array(["EUR" if n % 3 else None for n in range(count)], pa.string()),
        "date": pa.array(DRAWN.integers(0, 3, count), pa.int32()).cast(pa.date32()),
        "unit_price": pa.array(
            [None if n % 97 == 0 else Decimal(int(n)) / 100 for n in amounts], AMOUNT_TYPE
        ),
    })  # fmt: skip


def coded(rows: pa.Table) -> pa.Table:
    """Return rows with their texts as numbers of the different ones."""
    return pa.table({
        name: values.dictionary_encode() if pa.types.is_string(values.type) else values
        for name, values in zip(rows.column_names, rows.columns, strict=True)
    }).combine_chunks()  # fmt: skip


def test_rows_that_may_repeat_are_all_that_do_and_hardly_another() -> None:
    """Over blocks with dictionaries of their own, the rows that share all values are found."""
    rows = rows_of(6_000, 40)
    twice = Twice()
    for start in range(0, rows.num_rows, 1_000):
        block = coded(rows.slice(start, 1_000))
        twice.add(prints_of(block, ()), np.arange(start, start + 1_000))
    seen: dict[tuple[object, ...], list[int]] = {}
    for number, row in enumerate(rows.to_pylist()):
        seen.setdefault(tuple(row.values()), []).append(number)
    repeated = sorted(number for same in seen.values() if len(same) > 1 for number in same)
    assert repeated
    assert twice.found().tolist() == repeated


def test_columns_that_do_not_count_leave_no_print() -> None:
    """Rows that differ in nothing else share their print."""
    rows = pa.table({"a": ["x", "x"], "b": ["y", "z"]})
    apart, alike = prints_of(coded(rows), ()), prints_of(coded(rows), {"b"})
    assert apart[0] != apart[1]
    assert alike[0] == alike[1]


@pytest.mark.parametrize("per", [("product_id",), ("product_id", "currency")])
def test_reach_of_every_group(per: tuple[str, ...]) -> None:
    """Count, smallest and largest size of the values other than zero, as counted one by one."""
    rows = rows_of(4_000, 30)
    asked = DRAWN.random(4_000) < 0.9
    gathered = Spans()
    for start in range(0, 4_000, 500):
        chosen = asked[start : start + 500]
        block = coded(rows.slice(start, 500))
        gathered.add({("unit_price", per): spans_of(block, chosen, ("unit_price", per))})
    expected: dict[tuple[object, ...], list[float]] = {}
    for row, wanted in zip(rows.to_pylist(), asked, strict=True):
        if wanted and row["unit_price"]:
            expected.setdefault(tuple(row[key] for key in per), []).append(
                float(abs(row["unit_price"]))
            )
    found = {
        tuple(row[key] for key in per): (row["n"], row["low"], row["high"])
        for row in gathered.found()["unit_price", per].to_pylist()
    }
    assert found == {key: (len(x), min(x), max(x)) for key, x in expected.items()}


def test_values_that_are_no_amounts_are_not_gathered() -> None:
    """The segment is asked for them as before."""
    gathered = Spans()
    span = ("date", ("product_id",))
    gathered.add({span: spans_of(coded(rows_of(50, 5)), np.ones(50, dtype=bool), span)})
    assert gathered.found() == {}
