"""What the desk's scripts ask the server for: the search over everything."""

from dash import ClientsideFunction, Dash, Input, Output
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from core.services import palette

MOST_TEXT = 80
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


@routes.get("/find")
def find() -> ResponseReturnValue:
    """Answer what matches the text, within the reader's rights."""
    text = request.args.get("q", "")[:MOST_TEXT]
    hits = palette.find(services(), scope(), text)
    return {"hits": [hit.as_dict() for hit in hits]}


@routes.get("/imported/<int:job_id>")
def imported(job_id: int) -> ResponseReturnValue:
    """Answer which imports a job of this person made: what undoing it would undo."""
    job = services().imports.job(job_id, scope())
    reports = job.result.get("reports") or []
    return {"imports": [{"id": r["import_id"], "name": r["file_name"]} for r in reports]}
