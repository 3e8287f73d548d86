"""Which table answers: the smallest source that keeps every column a question needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from core.models.query import Period
from core.repository.sql.columns import Group, source_values
from core.repository.sql.compile import DISTINCT_KEYS, Shape, compile_shape
from core.repository.sql.marks import order_mark, pinned_by
from core.repository.sql.request import Request, as_stored
from core.repository.sql.scored import BUYERS, compile_scored, known_of
from core.repository.sql.sources import STATEMENT_COST, Candidate, Reading, Work, readings
from core.repository.sql.stocked import STOCK_MEASURES, compile_stock
from core.repository.warehouse import WarehouseInfo

_BITMAP_BYTES = 4_000_000  # of all groups together
_USUAL_VALUES = 100  # of a column whose values were not counted
_DAILY_GRAINS = frozenset({"day", "week", "period_445"})


@dataclass(frozen=True)
class Statement:
    """SQL text with its values, and the source it reads."""

    sql: str
    values: Mapping[str, Any]
    source: str
    measures: tuple[str, ...]
    has_total: bool


@dataclass(frozen=True)
class Explained:
    """One statement of a plan, and why it reads what it reads.

    Attributes:
        statement: the text, its bound values and its source.
        candidates: every source that is able; the first one is chosen, as the cheapest.
        columns: dimension columns and keys a source must have.
        by_months: whole months are fine enough.
    """

    statement: Statement
    candidates: tuple[Candidate, ...]
    columns: frozenset[str] = frozenset()
    by_months: bool = False


@dataclass(frozen=True)
class _Counting:
    """How distinct orders are counted.

    Attributes:
        mark: what is summed for each group; "" where keys must be compared.
        total: what is summed for the row over all groups.
    """

    mark: str = ""
    total: str = ""

    @property
    def differ(self) -> bool:
        """Whether the row over all groups is not the sum of the groups."""
        return self.mark != self.total

    def keyed(self, measures: Iterable[str]) -> tuple[str, ...]:
        """Return the counts that compare keys."""
        return tuple(
            m for m in measures if m in DISTINCT_KEYS and not (m == "orders" and self.mark)
        )


@dataclass(frozen=True)
class _Choice:
    shape: Shape
    values: dict[str, Any]
    cost: float
    candidates: tuple[Candidate, ...] = ()
    columns: frozenset[str] = frozenset()
    by_months: bool = False


def plan(request: Request, info: WarehouseInfo) -> tuple[Statement, ...]:
    """Return the statements that together answer a request, cheapest first.

    Additive sums and distinct counts are asked apart where that is cheaper: a roll-up answers the
    sums while only the counts read the lines.
    """
    return tuple(found.statement for found in explain(request, info))


def explain(request: Request, info: WarehouseInfo) -> tuple[Explained, ...]:
    """Return the statements of `plan`, each with all sources that could have answered it."""
    request = as_stored(request, info)
    counting = _counting(request, info)
    alone = set(counting.keyed(request.measures))
    if counting.differ and "orders" in request.measures:
        alone.add("orders")
    together = tuple(m for m in request.measures if m not in alone)
    parts = [*([together] if together else []), *((m,) for m in request.measures if m in alone)]
    chosen = [_choose(request, part, info, counting) for part in parts]
    chosen = _merged(request, chosen, info, counting)
    return (*(_explained(c) for c in chosen), *_scored(request, info), *_stocked(request))


def _merged(
    request: Request, choices: list[_Choice], info: WarehouseInfo, counting: _Counting
) -> list[_Choice]:
    """Ask parts in one statement wherever that is cheaper than two."""
    found = choices
    for first, second in combinations(choices, 2):
        if first not in found or second not in found:
            continue
        both = {*first.shape.measures, *second.shape.measures}
        one = _choose(request, tuple(m for m in request.measures if m in both), info, counting)
        if one.cost < first.cost + second.cost + STATEMENT_COST:
            found = [one, *(c for c in found if c not in (first, second))]
    return found


def on_lines(
    request: Request, info: WarehouseInfo, columns: tuple[str, ...]
) -> tuple[Shape, dict[str, Any]]:
    """Return how a request's own lines are read, one by one, with the bound values."""
    request = as_stored(request, info)
    periods = [request.period] if request.period else []
    needed = {*request.columns(), *columns} - {"date"}
    plain = next((s for s in info.sources if needed <= s.columns and s.measures is None), None)
    source = plain or info.sources[0]
    reading = Reading(source, periods, source.rows, 0.0)
    choice = _choice(request, (), reading, _Counting(), ())
    return replace(choice.shape, more=columns), choice.values


def on_orders(
    request: Request, info: WarehouseInfo
) -> tuple[Shape, dict[str, Any], Reading, tuple[Candidate, ...]]:
    """Return how the orders of a request are read, with the bound values and all able sources.

    Either a source with one row per order, or lines that are to be summed by order.
    """
    request = as_stored(request, info)
    periods = [request.period] if request.period else []
    conditions = tuple(condition for condition, _ in request.conditions)
    columns = frozenset(request.columns() - {"date"} | {"order_key"})
    single = Work(columns, frozenset({"order_value"}), conditions, (0, 0))
    pinned = {"order_key"} | pinned_by(conditions)
    ready = replace(
        info,
        sources=tuple(s for s in info.sources if s.one_per and {*s.one_per.split(", ")} <= pinned),
    )
    summed = Work(columns, frozenset({"net_sales", "sold_lines"}), conditions, (0, 0), keyed=1)
    able = [
        *readings(single, periods, ready, by_months=False),
        *readings(summed, periods, info, by_months=False),
    ]
    able.sort(key=lambda reading: reading.cost)
    choice = _choice(request, (), able[0], _Counting(), ())
    alone = bool(able[0].source.one_per)  # its rows know no kinds of lines
    shape = replace(choice.shape, investments=alone, totals=False)
    return shape, choice.values, able[0], tuple(reading.candidate for reading in able)


def _explained(choice: _Choice) -> Explained:
    shape = choice.shape
    statement = Statement(
        compile_shape(shape), choice.values, _source_name(shape), shape.measures, shape.totals
    )
    return Explained(statement, choice.candidates, choice.columns, choice.by_months)


def _scored(request: Request, info: WarehouseInfo) -> list[Explained]:
    """Return one statement for each file of scores."""
    found: list[Explained] = []
    for file in dict.fromkeys(score.file for score in request.scores):
        choice = _choose(request, ("customers",), info, _Counting())
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


def _counting(request: Request, info: WarehouseInfo) -> _Counting:
    plain = replace(request, groups=tuple(replace(g, label=None) for g in request.groups))
    dated = {"date"} if request.period else set[str]()
    conditions = [condition for condition, _ in request.conditions]
    mark = order_mark(request.groups, conditions, frozenset(plain.columns() | dated), info)
    if not mark or not (request.totals and request.groups):
        return _Counting(mark, mark)
    whole = replace(request, groups=())
    total = order_mark((), conditions, frozenset(whole.columns() | dated), info)
    return _Counting(mark, total) if total else _Counting()


def _choose(
    request: Request, measures: tuple[str, ...], info: WarehouseInfo, counting: _Counting
) -> _Choice:
    keyed = counting.keyed(measures)
    marks = {counting.mark, counting.total} if "orders" in measures and counting.mark else set()
    bitmaps = _bitmaps(request, keyed, info) if not (marks and counting.differ) else ()
    counted = ({"sold_lines"} if keyed else set[str]()) | marks
    work = Work(
        columns=frozenset(request.columns() - {"date"} | {DISTINCT_KEYS[m] for m in keyed}),
        measures=frozenset({m for m in measures if m not in DISTINCT_KEYS} | counted),
        conditions=tuple(condition for condition, _ in request.conditions),
        groups=(len(request.groups), sum(1 for g in request.groups if g.label)),
        keyed=0 if bitmaps else len(keyed),
        bits=len(bitmaps),
        twice=_totalled(request, measures, counting) and not bitmaps,
        dated="date" in request.columns() or bool(request.compared) or request.investments,
    )
    periods = [period for period in (request.period, request.compared) if period]
    by_months = _takes_months(request)
    able = readings(work, periods, info, by_months=by_months)
    choice = _choice(request, measures, able[0], counting, bitmaps)
    told = tuple(reading.candidate for reading in able)
    return replace(choice, candidates=told, columns=work.columns, by_months=by_months)


def _totalled(request: Request, measures: Sequence[str], counting: _Counting) -> bool:
    """Whether the row over all groups must be computed, since it is not their sum."""
    apart = bool(counting.keyed(measures)) or ("orders" in measures and counting.differ)
    return request.totals and bool(request.groups) and apart


def _bitmaps(
    request: Request, counted: Sequence[str], info: WarehouseInfo
) -> tuple[tuple[str, int], ...]:
    """Return the sizes of bitmaps when all counts can use them: little room for all groups."""
    sizes = tuple((name, info.keys[name]) for name in counted)
    groups = 2 if request.compared else 1
    for group in request.groups:
        groups *= _values_of(group, request, info)
    room = groups * sum(size for _, size in sizes) / 8
    return sizes if room <= _BITMAP_BYTES and all(size for _, size in sizes) else ()


def _values_of(group: Group, request: Request, info: WarehouseInfo) -> int:
    """Estimate how many values a group has."""
    period = request.period or info.span
    if group.column == "date" and period:
        return period.days if group.grain in _DAILY_GRAINS else 1 + period.days // 28
    values = {**info.values, "customer_id": info.keys["customers"], "invoice_id": info.lines}
    known = values.get(group.column) if isinstance(group.column, str) else None
    return 1 + (known or _USUAL_VALUES)


def _takes_months(request: Request) -> bool:
    """Whether whole months are fine enough for the groups and filters."""
    grains = {g.grain for g in request.groups} | {c.grain for c, _ in request.conditions}
    daily = any(not isinstance(s, str) and s.daily for s in request.sources())
    return not daily and not grains & _DAILY_GRAINS


def _choice(
    request: Request,
    measures: tuple[str, ...],
    reading: Reading,
    counting: _Counting,
    bitmaps: tuple[tuple[str, int], ...],
) -> _Choice:
    shape = Shape(
        table=reading.source.table,
        groups=request.groups,
        measures=measures,
        conditions=tuple(condition for condition, _ in request.conditions),
        order_mark=counting.mark,
        total_mark=counting.total,
        side="both" if request.compared else str(request.side),
        ranges=len(reading.ranges),
        edges=reading.edges.table if reading.edges else None,
        edge_ranges=len(reading.edge_ranges),
        totals=_totalled(request, measures, counting),
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


def _values(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if request.compared:
        found["compared_start"] = request.compared.start
        found["compared_end"] = request.compared.end
    grains = [g.grain for g in request.groups] + [c.cut_to for c, _ in request.conditions]
    if {"campaign", "period_445"} & set(grains):
        found["campaign"] = request.campaign_offset
    for i, group in enumerate(request.groups):
        if group.shifted and (request.compared or request.side):
            found[f"s{i}"] = request.shifts[i]
    for i, (_, values) in enumerate(request.conditions):
        found |= {f"f{i}_{j}": value for j, value in enumerate(values)}
    for row, values in enumerate(request.excluded_rows):
        found |= {f"x{row}_{i}": value for i, value in enumerate(values)}
    return found | source_values(request.sources())


def _source_name(shape: Shape) -> str:
    return f"{shape.table} + {shape.edges}" if shape.edges else shape.table
