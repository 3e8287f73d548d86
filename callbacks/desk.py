"""What the desk's scripts ask the server for: the search over everything."""

from dash import ClientsideFunction, Dash, Input, Output
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from callbacks.filters import state_of
from callbacks.support import scope, services
from core.services import palette
from core.services.filter_choices import lines_behind
from core.services.jobs import as_dict
from dashboard.desk.status import job_words, rows_text

MOST_TEXT = 80
JOBS = 30
routes = Blueprint("desk", __name__, url_prefix="/desk")


def register(app: Dash) -> None:
    """Add the routes, and the script that hears of undone imports."""
    app.server.register_blueprint(routes)
    app.clientside_callback(
        ClientsideFunction("picholine_desk", "importChanged"),
        Output("desk-heard", "data"),
        Input({"type": "data-changed", "from": "imports"}, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output("status-rows", "children"),
        Input("url", "search"),
        Input("data-version", "data"),
    )
    def rows(search: str | None, _version: int) -> str:
        if services().metrics.span() is None:
            return ""
        return rows_text(lines_behind(services().metrics, state_of(search), scope()))


@routes.get("/find")
def find() -> ResponseReturnValue:
    """Answer what matches the text, within the reader's rights."""
    text = request.args.get("q", "")[:MOST_TEXT]
    hits = palette.find(services(), scope(), text)
    return {"hits": [hit.as_dict() for hit in hits]}


@routes.get("/jobs")
def jobs() -> ResponseReturnValue:
    """Answer this person's latest jobs, the newest first, in words."""
    found = services().jobs.recent(scope().owner, JOBS)
    kept = ("id", "status", "progress", "step", "cancel", "retry", "finished_at")
    return {
        "jobs": [
            {**{k: v for k, v in as_dict(job).items() if k in kept}, **job_words(job)}
            for job in found
        ]
    }


@routes.get("/imported/<int:job_id>")
def imported(job_id: int) -> ResponseReturnValue:
    """Answer which imports a job of this person made: what undoing it would undo."""
    job = services().imports.job(job_id, scope())
    reports = job.result.get("reports") or []
    return {"imports": [{"id": r["import_id"], "name": r["file_name"]} for r in reports]}
