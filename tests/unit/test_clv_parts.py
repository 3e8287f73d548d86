"""Warnings, splits, concentration and draws on their own."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.query import Period
from core.services.calendar import grain_start
from core.services.customer_value.splits import pairs, period_starts, split_of
from core.services.customer_value.tables import gini, held_by, top_share
from core.services.customer_value.valuation import draws_for, interval
from core.services.customer_value.warnings import warnings
from core.services.customer_value.weeks import Weeks
from core.services.methods.purchases import (
    Customers,
    Horizon,
    PurchaseModel,
    ValueModel,
    clv,
    clv_draws,
)

FLAT = Weeks([], np.arange(30) * 100.0, np.arange(30) * 100.0)
WORTH = ValueModel(6.0, 4.0, 15.0, -100.0, 500, 0, 30.0, 0.0, None)


def model(**params: float) -> PurchaseModel:
    usual = {"r": 0.9, "alpha": 15.0, "a": 0.35, "b": 14.0}
    return PurchaseModel(
        key="bgnbd",
        params=usual | params,
        log_likelihood=-1.0,
        customers=500,
        repeaters=400,
        covariance=None,
        longest=700.0,
        repeats=10.0,
    )


def warned(days: int = 900, customers: int = 500, weeks: Weeks = FLAT, **params: float) -> str:
    window = Period(date(2023, 1, 1), date.fromordinal(date(2023, 1, 1).toordinal() + days - 1))
    return " ".join(
        str(w) for w in warnings(window, customers, model(**params), WORTH, None, weeks)
    )


def test_a_good_history_has_no_warning() -> None:
    assert warned() == ""


def test_a_short_history_is_named() -> None:
    assert "covers 547 days, less than one and a half years" in warned(days=547)
    assert warned(days=548) == ""


@pytest.mark.parametrize(
    ("pace", "text"),
    [(1.3, "30% more than"), (0.7, "30% less than"), (1.2, ""), (0.8, "")],
)
def test_a_cut_off_on_a_peak_is_named(pace: float, text: str) -> None:
    expected = np.arange(30) * 100.0
    actual = expected + np.where(np.arange(30) > 21, (np.arange(30) - 21) * 100 * (pace - 1), 0)
    found = warned(weeks=Weeks([], actual, expected))
    assert (text in found) if text else found == ""


def test_a_peak_of_a_handful_of_orders_is_chance() -> None:
    few = Weeks([], np.arange(30) * 2.0, np.arange(30) * 1.0)
    assert few.recent_pace(8) is None
    assert Weeks([], np.arange(5) * 100.0, np.arange(5) * 100.0).recent_pace(8) is None


def test_a_huge_b_and_few_accounts_are_named() -> None:
    assert "do not show customers leaving" in warned(b=50_000.0)
    assert "Only 30 customers" in warned(customers=30)
    assert "Only 1 customer:" in warned(customers=1)


@given(
    st.lists(st.dates(date(1999, 1, 1), date(2030, 12, 31)), min_size=1, max_size=20),
    st.integers(1, 12),
)
def test_periods_begin_where_the_calendar_says(days: list[date], first_month: int) -> None:
    array = np.array(days, dtype="datetime64[D]")
    campaigns = period_starts(array, 12, first_month - 1).to_pylist()
    quarters = period_starts(array, 3, 0).to_pylist()
    assert campaigns == [grain_start(day, "campaign", first_month) for day in days]
    assert quarters == [grain_start(day, "quarter") for day in days]


def test_a_missing_value_is_a_group_of_its_own() -> None:
    split = split_of(pa.chunked_array([["a", None], ["b", "a", None]]))
    assert split.members.to_pylist() == ["a", None, "b"]
    assert split.sums(np.array([1.0, 2, 3, 4, 5])).tolist() == [5, 7, 3]
    cells, codes = pairs(split, split_of(pa.array([1, 1, 1, 2, 1])))
    assert codes == [(0, 0), (0, 1), (1, 0), (2, 0)]
    assert cells.sums(np.ones(5)).tolist() == [1, 1, 2, 1]


VALUES = st.lists(st.floats(-50, 1000), min_size=1, max_size=40).map(np.array)


@given(VALUES)
def test_concentration_is_a_curve_from_nothing_to_all(values: np.ndarray) -> None:
    shares = np.linspace(0, 1, 21)
    held = held_by(values, shares)
    if values.max() <= 0:
        assert np.isnan(held).all()
        assert gini(values) is None
        return
    assert held[0] == 0
    assert held[-1] == pytest.approx(1)
    assert (np.diff(held) >= -1e-12).all()
    assert (held >= shares - 1e-9).all()  # the best hold at least their share
    # Gini is twice the area between the curve and equality, on the curve's own corners.
    n = values.size
    corners = held_by(values, np.arange(n + 1) / n)
    area = ((corners[1:] + corners[:-1]) / 2 / n).sum() - 0.5
    assert gini(values) == pytest.approx(2 * area, abs=1e-9)


def test_known_concentrations() -> None:
    assert top_share(np.array([9.0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), 0.1) == pytest.approx(0.9)
    assert gini(np.ones(50)) == pytest.approx(0)
    assert gini(np.array([0.0] * 99 + [1.0])) == pytest.approx(0.99)
    assert top_share(np.zeros(5), 0.1) is None


@pytest.mark.parametrize("q", [4.0, 1.3, 0.98])
def test_draws_stand_around_the_expected_value(q: float) -> None:
    """Also where the value model has no finite mean, and for means of other purchases than x."""
    rng = np.random.default_rng(3)
    n = 400
    t = rng.uniform(100, 700, n)
    x = rng.poisson(t / 60).astype(float)
    orders = x + 1
    people = Customers(x, np.where(x > 0, t * 0.9, 0.0), t, rng.gamma(2.0, 20.0, n), orders)
    worth = ValueModel(6.0, q, 15.0, -100.0, 500, 0, 30.0, 0.0, None)
    horizon = Horizon(12, 0.1)
    expected = clv(model(), worth, people, horizon)
    drawn = clv_draws(model(), worth, people, horizon, 300, rng)
    error = drawn.total.std() / np.sqrt(drawn.total.size)
    assert drawn.total.mean() == pytest.approx(expected.sum(), abs=4 * error)
    assert error < 0.01 * expected.sum()


def test_intervals_hold_the_value() -> None:
    draws = np.arange(101.0)
    assert (interval(50, draws).low, interval(50, draws).high) == (5, 95)
    assert interval(99, draws).high == 99
    assert interval(1, draws).low == 1


def test_very_many_customers_are_simulated_fewer_times() -> None:
    assert draws_for(1_000, 200) == 200
    assert draws_for(200_000, 200) == 100
    assert draws_for(5_000_000, 200) == 60
