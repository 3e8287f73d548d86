"""The explorer's charts: bars, lines, small multiples and heat maps of the first figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.formats import format_value
from core.models.formats import Format
from core.models.result import LEVEL, Column
from dashboard.charts import Figure, base_layout, nice_ticks, tick_text
from dashboard.drill import way
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import cell_text, number, shorten

BARS, SERIES, MULTIPLES, HEAT_ROWS = 30, 7, 12, 40
_ACROSS = 4  # small multiples beside each other
_MULTIPLE, _HEAT_ROW, _CHROME = 150, 26, 110


@dataclass(frozen=True)
class Drawn:
    """The figure that is drawn.

    Attributes:
        rows: the rows, subtotals left out, with their names.
        columns: the pivot's columns of the figure; the figure itself without a pivot.
    """

    view: View
    rows: Sequence[tuple[str, dict[str, Any]]]
    columns: tuple[Column, ...]
    metric: Column

    def values(self, row: dict[str, Any]) -> list[float | None]:
        """Return a row's values by column."""
        return [number(row.get(column.key)) for column in self.columns]

    def heads(self) -> list[str]:
        """Return the names of the columns."""
        return [str(c.member if c.member is not None else c.name) for c in self.columns]

    def text(self, value: Any, *, compact: bool = False) -> str:
        """Return a value of the figure as text."""
        view = self.view
        return format_value(
            value, self.metric.format, view.language, compact=compact, currency=view.currency
        )

    def lines(self, column: Column, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return what a trace tells of its points' lines; see `dashboard.drill.points`."""
        found = way(self.view.table, self.view)
        parts = found.column(column)
        if parts is None:
            return {}
        return {"meta": {"lines": {**parts, "cells": [found.row(row) for row in rows]}}}

    def cells(self, *rows: dict[str, Any], flat: bool = False) -> dict[str, Any]:
        """Return what a trace tells of the lines behind every row × column.

        Args:
            rows: in the order of the trace.
            flat: the trace's points are the columns of one row.
        """
        found, key = way(self.view.table, self.view), self.metric.metric or ""
        if key not in found.metrics:
            return {}
        parts = [found.member(column) for column in self.columns]
        cells = [
            [None if own is None or part is None else "&".join(filter(None, (own, part)))
             for part in parts]
            for own in map(found.row, rows)
        ]  # fmt: skip
        return {
            "meta": {"lines": {"lines": found.figure(key), "cells": cells[0] if flat else cells}}
        }


def drawn(view: View) -> Drawn:
    """Return the first figure of an answer, ready to be drawn."""
    columns = view.table.columns
    metric = next(c for c in columns if c.role == "metric")
    pivot = [
        c for c in columns if c.role == "metric" and c.metric == metric.metric and c.member
    ]  # fmt: skip
    split = sum(column.role == "dimension" for column in columns)
    rows = [row for row in view.table.rows() if row.get(LEVEL, split) == split]
    return Drawn(view, [(_named(row, view), row) for row in rows], tuple(pivot or [metric]), metric)


def _named(row: dict[str, Any], view: View) -> str:
    labels = {c.key for c in view.table.columns if c.role == "label"}
    shown = [
        c
        for c in view.table.columns
        if c.role == "label" or (c.role == "dimension" and f"{c.key}_name" not in labels)
    ]
    return " · ".join(cell_text(row, column, view) for column in shown)


def _axis(found: Drawn, values: Sequence[float | None], wanted: int = 5) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    high = high if high > low else low + 1.0
    ticks = nice_ticks(low, high, wanted)
    room = (high - low) * 0.04
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [tick_text(tick, found.metric.format, found.view) for tick in ticks],
        "range": [low - room if low < 0 else 0, high + room],
    }


def _names(names: Sequence[str], length: int = 18) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [shorten(name, length) for name in names],
        "showgrid": False,
        "zeroline": False,
    }


def bars(found: Drawn) -> Figure:
    """Return a group of bars per row, one per column; lying down but for rows that are dates."""
    layout = base_layout(found.view)
    rows = found.rows[:BARS]
    columns = found.columns[:SERIES]
    upright = _runs_down(found)
    places, own = list(range(len(rows))), [row for _name, row in rows]
    colours = palette(found.view.theme).series
    traces = []
    for place, (column, head) in enumerate(zip(columns, found.heads(), strict=False)):
        values = [number(row.get(column.key)) for row in own]
        traces.append(
            {
                "type": "bar",
                "orientation": "v" if upright else "h",
                "x": places if upright else values,
                "y": values if upright else places,
                "name": head,
                "marker": {"color": colours[place % len(colours)]},
                "customdata": [
                    f"<b>{name}</b><br>{head}: <b>{found.text(row.get(column.key))}</b>"
                    for name, row in rows
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
                **found.lines(column, own),
            }
        )
    axis = _axis(found, [number(row.get(column.key)) for row in own for column in columns])
    names = _names(
        _thinned([name for name, _row in rows]) if upright else [n for n, _r in rows], 34
    )
    layout["xaxis"] |= names if upright else {**axis, "side": "top"}
    layout["yaxis"] |= axis if upright else {**names, "autorange": "reversed"}
    thick = max(22, 9 * len(traces))
    height = 360 if upright else len(rows) * thick + 90
    layout |= {"bargap": 0.25, "hovermode": "closest", "height": height, **_legend(traces)}
    if not upright and len(traces) > 1:
        layout["xaxis"] |= {"side": "bottom"}
    return {"data": traces, "layout": layout}


def lines(found: Drawn) -> Figure:
    """Return a line per row along the columns; rows that are dates have a line per column."""
    along = _runs_down(found)
    layout = base_layout(found.view)
    if along:
        heads = [name for name, _row in found.rows]
        series = [
            (head, [number(row.get(column.key)) for _name, row in found.rows], column, None)
            for column, head in zip(found.columns[:SERIES], found.heads(), strict=False)
        ]
    else:
        heads = found.heads()
        series = [(name, found.values(row), None, row) for name, row in found.rows[:SERIES]]
    colours = palette(found.view.theme).series
    traces = []
    for place, (name, values, column, row) in enumerate(series):
        told = (
            found.lines(column, [row for _n, row in found.rows])
            if column
            else found.cells(row or {}, flat=True)
        )
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": list(range(len(heads))),
                "y": values,
                "name": name,
                "line": {"width": 2, "color": colours[place % len(colours)]},
                "marker": {"size": 5},
                "connectgaps": False,
                "customdata": [
                    f"<b>{name}</b><br>{head}: <b>{found.text(value)}</b>"
                    for head, value in zip(heads, values, strict=True)
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
                **told,
            }
        )
    layout["xaxis"] |= {**_names(_thinned(heads)), "autotickangles": [0, 45, 90]}
    layout["yaxis"] |= _axis(found, [value for trace in traces for value in trace["y"]])
    layout |= {"hovermode": "closest", "hoverdistance": 40, "height": 360, **_legend(traces)}
    return {"data": traces, "layout": layout}


def _runs_down(found: Drawn) -> bool:
    """Whether the rows follow each other in time."""
    split = [c for c in found.view.table.columns if c.role == "dimension"]
    dated = {Format.DATE, Format.WEEK, Format.MONTH, Format.QUARTER, Format.YEAR, Format.CAMPAIGN}
    in_sequence = {"weekday", "month_of_year"}
    return len(split) == 1 and (split[0].format in dated or split[0].key in in_sequence)


def _thinned(heads: Sequence[str]) -> list[str]:
    """Return names of which so many stay as have room."""
    step = max(1, -(-len(heads) // 24))
    return [head if place % step == 0 else "" for place, head in enumerate(heads)]


def multiples(found: Drawn) -> Figure:
    """Return one small chart per row along the columns, all on the same scale."""
    layout = base_layout(found.view)
    rows = found.rows[:MULTIPLES]
    down = -(-len(rows) // _ACROSS)
    values = [value for _name, row in rows for value in found.values(row)]
    axis = _axis(found, values, 3)
    colours, heads, traces, titles = palette(found.view.theme), found.heads(), [], []
    ends = [0, len(heads) - 1] if len(heads) > 1 else [0]
    for place, (name, row) in enumerate(rows):
        x, y = place % _ACROSS, place // _ACROSS
        suffix = "" if place == 0 else str(place + 1)
        left, top = x / _ACROSS, 1 - y / down
        domain = [left + 0.012, left + 1 / _ACROSS - 0.012]
        high = top - 0.16 / down
        low = top - 1 / down + 0.14 / down
        layout[f"xaxis{suffix}"] = {
            **base_layout(found.view)["xaxis"], "domain": domain, "anchor": f"y{suffix}",
            "showgrid": False, "zeroline": False, "tickmode": "array", "tickvals": ends,
            "ticktext": [shorten(heads[end], 10) for end in ends], "automargin": False,
            "tickfont": {"size": 10}, "range": [-0.6, len(heads) - 0.4],
        }  # fmt: skip
        layout[f"yaxis{suffix}"] = {
            **base_layout(found.view)["yaxis"], **axis, "domain": [low, high],
            "anchor": f"x{suffix}", "showticklabels": x == 0, "tickfont": {"size": 10},
        }  # fmt: skip
        titles.append(_title(shorten(name, 26), domain[0], high, colours.text))
        traces.append(
            {
                "type": "bar",
                "x": list(range(len(heads))),
                "y": found.values(row),
                "xaxis": f"x{suffix}",
                "yaxis": f"y{suffix}",
                "name": name,
                "marker": {"color": colours.strong},
                "customdata": [
                    f"<b>{name}</b><br>{head}: <b>{found.text(value)}</b>"
                    for head, value in zip(heads, found.values(row), strict=True)
                ],
                "hovertemplate": "%{customdata}<extra></extra>",
                **found.cells(row, flat=True),
            }
        )
    layout |= {"annotations": titles, "height": down * _MULTIPLE + 20, "bargap": 0.2}
    layout["meta"] = {"least_width": 640}
    return {"data": traces, "layout": layout}


def _title(text: str, x: float, y: float, colour: str) -> dict[str, Any]:
    return {
        "text": text, "x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left",
        "yanchor": "bottom", "showarrow": False, "font": {"size": 11, "color": colour},
    }  # fmt: skip


def heat(found: Drawn) -> Figure:
    """Return rows × columns with a colour for each value; the darker, the more."""
    layout = base_layout(found.view)
    rows = found.rows[:HEAT_ROWS]
    values = [found.values(row) for _name, row in rows]
    known = [value for line in values for value in line if value is not None]
    colours = palette(found.view.theme)
    signed = bool(known) and min(known) < 0
    most = max(map(abs, known), default=1.0) or 1.0
    scale = (
        [[i / 2, colour] for i, colour in enumerate(colours.rates)]
        if signed
        else [[0, colours.surface], [1, colours.primary]]
    )
    heads = found.heads()
    trace: dict[str, Any] = {
        "type": "heatmap",
        "x": list(range(len(heads))),
        "y": list(range(len(rows))),
        "z": values,
        "zmin": -most if signed else 0,
        "zmax": most,
        "colorscale": scale,
        "xgap": 2,
        "ygap": 2,
        "text": [["" if v is None else found.text(v, compact=True) for v in line]
                 for line in values],
        "texttemplate": "%{text}" if len(heads) <= 16 else "",  # noqa: PLR2004 - narrower is unread
        "textfont": {"size": 10, "color": colours.text},
        "customdata": [
            [f"<b>{name}</b><br>{head}: <b>{found.text(value)}</b>"
             for head, value in zip(heads, line, strict=True)]
            for (name, _row), line in zip(rows, values, strict=True)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
        "showscale": False,
        **found.cells(*(row for _name, row in rows)),
    }  # fmt: skip
    layout["xaxis"] |= {**_names(heads), "side": "top"}
    layout["yaxis"] |= {**_names([name for name, _row in rows], 24), "autorange": "reversed"}
    layout["height"] = len(rows) * _HEAT_ROW + _CHROME
    layout["meta"] = {"least_width": len(heads) * 44 + 160}
    return {"data": [trace], "layout": layout}


def _legend(traces: Sequence[Any]) -> dict[str, Any]:
    if len(traces) <= 1:
        return {}
    return {
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "xanchor": "left"},
    }
