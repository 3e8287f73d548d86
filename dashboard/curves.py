"""Curves with bands: retention by age, and shares of customers over the days since the first."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.formats import format_value
from core.i18n import _
from core.models.formats import Format
from core.models.result import Column
from dashboard.charts import Figure, base_layout, nice_ticks
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import cell_text

_MONTH_DAYS = 365.25 / 12
_MONTH_STEPS = (1, 3, 6, 12, 24, 60)
_WEEKS_UP_TO = 100  # days; longer curves are read in months
_MOST_TICKS = 13
_MARKED = 24  # points of a curve that still bear marks
_MOST_OF_THEM = 0.5
_BAND, _WEAK_BAND = 0.2, 0.12
Row = Mapping[str, Any]


def retention_curve(view: View) -> Figure:
    """Return retention by age with its band, dotted where few of the customers are that old.

    The view's table has age, rate, low, high, cohorts, customers.
    """
    rows = [row for row in view.table.rows() if row["rate"] is not None]
    ages = [row["age"] for row in rows]
    hover = [_retention_hover(row, view) for row in rows]
    colour = palette(view.theme).strong
    # Late ages rest on the oldest cohorts alone: a rise there may only be theirs.
    most = max((row["customers"] for row in rows), default=0)
    solid = sum(row["customers"] >= _MOST_OF_THEM * most for row in rows)
    line: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers" if len(rows) <= _MARKED else "lines",
        "marker": {"size": 6, "color": colour},
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    lines = [
        line
        | {
            "x": ages[part],
            "y": [row["rate"] for row in rows[part]],
            "customdata": hover[part],
            "line": {"width": 2, "color": colour, "dash": dash},
        }
        for part, dash in ((slice(solid), "solid"), (slice(max(solid - 1, 0), None), "dot"))
    ]
    banded = [row for row in rows if row["low"] is not None]
    layout = base_layout(view)
    layout |= {"hovermode": "closest", "hoverdistance": 40}
    header = view.table.column("age").name
    layout["xaxis"] |= {
        "title": _axis_title(str(header)),
        "range": [min(ages, default=1) - 0.5, max(ages, default=1) + 0.5],
        "dtick": max(1, -(-len(ages) // _MOST_TICKS)),
        "showgrid": False,
        "zeroline": False,
    }
    limits = [v for row in rows for v in (row["low"], row["high"], row["rate"]) if v is not None]
    layout["yaxis"] |= _percent_axis(limits, view)
    return {"data": [*_band(banded, "age", colour, _BAND), *lines], "layout": layout}


def _retention_hover(row: Row, view: View) -> str:
    column = view.table.column
    lines = [
        f"<b>{column('age').name}: {row['age']}</b>",
        f"{column('rate').name}: <b>{cell_text(row, column('rate'), view)}</b>",
        *_interval(row, view),
        *(
            f"{column(key).name}: {cell_text(row, column(key), view)}"
            for key in ("cohorts", "customers")
        ),
    ]
    return "<br>".join(lines)


def survival_curves(view: View, until: int | None = None) -> Figure:
    """Return a step curve with its band for each group of the table's first column.

    Args:
        view: its table has a group, days, share, low, high, at_risk.
        until: the last day drawn; None for all.
    """
    group = view.table.columns[0]
    parts: dict[Any, list[Row]] = {}
    for row in view.table.rows():
        if until is None or row["days"] <= until:
            parts.setdefault(row[group.key], []).append(row)
    colours = palette(view.theme)
    several = len(parts) > 1
    traces: list[dict[str, Any]] = []
    for place, rows in enumerate(parts.values()):
        colour = colours.series[place % len(colours.series)] if several else colours.strong
        traces += _band(rows, "days", colour, _WEAK_BAND if several else _BAND, "hv")
        traces.append(_steps(rows, group, colour, view))
    layout = base_layout(view)
    days = [row["days"] for rows in parts.values() for row in rows]
    layout["xaxis"] |= _time_axis(max(days, default=1))
    layout["yaxis"] |= _percent_axis([0.0, 1.0], view)
    layout |= {"hovermode": "closest", "hoverdistance": 30, "showlegend": several}
    layout["legend"] = {
        "orientation": "h",
        "traceorder": "normal",
        "x": 0,
        "y": 1.02,
        "yanchor": "bottom",
        "itemclick": False,
        "itemdoubleclick": False,
        "font": {"color": colours.text},
    }
    return {"data": traces, "layout": layout}


def _steps(rows: Sequence[Row], group: Column, colour: str, view: View) -> dict[str, Any]:
    name = cell_text(rows[0], group, view)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [row["days"] for row in rows],
        "y": [row["share"] for row in rows],
        "name": name,
        "line": {"width": 2, "color": colour, "shape": "hv"},
        "customdata": [_survival_hover(row, name, view) for row in rows],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _survival_hover(row: Row, name: str, view: View) -> str:
    column = view.table.column
    lines = [
        f"<b>{name}</b>",
        f"{column('days').name}: {cell_text(row, column('days'), view)}",
        f"{column('share').name}: <b>{cell_text(row, column('share'), view)}</b>",
        *_interval(row, view),
        f"{column('at_risk').name}: {cell_text(row, column('at_risk'), view)}",
    ]
    return "<br>".join(lines)


def _interval(row: Row, view: View) -> list[str]:
    if row["low"] is None:
        return []
    low, high = (cell_text(row, view.table.column(key), view) for key in ("low", "high"))
    return [_("95% interval {low} to {high}", low=low, high=high)]


def _band(
    rows: Sequence[Row], x: str, colour: str, alpha: float, shape: str = "linear"
) -> list[dict[str, Any]]:
    """Return the lower and the upper limit, the space between them filled."""
    if not rows:
        return []
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    edge: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "x": [row[x] for row in rows],
        "line": {"width": 0, "shape": shape, "color": colour},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    fill = {"fill": "tonexty", "fillcolor": f"rgba({red},{green},{blue},{alpha})"}
    lower = edge | {"y": [row["low"] for row in rows]}
    return [lower, edge | fill | {"y": [row["high"] for row in rows]}]


def _percent_axis(values: Sequence[float], view: View) -> dict[str, Any]:
    low, high = min([0.0, *values]), max([0.05, *values])
    ticks = nice_ticks(low, high)
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [format_value(t, Format.PERCENT, view.language, digits=0) for t in ticks],
        "range": [low, high * 1.03],
    }


def _axis_title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 6, "font": {"size": 12}}


def _time_axis(last: int) -> dict[str, Any]:
    """Return ticks in days for short curves, in months for long ones."""
    if last <= _WEEKS_UP_TO:
        ticks = nice_ticks(0, last)
        texts = [str(round(tick)) for tick in ticks]
        title = _("Days after the first purchase")
    else:
        months = last / _MONTH_DAYS
        step = next((s for s in _MONTH_STEPS if months / s <= _MOST_TICKS), _MONTH_STEPS[-1])
        texts = [str(month) for month in range(0, int(months) + 1, step)]
        ticks = [int(text) * _MONTH_DAYS for text in texts]
        title = _("Months after the first purchase")
    return {
        "title": _axis_title(title),
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": texts,
        "range": [0, max(last, 1)],
        "showgrid": False,
        "zeroline": False,
    }
