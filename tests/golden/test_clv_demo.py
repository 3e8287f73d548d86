"""The planted customers of the demo company are found: parameters, who left, and the check."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.models.query import MetricQuery, Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import Study, get_analysis
from core.services.application import Application
from core.services.customer_value.data import Purchases, read_purchases
from core.services.customers import CustomerFacts
from core.services.demo import generate
from core.services.demo_load import DEFAULT_LINES
from core.services.methods.purchases import fit
from tests.clv_shop import facts
from tests.desk import demo_application


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return generate().truths["customers"]


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    home: Path = tmp_path_factory.mktemp("demo")
    opened = demo_application(home, DEFAULT_LINES)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def result(application: Application) -> AnalysisResult:
    analysis = get_analysis("clv")
    return analysis.study(
        Study(
            application.metrics,
            CustomerFacts(application.metrics),
            analysis.params_from([("period", "all")]),
            Scope(),
            lambda _share, _step: None,
        )
    )


def planted(truth: dict[str, Any]) -> set[str]:
    leaving = {customer["customer_id"] for customer in truth["leaving"]["customers"]}
    return leaving | set(truth["growing"]["customer_ids"])


@pytest.fixture(scope="module")
def regular(application: Application, truth: dict[str, Any]) -> Purchases:
    """Return the histories of the customers the planted parameters apply to."""
    everything = get_analysis("clv").params_from([("period", "all")]).filters
    with CustomerFacts(application.metrics).open(everything, Scope()) as history:
        found = read_purchases(history, history.cut_off, "gross_margin")
        ids = history.customers["customer_id"].to_pylist()
    apart = planted(truth)
    return found.pick(np.array([code not in apart for code in ids]))


def test_the_planted_parameters_are_found(regular: Purchases, truth: dict[str, Any]) -> None:
    """Within three standard errors of each logarithm, and tighter where a season cannot matter.

    The clock is stretched by the season and stands still on closed days: over whole years that
    averages out, so the estimates keep the sampling error of 1,460 customers. r and α are known
    to about 5 %; a and b hang on the few who leave, to 10 and 20 %; their ratio, the share that
    leaves after an order, is known better than either.
    """
    model = fit("bgnbd", *regular.history)
    wanted = {"r": truth["r"], "alpha": truth["alpha_days"], "a": truth["a"], "b": truth["b"]}
    errors = np.sqrt(np.diag(model.covariance))
    for place, (name, value) in enumerate(wanted.items()):
        assert abs(np.log(model.params[name] / value)) < 3 * errors[place], name
    assert errors.max() < 0.25
    pace = model.params["r"] / model.params["alpha"]
    assert pace == pytest.approx(truth["r"] / truth["alpha_days"], rel=0.1)
    leaving = model.params["a"] / (model.params["a"] + model.params["b"])
    assert leaving == pytest.approx(truth["a"] / (truth["a"] + truth["b"]), rel=0.2)
    alive = model.p_alive(*regular.history).mean()
    assert alive == pytest.approx(truth["still_active_share"], abs=0.03)


def test_the_true_model_is_chosen_and_holds(result: AnalysisResult) -> None:
    card = facts(result)
    assert card["Purchase model"] == "BG/NBD"
    assert abs(card["Holdout: bias of the total"]) < 0.05
    assert card["Holdout: correlation"] > 0.85
    assert card["Holdout: customers inside their 90% interval"] >= 0.87
    assert card["Value"] == "Gross margin"
    captured = {row["ranking"]: row["captured"] for row in result.tables["capture"].rows()}
    assert captured["This model"] > captured["Past value"] > captured["Most recent order"]
    for row in result.tables["calibration"].rows():
        assert abs(row["expected"] - row["actual"]) < 1.5 * (row["high"] - row["actual"]) + 1


def test_those_who_left_are_seen_to_have_left(
    result: AnalysisResult, truth: dict[str, Any]
) -> None:
    alive = {row["customer"]: row["p_alive"] for row in result.tables["customers"].rows()}
    gone = [alive[customer["customer_id"]] for customer in truth["leaving"]["customers"]]
    growing = [alive[code] for code in truth["growing"]["customer_ids"]]
    assert max(gone) < 0.01
    assert min(growing) > 0.95
    assert np.mean(list(alive.values())) == pytest.approx(truth["still_active_share"], abs=0.05)


def test_seasons_and_growth_raise_no_false_alarm(result: AnalysisResult) -> None:
    """The data end in September, in no season; four years are enough to tell it."""
    said = " ".join(str(caveat) for caveat in result.caveats)
    for alarm in ("In the check", "The history covers", "weeks up to the cut-off", "Only "):
        assert alarm not in said


def test_what_was_invested_is_set_against_who_was_won(
    result: AnalysisResult, application: Application
) -> None:
    query = MetricQuery(("investment",), ("channel", "campaign"))
    paid = {
        (row["channel"], row["campaign"]): row["investment"]
        for row in application.metrics.ask(query).rows()
    }
    rows = result.tables["acquisition_channel"].rows()
    assert {row["channel"] for row in rows if row["remark"]} >= {"bulk"}
    for row in rows:
        amount = paid.get((row["channel"], row["campaign"]))
        if amount:
            assert row["investment"] == pytest.approx(float(amount))
            whole = (row["clv"] + row["value_so_far"]) / row["investment"]
            assert row["payoff"] == pytest.approx(whole)
        else:
            assert (row["investment"], row["payoff"]) == (None, None)
            assert row["remark"] == "no investment recorded"
