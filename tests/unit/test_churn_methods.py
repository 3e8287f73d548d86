"""Profit of contacting, drift, leaks and reasons, recomputed by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.methods.churn.drift import drift, psi
from core.services.methods.churn.leak import feature_auc, find_leaks
from core.services.methods.churn.profit import Offer, break_even, expected_profit, profit_curve
from core.services.methods.churn.reasons import Reason, drivers, gathered, top_reasons

OFFER = Offer(contact_cost=10.0, success_rate=0.2)
RNG = np.random.default_rng(0)


def test_profit_of_a_list_by_hand() -> None:
    left = np.array([True, False, True, False])
    curve = profit_curve(left, np.array([0.9, 0.7, 0.5, 0.1]), np.full(4, 200.0), OFFER)
    assert curve.profit.tolist() == [0.0, 30.0, 20.0, 50.0, 40.0]
    assert (curve.best, curve.best_profit, curve.threshold) == (3, 50.0, 0.5)


def test_customers_of_equal_score_earn_the_mean_of_them() -> None:
    left = np.array([False, True])
    curve = profit_curve(left, np.array([0.5, 0.5]), np.array([500.0, 200.0]), OFFER)
    assert curve.profit.tolist() == [0.0, 10.0, 20.0]


def test_contacting_nobody_is_best_when_nobody_pays() -> None:
    curve = profit_curve(np.zeros(3, bool), np.arange(3.0), np.full(3, 200.0), OFFER)
    assert (curve.best, curve.best_profit, curve.threshold) == (0, 0.0, None)
    empty = profit_curve(np.zeros(0, bool), np.empty(0), np.empty(0), OFFER)
    assert (empty.best, empty.profit.tolist()) == (0, [0.0])


def test_a_customer_of_negative_value_saves_nothing() -> None:
    curve = profit_curve(np.array([True]), np.array([0.9]), np.array([-500.0]), OFFER)
    assert curve.profit.tolist() == [0.0, -10.0]


def test_break_even_is_where_the_expected_profit_is_zero() -> None:
    assert break_even(200.0, OFFER) == pytest.approx(0.25)
    assert expected_profit(np.array([0.25]), np.array([200.0]), OFFER) == pytest.approx([0.0])
    assert break_even(40.0, OFFER) is None
    assert break_even(-5.0, OFFER) is None
    assert break_even(50.0, OFFER) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=50))
def test_no_other_place_earns_more_than_the_best(rows: list[tuple[bool, float]]) -> None:
    left, score = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    curve = profit_curve(left, score, np.full(len(rows), 80.0), OFFER)
    assert curve.best_profit == curve.profit.max()
    assert curve.profit[-1] == pytest.approx(left.sum() * 16.0 - 10.0 * len(rows))
    assert {0, len(rows), curve.best} <= set(curve.thinned(10))


def test_psi_of_known_shares() -> None:
    earlier = np.repeat(np.arange(10.0), 10_000)
    now = np.repeat(np.arange(10.0), [5_000, 15_000, *[10_000] * 8])
    # ½ customer more per bin, eleven bins with the one for unknown values: no visible difference.
    expected = (0.05 - 0.1) * np.log(0.5) + (0.15 - 0.1) * np.log(1.5)
    assert psi(earlier, now) == pytest.approx(expected, abs=1e-4)
    assert psi(earlier, earlier) == 0.0


def test_drift_sees_a_move_and_missing_values() -> None:
    earlier = RNG.normal(0, 1, 4000)
    still, moved = drift(earlier, RNG.normal(0, 1, 4000)), drift(earlier, RNG.normal(1, 1, 4000))
    assert still is not None
    assert moved is not None
    assert still.psi < 0.02
    assert still.p_value > 0.01
    assert moved.psi > 0.25
    assert moved.ks == pytest.approx(0.383, abs=0.03)  # Φ(½) − Φ(−½)
    gaps = drift(earlier, np.where(np.arange(4000) % 2, earlier, np.nan))
    assert gaps is not None
    assert gaps.psi > 0.25
    assert gaps.ks < 0.05
    assert drift(earlier, np.full(3, np.nan)) is None
    assert drift(np.empty(0), earlier) is None


def test_a_leak_is_found_in_either_direction_and_in_texts() -> None:
    left = RNG.uniform(0, 1, 2000) < 0.3
    columns = {
        "closed": np.where(left, "yes", "no"),
        "balance": np.where(left, 0.0, RNG.uniform(1, 9, 2000)),
        "left_on": np.where(left, RNG.uniform(0, 1, 2000), np.nan),
        "identifier": np.array([f"C{n}" for n in range(2000)]),
        "noise": RNG.uniform(0, 1, 2000),
        "unknown": np.full(2000, np.nan),
    }
    leaks = {leak.feature: leak.auc for leak in find_leaks(columns, left)}
    assert leaks == {"closed": 1.0, "balance": 1.0, "left_on": 1.0}
    assert feature_auc(columns["noise"], left) < 0.55
    assert feature_auc(columns["identifier"], left) < 0.55


def test_a_strong_but_honest_feature_is_no_leak() -> None:
    left = RNG.uniform(0, 1, 3000) < 0.5
    strong = RNG.normal(0, 1, 3000) + 2.0 * left
    assert 0.9 < feature_auc(strong, left) < 0.95
    assert find_leaks({"strong": strong}, left) == []


def test_reasons_are_the_strongest_raising_features() -> None:
    parts = np.array([[0.4, -1.0, 0.9], [-0.2, -0.1, -0.3]])
    values = np.array([[30.0, 2.0, np.nan], [1.0, 2.0, 3.0]])
    found = top_reasons(parts, ("recency", "orders", "gap"), values, 2)
    assert found == [[Reason("gap", None, 0.9), Reason("recency", 30.0, 0.4)], []]


def test_drivers_by_mean_weight_with_their_direction() -> None:
    values = np.column_stack([np.arange(50.0), np.arange(50.0), np.ones(50)])
    parts = np.column_stack([values[:, 0] / 10, 3 - values[:, 1], np.zeros(50)])
    found = drivers(parts, ("up", "down", "still"), values)
    assert [one.feature for one in found] == ["down", "up", "still"]
    assert sum(one.share for one in found) == pytest.approx(1.0)
    assert [one.direction for one in found] == [pytest.approx(-1), pytest.approx(1), None]


def test_columns_of_one_owner_add_up() -> None:
    parts = np.array([[1.0, 2.0, 4.0]])
    assert gathered(parts, np.array([0, 1, 1]), 2).tolist() == [[1.0, 6.0]]
