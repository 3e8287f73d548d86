"""Who moved a figure: bars to the right and left of nothing, the largest changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.formats import format_value
from core.i18n import msg_n
from dashboard.charts import Figure, base_layout, money_axis
from dashboard.drill import points
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import cell_text, member_name, number, shorten

SHOWN = 10
_LEAST_ROWS = 5


def movers_chart(view: View) -> Figure:
    """Return the largest movers, growth on top, with the rest as one bar: all add up.

    Args:
        view: its table is one of `core.services.drivers.movers`, of an amount.
    """
    change = next(c for c in view.table.columns if c.role == "change")
    dimension = next(c for c in view.table.columns if c.role == "dimension")
    rows = view.table.rows()
    cut = SHOWN - 1 if len(rows) > SHOWN else SHOWN
    head = sorted(rows[:cut], key=lambda row: row[change.key])
    names = [member_name(row, dimension.key, view.language) for row in head]
    values = [number(row[change.key]) or 0.0 for row in head]
    hover = [_hover(name, row, view) for name, row in zip(names, head, strict=True)]
    shown: list[Mapping[str, Any] | None] = [*head]
    if rows[cut:]:
        rest = float(sum(row[change.key] for row in rows[cut:]))
        name = str(msg_n("{n} other", "{n} others", len(rows) - cut))
        amount = format_value(
            rest, change.format, view.language, signed=True, currency=view.currency
        )
        names, values, shown = [name, *names], [rest, *values], [None, *shown]
        hover = [f"<b>{name}</b><br>{change.name}: <b>{amount}</b>", *hover]
    return _figure(view, names, values, hover, points(view.table, view, str(change.metric), shown))


def _hover(name: str, row: Mapping[str, Any], view: View) -> str:
    told = [c for c in view.table.columns if c.role not in ("dimension", "label")]
    lines = [f"{c.name}: <b>{cell_text(row, c, view)}</b>" for c in told]
    return "<br>".join([f"<b>{name}</b>", *lines])


def _figure(
    view: View,
    names: Sequence[str],
    values: Sequence[float],
    hover: Sequence[str],
    more: Mapping[str, Any],
) -> Figure:
    colours = palette(view.theme)
    layout = base_layout(view)
    layout["xaxis"] |= {**money_axis(view, values), "side": "top", "zeroline": True}
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [shorten(name) for name in names],
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"color": colours.text},
        "range": [min(0, len(names) - _LEAST_ROWS) - 0.6, len(names) - 0.4],
    }
    layout |= {"bargap": 0.38, "hovermode": "closest"}
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": list(range(len(names))),
        "marker": {"color": [colours.good if v >= 0 else colours.bad for v in values]},
        "customdata": list(hover),
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return {"data": [{**bars, **more}], "layout": layout}
