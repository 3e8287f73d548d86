"""Pages: which one is open, its content on the first visit, status bar, theme."""

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.support import scope, services
from dashboard.page import Page, pages
from dashboard.shell import app_class, page_content, status_items


def register(app: Dash) -> None:
    """Add the router, the first visits, the status bar and the theme."""
    _route(app)
    for page in pages():
        _first_visit(app, page)
    _status(app)
    app.clientside_callback(
        ClientsideFunction("picholine", "theme"),
        Output("theme", "data"),
        Input("theme-toggle", "n_clicks"),
    )


def _route(app: Dash) -> None:
    """Open the page the URL names; only this page's query changes, the others keep theirs."""
    keys = [page.key for page in pages()]
    app.clientside_callback(
        ClientsideFunction("picholine", "route"),
        Output("desk", "className"),
        Output("page-title", "children"),
        Output("page-lost", "hidden"),
        *[Output(f"{key}-query", "data") for key in keys],
        *[Output(f"{key}-visited", "data") for key in keys],
        *[Output(f"{key}-slot", "hidden") for key in keys],
        *[Output(f"{key}-nav", "href") for key in keys],
        *[Output(f"{key}-nav", "className") for key in keys],
        Input("url", "pathname"),
        Input("url", "search"),
        State("shell-pages", "data"),
    )


def _first_visit(app: Dash, page: Page) -> None:
    @app.callback(
        Output(f"{page.key}-slot", "children"),
        Input(f"{page.key}-visited", "data"),
        prevent_initial_call=True,
    )
    def fill(visited: Any) -> Any:
        return page_content(page) if visited else no_update


def _status(app: Dash) -> None:
    @app.callback(
        Output("data-version", "data"),
        Output("status-items", "children"),
        Output("app", "className"),
        Input("status-poll", "n_intervals"),
        Input({"type": "data-changed", "from": ALL}, "data"),
        State("data-version", "data"),
        prevent_initial_call=True,
    )
    def refresh(_ticks: int, _changes: list[Any], shown: int) -> tuple[Any, Any, Any]:
        if services().metrics.turn() == shown:
            return no_update, no_update, no_update
        status = services().metrics.status(scope())
        items: list[Component] = status_items(status)
        return status.turn, items, app_class(status)
