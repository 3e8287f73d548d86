"""Ways from a figure to its lines: addresses of the page “Lines” for cells, tiles and points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from core.models.catalogue import DIMENSIONS, METRICS
from core.models.filters import PERIOD_NAMES, FilterState
from core.models.lines import (
    CELL,
    DEFAULT_METRIC,
    METRIC,
    ONLY,
    SIDE,
    WITHOUT,
    Pair,
    spelled,
)
from core.models.query import NO_VALUE, Compare, Filter, Operator, Period
from core.models.result import LEVEL, Column, ResultTable
from core.services.drill_cells import rests_on_lines
from core.services.metrics import OTHERS
from dashboard.page import View

ROW = "_lines"  # the key under which a grid's row holds its part of the address
PATH = "/lines"
_VALUES = ("metric", "compared", "change", "change_rate")
_SHOWN = ("dimension", "label", "metric")


@dataclass(frozen=True)
class Way:
    """From the cells of one table to their lines.

    Attributes:
        base: what every cell's address holds: period, comparison and filters.
        dimensions: the columns that say which row it is.
        compared: the table has a compared period with lines of its own.
        metrics: metrics whose lines can be shown.
        loose: no question stands behind the table: every cell leads to the sales of its row.
        pivot: the dimension whose values are columns; None: there is none.
    """

    base: tuple[Pair, ...]
    dimensions: tuple[str, ...]
    compared: bool
    metrics: frozenset[str]
    loose: bool = False
    pivot: str | None = None

    def row(self, row: Mapping[str, Any]) -> str | None:
        """Return a row's part of the address; None for others, whose lines no address names.

        A subtotal's row leaves out the dimensions it is summed over.
        """
        depth = row.get(LEVEL)
        split = self.dimensions[:depth] if isinstance(depth, int) else self.dimensions
        if any(row.get(key) == OTHERS for key in split):
            return None
        return urlencode([(CELL, _spelled(key, row.get(key))) for key in split])

    def column(self, column: Column) -> dict[str, str] | None:
        """Return a column's parts of the address, of the period itself and of the compared one."""
        metric = column.metric or ""
        if column.role not in _VALUES or metric not in self.metrics:
            if not self.loose or column.role not in _SHOWN:
                return None
            metric = DEFAULT_METRIC
        member = self.member(column)
        if member is None:
            return None
        asked, compared = (
            "&".join(part for part in (self.figure(metric, compared=side), member) if part)
            for side in (False, True)
        )
        if column.role == "compared":
            return {"lines": compared} if self.compared else None
        return {"lines": asked, **({"compared": compared} if self.compared else {})}

    def member(self, column: Column) -> str | None:
        """Return what a column of a pivot adds to the address; None for that of others."""
        if self.pivot is None or column.member is None:
            return ""
        value = column.key.partition("[")[2].removesuffix("]")
        return None if value == OTHERS else urlencode([(CELL, f"{self.pivot}:{value}")])

    def figure(self, metric: str, *, compared: bool = False) -> str:
        """Return what a metric adds to the address."""
        pairs = [*self.base, (METRIC, metric), *([(SIDE, "compared")] if compared else [])]
        return urlencode(pairs)

    def address(self, row: Mapping[str, Any], column: Column) -> str | None:
        """Return the whole address of a cell."""
        found, own = self.column(column), self.row(row)
        return address(found["lines"], own) if found and own is not None else None


def points(table: ResultTable, view: View, metric: str, rows: Sequence[Any]) -> dict[str, Any]:
    """Return what a chart's trace tells of its points' lines, to be merged into the trace.

    Args:
        table: whose rows the points are.
        view: what the chart is drawn from.
        metric: the trace's figure.
        rows: the row of each point, None for a point without one; a heat map's rows by line.
    """
    found = way(table, view)
    if found is None or metric not in found.metrics:
        return {}
    cells = [_points(row, found) for row in rows]
    lines = {"lines": found.figure(metric)}
    if found.compared:
        lines["compared"] = found.figure(metric, compared=True)
    return {"meta": {"lines": {**lines, "cells": cells}}}


def _points(row: Any, found: Way) -> Any:
    if isinstance(row, Mapping):
        return found.row(row)
    return None if row is None else [_points(one, found) for one in row]


def address(*parts: str) -> str:
    """Return the address of lines from its parts."""
    return f"{PATH}?" + "&".join(part for part in parts if part)


def way(table: ResultTable, view: View) -> Way | None:
    """Return the way from a table's cells to their lines; None where they have none.

    A table that one question answered leads to exactly the lines of that question. Others lead by
    their dimensions, in the period they speak of.
    """
    asked = table.asked
    if asked is None:
        return _way_by_columns(table, view)
    if asked.members:
        return None
    extra = _extra(asked.where, view.filters)
    if extra is None:
        return None
    compared = bool(asked.compared) and asked.compare is not Compare.BUDGET
    base = (*_filters(view, asked.period), *extra)
    split = tuple(key for key in asked.by if key != asked.pivot)
    if any(key not in table.data.column_names for key in split):
        return None
    metrics = frozenset(key for key in asked.metrics if _has_lines(key))
    return Way(base, split, compared, metrics, pivot=asked.pivot)


def _way_by_columns(table: ResultTable, view: View) -> Way | None:
    """Lead by customer, else by all that a row is split by, where lines know all of it."""
    split = [c.key for c in table.columns if c.role == "dimension"]
    dimensions = ("customer",) if "customer" in split else tuple(split)
    known = (DIMENSIONS.get(key) for key in dimensions)
    if not dimensions or any(dimension is None or dimension.grain for dimension in known):
        return None
    base = _filters(view, table.period or view.result.period)
    return Way(base, dimensions, compared=False, metrics=frozenset(), loose=True)


def _has_lines(key: str) -> bool:
    """Whether a metric rests on lines; a company's own rest on shipped ones."""
    metric = METRICS.get(key)
    return metric is None or rests_on_lines(metric)


def _filters(view: View, period: Period | None) -> tuple[Pair, ...]:
    """Return the page's filters, in the period a table speaks of."""
    pairs = view.filters.to_pairs()
    if period is None or period == view.result.period:
        return tuple(pairs)
    days = [("from", period.start.isoformat()), ("to", period.end.isoformat())]
    return (*days, *(pair for pair in pairs if pair[0] not in PERIOD_NAMES))


def _extra(where: tuple[Filter, ...], filters: FilterState) -> list[Pair] | None:
    """Return what a question restricts beside the page's filters; None where no address can."""
    names = {Operator.IN: ONLY, Operator.NOT_IN: WITHOUT}
    own = filters.where()
    found: list[Pair] = []
    for chosen in where:
        if chosen in own:
            continue
        if chosen.operator not in names:
            return None
        found += [
            (names[chosen.operator], spelled((chosen.dimension, value))) for value in chosen.values
        ]
    return found


def _spelled(dimension: str, value: Any) -> str:
    if value is None:
        return spelled((dimension, NO_VALUE))
    text = value.isoformat() if isinstance(value, date) else str(value)
    return spelled((dimension, text))
