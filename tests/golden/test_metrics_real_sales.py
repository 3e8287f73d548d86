"""Real sales against pandas, written from the definitions page and not from the engine."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from core.models.query import Filter, MetricQuery, Period
from core.models.schema import TABLES
from core.repository.segments import conform
from tests.storehouse import Storehouse

NOT_PRODUCTS = {
    "POST": "postage", "DOT": "postage", "C2": "postage", "D": "adjustment", "M": "adjustment",
    "m": "adjustment", "BANK CHARGES": "fee", "AMAZONFEE": "fee", "S": "sample", "CRUK": "fee",
    "B": "adjustment",
}  # fmt: skip


def decimals(values: pd.Series) -> pa.Array:
    return pa.array([None if pd.isna(v) else Decimal(str(v)) for v in values], pa.decimal128(18, 6))


def texts(values: pd.Series) -> pa.Array:
    return pa.array([None if pd.isna(v) else str(v) for v in values], pa.string())


@pytest.fixture(scope="module")
def retail(retail_lines: Path) -> pd.DataFrame:
    frame = pd.read_parquet(retail_lines)
    frame["day"] = frame["InvoiceDate"].dt.date
    frame["kind"] = frame["StockCode"].map(NOT_PRODUCTS).fillna("product")
    # To the cent, and exactly: prices have at most three decimals.
    frame["amount"] = frame["Quantity"].abs() * (frame["Price"] * 1000).round().astype("int64")
    return frame


@pytest.fixture(scope="module")
def shop(retail: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    house = Storehouse(tmp_path_factory.mktemp("retail") / "home")
    table = pa.table(
        {
            "invoice_id": texts(retail["Invoice"]),
            "date": pa.array(retail["day"], pa.date32()),
            "product_id": texts(retail["StockCode"]),
            "quantity": decimals(retail["Quantity"]),
            "unit_price": decimals(retail["Price"]),
            "customer_id": texts(retail["Customer ID"]),
            "country": texts(retail["Country"]),
            "line_kind": texts(retail["kind"]),
        }
    )
    house.add("sales", conform(table, TABLES["sales"].arrow_schema()))
    yield house
    house.close()


def by_pandas(frame: pd.DataFrame) -> dict[str, object]:
    sold, back = frame[frame["Quantity"] > 0], frame[frame["Quantity"] < 0]
    gross, returns = int(sold["amount"].sum()), int(back["amount"].sum())
    return {
        "gross_sales": Decimal(gross) / 1000,
        "returns": Decimal(returns) / 1000,
        "net_sales": Decimal(gross - returns) / 1000,
        "orders": sold["Invoice"].nunique(),
        "customers": sold["Customer ID"].nunique(),
        "products": sold.loc[sold["kind"] == "product", "StockCode"].nunique(),
        "units": Decimal(int(frame.loc[frame["kind"] == "product", "Quantity"].sum())),
    }


KEYS = ("gross_sales", "returns", "net_sales", "orders", "customers", "products", "units")


def test_totals(retail: pd.DataFrame, shop: Storehouse) -> None:
    assert len(retail) == 541_909
    assert shop.metrics.ask(MetricQuery(KEYS)).total == by_pandas(retail)


def test_by_country(retail: pd.DataFrame, shop: Storehouse) -> None:
    answer = shop.metrics.ask(MetricQuery(KEYS, ("country",)))
    found = {row["country"]: {key: row[key] for key in KEYS} for row in answer.rows()}
    expected = {country: by_pandas(part) for country, part in retail.groupby("Country")}
    for country, values in expected.items():
        if not (retail.loc[retail["Country"] == country, "kind"] == "product").any():
            values["units"] = None
    assert found == expected
    assert answer.total == by_pandas(retail)


def test_by_month_and_in_odd_periods(retail: pd.DataFrame, shop: Storehouse) -> None:
    months = retail.groupby(pd.to_datetime(retail["day"]).dt.to_period("M"))
    expected = {period.start_time.date(): by_pandas(part) for period, part in months}
    answer = shop.metrics.ask(MetricQuery(KEYS, ("month",)))
    assert {r["month"]: {key: r[key] for key in KEYS} for r in answer.rows()} == expected
    days = sorted(retail["day"].unique())
    for first, last in ((0, 40), (17, 100), (60, 61), (31, 250)):
        period = Period(days[first], days[last])
        part = retail[(retail["day"] >= period.start) & (retail["day"] <= period.end)]
        assert shop.metrics.ask(MetricQuery(KEYS, period=period)).total == by_pandas(part)
        few = (Filter("country", ("France", "Germany", "EIRE")),)
        part = part[part["Country"].isin(few[0].values)]
        found = shop.metrics.ask(MetricQuery(KEYS, where=few, period=period)).total
        assert found == by_pandas(part)


def test_superstore_margins(real_data: Path, tmp_path: Path) -> None:
    """Sales are after discount and profit gives the cost: Sales − Profit, per line."""
    frame = pd.read_csv(
        real_data / "superstore" / "superstore.csv", encoding="utf-8-sig", dtype=str
    )
    for key in ("Sales", "Quantity", "Profit"):
        frame[key] = frame[key].map(Decimal)
    house = Storehouse(tmp_path / "home")
    day = pd.to_datetime(frame["Order Date"], format="mixed").dt.date
    table = pa.table(
        {
            "invoice_id": texts(frame["Order ID"]),
            "date": pa.array(day, pa.date32()),
            "product_id": texts(frame["Product ID"]),
            "quantity": decimals(frame["Quantity"]),
            "unit_price": decimals(round_six(frame["Sales"] / frame["Quantity"])),
            "unit_cost": decimals(
                round_six((frame["Sales"] - frame["Profit"]) / frame["Quantity"])
            ),
        }
    )
    house.add("sales", conform(table, TABLES["sales"].arrow_schema()))
    split = frame.drop_duplicates("Product ID")
    house.add("products", conform(
        pa.table({
            "product_id": texts(split["Product ID"]),
            "category": texts(split["Category"]),
            "subcategory": texts(split["Sub-Category"]),
        }),
        TABLES["products"].arrow_schema(),
    ))  # fmt: skip
    categories = dict(zip(split["Product ID"], split["Category"], strict=True))
    assert all(frame["Category"] == frame["Product ID"].map(categories))
    for dimension, columns in (("category", ["Category"]), ("subcategory", ["Sub-Category"])):
        answer = house.metrics.ask(
            MetricQuery(("net_sales", "gross_margin", "margin_rate", "orders"), (dimension,))
        )
        rows = {row[dimension]: row for row in answer.rows()}
        for name, part in frame.groupby(columns[0]):
            sales, profit = sum(part["Sales"]), sum(part["Profit"])
            assert abs(rows[name]["net_sales"] - sales) < Decimal("0.005")
            assert abs(rows[name]["gross_margin"] - profit) < Decimal("0.005")
            assert rows[name]["margin_rate"] == pytest.approx(float(profit / sales), abs=1e-7)
            assert rows[name]["orders"] == part["Order ID"].nunique()
        assert set(rows) == set(frame[columns[0]])
    house.close()


def round_six(values: pd.Series) -> pd.Series:
    return values.map(lambda value: value.quantize(Decimal("0.000001")))
