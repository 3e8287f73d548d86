"""Answering a checked question: fetch, compare, rank, order, and put the columns together."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import PicholineError
from core.i18n import N_, Message, msg
from core.models.catalogue import SHIPPED, Distinct, Known, Linear, Metric
from core.models.formats import Format
from core.models.query import MetricQuery, Period, Scope, Top
from core.models.result import Column, ResultTable
from core.models.rfm import name_cells
from core.repository.sql import Group, Request
from core.repository.warehouse import Cursor, WarehouseInfo
from core.services import calendar
from core.services.metric_caveats import caveats
from core.services.metric_cells import Cells, Places, align, fetch, take, whole
from core.services.metric_columns import changes, compared_columns, metric_column
from core.services.metric_request import (
    Lineup,
    Question,
    get_metric,
    line_up,
    order_parts,
    question,
    with_compared,
)
from core.services.metric_scores import Sets, score_caveats, scores_of
from core.services.metric_values import Evaluator

Flags: TypeAlias = npt.NDArray[np.bool_]
OTHERS = "__others__"  # the value of the row that stands for all groups outside a top list
_NEVER_ZERO = frozenset({"investment", "variable_costs"})


@dataclass(frozen=True)
class _Rows:
    """The rows of an answer: where each stands in the fetched table, −1 where it has no lines.

    Attributes:
        keys: one array per dimension; the last row is the total, without keys.
        now: places of the asked period.
        then: places of the compared period; None without comparison.
        known: per side, whether a row lies inside the data, so that no lines means zero.
    """

    keys: tuple[pa.Array, ...]
    now: Places
    then: Places | None
    known: tuple[Flags, ...]


class Answer:
    """One question against one data version."""

    def __init__(
        self,
        query: MetricQuery,
        scope: Scope,
        cursor: Cursor,
        info: WarehouseInfo,
        campaign_first_month: int,
        today: date,
        sets: Sets,
        known: Known = SHIPPED,
    ) -> None:
        """Check the question.

        Raises:
            PicholineError: see `question`.
        """
        self.asked: Question = question(query, scope, campaign_first_month, known)
        self._cursor = cursor
        self._info = info
        self._sets = sets
        self._period = query.period or info.span
        self._compared = self._resolve_compared(query, today) if self._period else None
        self._line_ups: list[Lineup] = []
        if self._period and self._compared:
            self._line_ups = [
                line_up(d, self._period, self._compared, query.compare, campaign_first_month)
                for d in self.asked.dimensions
            ]

    def _resolve_compared(self, query: MetricQuery, today: date) -> Period | None:
        if query.compared or not query.compare or query.period is None:
            return query.compared
        period, span = query.period, self._info.span
        if span and period.start <= calendar.as_of(span, today) < period.end:
            # Days still to come are not set against full ones.
            period = Period(period.start, calendar.as_of(span, today))
        return calendar.compared_period(period, query.compare)

    def table(self) -> ResultTable:
        """Return the answer."""
        query = self.asked.query
        cells = self._fetch(self.asked.request)
        notes = (
            *caveats(self.asked, cells, self._compared, self._cursor, self._info),
            *score_caveats(self.asked.metrics, cells, self._sets, self._info.data_version),
        )
        cells = self._picked(cells)
        columns, arrays = self._columns(cells, self._rows(cells))
        found = pa.table(arrays, names=[column.key for column in columns])
        total = found.slice(found.num_rows - 1).to_pylist()[0]
        if self.asked.dimensions:
            found = found.slice(0, found.num_rows - 1)
            found = found.take(self._order(found))
        dimensions = {c.key for c in columns if c.role in {"dimension", "label"}}
        return ResultTable(
            columns=columns,
            data=found,
            total={k: v for k, v in total.items() if k not in dimensions} if query.totals else None,
            caveats=notes,
            data_version=self._info.data_version,
            period=query.period,
            compared=self._compared,
            source=", ".join(cells.sources),
            sql=";\n".join(cells.sql),
        )

    def _fetch(self, request: Request) -> Cells:
        """Fetch a request for the asked period and the compared one."""
        request = replace(request, scores=scores_of(self.asked.query, self._sets, self.asked.known))
        requests: tuple[Request, ...] = (request,)
        if self._period and self._compared:
            # Groups left out of the request (for others) leave their line-up out too.
            lines = [self._line_ups[self._place(group)] for group in request.groups]
            requests = with_compared(request, lines, self._period, self._compared)
        return fetch(self._cursor, requests, self._info)

    def _place(self, group: Group) -> int:
        return self.asked.request.groups.index(group)

    # Top lists -------------------------------------------------------------------------------

    def _picked(self, cells: Cells) -> Cells:
        """Keep the groups of a top list, and append the row of the others."""
        top = self.asked.query.top
        if top is None or not self.asked.dimensions:
            return cells
        ranked = self.asked.ranked
        kept = self._kept(cells, top)
        wanted = set(zip(*(key.to_pylist() for key in kept), strict=True))
        rows = zip(*(cells.keys()[i].to_pylist() for i in ranked), strict=True)
        total = whole(cells.table.column("is_total")).to_pylist()
        chosen = [bool(t) or row in wanted for row, t in zip(rows, total, strict=True)]
        table = cells.table.filter(pa.array(chosen, pa.bool_()))
        if top.others and wanted:
            others = self._fetch(self._others_request(kept))
            table = pa.concat_tables([table, self._as_others(others, table.schema)])
        return replace(cells, table=table.combine_chunks())

    def _kept(self, cells: Cells, top: Top) -> tuple[pa.Array, ...]:
        """Return the keys of the first groups; those of the compared period alone come last."""
        ranked = self.asked.ranked
        if len(ranked) < len(self.asked.dimensions):
            # Ranked over all calendar buckets together.
            groups = tuple(self.asked.request.groups[i] for i in ranked)
            cells = self._fetch(replace(self.asked.request, groups=groups, totals=False))
            ranked = tuple(range(len(ranked)))
        values = Evaluator(_measures(cells)).values(get_metric(top.by, self.asked.known))
        keys = tuple(cells.keys()[i] for i in ranked)
        now, then = (
            keys_by_value(tuple(take(key, places) for key in keys), take(values, places))
            for places in (cells.places(0), cells.places(1))
        )
        first = align(now, then)[0]
        return tuple(key.slice(0, top.n) for key in first)

    def _others_request(self, kept: tuple[pa.Array, ...]) -> Request:
        """Ask for what is left over from the lines: counts and ratios stay right."""
        ranked = self.asked.ranked
        rows = list(zip(*(key.to_pylist() for key in kept), strict=True))
        rest = [g for i, g in enumerate(self.asked.request.groups) if i not in ranked]
        request = replace(self.asked.request, groups=tuple(rest), totals=False)
        dimensions = [self.asked.dimensions[i] for i in ranked]
        if any(d.grain for d in dimensions):
            raise PicholineError(
                "query.others",
                msg("A top list of calendar periods has no row of others."),
                msg("Leave the others out, or rank another dimension."),
            )
        return replace(
            request, excluded=tuple(d.column for d in dimensions), excluded_rows=tuple(rows)
        )

    def _as_others(self, cells: Cells, schema: pa.Schema) -> pa.Table:
        """Give the left-over rows the columns of the groups they stand beside."""
        ranked = self.asked.ranked
        rest = [i for i in range(len(self.asked.dimensions)) if i not in ranked]
        table = cells.table
        if not rest:
            stated = pc.is_valid(table.column("line_count"))
            table = table.filter(stated)
        size = table.num_rows
        arrays = []
        shared = {"side", *_measure_names(schema)}
        for field in schema:
            if field.name in {f"g{i}" for i in ranked}:
                arrays.append(pa.array([OTHERS] * size, field.type))
            elif field.name in {f"g{i}" for i in rest}:
                arrays.append(whole(table.column(f"g{rest.index(int(field.name[1:]))}")))
            elif field.name in shared:
                arrays.append(whole(table.column(field.name)))
            else:  # labels are unknown, and others are no total
                label = field.name != "is_total"
                arrays.append(pa.nulls(size, field.type) if label else pa.array([0] * size))
        return pa.table(
            [a.cast(f.type) for a, f in zip(arrays, schema, strict=True)], schema=schema
        )

    # Comparison ------------------------------------------------------------------------------

    def _rows(self, cells: Cells) -> _Rows:
        """Match the rows of both sides; the last row is the total."""
        now, keys = cells.places(0), cells.keys()
        then: Places | None = None
        own = tuple(take(key, now) for key in keys)
        if self._compared and self._period:
            then = cells.places(1)
            if keys:
                other = tuple(take(key, then) for key in keys)
                own, left, right = align(own, other)
                now, then = _through(now, left), _through(then, right)
            then = np.r_[then, cells.total(1)]
        now = np.r_[now, cells.total(0)]
        known = [self._known(own, self._period, compared=False)]
        if then is not None:
            known.append(self._known(own, self._compared, compared=True))
        # A total without lines on any side is unknown; one without lines on one side is zero.
        some = now[-1] >= 0 or (then is not None and then[-1] >= 0)
        for flags in known:
            flags[-1] &= some and then is not None
        return _Rows(own, now, then, tuple(known))

    def _known(self, keys: tuple[pa.Array, ...], period: Period | None, *, compared: bool) -> Flags:
        """Return for each row, and the total, whether its days lie inside the data."""
        size = (len(keys[0]) if keys else 0) + 1
        span = self._info.span
        if not span or not period or period.end < span.start or period.start > span.end:
            return np.zeros(size, bool)
        within = Period(max(period.start, span.start), min(period.end, span.end))
        known = np.ones(size, bool)
        for place, dimension in enumerate(self.asked.dimensions):
            if dimension.grain:
                line = self._line_ups[place] if compared else Lineup()
                known[:-1] &= _inside(keys[place], dimension.grain, line, within)
        return known

    # Columns ---------------------------------------------------------------------------------

    def _columns(self, cells: Cells, rows: _Rows) -> tuple[tuple[Column, ...], list[pa.Array]]:
        columns: list[Column] = []
        data: list[pa.Array] = []
        for place, dimension in enumerate(self.asked.dimensions):
            name = Message(dimension.name)
            key = rows.keys[place]
            columns.append(Column(dimension.key, name, dimension.format, "dimension"))
            data.append(pa.concat_arrays([key, pa.nulls(1, key.type)]))
            if dimension.keyed:
                columns.append(
                    Column(f"{dimension.key}_name", name, Format.TEXT, "label", translate=True)
                )
                data.append(_names(data[-1], name_cells(self._info.rules)))
            elif dimension.label:
                columns.append(Column(f"{dimension.key}_name", name, Format.TEXT, "label"))
                data.append(self._labels(cells, rows, f"n{place}"))
        evaluator = Evaluator(_measures(cells))
        for metric in self.asked.metrics:
            values = evaluator.values(metric)
            now = _filled(metric, take(values, rows.now), rows.now, rows.known[0])
            if rows.then is None:
                columns.append(metric_column(metric))
                data.append(now)
                continue
            then = _filled(metric, take(values, rows.then), rows.then, rows.known[1])
            columns += [metric_column(metric), *compared_columns(metric)]
            data += [now, then, *changes(metric, now, then)]
        return tuple(columns), data

    @staticmethod
    def _labels(cells: Cells, rows: _Rows, name: str) -> pa.Array:
        labels = whole(cells.table.column(name))
        now = take(labels, rows.now)
        found = now if rows.then is None else pc.coalesce(now, take(labels, rows.then))
        return pc.if_else(pa.array(np.arange(len(found)) == len(found) - 1), None, found)

    # Order -----------------------------------------------------------------------------------

    def _order(self, rows: pa.Table) -> pa.Array:
        """Sort by the asked column; calendar grains ascend and metrics descend by default."""
        query, dimensions = self.asked.query, self.asked.dimensions
        first: list[tuple[str, bool]] = []
        if query.order:
            key, descending = order_parts(query.order)
            if key not in rows.column_names:
                raise PicholineError(
                    "query.order",
                    msg("The answer has no column “{key}” to sort by.", key=key),
                    msg("Sort by one of: {keys}.", keys=", ".join(rows.column_names)),
                )
            first = [(key, descending)]
        elif not dimensions[0].grain:
            keys = [metric.key for metric in self.asked.metrics]
            first = [(query.top.by if query.top and query.top.by in keys else keys[0], True)]
        sorted_by = {key for key, _ in first}
        wanted = [*first, *((d.key, False) for d in dimensions if d.key not in sorted_by)]
        return sorted_places(rows, wanted, self._is_others(rows))

    def _is_others(self, rows: pa.Table) -> pa.Array | None:
        if not (self.asked.query.top and self.asked.query.top.others):
            return None
        key = rows.column(self.asked.dimensions[self.asked.ranked[0]].key)
        return whole(pc.fill_null(pc.equal(key, OTHERS), pa.scalar(value=False)))


def _names(keys: pa.Array, names: Mapping[str, str]) -> pa.Array:
    """Return the names of keys; a key without a name is shown itself."""
    known = {**names, OTHERS: N_("Others")}
    return pa.array([known.get(key, key) for key in keys.to_pylist()], pa.string())


def keys_by_value(keys: tuple[pa.Array, ...], values: pa.Array) -> tuple[pa.Array, ...]:
    """Return keys by descending value; unknown values last, ties by key."""
    names = [f"k{i}" for i in range(len(keys))]
    rows = pa.table([*keys, values], names=[*names, "value"])
    places = sorted_places(rows, [("value", True), *((name, False) for name in names)])
    return tuple(key.take(places) for key in keys)


def sorted_places(
    rows: pa.Table, wanted: list[tuple[str, bool]], last: pa.Array | None = None
) -> pa.Array:
    """Return the order of rows by (column, descending) pairs; empty values come last."""
    keys = [(key, "descending" if down else "ascending", "at_end") for key, down in wanted]
    if last is not None:
        rows = rows.append_column("__last", last)
        keys.insert(0, ("__last", "ascending", "at_end"))
    return pc.sort_indices(rows, keys)


def _filled(metric: Metric, values: pa.Array, places: Places, known: Flags) -> pa.Array:
    """Set sums and counts of no lines to zero where the data would know of lines."""
    if not isinstance(metric.formula, Linear | Distinct) or metric.key in _NEVER_ZERO:
        return values
    zero = (places < 0) & known
    if not zero.any():
        return values
    return pc.if_else(pa.array(zero), pa.scalar(0).cast(values.type), values)


def _inside(buckets: pa.Array, grain: str, line: Lineup, within: Period) -> Flags:
    def known(bucket: date | None) -> bool:
        if bucket is None:
            return False
        own = line.back(bucket)
        return own <= within.end and calendar.grain_end(own, grain) >= within.start

    return np.array([known(bucket) for bucket in buckets.to_pylist()], dtype=bool)


def _through(places: Places, matched: Places) -> Places:
    """Follow matched positions into the fetched table; −1 stays −1."""
    return np.where(matched < 0, -1, places[matched]) if len(places) else matched


def _measures(cells: Cells) -> dict[str, pa.Array]:
    return {name: whole(cells.table.column(name)) for name in _measure_names(cells.table.schema)}


def _measure_names(schema: pa.Schema) -> list[str]:
    other = re.compile(r"side|is_total|[gn]\d+")
    return [name for name in schema.names if not other.fullmatch(name)]
