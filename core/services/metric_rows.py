"""Blocks of an answer: the groups of one split with the metrics of both periods.

A question is answered from several blocks: its groups, their total, what a top list leaves over,
subtotals. Each is read on its own, so that ratios and distinct counts are right in every row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.models.catalogue import SHIPPED, Distinct, Known, Linear, Metric
from core.models.query import MetricQuery, Period
from core.repository.sql import Explained, Request
from core.repository.warehouse import Cursor, WarehouseInfo
from core.services import calendar
from core.services.metric_budget import Budget, Planned, has_plans
from core.services.metric_cells import Cells, Places, align, fetch, take, whole
from core.services.metric_formula import evaluate
from core.services.metric_request import Lineup, Question, line_up, with_compared
from core.services.metric_scores import Sets, scores_of
from core.services.metric_values import SPENT, Evaluator, or_zero

Flags: TypeAlias = npt.NDArray[np.bool_]
_NEVER_ZERO = frozenset({"investment", "overhead", "variable_costs"})
_OTHER_COLUMNS = re.compile(r"side|is_total|[gn]\d+")


@dataclass(frozen=True)
class Block:
    """Groups of one split, and the row over all of them.

    Attributes:
        places: the question's dimensions the groups are split by.
        cells: what was fetched.
        keys: one array per place; without the row over all groups.
        now: where each group of the asked period stands in `cells`, −1 where it has no lines; the
            last one is the row over all groups.
        then: the same of the compared period; None without comparison.
        known: per side, whether a row lies inside the data, so that no lines means zero.
        inside: the same, of the row over all groups too, whatever the other side has.
        catalogue: the metrics and dimensions the question is asked of.
    """

    places: tuple[int, ...]
    cells: Cells
    keys: tuple[pa.Array, ...]
    now: Places
    then: Places | None
    known: tuple[Flags, ...]
    inside: tuple[Flags, ...]
    catalogue: Known = SHIPPED

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.now) - 1

    def key(self, place: int) -> pa.Array:
        """Return the keys of one of the question's dimensions."""
        return self.keys[self.places.index(place)]

    def label(self, place: int) -> pa.Array:
        """Return the readable names of a dimension's keys."""
        labels = whole(self.cells.table.column(f"n{self.places.index(place)}"))
        now = take(labels, self.now[:-1])
        return now if self.then is None else pc.coalesce(now, take(labels, self.then[:-1]))

    @cached_property
    def measures(self) -> dict[str, pa.Array]:
        """The asked period's sums and counts per row, the row over all groups last."""
        return self._taken(self.now)

    @cached_property
    def _evaluators(self) -> tuple[Evaluator, ...]:
        if self.then is None:
            return (Evaluator(self.measures),)
        then = self._taken(self.then)
        compared = Planned(then, self.catalogue) if has_plans(then) else Evaluator(then)
        return (Evaluator(self.measures), compared)

    def _taken(self, places: Places) -> dict[str, pa.Array]:
        table = self.cells.table
        names = [name for name in table.column_names if not _OTHER_COLUMNS.fullmatch(name)]
        return {name: take(whole(table.column(name)), places) for name in names}

    def values(self, metric: Metric) -> pa.Array:
        """Return a metric of the asked period, the row over all groups last."""
        return evaluate(metric, lambda leaf: self._filled(leaf, 0, self.now))

    def compared(self, metric: Metric) -> pa.Array:
        """Return a metric of the compared period, the row over all groups last."""
        then = self.now if self.then is None else self.then
        return evaluate(metric, lambda leaf: self._filled(leaf, -1, then))

    def _filled(self, leaf: Metric, side: int, places: Places) -> pa.Array:
        found = _filled(leaf, self._evaluators[side].values(leaf), places, self.known[side])
        unsold = self._unsold[side]
        if unsold is None or not _is_sum(leaf):
            return found
        return pc.if_else(pa.array(unsold), or_zero(found), found)

    @cached_property
    def _unsold(self) -> tuple[Flags | None, ...]:
        """Rows per side that money was spent on and nothing was sold in: their sales are zero."""
        sides = (self.measures, *([self._taken(self.then)] if self.then is not None else []))
        return tuple(_spent_only(*pair) for pair in zip(sides, self.inside, strict=True))

    def raw(self, metric: Metric, *, compared: bool = False) -> pa.Array:
        """Return a metric as its lines make it: unknown where a period has none."""
        return self._evaluators[-1 if compared else 0].values(metric)

    def take(self, rows: npt.NDArray[np.int64]) -> "Block":
        """Return some of the groups, in this order; the row over all groups stays as it is."""
        wanted = pa.array(rows)
        last = np.r_[rows, len(self)]
        return replace(
            self,
            keys=tuple(key.take(wanted) for key in self.keys),
            now=self.now[last],
            then=None if self.then is None else self.then[last],
            known=tuple(flags[last] for flags in self.known),
            inside=tuple(flags[last] for flags in self.inside),
        )


class Reader:
    """Reads the blocks of one question on one data version."""

    def __init__(
        self,
        asked: Question,
        cursor: Cursor,
        info: WarehouseInfo,
        first_month: int,
        today: date,
        sets: Sets,
    ) -> None:
        """Line the compared period up; nothing is read yet."""
        query = asked.query
        self.asked = asked
        self.cursor = cursor
        self.info = info
        self.first_month = first_month
        self.period = query.period or info.span
        self.budget = Budget.of(asked, cursor)
        self.compared = self._resolve_compared(query, today) if self.period else None
        self.explained: list[Explained] = []
        self._sets = sets
        self._levels: dict[tuple[int, ...], Block] = {}
        self._line_ups: list[Lineup] = []
        if self.period and self.compared and not self.budget:
            self._line_ups = [
                line_up(d, self.period, self.compared, query.compare, first_month)
                for d in asked.dimensions
            ]

    def _resolve_compared(self, query: MetricQuery, today: date) -> Period | None:
        if self.budget:
            return query.period  # what was planned for the same days
        if query.compared or not query.compare or query.period is None:
            return query.compared
        period, span = query.period, self.info.span
        if span and period.start <= calendar.as_of(span, today) < period.end:
            # Days still to come are not set against full ones.
            period = Period(period.start, calendar.as_of(span, today))
        return calendar.compared_period(period, query.compare)

    @property
    def within(self) -> Period | None:
        """The asked days that lie inside the data; None if there are none."""
        return _inside_span(self.period, self.info.span)

    def block(
        self,
        places: Sequence[int],
        *,
        totals: bool = False,
        excluded: Sequence[int] = (),
        rows: Sequence[tuple[object, ...]] = (),
    ) -> Block:
        """Read the groups of some of the question's dimensions.

        Args:
            places: the dimensions.
            totals: the row over all groups is wanted along.
            excluded: dimensions of which some combinations of values are left out.
            rows: these combinations.
        """
        asked = self.asked
        request = replace(
            asked.request,
            groups=tuple(asked.request.groups[place] for place in places),
            totals=totals,
            scores=scores_of(asked.query, self._sets, asked.known),
            excluded=tuple(asked.dimensions[place].column for place in excluded),
            excluded_rows=tuple(rows),
        )
        return self._matched(tuple(places), self._fetched(request, places))

    def level(self, places: Sequence[int]) -> Block:
        """Return all groups of some dimensions, with the row over them; read once."""
        key = tuple(places)
        if key not in self._levels:
            self._levels[key] = self.block(key, totals=True)
        return self._levels[key]

    def _fetched(self, request: Request, places: Sequence[int]) -> Cells:
        """Fetch a request for the asked period and the compared one."""
        requests: tuple[Request, ...] = (request,)
        if self.period and self.compared and not self.budget:
            lines = [self._line_ups[place] for place in places]
            requests = with_compared(request, lines, self.period, self.compared)
        found = fetch(self.cursor, requests, self.info)
        self.explained += found.explained
        return self.budget.beside(found, request, self.cursor, self.info) if self.budget else found

    def _matched(self, places: tuple[int, ...], cells: Cells) -> Block:
        """Match the rows of both sides."""
        now, keys = cells.places(0), cells.keys()
        then: Places | None = None
        own = tuple(take(key, now) for key in keys)
        if self.compared and self.period:
            then = cells.places(1)
            if keys:
                other = tuple(take(key, then) for key in keys)
                own, left, right = align(own, other)
                now, then = _through(now, left), _through(then, right)
            then = np.r_[then, cells.total(1)]
        now = np.r_[now, cells.total(0)]
        known = [self._known(places, own, self.period, compared=False)]
        if then is not None:
            known.append(self._known(places, own, self.compared, compared=True))
        inside = tuple(flags.copy() for flags in known)
        # A total without lines on any side is unknown; one without lines on one side is zero.
        some = now[-1] >= 0 or (then is not None and then[-1] >= 0)
        for flags in known:
            flags[-1] &= some and then is not None
        return Block(places, cells, own, now, then, tuple(known), inside, self.asked.known)

    def _known(
        self,
        places: tuple[int, ...],
        keys: tuple[pa.Array, ...],
        period: Period | None,
        *,
        compared: bool,
    ) -> Flags:
        """Return for each row, and the total, whether its days lie inside the data."""
        size = (len(keys[0]) if keys else 0) + 1
        within = _inside_span(period, self.info.span)
        if within is None or (compared and self.budget):  # nothing planned is unknown, not zero
            return np.zeros(size, bool)
        known = np.ones(size, bool)
        for key, place in zip(keys, places, strict=True):
            grain = self.asked.dimensions[place].grain
            if grain:
                line = self._line_ups[place] if compared else Lineup()
                known[:-1] &= self._inside(key, grain, line, within)
        return known

    def _inside(self, buckets: pa.Array, grain: str, line: Lineup, within: Period) -> Flags:
        def known(bucket: date | None) -> bool:
            if bucket is None:
                return False
            own = line.back(bucket)
            last = calendar.grain_end(own, grain, self.first_month)
            return own <= within.end and last >= within.start

        return np.array([known(bucket) for bucket in buckets.to_pylist()], dtype=bool)


def _inside_span(period: Period | None, span: Period | None) -> Period | None:
    if not span or not period or period.end < span.start or period.start > span.end:
        return None
    return Period(max(period.start, span.start), min(period.end, span.end))


def _through(places: Places, matched: Places) -> Places:
    """Follow matched positions into the fetched table; −1 stays −1."""
    return np.where(matched < 0, -1, places[matched]) if len(places) else matched


def _is_sum(metric: Metric) -> bool:
    """Whether a metric of no lines is zero, where it is known that there are none."""
    return isinstance(metric.formula, Linear | Distinct) and metric.key not in _NEVER_ZERO


def _spent_only(measures: Mapping[str, pa.Array], inside: Flags) -> Flags | None:
    """Return the rows inside the data with investments or overheads and without any sale.

    None where the question reads neither: such rows are no part of its answer then.
    """
    spent = [pc.is_valid(measures[name]) for name in SPENT if name in measures]
    if not spent or "net_sales" not in measures:
        return None
    priced = pc.equal(pc.fill_null(measures["unknown_amount"], 0), 0)
    none_sold = pc.and_(pc.is_null(measures["net_sales"]), priced)
    found = pc.and_(none_sold, spent[0] if len(spent) == 1 else pc.or_(*spent))
    return inside & found.to_numpy(zero_copy_only=False)


def _filled(metric: Metric, values: pa.Array, places: Places, known: Flags) -> pa.Array:
    """Set sums and counts of no lines to zero where the data would know of lines."""
    if not _is_sum(metric):
        return values
    zero = (places < 0) & known
    if not zero.any():
        return values
    return pc.if_else(pa.array(zero), pa.scalar(0).cast(values.type), values)


def in_range(values: pa.Array, low: float | None, high: float | None) -> Flags:
    """Return which values lie in a range, both ends included; an unknown value never does."""
    numbers = values.cast("float64")
    fits = pc.is_valid(numbers).to_numpy(zero_copy_only=False)
    plain = numbers.to_numpy(zero_copy_only=False)
    if low is not None:
        fits &= plain >= low
    if high is not None:
        fits &= plain <= high
    return fits
