"""Runs over HTTP and on their pages: progress, start, cancel, schedules, files of finished runs."""

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate
from flask import Blueprint, Response, send_file
from flask.typing import ResponseReturnValue

from callbacks.downloads import csv_response, failed
from callbacks.support import pairs_of, scope, services
from core.errors import PicholineError
from core.i18n import _, current_language, translate
from core.models.tables import Job, JobStatus
from core.services import schedules, studies
from core.services.analytics.base import Analysis, get_analysis
from core.services.export.scores import scores_table
from core.services.export.text import csv_lines
from core.services.runs import is_waiting
from core.services.worker_lock import worker_alive
from dashboard.page import Page, pages
from dashboard.runs import progress_bar

routes = Blueprint("runs", __name__, url_prefix="/runs")


def register(app: Dash) -> None:
    """Add the routes, and the callbacks of every page with a background analysis."""
    app.server.register_blueprint(routes)
    for page in pages():
        if page.analysis and get_analysis(page.analysis).study:
            _turn(app, page, get_analysis(page.analysis))
            _schedule(app, page, get_analysis(page.analysis))


def _turn(app: Dash, page: Page, analysis: Analysis) -> None:
    """Say how far the run is; when it ends, or a button is pressed, the page looks again."""

    @app.callback(
        Output(f"{page.key}-run-progress", "children"),
        Output(f"{page.key}-run-turn", "data"),
        Input(f"{page.key}-run-poll", "n_intervals"),
        Input({"type": "run-do", "page": page.key, "do": ALL}, "n_clicks"),
        State(f"{page.key}-query", "data"),
        State(f"{page.key}-run", "data"),
        State(f"{page.key}-run-turn", "data"),
        prevent_initial_call=True,
    )
    def turn(_ticks: int, _clicks: list[Any], query: Any, run: Any, before: Any) -> tuple[Any, Any]:
        pressed = _pressed()
        if pressed:
            return None, press(analysis, pressed, query, run)
        if isinstance(ctx.triggered_id, dict):  # a button was drawn, not pressed
            raise PreventUpdate
        return progress(run, before)


def _pressed() -> str | None:
    """Return what a pressed button does; a tick of the clock may have come in the same call."""
    for trigger in ctx.triggered:
        source = ctx.triggered_prop_ids.get(trigger["prop_id"])
        if isinstance(source, dict) and trigger["value"]:
            return str(source["do"])
    return None


def press(
    analysis: Analysis, do: str, query: str | None, run: dict[str, Any] | None
) -> dict[str, Any]:
    """Start, start again or cancel; return what was done, which makes the page look again."""
    if do == "cancel":
        job = _job(run)
        if job is None:
            raise PreventUpdate
        services().jobs.cancel(job.id or 0, scope().owner)
        return {"cancelled": job.id}
    params = analysis.params_from(pairs_of(query))
    return {"job": studies.start(services(), analysis, params, scope(), again=do == "again")}


def progress(run: dict[str, Any] | None, before: dict[str, Any] | None) -> tuple[Any, Any]:
    """Return the progress while a job runs, and once that it ended; never any panel."""
    job = _job(run)
    if job is not None and is_waiting(job):
        return progress_bar(job.progress, _step(job)), no_update
    ended = {"ended": job.id if job else None, "key": (run or {}).get("key")}
    return None, ended if ended != before else no_update


def _step(job: Job) -> str:
    if job.status is JobStatus.RUNNING:
        return translate(job.step)
    if not worker_alive(services().settings.home):
        return _("No worker is running. Start one: picholine worker.")
    return _("Waiting for its turn")


def _job(run: dict[str, Any] | None) -> Job | None:
    """Return the job behind what this browser asked for; the address cannot be guessed."""
    return services().runs.store.request(str((run or {}).get("key", "")))


def _schedule(app: Dash, page: Page, analysis: Analysis) -> None:
    @app.callback(
        Output(f"{page.key}-run-scheduled", "data"),
        Input({"type": "run-schedule", "page": page.key}, "value"),
        State(f"{page.key}-query", "data"),
        prevent_initial_call=True,
    )
    def switch(wanted: bool | None, query: str | None) -> bool:  # noqa: FBT001 - Dash's own call
        params = analysis.params_from(pairs_of(query))
        if wanted is None or wanted == schedules.is_scheduled(
            services(), analysis, params, scope()
        ):
            raise PreventUpdate
        schedules.switch(services(), analysis, params, scope(), enabled=wanted)
        return wanted


@routes.get("/<int:run_id>/model.json")
def model(run_id: int) -> ResponseReturnValue:
    """Send the model of a run of this person."""
    run = services().runs.get(run_id, scope())
    path = services().runs.model_path(run)
    name = f"{run.analysis}-{run_id}.json"
    return send_file(path, "application/json", as_attachment=True, download_name=name)


@routes.get("/<int:run_id>/scores.csv")
def scores(run_id: int) -> Response:
    """Send the scores of a run of this person, in the reader's spelling of numbers."""
    run = services().runs.get(run_id, scope())
    table = scores_table(services().runs.scores_or_error(run), run.data_version)
    return csv_response(csv_lines(table, current_language()), f"{run.analysis}-{run_id}.csv")


@routes.errorhandler(PicholineError)
def refused(error: PicholineError) -> ResponseReturnValue:
    """Answer a person who followed a link with a small page, a program with JSON."""
    return failed(error)
