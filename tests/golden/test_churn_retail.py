"""Churn without contracts on the online shop's second year, as the page shows it.

Cut-off 2011-09-10, 90 days, customers of the last 365 days: the outcome is known to the last day
of the workbook, so the study's own test day is this cut-off.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from core.models.query import Scope
from core.models.result import AnalysisResult
from core.models.schema import TABLES
from core.services.analytics.base import Params, Study
from core.services.analytics.churn import OPTIONS, run
from core.services.customers import CustomerFacts
from tests.storehouse import Storehouse

TEST_DAY = date(2011, 9, 10)
LAST_DAY = date(2011, 12, 9)
CUSTOMERS = 4_264  # of 4,338: who bought from 10 December 2010 on


def as_sales(raw: pa.Table) -> pa.Table:
    """Return the lines that were sold to a customer, as the intake would store them."""
    invoice, quantity = raw["Invoice"], raw["Quantity"]
    sold = pc.and_(pc.greater(quantity, 0), pc.is_valid(raw["Customer ID"]))
    raw = raw.filter(pc.and_(sold, pc.invert(pc.starts_with(invoice, "C"))))
    # Free lines are no purchase: the published counts are of lines with a price.
    raw = raw.filter(pc.greater(raw["Price"], 0))
    given = {
        "invoice_id": raw["Invoice"],
        "date": raw["InvoiceDate"].cast(pa.date32()),
        "product_id": raw["StockCode"],
        "quantity": raw["Quantity"].cast(pa.float64()),
        "unit_price": pc.round(raw["Price"], 3),
        "customer_id": raw["Customer ID"],
        "_row": pa.array(range(raw.num_rows), pa.int64()),
    }
    return pa.table(
        {
            field.name: given[field.name].cast(field.type)
            if field.name in given
            else pa.nulls(raw.num_rows, field.type)
            for field in TABLES["sales"].arrow_schema()
        }
    )


@pytest.fixture(scope="module")
def result(
    retail_lines: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnalysisResult]:
    raw = pq.read_table(retail_lines)
    house = Storehouse(tmp_path_factory.mktemp("retail"))
    house.add("sales", as_sales(raw))
    study = Study(
        metrics=house.metrics,
        customers=CustomerFacts(house.metrics),
        params=Params.from_pairs([("period", "all")], OPTIONS),
        scope=Scope(),
        report=lambda fraction, step: None,
    )
    yield run(study)
    house.close()


def by_model(result: AnalysisResult) -> dict[str, dict[str, Any]]:
    return {row["model"]: row for row in result.tables["models"].rows()}


def fact(result: AnalysisResult, name: str) -> Any:
    rows = {row["fact"]: row for row in result.tables["model_card"].rows()}
    return next(row["value"] for key, row in rows.items() if f'"{name}"' in key)


def test_the_learnt_model_beats_the_recency_ranking_out_of_time(result: AnalysisResult) -> None:
    found = by_model(result)
    recency, learnt = found["Longest without a purchase"], found["Learnt model"]
    assert recency["auc"] == pytest.approx(0.683, abs=0.002)
    assert learnt["auc"] - recency["auc"] >= 0.04
    assert learnt["auc_low"] > recency["auc_high"]
    assert learnt["pr_auc"] > recency["pr_auc"]
    assert learnt["lift"] >= 1.45
    assert learnt["brier"] <= 0.217  # published with both years, before the season's shift


def test_it_learns_only_from_outcomes_known_on_the_test_day(result: AnalysisResult) -> None:
    assert fact(result, "Test: customers") == 3_370
    model = result.outcome.model["learnt"] if result.outcome else {}
    epoch = date(1970, 1, 1).toordinal()
    days = [date.fromordinal(epoch + day) for day in model["days"]]
    assert max(days) == TEST_DAY  # for today; the test itself had none of its outcome
    assert all((TEST_DAY - day).days % 30 == 0 for day in days)
    assert result.period is not None
    assert result.period.end == LAST_DAY


def test_the_page_says_that_the_baseline_is_close(result: AnalysisResult) -> None:
    found = by_model(result)
    assert found["Purchase model"]["auc"] > 0.72
    assert abs(found["Learnt model"]["auc"] - found["Purchase model"]["auc"]) < 0.02
    assert any("baseline is close" in str(note) for note in result.notes)


def test_a_single_year_has_no_season_to_learn_the_level_from(result: AnalysisResult) -> None:
    assert any("no such season a year before" in str(caveat) for caveat in result.caveats)
    assert any("No costs are known" in str(caveat) for caveat in result.caveats)


def test_no_feature_is_a_leak_and_the_worklist_is_ranked_by_loss(result: AnalysisResult) -> None:
    assert result.tables["leaks"].rows() == []
    rows = result.tables["customers"].rows()
    losses = [row["expected_loss"] for row in rows]
    assert losses == sorted(losses, reverse=True)
    assert len(rows) == result.headline["customers"] == CUSTOMERS
    assert all(row["reason_1"] for row in rows if row["probability"] > 0.5)
    values = pd.DataFrame(rows)
    expected = values["probability"] * values["at_stake"]
    assert values["expected_loss"].tolist() == pytest.approx(expected.tolist())
