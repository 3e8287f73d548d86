"""Lines: the sales lines behind any figure, down to the row of the file they came from."""

from dash import html
from dash.development.base_component import Component

from core.i18n import N_
from core.models.lines import LINES_NAMES
from dashboard.line_list import lines_frame, words
from dashboard.page import PAGES, Page
from dashboard.shell import empty_state


def layout() -> Component:
    """Return the page; callbacks and a script fill it."""
    return html.Div([*lines_frame(), empty_state(PAGE)])


PAGE = PAGES.add(
    Page(
        key="lines",
        title=N_("Lines"),
        icon="lines",
        layout=layout,
        overlay=words,
        order=25,
        filtered=True,
        own=LINES_NAMES,
    )
)
