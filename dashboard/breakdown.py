"""Ranked bars of a split: the largest members, the rest as one bar of others."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.formats import format_value
from core.i18n import msg_n
from core.models.formats import Format
from dashboard.charts import Bar, Figure, ranked_bars
from dashboard.drill import points
from dashboard.monthly import hover_lines
from dashboard.page import View
from dashboard.wording import member_name, number

SHOWN = 12


def breakdown(view: View, dimension: str, value: str, inner: str, *, others: bool = True) -> Figure:
    """Return the largest members by `value`, with `inner` as a part of each bar.

    Args:
        view: its table has one row per member, largest first.
        dimension: key of the split.
        value: an additive metric.
        inner: another one, drawn inside the first.
        others: sum up the members beyond `SHOWN` in one bar; without it they are left to the
            table and the export (many small members would dwarf every bar).
    """
    rows = view.table.rows()
    cut = SHOWN - 1 if others and len(rows) > SHOWN else SHOWN
    head, rest = rows[:cut], rows[cut:]
    keys = [c.key for c in view.table.columns if c.role == "metric"]
    bars = [_bar(row, view, dimension, value, inner, keys) for row in head]
    if rest and others:
        bars.append(_others(rest, view, value, inner))
    column = view.table.column
    figure = ranked_bars(view, bars, str(column(value).name), str(column(inner).name))
    shown = [bar.row for bar in reversed(bars)]
    for trace, metric in zip(figure["data"], (value, inner), strict=False):
        trace.update(points(view.table, view, metric, shown))
    return figure


def _bar(
    row: Mapping[str, Any], view: View, dimension: str, value: str, inner: str, keys: Sequence[str]
) -> Bar:
    name = member_name(row, dimension, view.language)
    return Bar(
        name=name,
        value=number(row.get(value)),
        inner=number(row.get(inner)),
        compared=number(row.get(f"{value}_compared")),
        hover=f"<b>{name}</b><br>{hover_lines(row, view.table, keys, view)}",
        row=row,
    )


def _others(rows: Sequence[Mapping[str, Any]], view: View, value: str, inner: str) -> Bar:
    """Return the sum of additive metrics over the members that are not shown alone."""
    totals = {
        key: sum((row[key] for row in rows if row.get(key) is not None), start=0)
        for key in (value, inner, f"{value}_compared")
        if any(row.get(key) is not None for row in rows)
    }
    name = str(msg_n("{n} other", "{n} others", len(rows)))
    lines = [
        f"{view.table.column(key).name}: "
        f"<b>{format_value(totals.get(key), Format.MONEY, view.language, currency=view.currency)}"
        "</b>"
        for key in (value, inner)
    ]
    return Bar(
        name=name,
        value=number(totals.get(value)),
        inner=number(totals.get(inner)),
        compared=number(totals.get(f"{value}_compared")),
        hover="<br>".join([f"<b>{name}</b>", *lines]),
    )
