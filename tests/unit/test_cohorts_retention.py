"""Retention by hand: averages are ratios of sums, unfinished cells stay out, intervals cover."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from core.services.customer_cohorts.retention import Cells, Point, cell_rates, retention_curve
from core.services.customer_cohorts.staying import study_staying

# Three cohorts of 10, 40 and 5 customers; the last age of each is still running.
COHORTS = ("2025-01-01", "2025-02-01", "2025-03-01")
SIZES = (10, 40, 5)
ACTIVE = ((10, 6, 2), (40, 10), (5,))
SALES = ((100.0, 150.0, 10.0), (300.0, 30.0), (-20.0,))


def cells(
    active: tuple[tuple[int, ...], ...] = ACTIVE,
    sales: tuple[tuple[float, ...], ...] = SALES,
    running: bool = True,
) -> Cells:
    rows = [
        {
            "cohort": date.fromisoformat(day),
            "customers": size,
            "age": age,
            "finished": not (running and age == len(counts) - 1),
            "active": count,
            "product_net_sales": amount,
            "covered_net_sales": 0.0,
            "net_sales": amount,
            "gross_margin": None,
            **{f"net_sales_{part}": amount**2 / size for part in ("squared", "cross")},
            "gross_margin_squared": None,
            "gross_margin_cross": None,
        }
        for day, size, counts, amounts in zip(COHORTS, SIZES, active, sales, strict=True)
        for age, (count, amount) in enumerate(zip(counts, amounts, strict=True))
    ]
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    for key in ("gross_margin", "gross_margin_squared", "gross_margin_cross"):
        columns[key] = pa.array(columns[key], pa.float64())
    return Cells.of(pa.table(columns))


def test_the_average_is_a_ratio_of_sums_over_finished_cells() -> None:
    (point,) = retention_curve(cells(), "customers")
    assert (point.age, point.cohorts, point.customers) == (1, 1, 10)
    assert point.rate == pytest.approx(0.6)
    first, second = retention_curve(cells(running=False), "customers")
    assert first.rate == pytest.approx(16 / 50)
    assert (first.cohorts, first.customers) == (2, 50)
    assert second.rate == pytest.approx(2 / 10)


def test_wilson_limits_are_those_of_the_textbook() -> None:
    # Newcombe (1998), table I: 81/263 gives .2553 to .3662.
    found = cells(active=((263, 81, 0), (40, 10), (5,)))
    found.size[found.size == 10] = 263
    (point,) = retention_curve(found, "customers")
    assert (round(point.low, 4), round(point.high, 4)) == (0.2553, 0.3662)


def test_sales_may_exceed_their_beginning_and_a_negative_one_compares_to_nothing() -> None:
    found = cells(running=False)
    rates = cell_rates(found, "net_sales")
    assert rates[1] == pytest.approx(1.5)
    assert np.isnan(rates[-1])  # the first purchases were worth less than nothing
    first, _second = retention_curve(found, "net_sales")
    assert first.rate == pytest.approx(180 / 400)
    assert first.low < first.rate < first.high


def test_few_customers_have_no_interval_of_amounts() -> None:
    _first, second = retention_curve(cells(running=False), "net_sales")
    assert second == Point(2, pytest.approx(0.1), None, None, 1, 10)


def test_unknown_costs_leave_margins_unknown() -> None:
    found = cells(running=False)
    assert np.isnan(cell_rates(found, "gross_margin")).all()
    assert all(p.rate is None and p.cohorts == 0 for p in retention_curve(found, "gross_margin"))


def test_without_the_first_cohort() -> None:
    later = cells(running=False).after(date.fromisoformat(COHORTS[0]))
    assert [size for _day, size in later.cohorts] == [40, 5]
    (point,) = retention_curve(later, "customers")
    assert point.rate == pytest.approx(0.25)


def test_intervals_of_sales_retention_cover() -> None:
    """95 % intervals of a ratio of amounts hold the truth in 92–97 % of skewed samples."""
    chance = np.random.default_rng(11)
    trials, size, hits = 800, 250, 0
    # First purchase lognormal; 40 % come back and spend 0.9 times as much, times noise of mean 1.
    truth = 0.4 * 0.9
    for _trial in range(trials):
        start = chance.lognormal(3.0, 0.7, size)
        noise = chance.lognormal(-0.125, 0.5, size)
        later = start * 0.9 * noise * (chance.random(size) < 0.4)
        table = pa.table(
            {
                "cohort": pa.array([date(2025, 1, 1)] * 2),
                "customers": [size, size],
                "age": [0, 1],
                "finished": [True, True],
                "active": [size, int((later > 0).sum())],
                "product_net_sales": [0.0, 0.0],
                "covered_net_sales": [0.0, 0.0],
                "net_sales": [start.sum(), later.sum()],
                "net_sales_squared": [(start**2).sum(), (later**2).sum()],
                "net_sales_cross": [(start**2).sum(), (start * later).sum()],
                "gross_margin": [0.0, 0.0],
                "gross_margin_squared": [0.0, 0.0],
                "gross_margin_cross": [0.0, 0.0],
            }
        )
        (point,) = retention_curve(Cells.of(table), "net_sales")
        hits += point.low <= truth <= point.high
    assert 0.92 <= hits / trials <= 0.97, hits / trials


def spans(rows: list[tuple[str | None, float | None, float, float, bool]]) -> pa.Table:
    names = ("member", "second", "active", "watched", "came_back")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    columns["member"] = pa.array(columns["member"], pa.string())
    columns["second"] = pa.array(columns["second"], pa.float64())
    return pa.table(columns)


def test_groups_are_tested_against_the_others_and_small_ones_are_not() -> None:
    quick = [("quick", 5.0 + i, 300.0 + i, 700.0, False) for i in range(30)]
    slow = [("slow", 100.0 + i, 100.0 + i, 700.0, i < 6) for i in range(40)]
    never = [(None, None, 0.0, 50.0, False)] * 3
    found = study_staying(spans(quick + slow + never), 90, split=True)
    assert [group.member for group in found.groups] == ["slow", "quick", None]
    by = {group.member: group for group in found.groups}
    assert by["quick"].against["second"].sooner
    assert not by["quick"].against["lapse"].sooner
    # Two groups are one and the same test: nothing to correct for.
    overall = found.overall["second"]
    assert overall < 1e-6
    assert by["quick"].against["second"].p_value == pytest.approx(overall)
    assert by["slow"].against["second"].p_value == pytest.approx(overall)
    assert by[None].against == {}
    assert by[None].is_small
    assert (found.young, found.lapsed, found.returned) == (3, 70, 6)
    assert by[None].lapse is None
    assert by[None].second.median().value is None


def test_without_a_limit_only_second_purchases_are_followed() -> None:
    found = study_staying(spans([(None, None, 0.0, 9.0, False)] * 2), None, split=False)
    assert found.whole.lapse is None
    assert found.whole.second.survival.tolist() == [1.0]
    assert found.groups == ()
