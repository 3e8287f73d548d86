"""Margin anomalies: months in which a series' margin rate leaves its own usual level.

A series is a supplier, or a product in one channel; its months are compared with the median of
its own history by a robust z-score (Iglewicz and Hoaglin 1993). Selling below cost is flagged
whatever the history.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.services.methods.robust import OUTLIER_Z, robust_z

MIN_MONTHS = 6  # fewer months say nothing about what is usual
SCALE_FLOOR = 0.01  # one point: smaller wobbles of a steady margin are no anomaly


@dataclass(frozen=True)
class MarginCell:
    """One month of one series: sales and margin over lines with a known cost, base currency."""

    series: tuple[str | None, ...]
    month: date
    sales: float
    margin: float


@dataclass(frozen=True)
class MarginAnomaly:
    """A flagged month.

    Attributes:
        typical: median margin rate of the series; None when its history is too short.
        impact: (rate − typical) × sales, or the margin itself where nothing is usual yet.
        z: robust z-score; None when the history is too short.
        kind: `below_cost`, `drop` or `jump`.
    """

    cell: MarginCell
    rate: float
    typical: float | None
    impact: float
    z: float | None
    kind: str


def find_anomalies(
    cells: Iterable[MarginCell], since: date | None, min_sales: float
) -> list[MarginAnomaly]:
    """Return the anomalies of all series, the largest impact first.

    Args:
        cells: at most one per series and month.
        since: first month that may be flagged; earlier ones only say what is usual.
        min_sales: months with smaller sales are neither flagged nor taken as usual.
    """
    series: dict[tuple[str | None, ...], list[MarginCell]] = {}
    for cell in cells:
        if cell.sales > max(min_sales, 0.0):
            series.setdefault(cell.series, []).append(cell)
    found = [anomaly for months in series.values() for anomaly in _of_series(months)]
    kept = [a for a in found if since is None or a.cell.month >= since]
    return sorted(kept, key=lambda a: (-abs(a.impact), a.cell.month, str(a.cell.series)))


def _of_series(months: Sequence[MarginCell]) -> list[MarginAnomaly]:
    rates = np.array([m.margin / m.sales for m in months])
    known = len(months) >= MIN_MONTHS
    scores = robust_z(rates, floor=SCALE_FLOOR) if known else None
    typical = float(np.median(rates)) if known else None
    found = []
    for position, (cell, rate) in enumerate(zip(months, rates.tolist(), strict=True)):
        z = float(scores[position]) if scores is not None else None
        kind = _kind(rate, z)
        if kind:
            impact = cell.margin if typical is None else (rate - typical) * cell.sales
            found.append(MarginAnomaly(cell, rate, typical, impact, z, kind))
    return found


def _kind(rate: float, z: float | None) -> str | None:
    if rate < 0.0:
        return "below_cost"
    if z is None or abs(z) <= OUTLIER_Z:
        return None
    return "drop" if z < 0 else "jump"
