"""The margin bridge as a waterfall: two levels, and the effects between them."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.formats import format_value
from core.i18n import translate
from core.models.formats import Format
from dashboard.charts import Figure, base_layout, money_axis
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import number

_ALWAYS = frozenset({"before", "volume", "mix", "price", "cost", "after"})
_WIDTH = 0.62


def waterfall(view: View) -> Figure:
    """Return the bars of a bridge; effects that played no part (new, ended, …) are left out.

    Args:
        view: its table is `core.services.bridge.Bridge.bars`.
    """
    rows = [row for row in view.table.rows() if row["bar"] in _ALWAYS or row["amount"]]
    amounts = [number(row["amount"]) or 0.0 for row in rows]
    levels = _levels(rows, amounts)
    figure_layout = base_layout(view)
    # Effects between two high levels would be slivers on an axis that starts at zero.
    low = min(min(pair) for pair in levels)
    ends = [value for pair in levels for value in pair]
    figure_layout["xaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(len(rows))),
        "ticktext": [translate(row["bar_name"]) for row in rows],
        "showgrid": False,
        "zeroline": False,
        "range": [-0.6, len(rows) - 0.4],
        "tickfont": {"color": palette(view.theme).text},
    }
    figure_layout["yaxis"] |= money_axis(view, [*ends, _room(ends)]) | {"zeroline": low < 0}
    figure_layout |= {"hovermode": "closest", "bargap": 1 - _WIDTH}
    return {
        "data": [_bars(view, rows, amounts, levels), _steps(view, levels)],
        "layout": figure_layout,
    }


def _levels(
    rows: Sequence[Mapping[str, Any]], amounts: Sequence[float]
) -> list[tuple[float, float]]:
    """Return where each bar begins and ends: totals from zero, effects from where one stands."""
    found = []
    level = 0.0
    for row, amount in zip(rows, amounts, strict=True):
        start = 0.0 if row["is_total"] else level
        level = start + amount
        found.append((start, level))
    return found


def _room(ends: Sequence[float]) -> float:
    """Return a value a little above the highest bar, so that its text fits."""
    high, low = max(0.0, *ends), min(0.0, *ends)
    return high + (high - low) * 0.08


def _bars(
    view: View,
    rows: Sequence[Mapping[str, Any]],
    amounts: Sequence[float],
    levels: Sequence[tuple[float, float]],
) -> dict[str, Any]:
    colours = palette(view.theme)

    def colour(row: Mapping[str, Any], amount: float) -> str:
        return colours.strong if row["is_total"] else colours.good if amount >= 0 else colours.bad

    def text(row: Mapping[str, Any], amount: float, *, compact: bool) -> str:
        return format_value(
            amount,
            Format.MONEY,
            view.language,
            compact=compact,
            signed=not row["is_total"],
            currency=view.currency,
        )

    pairs = list(zip(rows, amounts, strict=True))
    return {
        "type": "bar",
        "x": list(range(len(rows))),
        "y": list(amounts),
        "base": [start for start, _ in levels],
        "width": _WIDTH,
        "marker": {"color": [colour(row, amount) for row, amount in pairs]},
        "text": [text(row, amount, compact=True) for row, amount in pairs],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"color": colours.text},
        "customdata": [
            f"<b>{translate(row['bar_name'])}</b><br>{text(row, amount, compact=False)}"
            for row, amount in pairs
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _steps(view: View, levels: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return the thin lines that carry a level from one bar to the next."""
    x: list[float | None] = []
    y: list[float | None] = []
    for place, (_, end) in enumerate(levels[:-1]):
        x += [place + _WIDTH / 2, place + 1 - _WIDTH / 2, None]
        y += [end, end, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"width": 1, "color": palette(view.theme).muted},
        "hoverinfo": "skip",
    }
