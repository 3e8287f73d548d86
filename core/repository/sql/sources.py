"""What reading a source costs: rows touched, rows kept, and what is done with each of them.

The weights are nanoseconds per row on one core, measured on ten million lines; only their ratios
matter for the choice.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.models.catalogue import columns_of
from core.models.query import Operator, Period
from core.repository.sql.columns import Condition
from core.repository.warehouse import Rollup, WarehouseInfo

STATEMENT_COST = 3.0  # milliseconds to plan, start and fetch one more statement
_TEST, _SUM, _GROUP, _LABEL = 1.5, 6.0, 8.0, 3.0
_KEYS, _BITS = 60.0, 12.0  # a set of keys, a bitmap
_TEXTS = 2.0  # the base table holds texts where roll-ups hold numbers
_USUAL_SHARE = 0.3  # of a filter nothing is known about
_NANOSECONDS = 1_000_000


@dataclass(frozen=True)
class Candidate:
    """A source that could answer.

    Attributes:
        source: the tables that would be read.
        rows: how many of their rows are touched, as the planner estimates.
        cost: estimated milliseconds of one core.
    """

    source: str
    rows: int
    cost: float


@dataclass(frozen=True)
class Reading:
    """Which days are read from which tables, and what that costs."""

    source: Rollup
    ranges: Sequence[Period]
    rows: float
    cost: float
    edges: Rollup | None = None
    edge_ranges: Sequence[Period] = ()

    @property
    def candidate(self) -> Candidate:
        """How it is shown to people."""
        name = self.source.table + (f" + {self.edges.table}" if self.edges else "")
        return Candidate(name, round(self.rows), round(self.cost, 2))


@dataclass(frozen=True)
class Work:
    """What is done with the rows.

    Attributes:
        columns: dimension columns that groups, filters and counted keys use.
        measures: additive columns that are summed.
        conditions: the filters.
        groups: number of group columns, and of their labels.
        keyed: distinct counts that compare keys.
        bits: distinct counts by bitmaps.
        twice: the rows over all groups are computed along.
        dated: days matter to groups, filters or sides, or lines count that are no sales.
    """

    columns: frozenset[str]
    measures: frozenset[str]
    conditions: tuple[Condition, ...]
    groups: tuple[int, int]
    keyed: int = 0
    bits: int = 0
    twice: bool = False
    dated: bool = True

    def fits(self, source: Rollup) -> bool:
        """Whether a source has all that is needed."""
        has = source.measures is None or self.measures <= source.measures
        return has and self.columns <= source.columns

    def weight(self) -> float:
        """Return the nanoseconds for a row that passes the filters."""
        groups, labels = self.groups
        grouped = _GROUP * groups + _LABEL * labels
        counted = _KEYS * self.keyed + _BITS * self.bits
        return (_SUM * len(self.measures) + grouped + counted) * (2 if self.twice else 1)


def readings(
    work: Work, periods: Sequence[Period], info: WarehouseInfo, *, by_months: bool
) -> list[Reading]:
    """Return every way to read the days of some periods, the cheapest first.

    Args:
        work: what the sources must have, and what is done with their rows.
        periods: none for all data.
        info: of the warehouse.
        by_months: whole months are fine enough for the groups and filters.
    """
    fitting = [source for source in info.sources if work.fits(source)]
    able = [source for source in fitting if not source.undated]
    found = [_one(work, s, periods, info) for s in able if not s.monthly]
    if not work.dated and _holds_all(periods, info):
        found += [_one(work, source, (), info) for source in fitting if source.undated]
    whole, outside = split_months(periods)
    if by_months and (whole or not periods):
        around = min(
            (_one(work, s, outside, info) for s in able if not s.monthly),
            key=lambda reading: reading.cost,
        )
        for source in (s for s in able if s.monthly):
            inside = _one(work, source, whole, info)
            if not outside:
                found.append(inside)
                continue
            rows, cost = inside.rows + around.rows, inside.cost + around.cost
            found.append(Reading(source, whole, rows, cost, around.source, outside))
    return sorted(found, key=lambda reading: reading.cost)


def _holds_all(periods: Sequence[Period], info: WarehouseInfo) -> bool:
    """Whether every day with sales is asked for."""
    if not periods or info.span is None:
        return not periods
    return any(p.start <= info.span.start and info.span.end <= p.end for p in periods)


def _one(work: Work, source: Rollup, periods: Sequence[Period], info: WarehouseInfo) -> Reading:
    days = _share(periods, info)
    chosen = [(columns_of(c.column), _chosen(c, info)) for c in work.conditions]
    kept = float(source.rows) * days
    read = float(source.rows) * (days if "date" in source.together else 1.0)
    for columns, share in chosen:
        kept *= share
        if columns <= {*source.together}:
            read *= share
    texts = _TEXTS if source.measures is None and source.table == info.sources[0].table else 1.0
    tests = _TEST * (1 + len(chosen))
    return Reading(
        source, periods, read, (read * tests + kept * work.weight()) * texts / _NANOSECONDS
    )


def _chosen(condition: Condition, info: WarehouseInfo) -> float:
    """Return the share of rows a filter keeps, as far as can be told without looking."""
    values = info.values.get(condition.column) if isinstance(condition.column, str) else None
    if values is None or condition.listed or condition.grain:
        return _USUAL_SHARE
    share = min(1.0, (condition.values + condition.unknown) / max(values, 1))
    if condition.operator is Operator.IN:
        return share
    return 1.0 - share if condition.operator is Operator.NOT_IN else _USUAL_SHARE


def _share(ranges: Sequence[Period], info: WarehouseInfo) -> float:
    """Return the part of the data's days that is read, 1 for all data."""
    if not ranges or not info.span:
        return 1.0
    return min(1.0, sum(period.days for period in ranges) / info.span.days)


def split_months(periods: Iterable[Period]) -> tuple[list[Period], list[Period]]:
    """Return the whole calendar months of each period, and the days outside them."""
    inside: list[Period] = []
    outside: list[Period] = []
    for period in periods:
        whole = whole_months(period)
        if whole is None:
            outside.append(period)
            continue
        inside.append(whole)
        if period.start < whole.start:
            outside.append(Period(period.start, whole.start - timedelta(days=1)))
        if whole.end < period.end:
            outside.append(Period(whole.end + timedelta(days=1), period.end))
    return inside, outside


def whole_months(period: Period) -> Period | None:
    """Return the calendar months that lie wholly in a period; None if there is none."""
    start = period.start
    if start.day > 1:
        start = start.replace(day=1) + timedelta(days=monthrange(start.year, start.month)[1])
    end = period.end
    if end.day < monthrange(end.year, end.month)[1]:
        end = end.replace(day=1) - timedelta(days=1)
    return Period(start, end) if start <= end else None
