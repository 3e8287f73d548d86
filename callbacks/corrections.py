"""The page “Corrections”: rows of a quarantine, what is written into them, what a button does."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from callbacks.downloads import XLSX
from callbacks.support import pairs_of, scope, services
from core.errors import PicholineError
from core.i18n import _, current_language, msg, msg_n
from core.models.tables import Import
from core.services.corrections import MANY, OPEN, SURE, Quarantine
from core.services.corrections.files import corrections_workbook
from dashboard import correction_frame as frame
from dashboard.components import error_notice
from dashboard.correction_grid import GRID, columns, grid_row, reason_text, title_at
from dashboard.correction_notice import applied_text, done_notice, edited_notice, said
from dashboard.correction_state import PAGE_ROWS, CorrectionsState, parse

_NOTE = {"type": "corrections-note", "page": ALL}
_KEPT = (no_update, no_update, no_update, no_update)
routes = Blueprint("corrections", __name__, url_prefix="/corrections")
_LEAST = {"apply-sure": SURE, "apply-all": 0.0}  # how sure a suggestion must be
Row = Mapping[str, Any]


def register(app: Dash) -> None:
    """Add the page's callbacks and its download."""
    app.server.register_blueprint(routes)
    _show(app)
    _tools(app)
    _act(app)


def _show(app: Dash) -> None:
    @app.callback(
        Output("corrections-title", "children"),
        Output("corrections-choice", "children"),
        Output("corrections-counts", "children"),
        Output("corrections-states", "children"),
        Output("corrections-reasons", "children"),
        Output("corrections-pages", "children"),
        Output(GRID, "columnDefs"),
        Output(GRID, "rowData"),
        Output("corrections-rows", "hidden"),
        Input("corrections-query", "data"),
        Input("data-version", "data"),
        Input("corrections-changed", "data"),
    )
    def show(query: str | None, _version: int, _changes: int) -> list[Any]:
        if query is None:
            raise PreventUpdate
        try:
            return shown(parse(pairs_of(query)))
        except PicholineError as error:
            return [frame.title(None), [], error_notice(error), [], [], [], [], [], True]


def shown(state: CorrectionsState) -> list[Any]:
    """Return everything the page shows of an import's quarantine.

    Raises:
        PicholineError: there is no such import, or the person sees a part of the rows only.
    """
    records = services().corrections.imports(scope())
    state = _settled(state, records)
    if state.import_id is None:
        text = _("Every row of every import was accepted or is stored already.")
        return [frame.title(None), frame.choice(records, None), text, [], [], [], [], [], True]
    record = services().imports.get(state.import_id, scope())
    found = services().corrections.quarantine(state.import_id, scope())
    places = found.places(state.state, state.reason)
    start = (state.page - 1) * PAGE_ROWS
    rows = found.rows(places[start : start + PAGE_ROWS])
    made = (
        services().corrections.suggestions(state.import_id, rows, scope())
        if state.state == OPEN
        else [None] * len(rows)
    )
    used = list((record.mapping.get("columns") or {}).values())
    return [
        frame.title(record),
        frame.choice(records, state.import_id),
        frame.counts_text(record, found.counts),
        frame.state_tabs(state, found.counts),
        frame.reason_chips(state, _reasons(found, state)),
        frame.pages(state, len(places)),
        columns(found.titles, used, state.state),
        [grid_row(row, s, found.titles) for row, s in zip(rows, made, strict=True)],
        not rows,
    ]


def _settled(state: CorrectionsState, records: Sequence[Import]) -> CorrectionsState:
    """Name the newest import with open rows where the address names none."""
    if state.import_id is not None or not records:
        return state
    opened = (
        record.id
        for record in records
        if services().corrections.counts(record.id or 0, scope()).open
    )
    return CorrectionsState(next(opened, records[0].id))


def written(found: Quarantine) -> int:
    """Return how many open rows the reader wrote into."""
    opened = set(found.places(OPEN).tolist())
    return sum(1 for place, draft in found.drafts.items() if draft.cells and place in opened)


def _reasons(found: Quarantine, state: CorrectionsState) -> list[tuple[str, str, int]]:
    """Return the reasons of the rows in a state in words, each by its first row."""
    listed = []
    for code, number in found.reasons(state.state).items():
        (first,) = found.rows(found.places(state.state, code)[:1])
        listed.append((code, reason_text(first), number))
    return listed


def _tools(app: Dash) -> None:
    @app.callback(
        Output("corrections-tools", "children"),
        Input(GRID, "rowData"),
        Input("corrections-notice", "children"),
        State("corrections-query", "data"),
        prevent_initial_call=True,
    )
    def tools(rows: Sequence[Row] | None, _notice: Any, query: str | None) -> list[Component]:
        try:
            records = services().corrections.imports(scope())
            state = _settled(parse(pairs_of(query)), records)
            if state.import_id is None:
                return []
            found = services().corrections.quarantine(state.import_id, scope())
        except PicholineError:
            return []  # the page says why
        return frame.tools(state, written(found), len(rows or ()))


def edited(events: Sequence[Mapping[str, Any]], query: str | None) -> tuple[Any, ...]:
    """Keep what was written into cells; return what is said, and the rows anew."""
    state = _settled(parse(pairs_of(query)), services().corrections.imports(scope()))
    number = state.import_id or 0
    found = services().corrections.quarantine(number, scope())
    edits: dict[int, dict[str, str]] = {}
    for event in events:
        title = title_at(str(event["colId"]), found.titles)
        if title is not None:
            text = str(event.get("value") or "")
            edits.setdefault(int(event["data"]["id"]), {})[title] = text
    notice: Component | None = None
    try:
        services().corrections.write_all(number, edits, scope())
        notice = edited_notice(len(edits))
    except PicholineError as error:
        notice = error_notice(error)
    found = services().corrections.quarantine(number, scope())
    rows = found.rows(place for place in edits if 0 <= place < found.table.num_rows)
    made = services().corrections.suggestions(number, rows, scope())
    update = [grid_row(row, s, found.titles) for row, s in zip(rows, made, strict=True)]
    return notice, {"update": update}


def _act(app: Dash) -> None:
    @app.callback(
        Output("corrections-question", "children"),
        Output("corrections-notice", "children"),
        Output("corrections-changed", "data"),
        Output("corrections-job", "data"),
        Output("corrections-poll", "disabled"),
        Output(GRID, "selectedRows"),
        Output(GRID, "rowTransaction"),
        Output({"type": "data-changed", "from": "corrections"}, "data"),
        Input("corrections-pressed", "data"),
        Input(GRID, "cellValueChanged"),
        Input("corrections-poll", "n_intervals"),
        State(_NOTE, "value"),
        State(GRID, "selectedRows"),
        State("corrections-query", "data"),
        State("corrections-changed", "data"),
        State("corrections-job", "data"),
        prevent_initial_call=True,
    )
    def act(
        pressed: Mapping[str, Any] | None,
        events: Sequence[Mapping[str, Any]] | None,
        _ticks: int | None,
        notes: list[str | None],
        chosen: Sequence[Row] | None,
        query: str | None,
        changes: int | None,
        job: Mapping[str, Any] | None,
    ) -> tuple[Any, ...]:
        if not ctx.triggered_id or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        if ctx.triggered_id == GRID:
            notice, rows = edited(events or (), query)
            return no_update, notice, *_KEPT, rows, no_update
        if ctx.triggered_id == "corrections-poll" or not pressed:
            return followed(job, changes or 0)
        places = [int(row["id"]) for row in chosen or ()]
        note = next((text or "" for text in notes), "")
        return *done(pressed["action"], query, places, note, changes or 0), no_update, no_update


def done(
    action: str, query: str | None, places: list[int], note: str, changes: int
) -> tuple[Any, ...]:
    """Do what a button says.

    Returns:
        The question to ask, what is said, a number every change raises, the job that was
        started, whether nothing is to be followed, and the rows chosen afterwards.
    """
    try:
        state = _settled(parse(pairs_of(query)), services().corrections.imports(scope()))
        if action == "check":
            return *_checked(state.import_id or 0, places), no_update
        if action in _LEAST and _are_many(state):
            return *_suggested(action, state), no_update
        if action in {"cancel", "ask-reason", "ask-give-up"}:
            return _question(action, state, places), None, *_KEPT
        told = _changed(action, state, places, note)
    except PicholineError as error:
        return no_update, error_notice(error), *_KEPT
    return None, said(told), changes + 1, no_update, no_update, []


def _question(action: str, state: CorrectionsState, places: list[int]) -> Component | None:
    if action == "cancel":
        return None
    if action == "ask-give-up":
        _need(places)
        return frame.ask_note(len(places))
    corrections, number = services().corrections, state.import_id or 0
    found = corrections.quarantine(number, scope())
    first = found.rows(found.places(OPEN, state.reason)[:1]) if state.reason else []
    reason = reason_text(first[0]) if first else ""
    rows = corrections.untouched(number, state.reason or None, scope())
    if rows > MANY:
        return frame.ask_many(rows, reason)
    return frame.ask_reason(corrections.offer(number, state.reason or None, scope()), reason)


def _are_many(state: CorrectionsState) -> bool:
    rows = services().corrections.untouched(state.import_id or 0, state.reason or None, scope())
    return rows > MANY


def _suggested(action: str, state: CorrectionsState) -> tuple[Any, ...]:
    """Start writing suggestions into many rows; the job is followed."""
    number, code = state.import_id or 0, state.reason or None
    params = {"import_id": number, "code": code, "least": _LEAST[action]}
    job = services().jobs.submit("suggest", params, scope().owner)
    return None, said(_("Looking for suggestions…")), no_update, {"job": job}, False


def _changed(action: str, state: CorrectionsState, places: list[int], note: str) -> str:
    """Change drafts or rows given up; return what to say."""
    corrections, number = services().corrections, state.import_id or 0
    if action in _LEAST:
        least, code = _LEAST[action], state.reason or None
        return applied_text(corrections.apply(number, scope(), code=code, least=least))
    _need(places)
    if action == "apply":
        return applied_text(corrections.apply(number, scope(), places=places))
    if action == "give-up":
        corrections.give_up(number, places, note, scope())
        return str(msg_n("{n} row given up.", "{n} rows given up.", len(places)))
    if action == "take-back":
        corrections.take_back(number, places, scope())
        return str(msg_n("{n} row is open again.", "{n} rows are open again.", len(places)))
    corrections.forget(number, places, scope())
    return str(msg_n("{n} row reads as in the file.", "{n} rows read as in the file.", len(places)))


def _need(places: list[int]) -> None:
    if not places:
        raise PicholineError(
            "corrections.chosen",
            msg("No row is chosen."),
            msg("Tick rows at their left, or press Space on them."),
        )


def _checked(import_id: int, places: list[int]) -> tuple[Any, ...]:
    """Start checking corrected rows; the job is followed."""
    services().corrections.to_check(import_id, places, scope())
    params = {"import_id": import_id, "places": places}
    job = services().jobs.submit("correct", params, scope().owner)
    return None, said(_("Checking the rows…")), no_update, {"job": job}, False


def followed(started: Mapping[str, Any] | None, changes: int) -> tuple[Any, ...]:
    """Say what checking led to once it is over; nothing while it runs."""
    if not started:
        return no_update, no_update, no_update, no_update, True, *(no_update,) * 3
    job = services().jobs.get(int(started["job"]), scope().owner)
    notice = done_notice(job)
    if notice is None:
        raise PreventUpdate
    version = job.result.get("data_version", no_update)
    return no_update, notice, changes + 1, None, True, [], no_update, version


@routes.get("/<int:import_id>/rows.xlsx")
def rows_workbook(import_id: int) -> ResponseReturnValue:
    """Send the open rows with suggestions, to be corrected in a spreadsheet."""
    found = services().corrections.quarantine(import_id, scope())
    rows = found.rows(found.places(OPEN))
    made = services().corrections.suggestions(import_id, rows, scope())
    book = corrections_workbook(found.titles, rows, made, current_language())
    title = _("Rows to correct")
    name = f"{title} {import_id}.xlsx"
    return send_file(BytesIO(book), XLSX, as_attachment=True, download_name=name)
