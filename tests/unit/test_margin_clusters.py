"""Clustering of months: DBSCAN written anew, series by hand, few months, planted oddities."""

from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from core.services.methods.margin_clusters import (
    FEATURES,
    MIN_CELLS,
    MonthCell,
    crowd,
    find_unusual,
)

MONTHS = [date(2022 + n // 12, n % 12 + 1, 1) for n in range(24)]


def brute(points: NDArray[np.float64], reach: float, least: int) -> list[int]:
    """Return groups as Ester and others define them: cores in reach of each other, and their rim.

    A rim point of two groups belongs to the first; noise is −1; 0 is the largest group.
    """
    gaps = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    near = gaps <= reach
    cores = near.sum(axis=1) >= least
    labels = [-1] * len(points)
    group = 0
    for start in range(len(points)):
        if not cores[start] or labels[start] >= 0:
            continue
        waiting = [start]
        labels[start] = group
        while waiting:
            here = waiting.pop()
            if not cores[here]:
                continue
            for other in np.flatnonzero(near[here]).tolist():
                if labels[other] < 0:
                    labels[other] = group
                    waiting.append(other)
        group += 1
    return labels


def same_groups(one: list[int], other: list[int]) -> bool:
    """Tell whether two labellings part the points alike, whatever the groups are called."""
    return len(set(zip(one, other, strict=True))) == len(set(one)) == len(set(other)) and all(
        (a < 0) == (b < 0) for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_crowd_is_that_of_the_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    points = np.vstack(
        [
            random.normal(0, 1, (120, 5)),
            random.normal(7, 0.5, (25, 5)),
            random.uniform(-9, 9, (6, 5)),
        ]
    )
    tenth = np.sort(np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2)), axis=1)[:, 9]
    labels = crowd(points).tolist()
    assert same_groups(labels, brute(points, float(np.quantile(tenth, 0.95)), 10))
    assert max(set(labels), key=labels.count) == 0
    assert labels.count(0) >= 110


def shop(series: int = 8, seed: int = 5) -> list[MonthCell]:
    """Return products with steady prices, costs and quantities, all a little noisy."""
    random = np.random.default_rng(seed)
    cells = []
    for number in range(series):
        for month in MONTHS:
            price, cost = 10 * random.normal(1, 0.01), 6 * random.normal(1, 0.01)
            units = float(np.exp(random.normal(4, 0.2)))
            cells.append(
                MonthCell((f"P{number}",), month, units, price * units, cost * units, 0.02)
            )
    return cells


def changed(cells: list[MonthCell], product: str, months: list[date], factor: float) -> None:
    """Raise the cost of some months."""
    for place, cell in enumerate(cells):
        if cell.series == (product,) and cell.month in months:
            cells[place] = MonthCell(
                cell.series, cell.month, cell.units, cell.sales, cell.cost * factor, cell.discount
            )


def test_a_steady_shop_has_nothing_unusual() -> None:
    found = find_unusual(shop(), None, 0.0)
    assert (found.cells, found.series, found.short) == (8 * 24, 8, 0)
    assert found.found == ()


def test_a_dear_month_with_its_reasons() -> None:
    cells = shop()
    changed(cells, "P3", [MONTHS[10]], 1.3)
    (one,) = find_unusual(cells, None, 0.0).found
    assert (one.cell.series, one.cell.month, one.alike) == (("P3",), MONTHS[10], 1)
    assert {reason.feature for reason in one.reasons} == {"unit_cost", "margin_rate"}
    for reason in one.reasons:
        assert not reason.low <= reason.value <= reason.high
        assert reason.feature in FEATURES
    rates = [1 - c.cost / c.sales for c in cells if c.series == ("P3",)]
    assert one.typical == pytest.approx(float(np.median(rates)))
    assert one.impact == pytest.approx((one.rate - one.typical) * one.cell.sales)


def test_months_that_are_off_alike_are_a_group() -> None:
    cells = shop(12)
    for product in ("P1", "P2", "P4", "P5"):
        changed(cells, product, MONTHS[20:], 1.3)
    found = find_unusual(cells, None, 0.0).found
    assert {one.cell.series[0] for one in found} == {"P1", "P2", "P4", "P5"}
    assert {one.alike for one in found} == {len(found)}
    assert len(found) >= 14


def test_quantity_alone_is_no_margin_anomaly() -> None:
    cells = shop()
    cells[5] = MonthCell(("P0",), MONTHS[5], cells[5].units * 30, cells[5].sales * 30,
                         cells[5].cost * 30, 0.02)  # fmt: skip
    assert find_unusual(cells, None, 0.0).found == ()


def test_few_months_are_said_to_be_few() -> None:
    found = find_unusual(shop(2), None, 0.0)
    assert found.cells == 48 < MIN_CELLS
    assert found.found == ()
    short = [cell for cell in shop(9) if cell.series != ("P8",) or cell.month < MONTHS[3]]
    assert find_unusual(short, None, 0.0).short == 1


def test_earlier_months_only_say_what_is_usual_and_order_plays_no_part() -> None:
    cells = shop()
    changed(cells, "P3", [MONTHS[2], MONTHS[20]], 1.3)
    assert [one.cell.month for one in find_unusual(cells, MONTHS[12], 0.0).found] == [MONTHS[20]]
    turned = find_unusual(cells[::-1], None, 0.0).found
    assert {one.cell.month for one in turned} == {MONTHS[2], MONTHS[20]}
    assert find_unusual(cells, None, 0.0) == find_unusual(cells, None, 0.0)
