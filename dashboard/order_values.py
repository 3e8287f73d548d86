"""How many orders are worth how much: a histogram with the quartiles and the median."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log
from typing import Any

from core.formats import format_value
from core.i18n import _
from core.models.formats import Format
from dashboard.charts import Figure, base_layout, tick_text
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import number

_GAP = 0.08  # between two bars, of their width
_MOST_TICKS = 14
_LONG = 10_000  # amounts of an axis that are shortened
_HEADROOM = 1.14  # room above the highest bar for the word at the median


def order_histogram(view: View) -> Figure:
    """Return one bar per bin; the bins widen as the values grow, so that the axis is no scale.

    Args:
        view: its table is that of `core.services.distribution.order_values`.
    """
    rows = view.table.rows()
    colours = palette(view.theme)
    layout = base_layout(view)
    edges = [*(row["low"] for row in rows), rows[-1]["high"]]
    every = -(-len(edges) // _MOST_TICKS)
    ticks = [place for place, edge in enumerate(edges) if edge is not None and place % every == 0]
    layout["xaxis"] |= {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [_amount(edges[place], view, compact=True) for place in ticks],
        "showgrid": False,
        "zeroline": False,
        "range": [-0.1, len(rows) + 0.1],
    }
    highest = max(row["orders"] for row in rows)
    layout["yaxis"] |= {"rangemode": "tozero", "range": [0, highest * _HEADROOM]}
    layout |= {"hovermode": "closest", "showlegend": False}
    bars = {
        "type": "bar",
        "x": [place + 0.5 for place in range(len(rows))],
        "y": [row["orders"] for row in rows],
        "width": 1 - _GAP,
        "name": str(view.table.column("orders").name),
        "marker": {"color": colours.primary},
        "customdata": [_hover(row, view) for row in rows],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return {"data": [bars, *_middle(view, edges, highest)], "layout": layout}


def _middle(view: View, edges: Sequence[Any], highest: int) -> list[dict[str, Any]]:
    """Return the lines at the quartiles and the median, the latter with its amount."""
    colours = palette(view.theme)
    total = view.table.total or {}
    names = {
        "first_quartile": _("First quartile"),
        "median": _("Median"),
        "third_quartile": _("Third quartile"),
    }
    found: list[dict[str, Any]] = []
    for key, name in names.items():
        value = number(total.get(key))
        place = None if value is None else _place(value, edges)
        if place is None:
            continue
        text = f"{name} {_amount(value, view)}"
        is_median = key == "median"
        found.append(
            {
                "type": "scatter",
                "mode": "lines+text" if is_median else "lines",
                "x": [place, place],
                "y": [0, highest * 1.03],
                "name": name,
                "text": ["", text],
                "textposition": "top center",
                "textfont": {"color": colours.text},
                "line": {
                    "width": 2 if is_median else 1.5,
                    "dash": "solid" if is_median else "dot",
                    "color": colours.strong if is_median else colours.muted,
                },
                "customdata": [text, text],
                "hovertemplate": "%{customdata}<extra></extra>",
            }
        )
    return found


def _place(value: float, edges: Sequence[Any]) -> float | None:
    """Return where a value stands among the bins; in proportion to its logarithm within one."""
    for place, (low, high) in enumerate(pairwise(edges)):
        least, most = number(low), number(high)
        if (least is not None and value < least) or (most is not None and value >= most):
            continue
        if least is None or most is None:  # an open bin has no middle but its own
            return place + 0.5
        inside = log(value / least) / log(most / least) if least > 0 else value / most
        return place + inside
    return None


def _hover(row: Mapping[str, Any], view: View) -> str:
    lines = [f"<b>{_bin_text(row, view)}</b>"]
    for key in ("orders", "share", "net_sales"):
        column = view.table.column(key)
        text = format_value(row[key], column.format, view.language, currency=view.currency)
        lines.append(f"{column.name}: <b>{text}</b>")
    return "<br>".join(lines)


def _bin_text(row: Mapping[str, Any], view: View) -> str:
    low, high = _amount(row["low"], view), _amount(row["high"], view)
    if row["low"] is None:
        return _("Below {high}", high=high)
    if row["high"] is None:
        return _("{low} or more", low=low)
    return _("{low} to below {high}", low=low, high=high)


def _amount(value: Any, view: View, *, compact: bool = False) -> str:
    """Return an amount without cents; large ones of an axis in thousands or millions."""
    if compact and value >= _LONG:
        return tick_text(value, Format.MONEY, view)
    return format_value(value, Format.MONEY, view.language, digits=0, currency=view.currency)
