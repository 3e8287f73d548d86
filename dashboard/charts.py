"""Figures as plain dictionaries: no figure classes, so that building them costs nothing."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.formats import format_value
from core.i18n import _
from core.models.formats import Format
from dashboard.page import View
from dashboard.theme import FONT, Palette, palette
from dashboard.wording import shorten

Figure = dict[str, Any]
_LEAST_ROWS = 5
_IDLE = re.compile(r"[.,]0{1,2}(?=\D*$)")  # decimals that say nothing
_HEADROOM = 0.03  # of the axis, so that marks at its end are not cut


@dataclass(frozen=True)
class Bar:
    """One ranked bar: full name, value, the compared period's value and hover lines.

    Attributes:
        row: the row it shows; None where it stands for several.
    """

    name: str
    value: float | None
    inner: float | None
    compared: float | None
    hover: str
    row: Mapping[str, Any] | None = None


def base_layout(view: View) -> dict[str, Any]:
    """Return the layout every figure shares: fonts, colours, separators, tight margins."""
    colours = palette(view.theme)
    axis = {
        "gridcolor": colours.line,
        "zerolinecolor": colours.line,
        "linecolor": colours.line,
        "automargin": True,
        "fixedrange": True,
        "ticks": "",
        "title": {"standoff": 8},
    }
    return {
        "font": {"family": FONT, "size": 12, "color": colours.muted},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "separators": ",\u202f" if view.language == "fr" else ".,",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 4},
        "xaxis": dict(axis),
        "yaxis": dict(axis),
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.line,
            "font": {"family": FONT, "size": 12, "color": colours.text},
            "align": "left",
        },
        "showlegend": False,
        "dragmode": False,
        "uirevision": "keep",
    }


def money_axis(view: View, values: Sequence[float | None]) -> dict[str, Any]:
    """Return ticks of a value axis written in the reader's language: `€200k`, `200 k€`."""
    known = [v for v in values if v is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    if low == high:
        high = 1.0  # nothing to show, or zeros: an axis needs a length
    ticks = nice_ticks(low, high)
    texts = [tick_text(t, Format.MONEY, view) for t in ticks]
    room = (high - low) * _HEADROOM
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": texts,
        "range": [low - room if low < 0 else low, high + room],
    }


def tick_text(value: float, kind: Format, view: View) -> str:
    """Return a value of an axis, short and without idle decimals: `€10k`, `1,5 M€`."""
    text = format_value(value, kind, view.language, compact=True, currency=view.currency)
    return _IDLE.sub("", text)


def nice_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return about `wanted` round ticks from below `low` up to `high`, in steps of 1, 2 or 5."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.floor(low / step)
    last = math.floor(high / step)
    # A round end may miss by rounding alone; a tick beyond the highest value is no tick.
    if (last + 1) * step - high <= min(step * 1e-9, 1e-6):
        last += 1
    return [n * step for n in range(first, last + 1)]


def ranked_bars(view: View, bars: Sequence[Bar], value_name: str, inner_name: str) -> Figure:
    """Return horizontal bars, largest on top: value, an inner part of it, a compared mark."""
    colours = palette(view.theme)
    shown = list(reversed(bars))
    rows = list(range(len(shown)))
    figure_layout = base_layout(view)
    compared = [b.compared for b in shown]
    figure_layout["xaxis"] |= {
        **money_axis(view, [*(b.value for b in shown), *compared]),
        "side": "top",
        "zeroline": True,
    }
    figure_layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": rows,
        "ticktext": [shorten(b.name) for b in shown],
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"color": colours.text},
        # Few bars stay slim and on top.
        "range": [min(0, len(shown) - _LEAST_ROWS) - 0.6, len(shown) - 0.4],
    }
    figure_layout |= {"barmode": "overlay", "bargap": 0.32, "hovermode": "closest"}
    hover = [b.hover for b in shown]
    traces: list[dict[str, Any]] = [
        _bar(rows, [b.value for b in shown], hover, colours.primary, value_name, 0.68),
        _bar(rows, [b.inner for b in shown], hover, colours.strong, inner_name, 0.28),
    ]
    if any(c is not None for c in compared):
        marks = segments(rows, compared, 0.36, hover, colours)
        traces.append(marks | {"x": marks["y"], "y": marks["x"]})
    return {"data": traces, "layout": figure_layout}


def _bar(
    rows: list[int],
    values: list[float | None],
    hover: list[str],
    colour: str,
    name: str,
    width: float,
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": rows,
        "name": name,
        "width": width,
        "marker": {"color": colour},
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def segments(
    position: Sequence[int],
    values: Sequence[float | None],
    half: float,
    hover: Sequence[str],
    colours: Palette,
) -> dict[str, Any]:
    """Return a trace of short strokes across bars, as wide as the bars at any window width."""
    x: list[float | None] = []
    y: list[float | None] = []
    texts: list[str] = []
    for place, value, text in zip(position, values, hover, strict=True):
        x += [place - half, place + half, None]
        y += [value, value, None]
        texts += [text, text, text]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "name": _("Compared period"),
        "line": {"width": 2.5, "color": colours.compared},
        "customdata": texts,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
