"""Corrections: quarantined rows in a grid, written into, checked again; spellings and meanings."""

from dash import html
from dash.development.base_component import Component

from core.i18n import N_
from dashboard.alias_list import aliases_frame
from dashboard.correction_frame import corrections_frame
from dashboard.correction_state import NAMES
from dashboard.page import PAGES, Page


def layout() -> Component:
    """Return the page; callbacks fill it."""
    return html.Div([*corrections_frame(), aliases_frame()], className="panels")


PAGES.add(
    Page(
        key="corrections",
        title=N_("Corrections"),
        icon="check",
        layout=layout,
        order=905,
        own=NAMES,
    )
)
