"""Robust scores and margin anomalies, against numbers worked out by hand."""

from datetime import date

import numpy as np
import pytest

from core.services.methods.margin_anomalies import MarginCell, find_anomalies
from core.services.methods.robust import robust_z

MONTHS = [date(2025, month, 1) for month in range(1, 9)]


def cells(rates: list[float], sales: float = 1000.0, name: str = "P1") -> list[MarginCell]:
    return [
        MarginCell((name,), month, sales, sales * rate)
        for month, rate in zip(MONTHS, rates, strict=False)
    ]


def test_robust_z_by_hand() -> None:
    # Median 3, absolute deviations 2 1 0 1 97, their median 1, scale 1.4826.
    scores = robust_z(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    assert scores == pytest.approx([-1.34898, -0.67449, 0.0, 0.67449, 65.42556], abs=1e-4)


def test_robust_scale_estimates_sigma_of_a_normal_sample() -> None:
    sample = np.random.Generator(np.random.PCG64(1)).normal(10, 3, 200_000)
    scores = robust_z(sample)
    assert np.std(scores) == pytest.approx(1.0, abs=0.01)


def test_a_constant_series_scores_its_exceptions_as_infinite() -> None:
    assert robust_z(np.array([5.0, 5.0, 5.0, 6.0])).tolist() == [0.0, 0.0, 0.0, float("inf")]
    assert robust_z(np.array([])).size == 0


def test_one_bad_month_is_found_and_weighed() -> None:
    found = find_anomalies(cells([0.30, 0.31, 0.29, 0.30, 0.05, 0.30, 0.31, 0.29]), None, 0.0)
    assert [(a.kind, a.cell.month) for a in found] == [("drop", MONTHS[4])]
    assert found[0].typical == pytest.approx(0.30)
    assert found[0].impact == pytest.approx(-250.0)


def test_a_jump_and_a_loss_are_told_apart() -> None:
    found = find_anomalies(cells([0.30, 0.31, 0.29, 0.30, 0.70, 0.30, -0.1, 0.29]), None, 0.0)
    assert {a.kind for a in found} == {"jump", "below_cost"}


def test_a_short_history_flags_losses_only() -> None:
    found = find_anomalies(cells([0.30, 0.05, -0.02]), None, 0.0)
    assert [(a.kind, a.typical, a.z) for a in found] == [("below_cost", None, None)]
    assert found[0].impact == pytest.approx(-20.0)


def test_ordinary_wobbles_are_not_flagged() -> None:
    assert find_anomalies(cells([0.300, 0.301, 0.299, 0.300, 0.310, 0.3, 0.3, 0.3]), None, 0) == []


def test_small_and_negative_months_say_nothing() -> None:
    series = [*cells([0.3] * 8), MarginCell(("P2",), MONTHS[0], 5.0, -5.0)]
    series.append(MarginCell(("P3",), MONTHS[0], -50.0, -5.0))
    assert find_anomalies(series, None, 10.0) == []


def test_earlier_months_only_say_what_is_usual() -> None:
    series = cells([0.05, 0.30, 0.31, 0.29, 0.30, 0.30, 0.31, 0.05])
    assert [a.cell.month for a in find_anomalies(series, MONTHS[4], 0.0)] == [MONTHS[7]]
