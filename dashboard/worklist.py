"""The worklist on a page: a grid with cells to write into, and what is said after a change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.errors import PicholineError
from core.i18n import _, translate
from core.models.result import Column, ResultTable
from core.services.worklist import FIELD_NAMES, LONGEST, STATUSES, Change, Item
from core.services.worklist_tables import CUSTOMER
from dashboard.components import error_notice, icon
from dashboard.grid import grid_columns, grid_rows
from dashboard.page import View

MOST_ROWS = 2000  # in the browser; the export has all
ANSWER, NOTICE, SHOWN = "worklist-answer", "worklist-notice", "worklist-shown"
_MONEY = ("probability", "at_stake", "expected_loss")
_WHO = ("customer_name", CUSTOMER)
_MORE = ("contact", "country", "channel", "segment", "salesperson", "last_day", "recency", "gap",
         "purchase_days", "net_sales")  # fmt: skip
_REASONS, _ALL_REASONS = "reasons", "all_reasons"
_TOLD = 2  # reasons in the cell; all of them when it is pointed at, and in the export


def worklist_parts() -> list[Component]:
    """Return what a page with a worklist needs beside the grid."""
    return [
        dcc.Store(id=ANSWER),
        dcc.Store(id=SHOWN),
        html.Div(id=NOTICE, className="worklist-notice", role="status"),
    ]


def worklist_grid(view: View) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return rows and columns: who, what is at stake, what is done about it, and why."""
    table = view.table
    there = {column.key for column in table.columns}
    who = next(key for key in _WHO if key in there)
    columns = [table.column(key) for key in (who, *_MONEY, *FIELD_NAMES, *_MORE) if key in there]
    rows = _rows(table, columns, view)
    shown = {definition["field"]: definition for definition in grid_columns(columns, view)}
    shown[who] |= {"pinned": "left", "minWidth": 130, "flex": 0, "width": 165}
    for key in ("probability", "at_stake", "expected_loss"):
        shown[key] |= {"minWidth": 92, "flex": 0, "width": 104}
    for key, definition in _editable().items():
        shown[key] |= definition
    order = [who, *_MONEY, *FIELD_NAMES]
    later = [shown[column.key] for column in columns if column.key not in order]
    return rows, [*(shown[key] for key in order), _reasons_column(), *later]


def _rows(table: ResultTable, columns: list[Column], view: View) -> list[dict[str, Any]]:
    """Return the first rows, and below them those somebody works on."""
    head = table.data.num_rows > MOST_ROWS
    kept = table if not head else _cut(table)
    reasons = [column for column in kept.columns if column.key.startswith("reason_")]
    rows = grid_rows(kept, columns, view)
    for row, stored in zip(rows, kept.rows(), strict=True):
        told = [translate(stored[c.key], view.language) for c in reasons if stored[c.key]]
        row |= {
            CUSTOMER: stored[CUSTOMER],
            _REASONS: " · ".join(told[:_TOLD]),
            _ALL_REASONS: " · ".join(told),
            "assignee": stored["assignee"] or "",
            "note": stored["note"] or "",
        }
        if "customer_name" in row and not stored["customer_name"]:
            row["customer_name"] = stored[CUSTOMER]
    return rows


def _cut(table: ResultTable) -> ResultTable:
    touched = table.data.column("changed_on").is_valid().to_pylist()
    places = [n for n, is_touched in enumerate(touched) if n < MOST_ROWS or is_touched]
    return replace(table, data=table.data.take(places))


def _editable() -> dict[str, dict[str, Any]]:
    """Return what makes a column one to write into, per field."""
    written = {"editable": True, "cellClass": "editable", "flex": 0}
    return {
        "assignee": {
            **written,
            "minWidth": 92,
            "width": 104,
            "cellEditor": "agTextCellEditor",
            "cellEditorParams": {"maxLength": LONGEST["assignee"]},
        },
        "status": {
            **written,
            "minWidth": 92,
            "width": 104,
            "cellEditor": "agSelectCellEditor",
            "cellEditorParams": {"values": [translate(name) for name in STATUSES.values()]},
        },
        "note": {
            **written,
            "minWidth": 120,
            "width": 170,
            "cellEditor": "agLargeTextCellEditor",
            "cellEditorPopup": True,
            "cellEditorParams": {"maxLength": LONGEST["note"], "rows": 4, "cols": 40},
        },
    }


def _reasons_column() -> dict[str, Any]:
    return {
        "field": _REASONS,
        "headerName": _("Why"),
        "tooltipField": _ALL_REASONS,
        "filter": "agTextColumnFilter",
        "sortable": False,
        "minWidth": 330,
        "flex": 3,
        "wrapText": True,
        "autoHeight": True,
        "cellClass": "reasons",
    }


def shown_values(item: Item) -> dict[str, str]:
    """Return an item's fields as the grid shows them."""
    return {**item.values(), "status": translate(STATUSES[item.status])}


def stored_value(field: str, value: Any) -> str:
    """Return a cell's value as it is stored: a status in the reader's language by its key."""
    text = "" if value is None else str(value)
    if field != "status":
        return text
    return next((key for key, name in STATUSES.items() if translate(name) == text), text)


def changed_notice(name: str, field: str, change: Change, *, again: bool) -> Component:
    """Return what was stored, with the way back.

    Args:
        name: of the customer.
        field: that was edited.
        change: as it was stored.
        again: the change was itself an undo.
    """
    value = shown_values(change.item)[field]
    values: Mapping[str, str] = {
        "name": name,
        "field": translate(FIELD_NAMES[field]),
        "value": value,
    }
    if value:
        said = _("{name}: {field} is now “{value}”.", **values)
    else:
        said = _("{name}: {field} is now empty.", **values)
    undo = html.Button(
        [icon("undo"), _("Redo") if again else _("Undo")],
        id={
            "type": "worklist-undo",
            "change": change.id,
            "again": int(not again),
            "name": name,
        },
        type="button",
        n_clicks=0,
        className="btn btn-sm btn-outline-primary worklist-undo",
    )
    return html.Div([html.Span(said), undo], className="toast-note success")


def refused_notice(error: PicholineError) -> Component:
    """Return why a change was not stored."""
    return html.Div(error_notice(error), className="toast-note danger")
