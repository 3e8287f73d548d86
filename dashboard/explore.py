"""One metric by any dimension as columns: dates in their order, members by size."""

from typing import Any

from core.models.result import Column
from dashboard.charts import Figure, base_layout, nice_ticks, tick_text
from dashboard.monthly import hover_lines
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import cell_text, number, shorten

_SHOWN = 60  # columns a reader can still tell apart


def explored(view: View) -> Figure:
    """Return the first metric of an answer by its first dimension."""
    columns = view.table.columns
    metric = next(c for c in columns if c.role == "metric")
    rows = view.table.rows()[:_SHOWN]
    names = [_name(row, columns, view) for row in rows]
    values = [number(row[metric.key]) for row in rows]
    layout = base_layout(view)
    places = list(range(len(rows)))
    layout["xaxis"] |= {
        "tickmode": "array", "tickvals": places, "ticktext": [shorten(n, 18) for n in names],
        "showgrid": False, "zeroline": False,
    }  # fmt: skip
    layout["yaxis"] |= _axis(values, metric, view)
    keys = [c.key for c in columns if c.role == "metric"]
    hover = [
        f"<b>{name}</b><br>{hover_lines(row, view.table, keys, view)}"
        for name, row in zip(names, rows, strict=True)
    ]
    bars: dict[str, Any] = {
        "type": "bar",
        "x": places,
        "y": values,
        "name": str(metric.name),
        "marker": {"color": palette(view.theme).primary},
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return {"data": [bars], "layout": layout | {"bargap": 0.3}}


def _name(row: dict[str, Any], columns: tuple[Column, ...], view: View) -> str:
    """Return what a row is about: the names of its members, one beside the other."""
    labels = {c.key for c in columns if c.role == "label"}
    shown = [
        c
        for c in columns
        if c.role == "label" or (c.role == "dimension" and f"{c.key}_name" not in labels)
    ]
    return " · ".join(cell_text(row, column, view) for column in shown)


def _axis(values: list[float | None], metric: Column, view: View) -> dict[str, Any]:
    """Return ticks written in the metric's format."""
    known = [value for value in values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    if low == high:
        high = 1.0
    ticks = nice_ticks(low, high)
    texts = [tick_text(t, metric.format, view) for t in ticks]
    room = (high - low) * 0.03
    return {
        "tickmode": "array", "tickvals": ticks, "ticktext": texts,
        "range": [low - room if low < 0 else 0, high + room],
    }  # fmt: skip
