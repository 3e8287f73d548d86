"""Imports: everything that was brought in, with undo and redo; its overlay is the intake."""

from dash import html
from dash.development.base_component import Component

from core.i18n import N_
from dashboard.intake_frame import import_button, intake_frame
from dashboard.page import PAGES, Page


def layout() -> Component:
    """Return the page; a callback fills the list."""
    return html.Div(id="imports-list", className="imports")


PAGES.add(
    Page(
        key="imports",
        title=N_("Imports"),
        icon="imports",
        layout=layout,
        overlay=intake_frame,
        tool=import_button,
        order=900,
    )
)
