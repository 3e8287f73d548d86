"""Figures of the catalogue as large numbers with their change: a tile of a dashboard."""

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import format_period, format_value
from core.i18n import N_, _
from core.models.formats import Format
from core.models.result import Column
from core.services.analytics.numbers import TABLE
from dashboard.drill import way
from dashboard.page import Page, Panel, View
from dashboard.wording import delta_text, number

_LONGEST = 1_000_000


def numbers(view: View) -> tuple[Any, ...]:
    """Return a number for each metric of an answer with one row."""
    row = next(iter(view.table.rows()), {})
    shown = [column for column in view.table.columns if column.role == "metric"]
    tiles = [_number(row, column, view) for column in shown]
    return ([html.Div(tiles, className="tiles")],)


def _number(row: Mapping[str, Any], column: Column, view: View) -> Component:
    value = row.get(column.key)
    full = format_value(value, column.format, view.language, currency=view.currency)
    found = way(view.table, view)
    address = found.address(row, column) if found else None
    text = _short(value, column, view)
    name = str(column.name)
    return html.Article(
        [
            html.H3(name, className="tile-name", title=name),
            html.A(text, href=address, className="tile-value drill-link",
                   title=" · ".join((full, _("Show lines"))))
            if address
            else html.Span(text, className="tile-value", title=full),
            _change(row, column, view),
        ],
        className="tile",
    )  # fmt: skip


def _short(value: Any, column: Column, view: View) -> str:
    long = (number(value) is not None) and abs(number(value) or 0.0) >= _LONGEST
    return format_value(value, column.format, view.language, compact=long, currency=view.currency)


def _change(row: Mapping[str, Any], column: Column, view: View) -> Component:
    parts = {c.role: c.key for c in view.table.columns if c.metric == column.metric}
    if "compared" not in parts or row.get(parts["compared"]) is None:
        return html.P(_("No comparison"), className="tile-note")
    told = {role: row.get(key) for role, key in parts.items()}
    kind = Format(column.format)
    text = delta_text(told, kind, view)
    change = (number(told.get("change")) or 0.0) if any(c in "123456789" for c in text) else 0.0
    good = {"up": 1, "down": -1, "none": 0}[column.good] * change
    side = "good" if good > 0 else "bad" if good < 0 else "flat"
    arrow = "▲" if change > 0 else "▼" if change < 0 else "■"
    before = _short(told["compared"], column, view)
    period = view.result.compared
    named = format_period(period.start, period.end, view.language) if period else ""
    return html.P(
        [
            html.Span(f"{arrow} {text}", className=f"delta {side}"),
            html.Span(_("from {value}", value=before), className="before"),
        ],
        className="tile-note",
        title=_("Compared with {period}", period=named),
    )


# No page of its own: boards draw it as they draw the panels of pages.
NUMBERS = Page(
    key="numbers",
    title=N_("Figures"),
    icon="model",
    analysis="numbers",
    panels=(Panel("numbers", N_("Figures"), TABLE, "html", numbers),),
)
