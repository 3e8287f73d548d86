"""The sections beside the imports: waiting files, remembered layouts, SQL sources."""

import tempfile
from pathlib import Path
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from core.errors import PicholineError
from core.services.inbox_watch import refuse_waiting, waiting_files
from core.services.ingest import Mapping
from core.services.layouts import Layouts
from core.services.sql_source import all_sources, as_dict, submit_source
from core.services.sql_source_desk import paused_sources
from dashboard.arrivals import SHOWN_LAYOUTS, layout_list, source_list, waiting_box
from dashboard.components import error_notice
from dashboard.import_log import not_imported_list

_DONE = {"type": "data-changed", "from": "arrivals"}
_FROM_INTAKE = {"type": "data-changed", "from": "intake"}
routes = Blueprint("layouts", __name__)


def register(app: Dash) -> None:
    """Add the route and the callbacks."""
    app.server.register_blueprint(routes)
    _show(app)
    _act(app)
    app.clientside_callback(
        ClientsideFunction("intake", "follow"),
        Output("arrival-followed", "data"),
        Input("arrival-job", "data"),
        prevent_initial_call=True,
    )


@routes.get("/layouts/<name>.toml")
def layout_file(name: str) -> ResponseReturnValue:
    """Send a remembered layout as a mapping file."""
    text = Layouts(services().catalogue).to_toml(name, scope())
    told = {"Content-Disposition": f'attachment; filename="layout-{name[:8]}.toml"'}
    return Response(text, mimetype="application/toml", headers=told)


def _show(app: Dash) -> None:
    @app.callback(
        Output("imports-waiting", "children"),
        Output("layouts-list", "children"),
        Output("sources-list", "children"),
        Output("not-imported-list", "children"),
        Input("data-version", "data"),
        Input(_FROM_INTAKE, "data"),
        Input(_DONE, "data"),
        Input("sources-changed", "data"),
    )
    def show(
        _version: int, _imported: int | None, _done: int | None, _sources: int | None
    ) -> tuple[list[Component], ...]:
        if scope().where:
            return [], [], [], []  # the list of imports says why
        zone = services().settings.time_zone
        sources = all_sources(services(), scope())
        resting = paused_sources(services(), scope())
        paused = [source.name for source in sources if source.id in resting]
        listed = source_list([as_dict(source) for source in sources], zone, paused)
        waiting = waiting_files(services(), scope())
        refused = not_imported_list(services().import_logs.not_imported(scope()), zone)
        return waiting_box(waiting), _layouts(zone), listed, refused


def _layouts(zone: str) -> list[Component]:
    layouts = Layouts(services().catalogue)
    cards = layouts.all(scope())
    names = [card.name for card in cards[:SHOWN_LAYOUTS]]
    texts = {name: _text_of(layouts, name) for name in names}
    return layout_list(cards, texts, {n: layouts.history(n, scope()) for n in names}, zone)


def _text_of(layouts: Layouts, name: str) -> str:
    """Return a layout's text; what an older Picholine wrote and this one cannot read is empty."""
    try:
        return layouts.to_toml(name, scope())
    except PicholineError:
        return ""


def _act(app: Dash) -> None:
    @app.callback(
        Output("arrivals-error", "children"),
        Output("arrival-job", "data"),
        Output(_DONE, "data"),
        Input("arrivals-pressed", "data"),
        State({"type": "layout-text", "name": ALL}, "value"),
        State(_DONE, "data"),
        prevent_initial_call=True,
    )
    def act(
        wanted: dict[str, Any] | None, _texts: list[Any], done: int | None
    ) -> tuple[Any, Any, Any]:
        if not wanted:
            raise PreventUpdate
        texts = {state["id"]["name"]: state.get("value") or "" for state in ctx.states_list[0]}
        try:
            job = _do(wanted["what"], str(wanted["name"]), int(wanted["number"]), texts)
        except PicholineError as error:
            return error_notice(error), no_update, no_update
        return None, job or no_update, (done or 0) + 1


def _do(what: str, name: str, number: int, texts: dict[str, str]) -> dict[str, Any] | None:
    """Do what a button stands for; return the job to follow, if it started one."""
    layouts = Layouts(services().catalogue)
    if what == "inbox-look":
        return _look_at(name)
    if what == "source-run":
        return {"job": submit_source(services(), name, scope()), "kind": "source", "file": name}
    if what == "inbox-refuse":
        refuse_waiting(services(), name, scope())
    elif what == "layout-save":
        layouts.save(name, _mapping_of(texts.get(name, "")), scope())
    elif what == "layout-restore":
        layouts.restore(name, number, scope())
    elif what == "layout-forget":
        layouts.forget(name, scope())
    return None


def _look_at(sha256: str) -> dict[str, Any] | None:
    """Have a waiting file looked at for this person."""
    for found in waiting_files(services(), scope()):
        if found.sha256 == sha256:
            params = {"sha256": sha256, "file_name": found.file_name, "options": {}}
            job = services().imports.submit("preview", params, scope())
            return {"job": job, "kind": "preview", "file": found.file_name, "size": found.size}
    return None


def _mapping_of(text: str) -> Mapping:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layout.toml"
        path.write_text(text, encoding="utf-8")
        return Mapping.load(path)
