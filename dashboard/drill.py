"""Ways from a figure to its lines: addresses of the page “Lines” for cells, tiles and points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
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
    TABLE,
    WITHOUT,
    Pair,
    spelled,
)
from core.models.query import NO_VALUE, Compare, Filter, Operator, Period
from core.models.result import LEVEL, Column, ResultTable
from core.services.drill_cells import rests_on_lines
from core.services.metric_stock import is_stocked
from core.services.metrics import OTHERS
from dashboard.drill_groups import (
    OF_LAST_YEAR,
    YEAR_DAYS,
    Told,
    age_of,
    speaks_of_year,
    told_by,
)
from dashboard.page import View

ROW = "_lines"  # the key under which a grid's row holds its part of the address
PATH = "/lines"
_VALUES = ("metric", "compared", "change", "change_rate")
_SHOWN = ("dimension", "label", "metric")
_WIDEST = "net_margin"  # rests on every line, what was spent among them
_FIGURES = ("metric", "compared", "change", "change_rate", "extra")


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
        rests: no lines belong to a single row: every figure leads to all the table rests on.
        budget: the compared column holds budgets, which have rows of their own.
        told: what tells the customers of a row, instead of dimensions.
        year: columns that speak of the last year of the period, and what their address holds.
    """

    base: tuple[Pair, ...]
    dimensions: tuple[str, ...]
    compared: bool
    metrics: frozenset[str]
    loose: bool = False
    pivot: str | None = None
    rests: bool = False
    budget: bool = False
    told: tuple[Told, ...] = ()
    year: tuple[frozenset[str], tuple[Pair, ...]] = (frozenset(), ())

    def row(self, row: Mapping[str, Any]) -> str | None:
        """Return a row's part of the address; None for others, whose lines no address names.

        A subtotal's row leaves out the dimensions it is summed over.
        """
        depth = row.get(LEVEL)
        split = self.dimensions[:depth] if isinstance(depth, int) else self.dimensions
        if any(row.get(key) == OTHERS for key in split):
            return None
        told = [one.pair(row) for one in self.told]
        return urlencode([*((CELL, _spelled(key, row.get(key))) for key in split), *told])

    def column(self, column: Column) -> dict[str, str] | None:
        """Return a column's parts of the address, of the period itself and of the compared one."""
        metric = column.metric or ""
        if column.role not in _VALUES or metric not in self.metrics:
            if metric in METRICS and is_stocked(METRICS[metric]):
                return {"lines": self.rows("stock_counts")}
            metric = self._instead(column)
            if not metric:
                return None
        member = self.member(column)
        if member is None:
            return None
        keys, last = self.year
        own = replace(self, base=last) if column.key in keys else self
        asked, compared = (
            "&".join(part for part in (own.figure(metric, compared=side), member) if part)
            for side in (False, True)
        )
        if column.role == "compared" and self.compared:
            return {"lines": compared}
        if self.budget and metric in self.metrics:
            planned = self.rows("budgets", metric)
            return {"lines": planned if column.role == "compared" else asked, "budget": planned}
        marked = {"rests": "1"} if self.rests else {}
        return {"lines": asked, **({"compared": compared} if self.compared else {}), **marked}

    def _instead(self, column: Column) -> str:
        """Return the metric whose lines a figure without lines of its own leads to; "": none."""
        if self.loose:
            shown = column.role in _FIGURES or (column.role in _SHOWN and not self.rests)
            return DEFAULT_METRIC if shown else ""
        # Effects, shares and ranks of a row rest on the lines of the row.
        known = (key for key in (_WIDEST, *METRICS) if key in self.metrics)
        return next(known, "") if column.role in _FIGURES else ""

    def rows(self, table: str, metric: str = "") -> str:
        """Return what leads to rows of another table: what was planned, what lay in stock."""
        named = [(METRIC, metric)] if metric else []
        return urlencode([*self.base, (TABLE, table), *named])

    def member(self, column: Column) -> str | None:
        """Return what a column of a pivot adds to the address; None for that of others."""
        if self.pivot is None or column.member is None:
            return urlencode(age_of(column)) if self.told else ""
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


def points(
    table: ResultTable,
    view: View,
    metric: str,
    rows: Sequence[Any],
    origin: tuple[float, float] = (0, 0),
) -> dict[str, Any]:
    """Return what a chart's trace tells of its points' lines, to be merged into the trace.

    Args:
        table: whose rows the points are.
        view: what the chart is drawn from.
        metric: the trace's figure.
        rows: the row of each point, None for a point without one; a heat map's rows by line.
        origin: where a heat map's first cell stands.
    """
    found = way(table, view)
    if metric not in found.metrics and not found.told:
        return {}
    cells = [_points(row, found) for row in rows]
    lines = {"lines": found.figure(DEFAULT_METRIC if found.told else metric)}
    if found.compared:
        lines["compared"] = found.figure(metric, compared=True)
    placed = {"origin": origin} if origin != (0, 0) else {}
    return {"meta": {"lines": {**lines, **placed, "cells": cells}}}


def _points(row: Any, found: Way) -> Any:
    if isinstance(row, Mapping):
        return found.row(row)
    return None if row is None else [_points(one, found) for one in row]


def address(*parts: str) -> str:
    """Return the address of lines from its parts."""
    return f"{PATH}?" + "&".join(part for part in parts if part)


def way(table: ResultTable, view: View) -> Way:
    """Return the way from a table's cells to their lines.

    A table that one question answered leads to exactly the lines of that question. Others lead by
    their groups of customers, or by their dimensions, in the period they speak of; where no lines
    belong to a single row, as with what a model found, to all lines the table rests on.
    """
    asked = table.asked
    extra = _extra(asked.where, view.filters) if asked else None
    if asked is None or asked.members or extra is None:
        return _way_by_columns(table, view)
    budget = asked.compare is Compare.BUDGET
    base = (*_filters(_without_clicked(view, asked.where), asked.period), *extra)
    split = tuple(key for key in asked.by if key != asked.pivot)
    metrics = frozenset(key for key in asked.metrics if _has_lines(key))
    if any(key not in table.data.column_names for key in split):
        return Way(base, (), compared=False, metrics=metrics, loose=True, rests=True)
    return Way(
        base,
        split,
        # Stated days are compared anew, which is the same period only for the year before.
        compared=bool(asked.compared)
        and not budget
        and (asked.period == view.result.period or asked.compare is Compare.YEAR),
        metrics=metrics,
        pivot=asked.pivot,
        budget=budget,
    )


def _way_by_columns(table: ResultTable, view: View) -> Way:
    """Lead by groups of customers, by customer, else by all that a row is split by, if it can be.

    Lines must know all of it; a table they do not know leads to all it rests on.
    """
    base = _days(view, table.period or view.result.period)
    told, year = told_by(table), _last_year(table, view)
    if told:
        return Way(base, (), compared=False, metrics=frozenset(), loose=True, told=told, year=year)
    split = [c.key for c in table.columns if c.role == "dimension"]
    dimensions = ("customer",) if "customer" in split else tuple(split)
    known = (DIMENSIONS.get(key) for key in dimensions)
    rests = not dimensions or any(dimension is None or dimension.grain for dimension in known)
    return Way(base, () if rests else dimensions, compared=False, metrics=frozenset(),
               loose=True, rests=rests, year=year)  # fmt: skip


def _last_year(table: ResultTable, view: View) -> tuple[frozenset[str], tuple[Pair, ...]]:
    """Return the columns of the last year, where others of the table speak of all time."""
    period = view.result.period
    if period is None or not speaks_of_year(table):
        return frozenset(), ()
    last = Period(period.end - timedelta(days=YEAR_DAYS - 1), period.end)
    return OF_LAST_YEAR, _days(view, last)


def _without_clicked(view: View, where: tuple[Filter, ...]) -> View:
    """Return a view without clicked marks that a table does not count, as it shows all of them."""
    clicked = view.filters.cross
    counted = {key: chosen for key, chosen in clicked.items() if Filter(key, chosen) in where}
    return replace(view, filters=replace(view.filters, cross=counted)) if clicked else view


def _has_lines(key: str) -> bool:
    """Whether a metric rests on lines; a company's own rest on shipped ones."""
    metric = METRICS.get(key)
    return metric is None or rests_on_lines(metric)


def _filters(view: View, period: Period | None) -> tuple[Pair, ...]:
    """Return the page's filters, in the period a table speaks of."""
    if period is None or period == view.result.period:
        return tuple(view.filters.to_pairs())
    return _days(view, period)


def _days(view: View, period: Period | None) -> tuple[Pair, ...]:
    """Return the page's filters in stated days: analyses of customers look back to the first."""
    pairs = view.filters.to_pairs()
    if period is None:
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
