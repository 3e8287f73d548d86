"""Real files imported by their titles alone: every row accounted for, every amount as pandas says.

The totals are recomputed from the files with pandas, never with the intake's own code.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from core.services.ingest import ImportReport
from tests.unit.ingest_home import Desk

RETAIL_ROWS = 541_909
STORE_ROWS = 9_994
NO_PRODUCTS = {
    "POST": "postage", "DOT": "postage", "C2": "postage", "BANK CHARGES": "fee",
    "AMAZONFEE": "fee", "CRUK": "fee", "D": "adjustment", "M": "adjustment", "m": "adjustment",
    "B": "adjustment", "S": "sample", "PADS": "sample",
}  # fmt: skip
UNKNOWN = ("European Community", "Unspecified", "Channel Islands")


@pytest.fixture(scope="module")
def retail(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Desk, Path, ImportReport]]:
    path = real_data / "online_retail" / "online_retail_2010_2011.xlsx"
    desk = Desk(tmp_path_factory.mktemp("retail"))
    yield desk, path, desk.run(path)
    desk.close()


@pytest.fixture(scope="module")
def retail_frame(real_data: Path) -> pd.DataFrame:
    path = real_data / "online_retail" / "online_retail_2010_2011.xlsx"
    texts = {"Invoice": str, "StockCode": str, "Description": str}
    return pd.read_excel(path, engine="calamine", dtype=texts)


def ask(desk: Desk, sql: str, table: str = "sales") -> list[tuple[object, ...]]:
    """Run SQL over the visible rows of a table, named `t`."""
    files = [desk.segments.path(s.file).as_posix() for s in desk.catalogue.visible_segments(table)]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW t AS SELECT * FROM read_parquet({files!r})")
        return connection.execute(sql).fetchall()


def test_every_row_of_the_shop_is_accepted(retail: tuple[Desk, Path, ImportReport]) -> None:
    _, _, report = retail
    assert (report.table, report.sheet) == ("sales", "Year 2010-2011")
    assert (report.read, report.accepted) == (RETAIL_ROWS, RETAIL_ROWS)
    assert (report.quarantined, report.already_there, report.reasons) == (0, 0, {})


def test_what_is_odd_is_counted(
    retail: tuple[Desk, Path, ImportReport], retail_frame: pd.DataFrame
) -> None:
    counted = {rule: int(mask.sum()) for rule, mask in odd_rows(retail_frame).items()}
    assert retail[2].warnings == counted


def test_the_quality_score_is_the_share_of_rows_without_any_warning(
    retail: tuple[Desk, Path, ImportReport], retail_frame: pd.DataFrame
) -> None:
    odd = pd.concat(odd_rows(retail_frame), axis=1).any(axis=1)
    assert len(odd) == RETAIL_ROWS
    assert retail[2].quality == (RETAIL_ROWS - int(odd.sum())) / RETAIL_ROWS
    assert round(retail[2].quality or 0.0, 5) == 0.73744


def odd_rows(frame: pd.DataFrame) -> "dict[str, pd.Series[bool]]":
    """Return which rows each rule warns of, worked out from the words of docs/quality.md."""
    whole = frame.assign(Day=frame["InvoiceDate"].dt.normalize())
    return {
        "missing_customer": frame["Customer ID"].isna(),
        "zero_price": frame["Price"] == 0,
        "negative_price": frame["Price"] < 0,
        "unknown_country": frame["Country"].isin(UNKNOWN),
        "repeated_line": whole.drop(columns=["Description", "InvoiceDate"]).duplicated(),
        "price_outlier": far_from_usual(frame, frame["Price"] * 1000, score=8, factor=3),
        "quantity_outlier": far_from_usual(frame, frame["Quantity"].abs(), score=30, factor=100),
    }


def far_from_usual(
    frame: pd.DataFrame, values: "pd.Series[float]", *, score: float, factor: float
) -> "pd.Series[bool]":
    """Return which values are far from their product's median, as docs/quality.md defines it.

    Whole numbers (prices in tenths of pence), so that three times the median is not missed by a
    rounding.
    """
    product = ~frame["StockCode"].str.strip().isin(list(NO_PRODUCTS)) & (values != 0)
    x, code = values[product].round(), frame["StockCode"].str.strip()[product]
    median = x.groupby(code).transform("median")
    away = (x - median).abs()
    mad, mean = (away.groupby(code).transform(how) for how in ("median", "mean"))
    spread = (mad / 0.6745).where(mad > 0, 1.2533 * mean)
    far = (away >= score * spread) & (spread > 0)
    other = (x.abs() >= factor * median) | (x.abs() * factor <= median)
    found = far & other & (x.groupby(code).transform("size") >= 20)
    return found.reindex(frame.index, fill_value=False)


def test_every_line_is_stored_as_it_stands(
    retail: tuple[Desk, Path, ImportReport], retail_frame: pd.DataFrame
) -> None:
    desk, frame = retail[0], retail_frame
    found = ask(
        desk,
        "SELECT invoice_id, product_id, quantity, unit_price, date, customer_id, _row "
        "FROM t ORDER BY _row",
    )
    assert len(found) == RETAIL_ROWS
    columns = list(zip(*found, strict=True))
    assert list(columns[0]) == frame["Invoice"].str.strip().tolist()
    assert list(columns[1]) == frame["StockCode"].str.strip().tolist()
    assert [int(q) for q in columns[2]] == frame["Quantity"].tolist()
    assert list(columns[3]) == [Decimal(repr(p)) for p in frame["Price"].tolist()]
    assert list(columns[4]) == frame["InvoiceDate"].dt.date.tolist()
    customers = [None if pd.isna(c) else str(int(c)) for c in frame["Customer ID"]]
    assert list(columns[5]) == customers
    assert list(columns[6]) == list(range(2, RETAIL_ROWS + 2))


def test_net_amounts_by_country_to_the_cent(
    retail: tuple[Desk, Path, ImportReport], retail_frame: pd.DataFrame
) -> None:
    frame = retail_frame
    names = {"EIRE": "IE", "USA": "US", "RSA": "ZA", "United Kingdom": "GB", "France": "FR",
             "Hong Kong": "HK", "Czech Republic": "CZ", "Channel Islands":
             "unknown: Channel Islands"}  # fmt: skip
    cents = (frame["Price"] * 1000).round().astype("int64") * frame["Quantity"]
    expected = cents.groupby(frame["Country"]).sum()
    found = dict(ask(retail[0], "SELECT country, sum(quantity * unit_price) FROM t GROUP BY 1"))
    assert len(found) == frame["Country"].nunique()
    for name, code in names.items():
        assert found[code] * 1000 == int(expected[name])
    assert sum(found.values()) * 1000 == int(cents.sum())  # type: ignore[arg-type]


def test_lines_that_are_no_products(
    retail: tuple[Desk, Path, ImportReport], retail_frame: pd.DataFrame
) -> None:
    codes = Counter(retail_frame["StockCode"].str.strip())
    found = ask(
        retail[0],
        "SELECT product_id, line_kind, count(*) FROM t WHERE line_kind <> 'product' GROUP BY ALL",
    )
    assert {code: kind for code, kind, _ in found} == NO_PRODUCTS
    assert {code: count for code, _, count in found} == {c: codes[c] for c in NO_PRODUCTS}


def test_products_bear_their_most_frequent_description(
    retail: tuple[Desk, Path, ImportReport], retail_frame: pd.DataFrame
) -> None:
    frame = retail_frame.assign(
        code=retail_frame["StockCode"].str.strip(), name=retail_frame["Description"].str.strip()
    )
    goods = frame[~frame["code"].isin(NO_PRODUCTS)]
    named = goods[goods["name"].notna() & (goods["name"] != "")]
    counted = named.groupby(["code", "name"]).size().reset_index(name="times")
    ordered = counted.sort_values(["times", "name"], ascending=[False, True], kind="stable")
    expected = ordered.drop_duplicates("code").set_index("code")["name"].to_dict()
    found = dict(ask(retail[0], "SELECT product_id, name FROM t", "products"))
    assert found == {code: expected.get(code) for code in goods["code"].unique()}


def test_a_second_import_adds_nothing_and_undo_brings_the_numbers_back(
    retail: tuple[Desk, Path, ImportReport],
) -> None:
    desk, path, first = retail
    before = [s.file for s in desk.catalogue.visible_segments()]
    again = desk.run(path)
    assert (again.read, again.accepted, again.already_there) == (RETAIL_ROWS, 0, RETAIL_ROWS)
    assert again.data_version == first.data_version
    assert [s.file for s in desk.catalogue.visible_segments()] == before
    desk.intake.undo(first.import_id or 0)
    assert desk.catalogue.visible_segments() == []
    desk.intake.redo(first.import_id or 0)
    assert [s.file for s in desk.catalogue.visible_segments()] == before


@pytest.fixture(scope="module")
def superstore(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Desk, pd.DataFrame, ImportReport]]:
    path = real_data / "superstore" / "superstore.csv"
    desk = Desk(tmp_path_factory.mktemp("superstore"))
    texts = ["Sales", "Discount", "Profit", "Quantity", "Postal Code"]
    frame = pd.read_csv(path, dtype=dict.fromkeys(texts, str))
    yield desk, frame, desk.run(path)
    desk.close()


def test_every_row_of_the_store_is_accepted(
    superstore: tuple[Desk, pd.DataFrame, ImportReport],
) -> None:
    report = superstore[2]
    assert (report.table, report.read, report.accepted) == ("sales", STORE_ROWS, STORE_ROWS)
    assert report.reasons == {}


def test_every_net_amount_is_exactly_the_stated_sales(
    superstore: tuple[Desk, pd.DataFrame, ImportReport],
) -> None:
    desk, frame, _ = superstore
    found = ask(
        desk,
        "SELECT (quantity * unit_price)::DECIMAL(18, 6) - coalesce(discount_amount, 0) "
        "FROM t ORDER BY _row",
    )
    assert [row[0] for row in found] == [Decimal(text) for text in frame["Sales"]]


def test_margins_by_category_and_sub_category(
    superstore: tuple[Desk, pd.DataFrame, ImportReport],
) -> None:
    desk, frame, _ = superstore
    profit = frame["Profit"].map(Decimal)
    keys = [frame["Category"], frame["Sub-Category"]]
    expected = {key: sum(part, Decimal(0)) for key, part in profit.groupby(keys)}
    categories = {
        code: (category, sub)
        for code, category, sub in ask(
            desk, "SELECT product_id, category, subcategory FROM t", "products"
        )
    }
    found: dict[object, Decimal] = {}
    for code, margin in ask(
        desk,
        "SELECT product_id, sum((quantity * unit_price)::DECIMAL(18, 6) "
        "- coalesce(discount_amount, 0) - quantity * unit_cost) FROM t GROUP BY 1",
    ):
        key = categories[code]
        found[key] = found.get(key, Decimal(0)) + margin  # type: ignore[operator]
    assert found.keys() == expected.keys()
    for key, margin in expected.items():
        assert abs(found[key] - margin) < Decimal("0.005"), key


def test_customers_of_the_store(superstore: tuple[Desk, pd.DataFrame, ImportReport]) -> None:
    desk, frame, _ = superstore
    found = dict(ask(desk, "SELECT customer_id, (name, segment) FROM t", "customers"))
    names = frame.drop_duplicates("Customer ID").set_index("Customer ID")
    assert found == {c: (row["Customer Name"], row["Segment"]) for c, row in names.iterrows()}
