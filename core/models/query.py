"""What can be asked: metrics, dimensions, filters, a period, a comparison."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

NO_VALUE = "__none__"  # the filter value for "no customer", "unassigned", …


class Compare(StrEnum):
    """The other period a result is set against."""

    PREVIOUS = "previous"
    YEAR = "year"


class Operator(StrEnum):
    """How a filter compares."""

    IN = "in"
    NOT_IN = "not_in"


@dataclass(frozen=True)
class Filter:
    """A dimension restricted to (or kept away from) some values; `NO_VALUE` means "unknown"."""

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


@dataclass(frozen=True)
class Scope:
    """Who asks, and the rows this person may see; part of every query and of every cache key."""

    owner: str = "local"
    where: tuple[Filter, ...] = ()
