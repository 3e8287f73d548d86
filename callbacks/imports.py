"""The intake's dialogue and the Imports page: show, choose, confirm, undo, redo."""

from collections.abc import Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import scope, services
from core.errors import PicholineError
from core.models.tables import ImportStatus, Job, JobStatus
from core.services.demo_load import set_demo_aside
from core.services.rights import refuse_restricted
from dashboard.attributes import attributes
from dashboard.intake_choices import merged, options_of, read_controls, shown_choices
from dashboard.intake_list import ASK, PRESSED, counting_demo, demo_note
from dashboard.intake_preview import again_note, preview_actions, preview_body
from dashboard.intake_questions import demo_question, question, refused
from dashboard.intake_result import result_actions, result_body
from dashboard.intake_sheet import sheet_views

_CHANGED = {"type": "data-changed", "from": "imports"}
_OF_FILE = ("sha256", "file_name", "instead_of")
Panel = tuple[list[Component], list[Component]]


def register(app: Dash) -> None:
    """Add the callbacks."""
    _show(app)
    _choose(app)
    _change(app)
    _follow(app)


def _show(app: Dash) -> None:
    @app.callback(
        Output("intake-body", "children"),
        Output("intake-actions", "children"),
        Input("intake-shown", "data"),
        Input(_CHANGED, "data"),
        prevent_initial_call=True,
    )
    def show(shown: dict[str, Any] | None, _changes: int | None) -> Panel:
        job = _shown_job(shown)
        if job is None:
            return [], []
        if job.kind == "import":
            return _marked(job, _result(job))
        if ctx.triggered_id != "intake-shown":
            raise PreventUpdate  # an undo elsewhere must not reset what is being chosen
        return _marked(job, _preview(job))


def _choose(app: Dash) -> None:
    @app.callback(
        Output("intake-job", "data"),
        Input({"type": "intake-field", "sheet": ALL, "column": ALL}, "value"),
        Input({"type": "intake-option", "sheet": ALL, "name": ALL}, "value"),
        Input({"type": "intake-confirm", "name": ALL}, "n_clicks"),
        State("intake-shown", "data"),
        prevent_initial_call=True,
    )
    def choose(
        _fields: list[Any], _options: list[Any], clicks: list[Any], shown: dict[str, Any] | None
    ) -> dict[str, Any]:
        changed = ctx.triggered_id
        pressed = bool(changed and changed["type"] == "intake-confirm" and any(clicks))
        started = decide(shown, ctx.inputs_list[:2], changed, pressed=pressed)
        if started is None:
            raise PreventUpdate
        return started


def decide(
    shown: dict[str, Any] | None,
    controls: Sequence[Any],
    changed: dict[str, Any] | None,
    *,
    pressed: bool,
) -> dict[str, Any] | None:
    """Start the job the panel's controls ask for.

    Only what was shown can be confirmed: a choice the server has not looked at yet leads to
    another preview, whatever was pressed.

    Args:
        shown: names the preview job behind the panel.
        controls: the panel's fields and options, as Dash lists them.
        changed: id of the control that started this.
        pressed: the person confirmed.

    Returns:
        The job and its kind; None where nothing differs from what is shown.
    """
    job = _shown_job(shown)
    if job is None or job.kind != "preview":
        return None
    sheets = sheet_views(job.result, job.params)
    before = shown_choices(sheets)
    after = merged(before, read_controls(controls), changed)
    if after == before and not pressed:
        return None
    options = options_of(sheets, after)
    doubtful = any(sheet.include and sheet.ambiguous for sheet in sheets)
    kind = "import" if after == before and not doubtful else "preview"
    if kind == "import":
        options = [option for option in options if option["include"]]
    file = {name: job.params[name] for name in _OF_FILE if name in job.params}
    return {
        "job": services().imports.submit(kind, {**file, "options": options}, scope()),
        "kind": kind,
    }


def _change(app: Dash) -> None:
    @app.callback(
        Output("import-question", "children"),
        Output(_CHANGED, "data"),
        Input(PRESSED, "data"),
        prevent_initial_call=True,
    )
    def change(pressed: dict[str, Any] | None) -> tuple[Any, Any]:
        if not pressed:
            raise PreventUpdate
        action, import_id = pressed["action"], int(pressed["id"])
        try:
            if action.startswith(ASK):
                return _question(import_id, action.removeprefix(ASK)), no_update
            return None, _do(import_id, action)
        except PicholineError as error:
            return refused(error), no_update


def _question(import_id: int, action: str) -> list[Component]:
    imports = services().imports
    everything = imports.all(scope())
    if action == "undo-demo":
        return demo_question(everything)
    notes = services().import_desk.notes(import_id, action, scope())
    return question(imports.get(import_id, scope()), action, notes)


def _do(import_id: int, action: str) -> int:
    """Undo or redo an import, or the demo company; return the new data version."""
    imports = services().imports
    if action == "undo-demo":
        refuse_restricted(scope())
        set_demo_aside(services().catalogue)
        return services().catalogue.current_version()
    change = imports.undo if action == "undo" else imports.redo
    return change(import_id, scope())


def _follow(app: Dash) -> None:
    """Hand started jobs and questions to the script that follows and opens them."""
    for source, target, name in (
        ("intake-job", "intake-followed", "follow"),
        ("demo-job", "demo-followed", "follow"),
    ):
        app.clientside_callback(
            ClientsideFunction("intake", name),
            Output(target, "data"),
            Input(source, "data"),
            prevent_initial_call=True,
        )
    app.clientside_callback(
        ClientsideFunction("intake", "ask"),
        Output("import-asked", "data"),
        Input("import-question", "children"),
        prevent_initial_call=True,
    )


def _shown_job(shown: dict[str, Any] | None) -> Job | None:
    """Return the finished job of this person the panel is about."""
    if not shown:
        return None
    job = services().imports.job(int(shown["job"]), scope())
    return job if job.status is JobStatus.DONE and job.kind in {"preview", "import"} else None


def _marked(job: Job, panel: Panel) -> Panel:
    """Name the job in the body, so that the script never takes one file's panel for another's."""
    body, actions = panel
    return [html.Div(body, **attributes({"data-job": str(job.id)}))], actions


def _preview(job: Job) -> Panel:
    sheets = sheet_views(job.result, job.params)
    body = preview_body(sheets, services().settings.base_currency, job.result.get("effect"))
    again = again_note(int(job.params.get("instead_of") or 0))
    return [*again, *_demo_note(), *body], preview_actions(sheets)


def _result(job: Job) -> Panel:
    reports = job.result["reports"]
    undone = {
        record.id or 0
        for record in services().imports.all(scope())
        if record.status is ImportStatus.UNDONE
    }
    return [*result_body(reports, undone), *_demo_note()], result_actions(reports)


def _demo_note() -> list[Component]:
    return [demo_note()] if counting_demo(services().imports.all(scope())) else []
