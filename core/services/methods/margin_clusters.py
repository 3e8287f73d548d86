"""Months unlike the others of their series, by several features at once (density clustering).

A series is a product of a supplier in one channel. Each of its months has five features, set
against the series' own median and spread (robust z-scores): margin on sales, price and cost per
unit, quantity, discount. All months of all series lie in one space, where most of them form one
crowd: DBSCAN (Ester, Kriegel, Sander and Xu 1996) finds it, and what stands outside of it, alone or
in groups of its own. A month is flagged where it is outside the crowd, farther than the 99.9 %
quantile of a chi distribution, and off in something that makes its margin: quantity alone does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi

from core.services.methods.robust import MAD_TO_SIGMA, OUTLIER_Z

Floats = NDArray[np.float64]
FEATURES = ("margin_rate", "unit_price", "unit_cost", "units", "discount_rate")
FLOORS = (
    0.01,
    0.02,
    0.02,
    0.25,
    0.01,
)  # smallest spread: of shares as they are, else of logarithms
_LOGGED = (1, 2, 3)
_QUANTITY = 3
MIN_MONTHS = 6  # of a series
MIN_CELLS = 60  # of all series: fewer are no crowd
FAR = 0.999
NEIGHBOURS = 10
_ALONE = 0.95  # quantile of the distances to the tenth neighbour that is taken as the reach
_SAMPLE = 5_000


@dataclass(frozen=True)
class MonthCell:
    """One month of one series, over lines with a known cost, in base currency.

    Attributes:
        units: net of returns, above zero.
        sales: net sales, above zero.
        cost: of these sales, above zero.
        discount: share of the gross sales.
    """

    series: tuple[str | None, ...]
    month: date
    units: float
    sales: float
    cost: float
    discount: float

    def features(self) -> tuple[float, ...]:
        """Return the values of `FEATURES`."""
        return (
            1.0 - self.cost / self.sales,
            self.sales / self.units,
            self.cost / self.units,
            self.units,
            self.discount,
        )


@dataclass(frozen=True)
class Reason:
    """A feature that is off: its value, and the range in which months of the series usually are."""

    feature: str
    value: float
    low: float
    high: float
    z: float


@dataclass(frozen=True)
class Unusual:
    """A flagged month.

    Attributes:
        reasons: what is off, the farthest first.
        alike: how many flagged months stand in the same group; 1 where it is alone.
        distance: root of the summed squares of the robust z-scores.
        typical: median margin on sales of the series.
    """

    cell: MonthCell
    reasons: tuple[Reason, ...]
    alike: int
    distance: float
    typical: float

    @property
    def rate(self) -> float:
        """Return its margin on sales."""
        return self.cell.features()[0]

    @property
    def impact(self) -> float:
        """Return what the gap to the usual margin is worth, in base currency."""
        return (self.rate - self.typical) * self.cell.sales


@dataclass(frozen=True)
class Clusters:
    """What was found, and in how much.

    Attributes:
        found: flagged months, the largest impact first.
        cells: months that were compared.
        series: whose they are.
        short: series left out because they have fewer than `MIN_MONTHS`.
    """

    found: tuple[Unusual, ...]
    cells: int
    series: int
    short: int


def find_unusual(cells: Sequence[MonthCell], since: date | None, min_sales: float) -> Clusters:
    """Return the months outside the crowd.

    Args:
        cells: at most one per series and month.
        since: first month that may be flagged; earlier ones only say what is usual.
        min_sales: months with smaller sales play no part.
    """
    series: dict[tuple[str | None, ...], list[MonthCell]] = {}
    for cell in cells:
        if cell.sales > max(min_sales, 0.0) and cell.units > 0 and cell.cost > 0:
            series.setdefault(cell.series, []).append(cell)
    long = {key: months for key, months in series.items() if len(months) >= MIN_MONTHS}
    kept = [cell for months in long.values() for cell in months]
    short = len(series) - len(long)
    if len(kept) < MIN_CELLS:
        return Clusters((), len(kept), len(long), short)
    scored = [_scores(months) for months in long.values()]
    z, low, high, typical = (np.concatenate([one[i] for one in scored]) for i in range(4))
    distance = np.sqrt((z**2).sum(axis=1))
    labels = crowd(np.sign(z) * np.log1p(np.abs(z)))
    off = (np.abs(np.delete(z, _QUANTITY, axis=1)) > OUTLIER_Z).any(axis=1)
    flagged = (labels != 0) & off & (distance > float(chi.ppf(FAR, len(FEATURES))))
    sizes = {label: int(((labels == label) & flagged).sum()) for label in set(labels.tolist())}
    found = [
        Unusual(
            kept[i],
            _reasons(kept[i], z[i], low[i], high[i]),
            1 if labels[i] < 0 else sizes[int(labels[i])],
            float(distance[i]),
            float(typical[i, 0]),
        )
        for i in np.flatnonzero(flagged).tolist()
        if since is None or kept[i].month >= since
    ]
    found.sort(key=lambda one: (-abs(one.impact), one.cell.month, str(one.cell.series)))
    return Clusters(tuple(found), len(kept), len(long), short)


def _scores(months: Sequence[MonthCell]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return robust z-scores, the ends of the usual range, and the medians, month by feature."""
    values = np.array([month.features() for month in months])
    scaled = values.copy()
    scaled[:, _LOGGED] = np.log(values[:, _LOGGED])
    centre = np.median(scaled, axis=0)
    spread = np.maximum(np.median(np.abs(scaled - centre), axis=0) * MAD_TO_SIGMA, FLOORS)
    ends = [centre - OUTLIER_Z * spread, centre + OUTLIER_Z * spread]
    ends[0][4] = max(ends[0][4], 0.0)  # no discount is less than none
    for end in (*ends, centre):
        end[list(_LOGGED)] = np.exp(end[list(_LOGGED)])
    z = (scaled - np.median(scaled, axis=0)) / spread
    low, high, typical = (np.tile(row, (len(months), 1)) for row in (*ends, centre))
    return z, low, high, typical


def _reasons(cell: MonthCell, z: Floats, low: Floats, high: Floats) -> tuple[Reason, ...]:
    values = cell.features()
    order = np.argsort(-np.abs(z), kind="stable").tolist()
    return tuple(
        Reason(FEATURES[i], values[i], float(low[i]), float(high[i]), float(z[i]))
        for i in order
        if abs(z[i]) > OUTLIER_Z
    )


def crowd(points: Floats) -> NDArray[np.int64]:
    """Return the group of each point: 0 the largest, −1 none.

    The reach is the 95 % quantile of the distances to the tenth neighbour: nearly all points of a
    crowd have so many within it.

    Args:
        points: shape (n, features).
    """
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    near = min(NEIGHBOURS, len(points) - 1)
    tree = NearestNeighbors(n_neighbors=near, algorithm="kd_tree").fit(points)
    step = max(1, len(points) // _SAMPLE)
    gaps = tree.kneighbors(points[::step])[0][:, -1]
    reach = max(float(np.quantile(gaps, _ALONE)), np.finfo(float).tiny)
    labels = DBSCAN(eps=reach, min_samples=near, algorithm="kd_tree").fit(points).labels_
    known = labels[labels >= 0]
    if not known.size:
        return labels.astype(np.int64)
    largest = np.bincount(known).argmax()
    swapped = labels.copy()
    swapped[labels == largest], swapped[labels == 0] = 0, largest
    return swapped.astype(np.int64)
