"""Which table answers: the smallest source that keeps every column a question needs."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.models.query import Period
from core.repository.sql.columns import Condition, Group
from core.repository.sql.compile import DISTINCT_KEYS, Shape, compile_shape
from core.repository.sql.scored import BUYERS, Score, compile_scored, known_of
from core.repository.sql.stocked import STOCK_MEASURES, compile_stock
from core.repository.warehouse import Rollup, WarehouseInfo

# What one more statement costs, in rows that could be scanned in the same time.
_STATEMENT_ROWS = 100_000
_BITMAP_KEYS = 8192  # one kilobyte per group
_MANY_VALUES = frozenset({"invoice_id", "customer_id"})
_DAILY_GRAINS = frozenset({"day", "week", "period_445"})


@dataclass(frozen=True)
class Request:
    """One period of a question, in terms of the line table.

    Attributes:
        conditions: filters with their values; dates as dates, `NO_VALUE` for unknown.
        period: None for all data.
        compared: days of another period that are answered along, as side 1.
        shifts: days or months each group of the compared period is moved by.
        side: what the rows are marked with where there is no compared period.
        campaign_offset: months between January and the campaign's first month.
        totals: the row over all groups is wanted.
        excluded: columns and tuples of values that are left out.
        scores: of the customers who bought in each group.
        stock: what lay in stock on the days of each group is answered too.
    """

    groups: tuple[Group, ...]
    measures: tuple[str, ...]
    conditions: tuple[tuple[Condition, tuple[Any, ...]], ...] = ()
    period: Period | None = None
    compared: Period | None = None
    side: int = 0
    shifts: tuple[int, ...] = ()
    campaign_offset: int = 0
    totals: bool = True
    investments: bool = False
    excluded: tuple[str, ...] = ()
    excluded_rows: tuple[tuple[Any, ...], ...] = ()
    scores: tuple[Score, ...] = ()
    stock: bool = False

    def columns(self) -> set[str]:
        """Return the dimension columns that groups and filters use."""
        return {
            *(group.column for group in self.groups),
            *(group.label for group in self.groups if group.label),
            *(condition.column for condition, _ in self.conditions),
            *(condition.label for condition, _ in self.conditions if condition.label),
            *self.excluded,
        }


@dataclass(frozen=True)
class Statement:
    """SQL text with its values, and the source it reads."""

    sql: str
    values: Mapping[str, Any]
    source: str
    measures: tuple[str, ...]
    has_total: bool


@dataclass(frozen=True)
class Candidate:
    """A source that could answer.

    Attributes:
        source: the tables that would be read.
        rows: how many rows of them, as the planner estimates.
        cost: in rows of one additive column that could be read in the same time.
    """

    source: str
    rows: int
    cost: float


@dataclass(frozen=True)
class Explained:
    """One statement of a plan, and why it reads what it reads.

    Attributes:
        statement: the text, its bound values and its source.
        candidates: every source that is able, the cheapest first: the chosen one.
    """

    statement: Statement
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class _Reading:
    """Which days are read from which tables, and the rows that costs."""

    source: Rollup
    ranges: Sequence[Period]
    cost: float
    edges: Rollup | None = None
    edge_ranges: Sequence[Period] = ()

    @property
    def candidate(self) -> Candidate:
        """How it is shown to people."""
        return Candidate(_names(self.source, self.edges), round(self.cost), self.cost)


@dataclass(frozen=True)
class _Choice:
    shape: Shape
    values: dict[str, Any]
    cost: float
    candidates: tuple[Candidate, ...] = ()


def plan(request: Request, info: WarehouseInfo) -> tuple[Statement, ...]:
    """Return the statements that together answer a request, cheapest first.

    Additive sums and distinct counts are asked apart where that is cheaper: a roll-up answers the
    sums while only the counts read the lines.
    """
    return tuple(found.statement for found in explain(request, info))


def explain(request: Request, info: WarehouseInfo) -> tuple[Explained, ...]:
    """Return the statements of `plan`, each with all sources that could have answered it."""
    flagged = _orders_by_flag(request, info)
    distinct = tuple(
        m for m in request.measures if m in DISTINCT_KEYS and not (m == "orders" and flagged)
    )
    additive = tuple(m for m in request.measures if m not in distinct)
    together = _choose(request, request.measures, info, flagged=flagged)
    chosen = [together]
    if distinct and additive:
        apart = [
            _choose(request, measures, info, flagged=flagged) for measures in (additive, distinct)
        ]
        if sum(choice.cost for choice in apart) + _STATEMENT_ROWS < together.cost:
            chosen = apart
    return (*(_explained(c) for c in chosen), *_scored(request, info), *_stocked(request))


def on_lines(
    request: Request, info: WarehouseInfo, columns: tuple[str, ...]
) -> tuple[Shape, dict[str, Any]]:
    """Return how a request's own lines are read, one by one, with the bound values."""
    periods = [request.period] if request.period else []
    reading = _Reading(info.sources[0], periods, info.sources[0].rows)
    choice = _choice(request, (), reading, (), (), flagged=False)
    return replace(choice.shape, more=columns), choice.values


def _explained(choice: _Choice) -> Explained:
    shape = choice.shape
    statement = Statement(
        compile_shape(shape), choice.values, _source_name(shape), shape.measures, shape.totals
    )
    return Explained(statement, choice.candidates)


def _scored(request: Request, info: WarehouseInfo) -> list[Explained]:
    """Return one statement for each file of scores."""
    found: list[Explained] = []
    for file in dict.fromkeys(score.file for score in request.scores):
        choice = _choose(request, ("customers",), info, flagged=False)
        totals = request.totals and bool(request.groups)
        shape = replace(choice.shape, totals=totals, more=("customer_id",), bitmaps=())
        scores = tuple((s.measure, s.column, s.how) for s in request.scores if s.file == file)
        measures = (*(s[0] for s in scores), *(known_of(s[0]) for s in scores), BUYERS)
        values = {**choice.values, "scores": file.as_posix()}
        sql = compile_scored(shape, scores)
        statement = Statement(sql, values, _source_name(shape), measures, has_total=totals)
        found.append(Explained(statement, choice.candidates))
    return found


def _stocked(request: Request) -> list[Explained]:
    """Return the statement on the table of stock, if one is asked for."""
    if not request.stock:
        return []
    periods = [period for period in (request.period, request.compared) if period]
    totals = request.totals and bool(request.groups)
    shape = Shape(
        table="inventory",
        groups=request.groups,
        measures=(),
        conditions=tuple(condition for condition, _ in request.conditions),
        side="both" if request.compared else str(request.side),
        ranges=len(periods),
        totals=totals,
        investments=True,
        excluded=request.excluded,
        excluded_rows=len(request.excluded_rows),
    )
    values = _values(request) | _range_values("r", periods)
    statement = Statement(
        compile_stock(shape), values, "inventory", STOCK_MEASURES, has_total=totals
    )
    return [Explained(statement, ())]


def _orders_by_flag(request: Request, info: WarehouseInfo) -> bool:
    used = {g.column for g in request.groups} | {c.column for c, _ in request.conditions}
    used |= set(request.excluded) | ({"date"} if request.period else set())
    return used <= info.order_columns


def _choose(
    request: Request, measures: tuple[str, ...], info: WarehouseInfo, *, flagged: bool
) -> _Choice:
    needed = request.columns() - {"date"}
    needed |= {DISTINCT_KEYS[m] for m in measures if m in DISTINCT_KEYS}
    if flagged:
        needed -= {DISTINCT_KEYS["orders"]}
    able = [s for s in info.sources if needed <= s.columns and s.measures is None]
    readings = sorted(_readings(request, able, info), key=lambda reading: reading.cost)
    counted = [m for m in measures if m in DISTINCT_KEYS and not (m == "orders" and flagged)]
    bitmaps = _bitmaps(request, counted, info)
    choice = _choice(request, measures, readings[0], counted, bitmaps, flagged=flagged)
    return replace(choice, candidates=tuple(reading.candidate for reading in readings))


def _readings(request: Request, able: Sequence[Rollup], info: WarehouseInfo) -> list[_Reading]:
    """Return every way to read the request's days from the able sources."""
    periods = [period for period in (request.period, request.compared) if period]
    daily = [s for s in able if not s.monthly]
    found = [_Reading(s, periods, s.rows * _share(periods, info)) for s in daily]
    whole, outside = split_months(periods)
    if not _takes_months(request) or (periods and not whole):
        return found
    edges = min(daily, key=lambda s: s.rows)
    around = edges.rows * _share(outside, info) if outside else 0.0
    found += [
        _Reading(
            s, whole, s.rows * _share(whole, info) + around, edges if outside else None, outside
        )
        for s in able
        if s.monthly
    ]
    return found


def _bitmaps(
    request: Request, counted: Sequence[str], info: WarehouseInfo
) -> tuple[tuple[str, int], ...]:
    """Return the sizes of bitmaps when all counts can use them: few keys, not too many groups."""
    sizes = tuple((name, info.keys[name]) for name in counted)
    many = any(group.column in _MANY_VALUES for group in request.groups)
    return () if many or any(not 0 < size <= _BITMAP_KEYS for _, size in sizes) else sizes


def _takes_months(request: Request) -> bool:
    """Whether whole months are fine enough for the groups and filters."""
    grains = {g.grain for g in request.groups} | {c.grain for c, _ in request.conditions}
    return not grains & _DAILY_GRAINS


def _choice(
    request: Request,
    measures: tuple[str, ...],
    reading: _Reading,
    counted: Sequence[str],
    bitmaps: tuple[tuple[str, int], ...],
    *,
    flagged: bool,
) -> _Choice:
    shape = Shape(
        table=reading.source.table,
        groups=request.groups,
        measures=measures,
        conditions=tuple(condition for condition, _ in request.conditions),
        flagged_orders=flagged,
        side="both" if request.compared else str(request.side),
        ranges=len(reading.ranges),
        edges=reading.edges.table if reading.edges else None,
        edge_ranges=len(reading.edge_ranges),
        totals=request.totals and bool(counted) and bool(request.groups),
        bitmaps=bitmaps,
        investments=request.investments,
        excluded=request.excluded,
        excluded_rows=len(request.excluded_rows),
    )
    values = _values(request) | _range_values("r", reading.ranges)
    if reading.edges:
        values |= _range_values("e", reading.edge_ranges)
    return _Choice(shape, values, reading.cost)


def _range_values(name: str, ranges: Sequence[Period]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for i, period in enumerate(ranges):
        found |= {f"{name}{i}_start": period.start, f"{name}{i}_end": period.end}
    if len(ranges) > 1:
        found[f"{name}_first"] = min(period.start for period in ranges)
        found[f"{name}_last"] = max(period.end for period in ranges)
    return found


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


def _values(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if request.compared:
        found["compared_start"] = request.compared.start
        found["compared_end"] = request.compared.end
    grains = [g.grain for g in request.groups] + [c.grain for c, _ in request.conditions]
    if {"campaign", "period_445"} & set(grains):
        found["campaign"] = request.campaign_offset
    for i, group in enumerate(request.groups):
        if group.shifted and (request.compared or request.side):
            found[f"s{i}"] = request.shifts[i]
    for i, (_, values) in enumerate(request.conditions):
        found |= {f"f{i}_{j}": value for j, value in enumerate(values)}
    for row, values in enumerate(request.excluded_rows):
        found |= {f"x{row}_{i}": value for i, value in enumerate(values)}
    return found


def _source_name(shape: Shape) -> str:
    return f"{shape.table} + {shape.edges}" if shape.edges else shape.table


def _names(source: Rollup, edges: Rollup | None) -> str:
    return f"{source.table} + {edges.table}" if edges else source.table
