"""The settings of an analysis and the URL: the controls follow it; what does not fit is said.

What a person changes goes into the URL by `assets/controls.js`, never through a callback: a late
answer would take away what was chosen meanwhile.
"""

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.support import pairs_of
from core.models.options import Option
from core.services.analytics.base import get_analysis
from dashboard.options import bar_options, option_id, refusal
from dashboard.page import Page, pages


def register(app: Dash) -> None:
    """Add the callbacks of every page whose analysis has settings."""
    for page in pages():
        options = bar_options(get_analysis(page.analysis).options) if page.analysis else ()
        if options:
            _fill(app, page)
            _explain(app, page, options)


def _fill(app: Dash, page: Page) -> None:
    app.clientside_callback(
        ClientsideFunction("picholine_options", "fill"),
        Output(f"{page.key}-options-filled", "data"),
        Input(f"{page.key}-query", "data"),
        State(f"{page.key}-options-spec", "data"),
    )


def _explain(app: Dash, page: Page, options: tuple[Option, ...]) -> None:
    @app.callback(
        [Output(option_id(page, option, "error"), "children") for option in options],
        Input(f"{page.key}-query", "data"),
    )
    def explain(query: str | None) -> list[str | None]:
        if query is None:
            raise PreventUpdate
        pairs = dict(pairs_of(query))
        return [refusal(option, pairs) for option in options]
