"""The settings of an analysis and the URL: each follows the other."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from callbacks.support import pairs_of
from core.models.options import Option
from core.services.analytics.base import get_analysis
from dashboard.options import bar_options, option_id, refusal, shown_value
from dashboard.page import Page, pages


def register(app: Dash) -> None:
    """Add the callbacks of every page whose analysis has settings."""
    for page in pages():
        options = bar_options(get_analysis(page.analysis).options) if page.analysis else ()
        if options:
            _show(app, page, options)
            _write(app, page, options)


def _show(app: Dash, page: Page, options: tuple[Option, ...]) -> None:
    names = [option_id(page, option) for option in options]

    @app.callback(
        *(Output(name, "value") for name in names),
        *(Output(option_id(page, option, "error"), "children") for option in options),
        Input(f"{page.key}-query", "data"),
        *(State(name, "value") for name in names),
    )
    def show(query: str | None, *shown: Any) -> list[Any]:
        if query is None:
            raise PreventUpdate
        pairs = dict(pairs_of(query))
        wanted = [shown_value(option, pairs) for option in options]
        # What is there already is left alone: somebody may be typing in the next control.
        fresh = [no_update if w == s else w for w, s in zip(wanted, shown, strict=True)]
        return [*fresh, *(refusal(option, pairs) for option in options)]


def _write(app: Dash, page: Page, options: tuple[Option, ...]) -> None:
    """Let the script put a changed control into the URL; only the filters' callback writes it."""
    app.clientside_callback(
        ClientsideFunction("picholine_options", "write"),
        Output(f"{page.key}-options-written", "data"),
        *(Input(option_id(page, option), "value") for option in options),
        State("url", "search"),
        State(f"{page.key}-options-spec", "data"),
        prevent_initial_call=True,
    )
