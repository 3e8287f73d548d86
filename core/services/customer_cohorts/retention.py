"""Retention: which share of a cohort's customers, or of its first sales, comes back at each age.

Averages over cohorts are ratios of sums: the customers of all cohorts that have reached an age,
over the sizes of these cohorts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.services.methods.churn.scores import wilson

LEVEL = 0.95
_Z = 1.959963984540054  # of LEVEL, two-sided
FEW_CUSTOMERS = 20  # a share of fewer is uncertain by more than 20 points to either side
AMOUNTS = ("net_sales", "gross_margin")
MEASURES = ("customers", *AMOUNTS)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """Retention at one age over all cohorts that have finished it.

    Attributes:
        age: in months, quarters or campaigns after the first purchase's own.
        rate: share of the customers, or of the amount at age 0, which can exceed 1.
        low, high: 95 % interval; None where it cannot be told.
        cohorts: how many have finished this age.
        customers: of these cohorts.
    """

    age: int
    rate: float | None
    low: float | None
    high: float | None
    cohorts: int
    customers: int


@dataclass(frozen=True)
class Cells:
    """Cohorts × ages as columns of equal length, ordered by cohort and age.

    Attributes:
        cohort: first day of each cell's cohort.
        size: customers of the cohort.
        age: 0 for the period of the first purchase.
        finished: no day of the cell is still to come.
        values: the other columns of `core.repository.customers.cohorts.cohort_cells`; NaN where
            unknown.
    """

    cohort: NDArray[np.datetime64]
    size: NDArray[np.int64]
    age: NDArray[np.int64]
    finished: NDArray[np.bool_]
    values: Mapping[str, Floats]

    @classmethod
    def of(cls, table: pa.Table) -> "Cells":
        """Read the repository's answer."""
        plain = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
        amounts = (f"{name}{part}" for name in AMOUNTS for part in ("", "_squared", "_cross"))
        numbers = ("active", "product_net_sales", "covered_net_sales", *amounts)
        return cls(
            plain["cohort"].astype("datetime64[D]"),
            plain["customers"].astype(np.int64),
            plain["age"].astype(np.int64),
            plain["finished"].astype(bool),
            {name: plain[name].astype(float) for name in numbers},
        )

    def where(self, kept: NDArray[np.bool_]) -> "Cells":
        """Return some of the cells; whole cohorts must stay together."""
        return Cells(
            self.cohort[kept],
            self.size[kept],
            self.age[kept],
            self.finished[kept],
            {name: column[kept] for name, column in self.values.items()},
        )

    def after(self, first: date) -> "Cells":
        """Return the cells of the cohorts that began later than a day."""
        return self.where(self.cohort > np.datetime64(first))

    def at_start(self, name: str) -> Floats:
        """Return for every cell the value its cohort had at age 0."""
        starts = np.flatnonzero(self.age == 0)
        lengths = np.diff(np.append(starts, self.age.size))
        return np.repeat(self.values[name][starts], lengths)

    @property
    def cohorts(self) -> list[tuple[date, int]]:
        """First day and size of each cohort, the earliest first."""
        first = self.age == 0
        days = self.cohort[first].astype(object).tolist()
        return list(zip(days, self.size[first].tolist(), strict=True))


def cell_rates(cells: Cells, measure: str) -> Floats:
    """Return each cell's retention: NaN where it is unknown.

    Customers who bought ÷ the cohort's size; or the cell's amount ÷ the cohort's at age 0, where
    that is positive.
    """
    if measure == "customers":
        return cells.values["active"] / cells.size
    start = cells.at_start(measure)
    base = np.where(start > 0.0, start, np.nan)
    return cells.values[measure] / base


def cell_intervals(cells: Cells) -> tuple[list[float], list[float]]:
    """Return the Wilson interval of each cell's share of customers."""
    pairs = [
        wilson(share, size, LEVEL)
        for share, size in zip(
            cell_rates(cells, "customers").tolist(), cells.size.tolist(), strict=True
        )
    ]
    return [low for low, _high in pairs], [high for _low, high in pairs]


def retention_curve(cells: Cells, measure: str) -> list[Point]:
    """Return retention at each age ≥ 1 that some cohort has finished."""
    usable = cells.finished & (cells.age > 0)
    return [
        _point(cells, measure, int(age), usable & (cells.age == age))
        for age in np.unique(cells.age[usable])
    ]


def _point(cells: Cells, measure: str, age: int, here: NDArray[np.bool_]) -> Point:
    if measure == "customers":
        size, active = int(cells.size[here].sum()), float(cells.values["active"][here].sum())
        low, high = wilson(active / size, size, LEVEL)
        return Point(age, active / size, low, high, int(here.sum()), size)
    start = cells.at_start(measure)
    # A cohort whose costs are unknown at one of both ages says nothing about margin.
    known = here & np.isfinite(start) & np.isfinite(cells.values[measure])
    size, cohorts = int(cells.size[known].sum()), int(known.sum())
    base = float(start[known].sum())
    if base <= 0.0:
        return Point(age, None, None, None, cohorts, size)
    rate = float(cells.values[measure][known].sum()) / base
    error = _ratio_error(cells, measure, known, rate, base)
    if size < FEW_CUSTOMERS:
        return Point(age, rate, None, None, cohorts, size)
    return Point(age, rate, rate - _Z * error, rate + _Z * error, cohorts, size)


def _ratio_error(
    cells: Cells, measure: str, known: NDArray[np.bool_], rate: float, base: float
) -> float:
    """Return the standard error of Σy ÷ Σx over customers: √(n/(n−1) Σ(y − R·x)²) ÷ Σx.

    Cochran (1977), Sampling Techniques, section 6.4, each customer a draw of its own.
    """
    squared = float(cells.values[f"{measure}_squared"][known].sum())
    cross = float(cells.values[f"{measure}_cross"][known].sum())
    start = float(cells.at_start(f"{measure}_squared")[known].sum())
    size = int(cells.size[known].sum())
    spread = max(squared - 2 * rate * cross + rate**2 * start, 0.0) * size / max(size - 1, 1)
    return sqrt(spread) / base
