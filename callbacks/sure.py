"""Many files at once: what a preview leaves no doubt about is imported as it was shown."""

from dash import Dash
from flask import Blueprint
from flask.typing import ResponseReturnValue

from callbacks.imports import decide
from callbacks.support import scope, services
from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import JobStatus
from core.services.ingest.doubts import doubts_in, joined
from dashboard.intake_sheet import sheet_views

routes = Blueprint("sure", __name__)


def register(app: Dash) -> None:
    """Add the route."""
    app.server.register_blueprint(routes)


@routes.post("/uploads/sure/<int:job_id>")
def confirm(job_id: int) -> ResponseReturnValue:
    """Import what a finished preview showed, if nothing in it is in doubt.

    Returns:
        `{job, kind}` of the import; `{why}` where a person should look first.
    """
    job = services().imports.job(job_id, scope())
    if job.kind != "preview" or job.status is not JobStatus.DONE:
        raise PicholineError(
            "preview.unfinished",
            msg("There is no finished preview to confirm."),
            msg("Drop the file again."),
            status=409,
        )
    included = {view.name for view in sheet_views(job.result, job.params) if view.include}
    doubts = doubts_in([s for s in job.result["sheets"] if s["sheet"] in included])
    if doubts:
        return {"why": str(joined(doubts))}
    return decide({"job": job_id}, (), None, pressed=True) or {"why": ""}
