"""Monthly charts: bars by month against the compared period, an unfinished month hatched."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.formats import format_day, format_value
from core.i18n import _
from core.models.formats import Format
from core.models.result import Column, ResultTable
from dashboard.charts import Figure, base_layout, money_axis, segments
from dashboard.drill import points
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import cell_text, delta_text, number

_RATE_SHARE, _GAP = 0.26, 0.08
_MONTHS = 12
_STEPS = ((1, 14), (3, 48), (6, 96))  # every so many months, up to so many of them


def hover_lines(row: Mapping[str, Any], table: ResultTable, keys: Sequence[str], view: View) -> str:
    """Return one line per metric with its change, for a hover box."""
    lines = []
    for key in keys:
        column = table.column(key)
        text = f"{column.name}: <b>{cell_text(row, column, view)}</b>"
        if row.get(f"{key}_compared") is not None:
            change = {
                "change": row.get(f"{key}_change"),
                "change_rate": row.get(f"{key}_change_rate"),
            }
            text += f" ({delta_text(change, column.format, view)})"
        lines.append(text)
    return "<br>".join(lines)


def monthly_chart(view: View, bars: tuple[str, str], rate: str) -> Figure:
    """Return two bars by month (the second inside the first) and a rate in a strip above.

    Args:
        view: its table has one row per month.
        bars: metric keys, the wide bar and the one inside it.
        rate: metric key of the strip's line.
    """
    rows = view.table.rows()
    months = [row["month"] for row in rows]
    hover = [
        f"<b>{format_day(row['month'], Format.MONTH, view.language)}</b>"
        f"{_running(row['month'], view)}<br>{hover_lines(row, view.table, (*bars, rate), view)}"
        for row in rows
    ]
    colours = palette(view.theme)
    position = list(range(len(rows)))
    hatch = [_pattern(month, view) for month in months]
    series = {
        key: [number(row.get(key)) for row in rows]
        for key in (*bars, rate, f"{bars[0]}_compared", f"{rate}_compared")
    }
    compared = series[f"{bars[0]}_compared"]
    data: list[dict[str, Any]] = [
        _bars(position, series[bars[0]], view.table.column(bars[0]), colours.primary, 0.72, hatch),
        _bars(position, series[bars[1]], view.table.column(bars[1]), colours.strong, 0.34, hatch),
    ]
    if _known(series, rate):
        data.append(_line(position, series[rate], view.table.column(rate), colours.strong))
    if _known(series, f"{rate}_compared"):
        before = _line(
            position, series[f"{rate}_compared"], view.table.column(rate), colours.compared
        )
        data.append(
            before
            | {"line": {"width": 1.5, "dash": "dot", "color": colours.compared}, "mode": "lines"}
        )
    data[0] |= points(view.table, view, bars[0], rows)
    data[1] |= points(view.table, view, bars[1], rows)
    for trace in data[2:]:
        trace.update(points(view.table, view, rate, rows))
    for trace in data:
        trace |= {"customdata": hover, "hovertemplate": "%{customdata}<extra></extra>"}
    if any(v is not None for v in compared):
        data.insert(2, segments(position, compared, 0.36, hover, colours))
    return {"data": data, "layout": _layout(view, months, series, bars, rate)}


def _known(series: Mapping[str, list[float | None]], key: str) -> bool:
    return any(value is not None for value in series[key])


def _bars(
    position: list[int],
    values: list[float | None],
    column: Column,
    colour: str,
    width: float,
    hatch: list[str],
) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": position,
        "y": values,
        "name": str(column.name),
        "width": width,
        "marker": {"color": colour, "pattern": {"shape": hatch, "fillmode": "replace", "size": 6}},
    }


def _line(
    position: list[int], values: list[float | None], column: Column, colour: str
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": position,
        "y": values,
        "yaxis": "y2",
        "name": str(column.name),
        "line": {"width": 2, "color": colour},
        "marker": {"size": 5},
        "connectgaps": False,
    }


def _layout(
    view: View,
    months: list[date],
    series: Mapping[str, list[float | None]],
    bars: tuple[str, str],
    rate: str,
) -> dict[str, Any]:
    layout = base_layout(view)
    values = [v for key in (bars[0], bars[1], f"{bars[0]}_compared") for v in series[key]]
    ticks, labels = month_ticks(months, view.language)
    layout["xaxis"] |= {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": labels,
        "showgrid": False,
        "zeroline": False,
        "autotickangles": [0, 90],
        "range": [-0.6, max(len(months), 1) - 0.4],
        "anchor": "y",
    }
    layout |= {"barmode": "overlay", "hovermode": "closest", "hoverdistance": 40}
    rates = [v for k in (rate, f"{rate}_compared") for v in series[k] if v is not None]
    top = 1 - _RATE_SHARE - _GAP if rates else 1  # the strip takes no room where it is empty
    layout["yaxis"] |= {**money_axis(view, values), "domain": [0, top]}
    if not rates:
        return layout
    low, high = min(rates), max(rates)
    pad = max((high - low) * 0.15, 0.005)
    ends = [low, high] if high > low else [low]
    layout["yaxis2"] = {
        **layout["yaxis"],
        "domain": [1 - _RATE_SHARE, 1],
        "range": [low - pad, high + pad],
        "tickvals": ends,
        "ticktext": [format_value(t, Format.PERCENT, view.language) for t in ends],
        "zeroline": False,
    }
    return layout


def month_ticks(months: Sequence[date], language: str) -> tuple[list[int], list[str]]:
    """Return the months that are named: all, or quarters, half-years, years of a long period.

    The year stands under the first label and under each January.
    """
    step = next((step for step, most in _STEPS if len(months) <= most), _MONTHS)
    named = [i for i, month in enumerate(months) if (month.month - 1) % step == 0]
    labels = []
    for i in named:
        name, year = format_day(months[i], Format.MONTH, language).rsplit(" ", 1)
        labels.append(f"{name}<br>{year}" if months[i].month == 1 or i == named[0] else name)
    return named, labels


def _pattern(month: date, view: View) -> str:
    return "/" if _is_running(month, view) else ""


def _is_running(month: date, view: View) -> bool:
    end = view.result.period.end if view.result.period else None
    return bool(view.unfinished and end and (month.year, month.month) == (end.year, end.month))


def _running(month: date, view: View) -> str:
    mark = _("unfinished month")
    return f" – {mark}" if _is_running(month, view) else ""
