"""Jobs over HTTP: how far they are, and stopping them; the demo company on a press."""

from typing import Any

from dash import ALL, Dash, Input, Output
from dash.exceptions import PreventUpdate
from flask import Blueprint
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from core.services.jobs import as_dict

routes = Blueprint("jobs", __name__, url_prefix="/jobs")


def register(app: Dash) -> None:
    """Add the routes and the button that loads the demo company."""
    app.server.register_blueprint(routes)

    @app.callback(
        Output("demo-job", "data"),
        Input({"type": "load-demo", "page": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def load_demo(clicks: list[int | None]) -> dict[str, Any]:
        if not any(clicks):
            raise PreventUpdate
        return {"job": services().imports.submit("demo", {}, scope()), "kind": "demo"}


@routes.get("/<int:job_id>")
def state(job_id: int) -> ResponseReturnValue:
    """Answer how far a job of this person is; its result is asked for by its own page."""
    found = as_dict(services().jobs.get(job_id, scope().owner))
    return {key: value for key, value in found.items() if key != "result"}


@routes.post("/<int:job_id>/cancel")
def cancel(job_id: int) -> ResponseReturnValue:
    """Ask a job of this person to stop."""
    found = as_dict(services().jobs.cancel(job_id, scope().owner))
    return {key: value for key, value in found.items() if key != "result"}


@routes.post("/<int:job_id>/retry")
def retry(job_id: int) -> ResponseReturnValue:
    """Start the work of a job that failed or was cancelled once more."""
    found = as_dict(services().jobs.retry(job_id, scope().owner))
    return {key: value for key, value in found.items() if key != "result"}
