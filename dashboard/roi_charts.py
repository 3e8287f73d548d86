"""Charts of investments: returns ranked, and what was put in and earned up to each month."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.formats import format_day, format_value
from core.models.formats import Format
from dashboard.charts import Figure, base_layout, money_axis, nice_ticks
from dashboard.drill import points
from dashboard.monthly import hover_lines, month_ticks
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import member_name, number, shorten

SHOWN = 15
_LEAST_ROWS = 5
_ROOM = 0.03  # of the axis
_FAR = 0.6  # of the axis, for intervals beyond the bars


def roi_bars(view: View, dimension: str) -> Figure:
    """Return the returns on investment by member, the highest on top; losses to the left.

    Members without an investment of their own have no return and no bar.

    Args:
        view: its table has `roi`, `investment`, `contribution` by the dimension.
        dimension: key of the split.
    """
    rows = [row for row in view.table.rows() if row["roi"] is not None and row[dimension]]
    rows = sorted(rows, key=lambda row: -row["roi"])[:SHOWN][::-1]
    values = [number(row["roi"]) or 0.0 for row in rows]
    names = [member_name(row, dimension, view.language) for row in rows]
    colours = palette(view.theme)
    layout = base_layout(view)
    layout |= {"bargap": 0.36, "hovermode": "closest"}
    layout["xaxis"] |= _returns_axis(rows, values, view)
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(len(rows))),
        "ticktext": [
            f"{shorten(name)}  <b>{_percent(value, view)}</b>"
            for name, value in zip(names, values, strict=True)
        ],
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"color": colours.text},
        "range": [min(0, len(rows) - _LEAST_ROWS) - 0.6, len(rows) - 0.4],
    }
    keys = ("roi", "roi_low", "roi_high", "roi_months", "investment", "contribution")
    hover = [
        f"<b>{name}</b><br>{hover_lines(row, view.table, keys, view)}"
        for name, row in zip(names, rows, strict=True)
    ]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(range(len(values))),
        "marker": {"color": [colours.good if v >= 0 else colours.bad for v in values]},
        "error_x": _errors(rows, values, view),
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return {"data": [bars | points(view.table, view, "roi", rows)], "layout": layout}


def _returns_axis(
    rows: Sequence[Mapping[str, Any]], values: Sequence[float], view: View
) -> dict[str, Any]:
    low, high = _reach(rows, values)
    ticks = nice_ticks(low, high or 1.0)
    room = (high - low or 1.0) * _ROOM
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [_percent(tick, view) for tick in ticks],
        "range": [low - room if low < 0 else low, high + room],
        "side": "top",
        "zeroline": True,
    }


def _reach(rows: Sequence[Mapping[str, Any]], values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the axis: the returns, and intervals as far as they keep them readable."""
    low, high = min([0.0, *values]), max([0.0, *values])
    far = (high - low or 1.0) * _FAR
    ends = [row[key] for row in rows for key in ("roi_low", "roi_high") if row[key] is not None]
    return max(min([low, *ends]), low - far), min(max([high, *ends]), high + far)


def _percent(value: float, view: View) -> str:
    return format_value(value, Format.PERCENT, view.language, digits=0)


def _errors(
    rows: Sequence[Mapping[str, Any]], values: Sequence[float], view: View
) -> dict[str, Any]:
    """Return the intervals as thin lines on the bars; none where they are unknown."""
    pairs = list(zip(rows, values, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if row["roi_high"] is None else row["roi_high"] - v for row, v in pairs],
        "arrayminus": [0 if row["roi_low"] is None else v - row["roi_low"] for row, v in pairs],
        "color": palette(view.theme).text,
        "thickness": 1,
        "width": 3,
    }


def cumulated_chart(view: View) -> Figure:
    """Return investment and contribution summed up to each month; they cross at the payback.

    Args:
        view: its table is `core.services.roi.cumulated`.
    """
    rows = view.table.rows()
    months = [row["month"] for row in rows]
    colours = palette(view.theme)
    layout = base_layout(view)
    ticks, labels = month_ticks(months, view.language)
    columns = (
        ("contribution_cumulated", colours.strong, 2.5),
        ("investment_cumulated", colours.bad, 2.5),
    )
    series = {key: [number(row[key]) for row in rows] for key, _c, _w in columns}
    layout["xaxis"] |= {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": labels,
        "showgrid": False,
        "range": [-0.4, max(len(rows), 1) - 0.6],
    }
    layout["yaxis"] |= money_axis(view, [v for values in series.values() for v in values])
    layout |= {"hovermode": "closest", "hoverdistance": 40}
    hover = [
        f"<b>{format_day(row['month'], Format.MONTH, view.language)}</b><br>"
        + hover_lines(
            row,
            view.table,
            ("investment", "contribution", "investment_cumulated", "contribution_cumulated"),
            view,
        )
        for row in rows
    ]
    data = [
        _line(series[key], str(view.table.column(key).name), colour, width, hover)
        for key, colour, width in columns
    ]
    return {"data": data, "layout": layout}


def _line(
    values: Sequence[float | None], name: str, colour: str, width: float, hover: list[str]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(values))),
        "y": list(values),
        "name": name,
        "line": {"width": width, "color": colour},
        "marker": {"size": 5},
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
