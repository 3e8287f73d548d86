"""What can be asked: metrics, dimensions, filters, a period, a comparison."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

NO_VALUE = "__none__"  # the filter value for "no customer", "unassigned", …


class Compare(StrEnum):
    """The other period a result is set against."""

    PREVIOUS = "previous"
    YEAR = "year"
    BUDGET = "budget"  # what was planned for the period itself


class Operator(StrEnum):
    """How a filter compares."""

    IN = "in"
    NOT_IN = "not_in"
    BETWEEN = "between"  # two values, both included; an empty one leaves that end open
    CONTAINS = "contains"  # any of the texts, in the value or its name; accents and case ignored
    NOT_CONTAINS = "not_contains"


@dataclass(frozen=True)
class Filter:
    """A dimension restricted to (or kept away from) values or texts; `NO_VALUE`: "unknown"."""

    dimension: str
    values: tuple[str, ...]
    operator: Operator = Operator.IN


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1

    def reached(self, today: date) -> date:
        """Return its last day up to today; its first day where it lies in the future."""
        return max(min(self.end, today), self.start)


@dataclass(frozen=True)
class Members:
    """Only lines of those members of a dimension that a metric picks.

    The metric is taken per member, under the question's other filters, period and scope.

    Attributes:
        dimension: whose members are picked.
        metric: what picks them.
        n: the n highest (with `lowest` the n lowest); None: a threshold picks.
        low: at least so much; None for no lower end.
        high: at most so much; None for no upper end.
        keep: False leaves the picked members out instead.
    """

    dimension: str
    metric: str
    n: int | None = None
    low: float | None = None
    high: float | None = None
    lowest: bool = False
    keep: bool = True


@dataclass(frozen=True)
class Threshold:
    """Only groups of the answer whose metric lies in a range, both ends included.

    The total stays that of all groups, and the answer says how many are not shown.
    """

    metric: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Extra:
    """A column computed from a metric's column of the answer.

    Attributes:
        kind: `share` of the total (or of the subtotal of the `within` dimensions), `running`
            total and moving `average` along the calendar dimension, `rank` from the highest.
        metric: one of the question's metrics.
        within: dimensions inside whose values it starts anew.
        window: number of calendar buckets of a moving average, the current one included.
    """

    kind: Literal["share", "running", "average", "rank"]
    metric: str
    within: tuple[str, ...] = ()
    window: int = 3


@dataclass(frozen=True)
class Top:
    """Keep the `n` first groups by a metric; the rest is one row of others if `others`."""

    n: int
    by: str
    others: bool = False


@dataclass(frozen=True)
class MetricQuery:
    """A question to the metric engine.

    Attributes:
        metrics: keys of the metric catalogue.
        by: keys of dimensions, time grains among them.
        where: filters, all of them must hold.
        period: None means all data.
        compare: adds `<metric>_compared`, `<metric>_change` and `<metric>_change_rate` columns.
        compared: the compared period, when the caller resolved it already (to-date semantics).
        top: limits the groups.
        order: a metric or dimension key, descending for metrics with a leading "-".
        totals: also answer the row over all groups, ratios divided after the sums.
        members: filters by what members of a dimension sell.
        having: only groups over a threshold.
        extras: shares, running totals, moving averages and ranks beside the metrics.
        subtotals: also rows over the last dimensions, for every leading part of `by`; ratios and
            distinct counts of a subtotal are its own, not sums of its rows.
        pivot: the dimension of `by` whose values become columns; None: rows only.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    period: Period | None = None
    compare: Compare | None = None
    compared: Period | None = None
    top: Top | None = None
    order: str | None = None
    totals: bool = True
    members: tuple[Members, ...] = ()
    having: tuple[Threshold, ...] = ()
    extras: tuple[Extra, ...] = ()
    subtotals: bool = False
    pivot: str | None = None


@dataclass(frozen=True)
class Scope:
    """Who asks, and the rows this person may see; part of every query and of every cache key."""

    owner: str = "local"
    where: tuple[Filter, ...] = ()
