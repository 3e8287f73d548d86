"""Imports: everything that was brought in, with undo and redo; its overlay is the intake."""

from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import N_
from dashboard.arrivals import above_imports, below_imports
from dashboard.import_list import search_box
from dashboard.intake_frame import import_button, intake_frame
from dashboard.page import PAGES, Page


def layout() -> Component:
    """Return the page; callbacks fill the lists."""
    return html.Div(
        [
            above_imports(),
            search_box(),
            html.Div(id="again-refused", role="alert"),
            html.Div(id="imports-list", className="imports"),
            below_imports(),
            dcc.Store(id="again-job"),
            dcc.Store(id="again-pressed"),
            dcc.Store(id="again-followed"),
        ]
    )


PAGES.add(
    Page(
        key="imports",
        title=N_("Imports"),
        icon="imports",
        layout=layout,
        overlay=intake_frame,
        tool=import_button,
        order=900,
        own=("import", "from", "rows"),
    )
)
