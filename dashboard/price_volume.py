"""Price against volume: each product by what it sells for and how much of it is sold."""

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

from core.formats import format_value
from core.i18n import translate
from core.models.catalogue import METRICS
from core.models.formats import Format
from dashboard.charts import Figure, base_layout
from dashboard.drill import points
from dashboard.monthly import hover_lines
from dashboard.page import View
from dashboard.theme import palette, rate_colour
from dashboard.wording import member_name

SHOWN = 300
_SMALLEST, _LARGEST = 6, 34  # diameters in pixels; the area stands for net sales
_MOVED = 12  # the largest have a line from where they stood in the compared period
_FULL = 0.5  # a margin on sales of 50 % has the full colour, as in the matrix beside it
_ROOM = 0.15  # powers of ten around the points
_KEYS = ("price_per_unit", "units", "net_sales", "gross_margin", "margin_rate")


def price_volume(view: View) -> Figure:
    """Return products by net price (across) and units (upwards), both in powers of ten.

    Args:
        view: its table has `price_per_unit`, `units`, `net_sales` and `margin_rate` by product,
            the highest net sales first. What was not sold for a price has no point.
    """
    rows = [row for row in view.table.rows() if _has_place(row, "")][:SHOWN]
    x = [float(row["price_per_unit"]) for row in rows]
    y = [float(row["units"]) for row in rows]
    before = [row for row in rows[:_MOVED] if _has_place(row, "_compared")]
    layout = base_layout(view)
    ends = [(float(r["price_per_unit_compared"]), float(r["units_compared"])) for r in before]
    layout["xaxis"] |= _axis([*x, *(p for p, _u in ends)], Format.PRICE, "price_per_unit", view)
    layout["yaxis"] |= _axis([*y, *(u for _p, u in ends)], Format.QUANTITY, "units", view)
    layout |= {"hovermode": "closest"}
    hover = [
        f"<b>{member_name(row, 'product', view.language)}</b><br>"
        + hover_lines(row, view.table, _KEYS, view)
        for row in rows
    ]
    dots = _dots(rows, x, y, hover, view) | points(view.table, view, "net_sales", rows)
    return {"data": [_ways(before, view), dots], "layout": layout}


def _has_place(row: Mapping[str, Any], side: str) -> bool:
    price, units = row.get(f"price_per_unit{side}"), row.get(f"units{side}")
    return price is not None and units is not None and price > 0 and units > 0


def _axis(values: Sequence[float], kind: Format, metric: str, view: View) -> dict[str, Any]:
    """Return an axis in powers of ten with ticks at 1, 2 and 5 in the reader's language."""
    low, high = log10(min(values, default=1.0)), log10(max(values, default=10.0))
    low, high = low - _ROOM, high + _ROOM
    steps = (1, 2, 5) if high - low < 2.5 else (1, 3) if high - low < 4 else (1,)  # noqa: PLR2004
    ticks = [s * 10.0**p for p in range(int(low) - 1, int(high) + 2) for s in steps]
    ticks = [tick for tick in ticks if low <= log10(tick) <= high]
    texts = [
        format_value(t, kind, view.language, digits=_digits(t), currency=view.currency)
        for t in ticks
    ]
    return {
        "type": "log",
        "range": [low, high],
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": texts,
        "zeroline": False,
        "title": {"text": translate(METRICS[metric].name), "standoff": 8},
    }


def _digits(value: float) -> int:
    return 0 if value >= 1 else 2 if value >= 0.01 else 4  # noqa: PLR2004 - places that tell


def _dots(
    rows: Sequence[Mapping[str, Any]],
    x: Sequence[float],
    y: Sequence[float],
    hover: Sequence[str],
    view: View,
) -> dict[str, Any]:
    colours = palette(view.theme)
    most = max((float(row["net_sales"] or 0) for row in rows), default=0.0) or 1.0
    shares = [max(float(row["net_sales"] or 0), 0.0) / most for row in rows]
    rates = [None if row["margin_rate"] is None else float(row["margin_rate"]) for row in rows]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(x),
        "y": list(y),
        "marker": {
            "size": [_SMALLEST + (_LARGEST - _SMALLEST) * share**0.5 for share in shares],
            "color": [
                colours.line if rate is None else rate_colour(view.theme, rate / _FULL)
                for rate in rates
            ],
            "line": {"width": 0.8, "color": colours.muted},
            "opacity": 0.85,
        },
        "customdata": list(hover),
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _ways(rows: Sequence[Mapping[str, Any]], view: View) -> dict[str, Any]:
    """Return the lines from where products stood in the compared period to where they stand."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row in rows:
        x += [float(row["price_per_unit_compared"]), float(row["price_per_unit"]), None]
        y += [float(row["units_compared"]), float(row["units"]), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"width": 1.4, "color": palette(view.theme).compared},
        "hoverinfo": "skip",
    }
