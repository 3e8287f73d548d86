"""Earlier versions of something people edit: what it was, when, by whom, and the way back."""

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language
from core.models.formats import Format


def version_row(
    edition: int,
    saved_at: datetime | None,
    owner: str,
    shown: Sequence[Component],
    restore: Component,
    *,
    removed: bool,
) -> Component:
    """Return one version as an entry of a list.

    Args:
        edition: its number.
        saved_at: when it was saved; None for what ships.
        owner: who saved it.
        shown: what it said.
        restore: the button that brings it back.
        removed: it was saved by being removed.
    """
    when = format_value(saved_at, Format.DATE, current_language())
    return html.Li(
        [
            html.Span(_("Version {n}", n=edition), className="definition-edition"),
            html.Span(when, className="definition-when"),
            html.Span(owner),
            *shown,
            html.Span(_("removed") if removed else ""),
            restore,
        ]
    )
