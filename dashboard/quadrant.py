"""Return on investment against growth: where more would pay, and where it does not."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.formats import format_value
from core.i18n import _
from core.models.formats import Format
from dashboard.charts import Figure, base_layout, nice_ticks
from dashboard.drill import points
from dashboard.monthly import hover_lines
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import member_name, number, shorten

SHOWN = 25
_SMALLEST, _LARGEST = 9, 46  # diameters in pixels; the area stands for the investment
_ROOM = 0.16
_FAR = 3.0  # growth beyond it is drawn at the edge, so that one newcomer squeezes nobody
_KEYS = ("roi", "net_sales", "net_sales_change_rate", "investment", "contribution")


def quadrant(view: View, dimension: str) -> Figure:
    """Return members by growth of net sales (across) and return on investment (upwards).

    Args:
        view: its table has `roi`, `investment` and compared net sales by the dimension.
        dimension: key of the split.
    """
    rows = [row for row in view.table.rows() if _is_shown(row, dimension)]
    rows = sorted(rows, key=lambda row: -row["investment"])[:SHOWN]
    x = [min(float(row["net_sales_change_rate"]), _FAR) for row in rows]
    y = [number(row["roi"]) or 0.0 for row in rows]
    names = [member_name(row, dimension, view.language) for row in rows]
    layout = base_layout(view)
    layout["xaxis"] |= _axis(x, view) | {"title": {"text": _("Growth of net sales")}}
    layout["yaxis"] |= _axis(y, view) | {"title": {"text": _("Return on investment")}}
    layout |= {"hovermode": "closest", "shapes": [], "annotations": _corners(view)}
    hover = [
        f"<b>{name}</b><br>{hover_lines(row, view.table, _KEYS, view)}"
        for name, row in zip(names, rows, strict=True)
    ]
    trace = _bubbles(view, rows, x, y, [shorten(name, 16) for name in names], hover)
    return {"data": [trace | points(view.table, view, "roi", rows)], "layout": layout}


def _is_shown(row: Mapping[str, Any], dimension: str) -> bool:
    return bool(row[dimension]) and None not in (row["roi"], row.get("net_sales_change_rate"))


def _axis(values: Sequence[float], view: View) -> dict[str, Any]:
    low, high = min([0.0, *values]), max([0.0, *values])
    room = (high - low or 1.0) * _ROOM
    ticks = nice_ticks(low, high or 1.0)
    texts = [format_value(t, Format.PERCENT, view.language, digits=0, signed=True) for t in ticks]
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": texts,
        "range": [low - room, high + room],
        "zeroline": True,
        "zerolinecolor": palette(view.theme).muted,
    }


def _bubbles(
    view: View,
    rows: Sequence[Mapping[str, Any]],
    x: Sequence[float],
    y: Sequence[float],
    names: Sequence[str],
    hover: Sequence[str],
) -> dict[str, Any]:
    colours = palette(view.theme)
    most = max((float(row["investment"]) for row in rows), default=1.0)
    span = _LARGEST - _SMALLEST
    sizes = [_SMALLEST + span * (float(row["investment"]) / most) ** 0.5 for row in rows]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": list(x),
        "y": list(y),
        "text": list(names),
        "textposition": "top center",
        "textfont": {"color": colours.text, "size": 11},
        "cliponaxis": False,
        "marker": {
            "size": sizes,
            "color": [colours.good if v >= 0 else colours.bad for v in y],
            "opacity": 0.72,
            "line": {"width": 1, "color": colours.surface},
        },
        "customdata": list(hover),
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _corners(view: View) -> list[dict[str, Any]]:
    """Return what each corner means."""
    muted = palette(view.theme).muted
    places = (
        (1, 1, _("grows and pays")),
        (0, 1, _("pays, shrinks")),
        (1, 0, _("grows, does not pay")),
        (0, 0, _("shrinks, does not pay")),
    )
    return [
        {
            "xref": "paper", "yref": "paper", "x": x, "y": y, "showarrow": False, "text": text,
            "xanchor": "right" if x else "left", "yanchor": "top" if y else "bottom",
            "font": {"size": 11, "color": muted},
        }
        for x, y, text in places
    ]  # fmt: skip
