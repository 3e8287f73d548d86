"""Scores of a churn ranking against counts by hand and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from core.services.methods.churn import scores

LEFT = np.array([True, False, True, True, False, False, False, False, True, False])
SCORE = np.array([0.9, 0.8, 0.8, 0.7, 0.6, 0.4, 0.4, 0.3, 0.2, 0.1])


def test_auc_counts_pairs_and_halves_ties() -> None:
    gone, stayed = SCORE[LEFT], SCORE[~LEFT]
    wins = sum((a > b) + 0.5 * (a == b) for a in gone for b in stayed)
    assert scores.auc(LEFT, SCORE) == pytest.approx(wins / 24)


def test_one_class_has_no_ranking() -> None:
    nobody, everybody = np.zeros(4, bool), np.ones(4, bool)
    score = np.arange(4.0)
    assert scores.auc(nobody, score) is None
    assert scores.auc(everybody, score) is None
    assert scores.average_precision(nobody, score) is None
    assert scores.lift_at(nobody, score, 0.1) is None
    assert scores.auc_intervals(everybody, {"a": score}) == {}
    assert scores.auc_gain(nobody, score, score) is None
    assert scores.gain_curve(nobody, score)[0].size == 0


def test_without_customers_there_are_no_scores() -> None:
    empty = np.empty(0)
    labels = np.empty(0, bool)
    assert scores.base_rate(labels) is None
    assert scores.brier(labels, empty) is None
    assert scores.log_loss(labels, empty) is None
    assert scores.calibration(labels, empty) == []


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=2, max_size=60))
def test_scores_agree_with_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    labels = np.array([left for left, _ in rows])
    score = np.array([(number + 0.5) / 9 for _, number in rows])
    if labels.any() and not labels.all():
        assert scores.auc(labels, score) == pytest.approx(metrics.roc_auc_score(labels, score))
        assert scores.log_loss(labels, score) == pytest.approx(metrics.log_loss(labels, score))
    if labels.any():
        expected = metrics.average_precision_score(labels, score)
        assert scores.average_precision(labels, score) == pytest.approx(expected)
    assert scores.brier(labels, score) == pytest.approx(
        metrics.brier_score_loss(labels, score, pos_label=True)
    )


def test_lift_at_a_fifth_and_at_a_tie() -> None:
    # Two of ten contacted: the first left, the second place is shared by one that left of two.
    assert scores.lift_at(LEFT, SCORE, 0.2) == pytest.approx((1.5 / 2) / 0.4)
    assert scores.lift_at(LEFT, SCORE, 0.11) == pytest.approx((1.5 / 2) / 0.4)
    assert scores.lift_at(LEFT, SCORE, 1.0) == pytest.approx(1.0)
    assert scores.lift_at(LEFT, np.ones(10), 0.1) == pytest.approx(1.0)


def test_gain_and_lift_curves() -> None:
    contacted, captured = scores.gain_curve(LEFT, SCORE, 10)
    assert contacted == pytest.approx(np.arange(11) / 10)
    found = np.array([0, 1, 1.5, 2, 3, 3, 3, 3, 3, 4, 4]) / 4
    assert captured == pytest.approx(found)
    places, lift = scores.lift_curve(LEFT, SCORE, 10)
    assert lift == pytest.approx(found[1:] / places)


@given(st.permutations(range(10)))
def test_the_order_of_rows_never_matters(order: list[int]) -> None:
    labels, score = LEFT[order], SCORE[order]
    assert scores.lift_at(labels, score, 0.3) == scores.lift_at(LEFT, SCORE, 0.3)
    assert scores.average_precision(labels, score) == scores.average_precision(LEFT, SCORE)
    assert (
        scores.gain_curve(labels, score)[1].tolist() == scores.gain_curve(LEFT, SCORE)[1].tolist()
    )


def test_calibration_bins_hold_everybody_once() -> None:
    rng = np.random.default_rng(1)
    probability = rng.uniform(0, 1, 5000)
    labels = rng.uniform(0, 1, 5000) < probability
    bins = scores.calibration(labels, probability)
    assert [one.count for one in bins] == [500] * 10
    assert sum(one.low <= one.predicted <= one.high for one in bins) >= 8
    assert sum(one.count * one.observed for one in bins) == pytest.approx(labels.sum())
    assert sum(one.count * one.predicted for one in bins) == pytest.approx(probability.sum())


def test_calibration_keeps_equal_probabilities_together() -> None:
    bins = scores.calibration(LEFT, np.where(np.arange(10) < 7, 0.3, 0.6))
    assert [(one.count, one.predicted) for one in bins] == [
        (7, pytest.approx(0.3)),
        (3, pytest.approx(0.6)),
    ]


def test_wilson_interval_of_a_known_case() -> None:
    # Newcombe (1998), table I: 81 of 263.
    assert scores.wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    low, high = scores.wilson(0.0, 20)
    assert low == pytest.approx(0.0, abs=1e-12)
    assert 0.16 < high < 0.17


def test_bootstrap_interval_is_as_wide_as_hanley_and_mcneil_say() -> None:
    rng = np.random.default_rng(2)
    labels = rng.uniform(0, 1, 2000) < 0.4
    score = rng.normal(0, 1, 2000) + labels
    found = scores.auc_intervals(labels, {"a": score}, draws=400)["a"]
    area, gone, stayed = found.value, labels.sum(), (~labels).sum()
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    error = np.sqrt(
        (area * (1 - area) + (gone - 1) * (one - area**2) + (stayed - 1) * (two - area**2))
        / (gone * stayed)
    )
    assert found.low < area < found.high
    assert (found.high - found.low) / (2 * 1.96 * error) == pytest.approx(1.0, abs=0.15)


def test_a_paired_gain_is_narrower_than_two_intervals() -> None:
    rng = np.random.default_rng(3)
    labels = rng.uniform(0, 1, 1500) < 0.4
    weak = rng.normal(0, 1, 1500) + labels
    strong = weak + 0.3 * labels
    apart = scores.auc_intervals(labels, {"weak": weak, "strong": strong})
    gain = scores.auc_gain(labels, strong, weak)
    assert gain is not None
    assert gain.value == pytest.approx(apart["strong"].value - apart["weak"].value)
    assert gain.low > 0
    assert gain.high - gain.low < apart["weak"].high - apart["weak"].low
    same = scores.auc_gain(labels, weak, 2 * weak)
    assert same is not None
    assert (same.low, same.value, same.high) == (0.0, 0.0, 0.0)
