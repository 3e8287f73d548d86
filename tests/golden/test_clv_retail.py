"""Online Retail, second year: real customers, one Christmas, no cost.

The workbook ends on 9 December 2011, on the peak, and its last quarter holds the way up to it:
both must be said. Figures are recomputed with pandas from the workbook.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.models.result import AnalysisResult
from core.models.schema import TABLES
from core.repository.segments import conform
from tests.clv_shop import ask, facts, kpi, said
from tests.storehouse import Storehouse

CUT = pd.Timestamp("2011-09-06")  # a quarter of 374 days before the end


@pytest.fixture(scope="module")
def lines(retail_lines: Path) -> pd.DataFrame:
    frame = pd.read_parquet(retail_lines)
    frame = frame[frame["Customer ID"].notna()]
    frame["day"] = frame["InvoiceDate"].dt.normalize()
    frame["amount"] = frame["Quantity"] * frame["Price"]
    return frame


@pytest.fixture(scope="module")
def shop(lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    # One line per customer, day and sign says the same to this analysis as half a million.
    signed = lines.assign(sold=lines["Quantity"] > 0)
    daily = signed.groupby(["Customer ID", "Country", "day", "sold"], as_index=False)[
        "amount"
    ].sum()
    amounts = (daily["amount"].abs() * 1_000_000).round() / 1_000_000
    table = pa.table(
        {
            "invoice_id": [f"I{n}" for n in range(len(daily))],
            "date": pa.array(daily["day"].dt.date, pa.date32()),
            "product_id": ["ALL"] * len(daily),
            "quantity": np.where(daily["sold"], 1.0, -1.0),
            "unit_price": pa.array(amounts).cast(pa.decimal128(18, 6), safe=False),
            "customer_id": daily["Customer ID"],
            "country": daily["Country"],
        }
    )
    house = Storehouse(tmp_path_factory.mktemp("retail") / "home")
    house.add("sales", conform(table, TABLES["sales"].arrow_schema()))
    yield house
    house.close()


@pytest.fixture(scope="module")
def result(shop: Storehouse) -> AnalysisResult:
    return ask(shop)


def purchases(lines: pd.DataFrame) -> pd.DataFrame:
    sold = lines[lines["Quantity"] > 0]
    return sold.drop_duplicates(["Customer ID", "day"])[["Customer ID", "day"]]


def test_the_check_is_that_of_the_lines(lines: pd.DataFrame, result: AnalysisResult) -> None:
    days = purchases(lines)
    first = days.groupby("Customer ID")["day"].min()
    known = first[first <= CUT].index
    later = days[(days["day"] > CUT) & days["Customer ID"].isin(known)]
    card = facts(result)
    assert card["Holdout: last day of the calibration"] == "6 Sept 2011"
    assert card["Holdout: orders that came"] == len(later)
    assert kpi(result, "customers")["value"] == first.size == 4_339
    repeats = int((days.groupby("Customer ID")["day"].size() - 1).sum())
    weeks = ask_weeks(result)
    assert weeks[-1]["week"] == date(2011, 12, 9)
    known_repeats = days[days["Customer ID"].isin(known)].shape[0] - known.size
    assert weeks[-1]["actual"] == known_repeats <= repeats


def ask_weeks(result: AnalysisResult) -> list[dict[str, Any]]:
    return result.tables["tracking"].rows()


def test_the_season_is_said_three_times_over(result: AnalysisResult) -> None:
    """A short history, orders the check had not seen coming, and a cut-off on the peak."""
    text = said(result)
    assert "No cost is known for these sales: values are net sales, not margin." in text
    assert "In the check from 7 Sept 2011 to 9 Dec 2011 the model expected 25% fewer" in text
    assert "The history covers 374 days, less than one and a half years" in text
    assert "In the 8 weeks up to the cut-off customers ordered" in text
    assert "more than the model expects" in text
    assert facts(result)["Holdout: bias of the total"] == pytest.approx(-0.2475, abs=0.01)


def test_a_model_fitted_on_the_peak_promises_too_much(shop: Storehouse) -> None:
    """Fitted up to the days before Christmas 2010, it meets a quiet winter."""
    result = ask(shop, period="custom", to="2011-03-31", holdout="100")
    assert facts(result)["Holdout: last day of the calibration"] == "21 Dec 2010"
    assert facts(result)["Holdout: bias of the total"] > 0.5
    assert "more orders than came: take the totals as too high" in said(result)


def test_values_are_those_of_the_customers(lines: pd.DataFrame, result: AnalysisResult) -> None:
    """What a customer brought since the first purchase is net of what was sent back."""
    first = purchases(lines).groupby("Customer ID")["day"].min()
    since = lines[lines["day"] >= lines["Customer ID"].map(first)]
    totals = since.groupby("Customer ID")["amount"].sum()
    rows = {row["customer"]: row["value_so_far"] for row in result.tables["customers"].rows()}
    for code, total in totals.items():
        assert rows[str(code).removesuffix(".0")] == pytest.approx(total, abs=0.01)


def test_the_page_says_that_the_naive_ranking_is_as_good_here(result: AnalysisResult) -> None:
    captured = {row["ranking"]: row["captured"] for row in result.tables["capture"].rows()}
    assert captured["This model"] == pytest.approx(captured["Past value"], abs=0.02)
    assert captured["This model"] > captured["Past number of orders"]


def test_a_season_breaks_the_intervals_and_that_is_shown(result: AnalysisResult) -> None:
    """An interval knows chance, not Christmas: a quarter more orders leave it for one in ten."""
    inside = facts(result)["Holdout: customers inside their 90% interval"]
    assert 0.75 < inside < 0.87
