"""Churn models on simulated customers: honest in time, calibrated, explained, kept as JSON."""

import json

import numpy as np
import pytest

from core.services.methods.churn import scores
from core.services.methods.churn.columns import Encoder
from core.services.methods.churn.contractual import ContractModel, out_of_fold
from core.services.methods.churn.splines import SplineLogit
from core.services.methods.churn.supervised import ChurnModel, Slices, learn
from core.services.methods.churn.trees import CannotLearnError, Trees, TreeSettings, sigmoid

HORIZON = 90
QUICK = TreeSettings(rounds=80, rate=0.1, columns=1.0)
FEATURES = ("recency", "orders", "noise")


def made(days: list[int], shift: dict[int, float] | None = None, count: int = 1500) -> Slices:
    """Return slices whose leavers follow log-odds of 2 × recency − orders, plus a day's shift."""
    rng = np.random.default_rng(7)
    values = rng.normal(0, 1, (count * len(days), 3))
    values[rng.uniform(0, 1, len(values)) < 0.05, 2] = np.nan
    day = np.repeat(days, count)
    moved = np.array([(shift or {}).get(int(one), 0.0) for one in day])
    log_odds = 2 * values[:, 0] - values[:, 1] + moved
    return Slices(FEATURES, values, day, rng.uniform(0, 1, len(day)) < sigmoid(log_odds))


def test_only_slices_whose_window_is_over_are_learnt_from() -> None:
    slices = made([1000, 1030, 1060, 1090, 1150])
    model = learn(slices, used_on=1150, horizon=HORIZON, settings=QUICK)
    assert (model.days, model.rows) == ((1000, 1030, 1060), 4500)
    later = slices.day > 1060
    turned = Slices(FEATURES, slices.values, slices.day, np.where(later, ~slices.left, slices.left))
    same = learn(turned, used_on=1150, horizon=HORIZON, settings=QUICK)
    assert same.trees.source == model.trees.source


def test_the_model_ranks_nearly_as_well_as_the_truth() -> None:
    slices = made([1000, 1030, 1060, 1150])
    model = learn(slices, used_on=1150, horizon=HORIZON, settings=QUICK)
    test = slices.at(1150)
    truth = scores.auc(test.left, 2 * test.values[:, 0] - test.values[:, 1])
    found = scores.auc(test.left, model.probability(test.values))
    assert truth is not None
    assert found is not None
    assert truth - found < 0.01
    for one in scores.calibration(test.left, model.probability(test.values), 5):
        assert one.predicted == pytest.approx(one.observed, abs=0.05)


def test_the_season_of_a_year_before_moves_the_level() -> None:
    slices = made([885, 1000, 1030, 1060, 1250], {885: -1.5, 1250: -1.5})
    model = learn(slices, used_on=1250, horizon=HORIZON, settings=QUICK)
    test = slices.at(1250)
    assert model.shift is not None
    assert model.shift.day == 885
    year_ago = slices.at(885)
    assert model.probability(year_ago.values).mean() == pytest.approx(
        year_ago.left.mean(), abs=1e-6
    )
    after = scores.brier(test.left, model.probability(test.values)) or 0.0
    before = scores.brier(test.left, model.without_shift().probability(test.values)) or 0.0
    assert after < before - 0.01


def test_without_a_year_before_there_is_no_shift() -> None:
    assert learn(made([1000, 1030]), 1150, HORIZON, QUICK).shift is None


@pytest.mark.parametrize(("count", "left"), [(150, 75), (400, 5), (400, 395), (0, 0)])
def test_too_little_to_learn_from_is_said(count: int, left: int) -> None:
    labels = np.arange(count) < left
    with pytest.raises(CannotLearnError) as caught:
        Trees.fit(("a",), np.zeros((count, 1)), labels, QUICK)
    assert str(count if count < 200 else left) in str(caught.value.message)


def test_a_model_comes_back_from_json_unchanged() -> None:
    slices = made([885, 1000, 1250], {885: -1.0})
    model = learn(slices, 1250, HORIZON, QUICK)
    again = ChurnModel.from_dict(json.loads(json.dumps(model.as_dict())))
    assert again == model
    assert np.array_equal(again.probability(slices.values), model.probability(slices.values))


def test_contributions_add_up_to_the_log_odds() -> None:
    slices = made([1000])
    trees = Trees.fit(FEATURES, slices.values, slices.left, QUICK)
    parts = trees.contributions(slices.values)
    rest = trees.log_odds(slices.values) - parts.sum(axis=1)
    assert rest == pytest.approx(np.full(len(rest), rest[0]), abs=1e-4)
    weights = np.abs(parts).mean(axis=0)
    assert weights[0] > weights[1] > 2 * weights[2]


def contracts(count: int = 1200) -> tuple[dict[str, np.ndarray], np.ndarray]:
    rng = np.random.default_rng(5)
    months = rng.integers(1, 60, count)
    plan = rng.choice(["monthly", "yearly"], count)
    paid = np.array([f"{value:.2f}" for value in rng.uniform(10, 90, count)], dtype=object)
    paid[:20] = " "
    left = rng.uniform(0, 1, count) < sigmoid(1.5 * (plan == "monthly") - months / 15)
    columns = {
        "months": months,
        "plan": plan,
        "paid": paid,
        "identifier": np.array([f"K{number}" for number in range(count)]),
        "rare": np.array(["usual"] * (count - 2) + ["odd", None], dtype=object),
    }
    return columns, left


def test_columns_are_read_as_what_they_hold() -> None:
    columns, _ = contracts()
    encoder = Encoder.of(columns)
    assert encoder.numbers == ("months", "paid")
    assert encoder.levels == {"plan": ("monthly", "yearly"), "rare": ("usual",)}
    assert encoder.ignored == ("identifier",)
    matrix = encoder.matrix(columns)
    assert np.isnan(matrix[:20, 1]).all()
    assert matrix[20, 1] == float(columns["paid"][20])
    assert matrix[:, 2].tolist() == (columns["plan"] == "monthly").tolist()
    assert encoder.names == ("months", "paid", "plan=monthly", "plan=yearly", "rare=usual")
    assert [encoder.owners[place] for place in encoder.owner] == [
        "months", "paid", "plan", "plan", "rare",
    ]  # fmt: skip
    with pytest.raises(KeyError):
        encoder.matrix({"months": columns["months"]})


def test_a_text_never_seen_is_one_of_the_others() -> None:
    columns, left = contracts()
    model = ContractModel.fit(columns, left, QUICK)
    asked = {key: values[:1].copy() for key, values in columns.items()}
    asked["plan"] = np.array(["weekly"])
    assert 0 < model.probability(asked)[0] < 1


def test_contract_models_explain_by_column_and_come_back_from_json() -> None:
    columns, left = contracts()
    model = ContractModel.fit(columns, left, QUICK)
    parts = model.contributions(columns)
    weights = dict(zip(model.encoder.owners, np.abs(parts).mean(axis=0), strict=True))
    assert weights["months"] > weights["paid"]
    assert weights["plan"] > weights["paid"]
    again = ContractModel.from_dict(json.loads(json.dumps(model.as_dict())))
    assert np.array_equal(again.probability(columns), model.probability(columns))
    assert again == model


@pytest.mark.parametrize("model", ["trees", "logit"])
def test_out_of_fold_answers_come_from_the_other_rows(model: str) -> None:
    columns, left = contracts()
    found = out_of_fold(columns, left, model, QUICK)
    assert (scores.auc(left, found) or 0) > 0.7
    shuffled = np.random.default_rng(9).permutation(left)
    assert (
        abs((scores.auc(shuffled, out_of_fold(columns, shuffled, model, QUICK)) or 0) - 0.5) < 0.07
    )


def test_splines_bend_and_come_back_from_json() -> None:
    rng = np.random.default_rng(3)
    values = rng.uniform(-2, 2, (2000, 2))
    left = rng.uniform(0, 1, 2000) < sigmoid(4 * values[:, 0] ** 2 - 4)
    values[::10, 0] = np.nan
    model = SplineLogit.fit(values, left)
    assert (scores.auc(left, model.probability(values)) or 0) > 0.85
    again = SplineLogit.from_dict(json.loads(json.dumps(model.as_dict())))
    assert np.array_equal(again.probability(values), model.probability(values))
    beyond = model.probability(np.array([[2.0, 0.0], [50.0, 0.0]]))
    assert beyond[0] == pytest.approx(beyond[1], abs=0.02)
