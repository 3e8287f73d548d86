"""Names and values side by side: model cards, and how to read a page."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import translate
from core.models.formats import Format
from dashboard.page import View


def facts(pairs: Sequence[tuple[str, str]]) -> Component:
    """Return names with their values as a list of definitions."""
    parts: list[Component] = []
    for name, value in pairs:
        parts += [html.Dt(name), html.Dd(value)]
    return html.Dl(parts, className="facts")


def model_card(view: View) -> tuple[Any, ...]:
    """Return a panel's table of facts (`core.services.analytics.base.facts_table`)."""
    shown: list[tuple[str, str]] = []
    for row in view.table.rows():
        value = format_value(
            row["value"], Format(row["format"]), view.language, currency=view.currency
        )
        text = translate(row["text"], view.language) if row["text"] else value
        shown.append((translate(row["fact"], view.language), text))
    return (facts(shown),)
