"""Quantity and average price by month: what was sold, and for how much a piece."""

from typing import Any

from core.formats import format_day, format_value
from core.models.formats import Format
from dashboard.charts import Figure, base_layout, nice_ticks
from dashboard.drill import points
from dashboard.monthly import hover_lines, month_ticks
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import number

_UNITS, _PRICE = "units", "price_per_unit"
_SHARE, _GAP = 0.34, 0.08


def price_chart(view: View) -> Figure:
    """Return bars of the quantity and, in a strip above, a line of the average net price.

    Both are unknown in months where kinds of unit would mix.
    """
    rows = view.table.rows()
    months = [row["month"] for row in rows]
    units = [number(row[_UNITS]) for row in rows]
    prices = [number(row[_PRICE]) for row in rows]
    colours = palette(view.theme)
    hover = [
        f"<b>{format_day(row['month'], Format.MONTH, view.language)}</b><br>"
        f"{hover_lines(row, view.table, (_UNITS, _PRICE), view)}"
        for row in rows
    ]
    shared = {
        "x": list(range(len(rows))),
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    bars: dict[str, Any] = {
        **shared,
        "type": "bar",
        "y": units,
        "name": str(view.table.column(_UNITS).name),
        "marker": {"color": colours.primary},
        **points(view.table, view, _UNITS, rows),
    }
    line: dict[str, Any] = {
        **shared,
        "type": "scatter",
        "mode": "lines+markers",
        "y": prices,
        "yaxis": "y2",
        "name": str(view.table.column(_PRICE).name),
        "line": {"width": 2, "color": colours.strong},
        "marker": {"size": 5},
        "connectgaps": False,
        **points(view.table, view, _PRICE, rows),
    }
    return {"data": [bars, line], "layout": _layout(view, months, units, prices)}


def _layout(
    view: View, months: list[Any], units: list[float | None], prices: list[float | None]
) -> dict[str, Any]:
    layout = base_layout(view)
    places, labels = month_ticks(months, view.language)
    layout["xaxis"] |= {
        "tickmode": "array", "tickvals": places, "ticktext": labels, "showgrid": False,
        "zeroline": False, "autotickangles": [0, 90], "range": [-0.6, max(len(months), 1) - 0.4],
        "anchor": "y",
    }  # fmt: skip
    sold = [0.0, *(value for value in units if value is not None)]
    high = max(sold) or 1.0
    ticks = nice_ticks(min(sold), high, 4)
    known = [value for value in prices if value is not None]
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [_short(tick, Format.QUANTITY, view) for tick in ticks],
        "range": [min(sold) * 1.03, high * 1.03],
        "domain": [0, 1 - _SHARE - _GAP if known else 1],
    }
    if not known:
        return layout
    low, top = min(known), max(known)
    pad = max((top - low) * 0.15, top * 0.01, 1e-6)
    ends = [low, top] if top > low else [low]
    layout["yaxis2"] = {
        **layout["yaxis"],
        "domain": [1 - _SHARE, 1],
        "range": [low - pad, top + pad],
        "tickvals": ends,
        "ticktext": [_short(end, Format.PRICE, view) for end in ends],
        "zeroline": False,
    }
    return layout


def _short(value: float, kind: Format, view: View) -> str:
    long = kind is Format.QUANTITY and abs(value) >= 10_000  # noqa: PLR2004 - five figures are long
    digits = 2 if kind is Format.PRICE else None
    return format_value(
        value, kind, view.language, compact=long, digits=digits, currency=view.currency
    )
