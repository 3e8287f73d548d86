"""The customers who leave the demo company by plan are found: while they fade, and once gone."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from core.i18n import unpack, use_language
from core.models.filters import parse_filters
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import Params, PastRun, Study
from core.services.analytics.churn import OPTIONS, run
from core.services.customer_churn.fading import fading
from core.services.customer_churn.known import Known
from core.services.customers import CustomerFacts
from core.services.demo import generate
from tests.storehouse import Storehouse

LINES = 200_000
CUT_OFF = date(2026, 3, 31)
Run = Callable[..., AnalysisResult]
Truths = dict[str, Any]
Demo = tuple[Storehouse, Truths]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    house = Storehouse(tmp_path_factory.mktemp("demo"))
    company = generate(LINES)
    for name, table in company.dimensions.items():
        house.add(name, table)
    house.add_batches("sales", company.sales_batches())
    yield house, company.truths["customers"]  # type: ignore[misc]
    house.close()


@pytest.fixture(scope="module")
def churn(demo: Demo) -> Run:
    house, _ = demo

    def at(until: date, past: tuple[PastRun, ...] = (), **options: str) -> AnalysisResult:
        pairs = [("to", until.isoformat()), *options.items()]
        return run(
            Study(
                metrics=house.metrics,
                customers=CustomerFacts(house.metrics),
                params=Params.from_pairs(pairs, OPTIONS),
                scope=Scope(),
                report=lambda fraction, step: None,
                past=past,
            )
        )

    return at


@pytest.fixture(scope="module")
def spring(churn: Run) -> AnalysisResult:
    return churn(CUT_OFF)


@pytest.fixture(scope="module")
def summer(churn: Run, spring: AnalysisResult) -> AnalysisResult:
    return churn(CUT_OFF + timedelta(days=91), past=(as_past(spring),))


def as_past(result: AnalysisResult) -> PastRun:
    outcome = result.outcome
    assert outcome is not None
    made = datetime.fromisoformat("2026-04-01T08:00:00+00:00")
    pairs = (("to", CUT_OFF.isoformat()),)
    return PastRun(1, made, result.data_version, pairs, outcome.card, lambda: outcome.scores)


def scores_of(result: AnalysisResult) -> dict[str, float]:
    assert result.outcome is not None
    assert result.outcome.scores is not None
    table = result.outcome.scores
    keys, found = table["customer_id"].to_pylist(), table["churn_probability"].to_pylist()
    return dict(zip(keys, found, strict=True))


def gone_on(truths: Truths) -> dict[str, date]:
    leaving = truths["leaving"]["customers"]
    return {one["customer_id"]: date.fromisoformat(one["gone_on"]) for one in leaving}


def test_whoever_is_gone_has_a_high_probability(demo: Demo, spring: AnalysisResult) -> None:
    found = scores_of(spring)
    gone = {
        key: found[key]
        for key, day in gone_on(demo[1]).items()
        if (CUT_OFF - day).days >= 90 and key in found
    }
    assert len(gone) >= 6
    assert min(gone.values()) > 0.85
    everyone = np.array(list(found.values()))
    assert all((everyone < one).mean() > 0.85 for one in gone.values())


def test_growing_customers_are_not_expected_to_leave(demo: Demo, spring: AnalysisResult) -> None:
    found = scores_of(spring)
    growing = [found[key] for key in demo[1]["growing"]["customer_ids"] if key in found]
    assert len(growing) >= 20
    assert np.median(growing) < 0.05


def test_leavers_are_seen_fading_before_they_are_gone(demo: Demo) -> None:
    house, truths = demo
    months = [date(2024, 4, 1) + timedelta(days=30 * place) for place in range(25)]
    leaving = gone_on(truths)
    caught: set[str] = set()
    listed = looked_at = 0
    with CustomerFacts(house.metrics).open(parse_filters([("period", "all")]), Scope()) as history:
        known = Known.read(history, months, 90)
        codes = history.customers["customer_id"].to_pylist()
        by_key = dict(zip(history.customers["customer_key"].to_pylist(), codes, strict=True))
        for month in months:
            now = known.at(month)
            found = [by_key[key] for key in now.keys[fading(now)]]
            caught |= {k for k in found if k in leaving and 0 <= (leaving[k] - month).days <= 180}
            listed, looked_at = listed + len(found), looked_at + len(now.keys)
    assert len(leaving) == 15
    assert len(caught) >= 10
    assert listed / looked_at < 0.01  # of all customers: whoever listed everybody would catch all


def test_the_learnt_model_is_good_and_calibrated_on_the_demo(spring: AnalysisResult) -> None:
    models = {row["model"]: row for row in spring.tables["models"].rows()}
    learnt, recency = models["Learnt model"], models["Longest without a purchase"]
    assert learnt["auc"] - recency["auc"] >= 0.03
    assert learnt["brier"] < 0.12
    bins = [r for r in spring.tables["calibration"].rows() if r["model"] == "Learnt model"]
    error = sum(r["customers"] * abs(r["predicted"] - r["observed"]) for r in bins)
    assert error / sum(r["customers"] for r in bins) < 0.04


def test_the_same_season_a_year_before_sets_the_level(spring: AnalysisResult) -> None:
    assert spring.outcome is not None
    shift = spring.outcome.model["learnt"]["shift"]
    assert date(1970, 1, 1) + timedelta(days=shift["day"]) == CUT_OFF - timedelta(days=365)
    assert not any("no such season" in str(caveat) for caveat in spring.caveats)


def test_the_worklist_has_reasons_in_both_languages(spring: AnalysisResult) -> None:
    rows = spring.tables["customers"].rows()
    first = unpack(rows[0]["reason_1"])
    with use_language("fr"):
        french = str(first)
    assert any(sign.isdigit() for sign in str(first))
    assert any(sign.isdigit() for sign in french)
    at_risk = [row for row in rows if row["probability"] > 0.9]
    told = [str(unpack(row["reason_1"])) for row in at_risk]
    assert sum("No purchase for" in text for text in told) > len(told) / 2


def test_flagged_customers_are_followed_up(summer: AnalysisResult, spring: AnalysisResult) -> None:
    (row,) = summer.tables["past_runs"].rows()
    assert row["cut_off"] == CUT_OFF
    assert row["over"] == "Over"
    assert row["customers"] == len(scores_of(spring))
    assert row["expected"] == pytest.approx(row["observed"], abs=0.03)
    assert row["auc"] > 0.88
    assert row["at_risk_observed"] == pytest.approx(row["at_risk_expected"], abs=0.06)
    assert row["at_risk_observed"] > row["observed"] + 0.3
    assert row["flagged_observed"] == pytest.approx(row["flagged_expected"], abs=0.06)
    flagged = summer.tables["flagged"].rows()
    assert len(flagged) == row["flagged"]
    stayed = [one for one in flagged if one["next_purchase"] is not None]
    assert all(0 < one["days"] <= 90 for one in stayed)
    assert all(one["outcome"] == "Bought again" for one in stayed)
    assert 1 - len(stayed) / len(flagged) == pytest.approx(row["flagged_observed"])


def test_drift_is_measured_against_the_last_run(summer: AnalysisResult) -> None:
    drifts = {row["feature"]: row for row in summer.tables["drift"].rows()}
    assert drifts["Probability of leaving"]["psi"] < 0.1
    assert drifts["Probability of leaving"]["state"] == "Stable"
    assert len(drifts) == 22


def test_the_first_run_says_that_there_is_nothing_to_look_back_at(spring: AnalysisResult) -> None:
    for key in ("past_runs", "flagged", "drift"):
        assert spring.tables[key].rows() == []
        assert "no earlier run" in str(spring.tables[key].caveats[0])
