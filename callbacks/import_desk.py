"""The Imports page: the list, one import's own view, its file, and its file read again."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from callbacks.downloads import failed
from callbacks.support import pairs_of, scope, services
from core.errors import PicholineError
from dashboard.components import error_notice
from dashboard.import_list import import_list
from dashboard.import_view import import_view

_CHANGED = {"type": "data-changed", "from": "imports"}
_FROM_INTAKE = {"type": "data-changed", "from": "intake"}
routes = Blueprint("import_desk", __name__, url_prefix="/imports")


def register(app: Dash) -> None:
    """Add the page's callbacks and its download."""
    app.server.register_blueprint(routes)
    _show(app)
    _again(app)


def _show(app: Dash) -> None:
    @app.callback(
        Output("imports-list", "children"),
        Output("imports-search", "hidden"),
        Input("imports-query", "data"),
        Input("imports-find", "value"),
        Input("data-version", "data"),
        Input(_CHANGED, "data"),
        Input(_FROM_INTAKE, "data"),
    )
    def show(
        query: str | None, find: str | None, _version: int, _changes: int | None,
        _imported: int | None,
    ) -> tuple[list[Component], bool]:  # fmt: skip
        chosen = dict(pairs_of(query))
        wanted = _number(chosen.get("import"))
        try:
            if wanted is not None:
                warned = chosen.get("rows") == "warned"
                return _one(wanted, _number(chosen.get("from")) or 0, warned=warned), True
            found = services().import_desk.all(scope())
        except PicholineError as error:
            return [error_notice(error)], True
        settings = services().settings
        listed = import_list(found, settings.time_zone, settings.base_currency, find or "")
        return listed, not found


def _one(import_id: int, offset: int, *, warned: bool = False) -> list[Component]:
    desk, settings = services().import_desk, services().settings
    view = desk.get(import_id, scope())
    if warned:
        table = view.facts.record.table_name
        warnings = services().quality.warned(import_id, table, scope())
        page = desk.warned_rows(import_id, warnings, scope(), offset)
    else:
        page = desk.rows(import_id, scope(), offset)
    log = services().import_logs.of_import(import_id, scope())
    return import_view(view, page, settings.time_zone, settings.base_currency, log)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _again(app: Dash) -> None:
    """Look at a stored file again; the panel opens with the mapping it was read by."""

    @app.callback(
        Output("again-job", "data"),
        Output("again-refused", "children"),
        Input("again-pressed", "data"),
        prevent_initial_call=True,
    )
    def again(wanted: dict[str, Any] | None) -> tuple[dict[str, Any] | None, list[Component]]:
        if not wanted:
            raise PreventUpdate
        try:
            params = services().import_desk.again(int(wanted["id"]), scope())
            job = services().imports.submit("preview", params, scope())
        except PicholineError as error:
            return None, [error_notice(error)]
        return {"job": job, "kind": "again", "name": params["file_name"]}, []

    app.clientside_callback(
        ClientsideFunction("intake", "follow"),
        Output("again-followed", "data"),
        Input("again-job", "data"),
        prevent_initial_call=True,
    )


@routes.get("/<int:import_id>/original")
def original(import_id: int) -> ResponseReturnValue:
    """Send the file an import came from, under the name it had."""
    path, name = services().import_desk.original(import_id, scope())
    return send_file(
        path.resolve(), "application/octet-stream", as_attachment=True, download_name=name
    )


@routes.errorhandler(PicholineError)
def refused(error: PicholineError) -> ResponseReturnValue:
    """Answer as other downloads do."""
    return failed(error)
