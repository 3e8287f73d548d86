"""Saved views: keeping the open page, the list with its buttons, the first page of all."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from core.errors import PicholineError
from core.i18n import _
from core.models.tables import SavedView
from core.services.dashboards import address
from dashboard.components import error_notice
from dashboard.views import KEPT, PRESSED, removed, starred, view_list

Pressed = dict[str, Any] | None


def register(app: Dash) -> None:
    """Add the list, the dialogue and the way from `/` to the first view."""
    _begin(app.server)
    _list(app)
    _save(app)
    _change(app)
    _marked(app)
    app.clientside_callback(
        ClientsideFunction("picholine_views", "saved"),
        Output("view-told", "data"),
        Input("view-saved", "data"),
        prevent_initial_call=True,
    )


def _marked(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("picholine_views", "starred"),
        Output("view-marked", "data"),
        Input("starred-views", "children"),
    )


def _begin(server: Flask) -> None:
    @server.before_request
    def begin() -> ResponseReturnValue | None:
        """Lead to the first view or dashboard where no page is named."""
        if request.method != "GET" or request.path != "/" or request.query_string:
            return None
        board, view = services().dashboards.first(scope()), services().views.first(scope())
        found = address(board) if board else view.address if view else ""
        return redirect(found) if found else None


def _list(app: Dash) -> None:
    turns = (Input("views-changed", "data"), Input("view-saved", "data"))

    @app.callback(Output("starred-views", "children"), *turns)
    def beside(_changes: int, _saved: Any) -> list[Component]:
        return starred(services().views.all(scope()))

    @app.callback(Output("views-list", "children"), *turns)
    def listed(_changes: int, _saved: Any) -> Component:
        return view_list(services().views.all(scope()))


def _save(app: Dash) -> None:
    """The dialogue is there on every page: it writes nothing that only the page of views has."""

    @app.callback(
        Output("view-refused", "children"),
        Output("view-saved", "data"),
        Input(KEPT, "data"),
        State("view-name", "value"),
        State("view-star", "value"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def save(
        pressed: Pressed, name: str | None, star: list[str] | None, path: str, search: str | None
    ) -> tuple[Any, ...]:
        if not pressed:
            raise PreventUpdate
        try:
            view, _before = services().views.save(name, f"{path}{search or ''}", scope())
            if star:
                services().views.star(view.id or 0, scope(), starred=True)
        except PicholineError as error:
            return error_notice(error), no_update
        told = _("Saved as “{name}”.", name=view.name)
        return None, {"text": told, "n": pressed.get("n")}


def _change(app: Dash) -> None:
    @app.callback(
        Output("views-changed", "data"),
        Output("views-said", "children"),
        Input(PRESSED, "data"),
        State("views-changed", "data"),
        prevent_initial_call=True,
    )
    def change(pressed: Pressed, changes: int) -> tuple[Any, ...]:
        if not pressed:
            raise PreventUpdate
        try:
            view = _done(pressed)
        except PicholineError as error:
            return (changes or 0) + 1, error_notice(error)
        return (changes or 0) + 1, removed(view) if pressed["action"] == "remove" else None


def _done(pressed: dict[str, Any]) -> SavedView:
    """Do what a button of the list says; return the view as it is then."""
    views, who, view_id = services().views, scope(), int(pressed["id"])
    match pressed["action"]:
        case "star" | "unstar":
            return views.star(view_id, who, starred=pressed["action"] == "star")
        case "first" | "not-first":
            board = services().dashboards.first(who)
            if board and pressed["action"] == "first":
                services().dashboards.begin_with(board.id, who, first=False)
            return views.begin_with(view_id, who, first=pressed["action"] == "first")
        case "remove":
            return views.remove(view_id, who)
        case _:
            return views.restore(view_id, who)
