"""The editor of segment rules: opened with the rules in force, counted while edited, saved."""

from collections.abc import Sequence
from time import time
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.support import scope, services
from core.errors import PicholineError
from core.i18n import _
from core.models.rfm import DEFAULT_RULES
from core.services.customer_segments.preview import Cell, score_cells, sizes
from core.services.customers import CustomerFacts
from core.services.segment_rules import problems, rules_from_rows
from dashboard.components import error_notice
from dashboard.segment_rules import (
    Row,
    changed_rows,
    default_rows,
    editor_rows,
    marked_rows,
    marks_of,
    named,
    problem_list,
)

_DO = {"type": "rules-do", "action": ALL}
_OPEN = {"type": "rules-open", "page": ALL}
_CHANGED = {"type": "data-changed", "from": "segments"}
Shown = tuple[list[Row], Any, bool]


def register(app: Dash) -> None:
    """Add the callbacks."""
    _open(app)
    _edit(app)
    _save(app)
    for source, name in (("opened", "show"), ("closed", "show"), ("marks", "mark")):
        app.clientside_callback(
            ClientsideFunction("segments", name),
            Output(f"rules-{source}-seen", "data"),
            Input(f"rules-{source}", "data"),
            prevent_initial_call=True,
        )


def _open(app: Dash) -> None:
    @app.callback(
        Output("rules-cells", "data"),
        Output("rules-opened", "data"),
        Input(_OPEN, "n_clicks"),
        prevent_initial_call=True,
    )
    def open_editor(clicks: list[int | None]) -> tuple[Any, Any]:
        if not any(clicks):
            raise PreventUpdate
        cells = score_cells(CustomerFacts(services().metrics), scope())
        return cells, {"open": True, "time": time()}


def _edit(app: Dash) -> None:
    @app.callback(
        Output("rules-grid", "rowData"),
        Output("rules-marks", "data"),
        Output("rules-problems", "children"),
        Output("rules-save", "disabled"),
        Input("rules-cells", "data"),
        Input("rules-grid", "cellValueChanged"),
        Input(_DO, "n_clicks"),
        State("rules-grid", "rowData"),
        State("rules-grid", "selectedRows"),
        prevent_initial_call=True,
    )
    def edit(
        cells: list[Cell], _edited: Any, _clicks: Any, rows: list[Row], chosen: list[Row] | None
    ) -> tuple[Any, ...]:
        found = shown(next_rows(ctx.triggered_id, cells, rows, chosen or []), cells or [])
        # While cells are edited only numbers travel back: rows would undo what is being typed.
        typed = ctx.triggered_id == "rules-grid"
        rows_out, marks = (no_update, marks_of(found[0])) if typed else (found[0], no_update)
        return rows_out, marks, *found[1:]


def _save(app: Dash) -> None:
    @app.callback(
        Output("rules-closed", "data"),
        Output("rules-error", "children"),
        Output(_CHANGED, "data"),
        Input("rules-save", "n_clicks"),
        State("rules-grid", "rowData"),
        prevent_initial_call=True,
    )
    def save(clicks: int | None, rows: list[Row]) -> tuple[Any, Any, Any]:
        if not clicks:
            raise PreventUpdate
        try:
            version = services().rules.save(rules_from_rows(named(rows)), scope())
        except PicholineError as error:
            return no_update, error_notice(error), no_update
        return {"open": False, "said": _("The rules are saved."), "time": time()}, None, version


def next_rows(
    changed: Any, cells: Sequence[Cell], rows: Sequence[Row], chosen: Sequence[Row]
) -> list[Row]:
    """Return the editor's rows after what a person did.

    Args:
        changed: id of the component that started the callback.
        cells: customers by scores.
        rows: as they stand in the editor.
        chosen: the selected row, if any.
    """
    if changed == "rules-cells":
        rules = services().rules.current()
        return editor_rows(rules, sizes(rules, cells))
    if not isinstance(changed, dict):
        return list(rows)
    if changed["action"] == "defaults":
        return default_rows(DEFAULT_RULES, rows)
    return changed_rows(rows, changed["action"], chosen[0]["id"] if chosen else None)


def shown(rows: Sequence[Row], cells: Sequence[Cell]) -> Shown:
    """Return rows with their customers, what is wrong, and whether they cannot be saved."""
    kept = named(rows)
    try:
        rules = rules_from_rows(kept)
    except PicholineError as error:
        return list(rows), error_notice(error), True
    found = problems(rules)
    return marked_rows(kept, sizes(rules, cells), found), problem_list(found), bool(found)
