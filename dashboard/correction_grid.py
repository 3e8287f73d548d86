"""Quarantined rows as a grid: the reason, what may be meant, and the cells to write into."""

from collections.abc import Sequence
from typing import Any

from dash_ag_grid import AgGrid  # type: ignore[import-untyped]

from core.formats import format_value
from core.i18n import N_, _, current_language, translate
from core.models.formats import Format
from core.services.corrections import GIVEN_UP, OPEN, QuarantinedRow, Suggestion, title_of
from core.services.ingest import REASONS
from dashboard.grid import empty_grid

GRID = "corrections-grid"
_HEIGHT = 560
_TEXTS = {
    "ariaRowSelect": N_("Press Space to choose the row"),
    "ariaRowDeselect": N_("Press Space to leave the row out"),
    "ariaRowToggleSelection": N_("Press Space to choose the row or leave it out"),
    "ariaHeaderSelection": N_("All rows of the page"),
    "ariaSelectAllRows": N_("Press Space to choose all rows of the page"),
}


def corrections_grid() -> AgGrid:
    """Return the grid without rows; a callback fills it."""
    grid: Any = empty_grid(GRID, _HEIGHT)
    grid.getRowId = "params.data.id"
    grid.defaultColDef |= {"flex": 0, "filter": False, "sortable": False, "minWidth": 76}
    texts = {key: translate(text) for key, text in _TEXTS.items()}
    grid.dashGridOptions |= {
        "rowSelection": {"mode": "multiRow", "checkboxes": True, "headerCheckbox": True},
        "selectionColumnDef": {"width": 46, "minWidth": 46, "pinned": "left"},
        "stopEditingWhenCellsLoseFocus": True,
        "enterNavigatesVerticallyAfterEdit": True,
        "localeText": {**grid.dashGridOptions["localeText"], **texts},
    }
    return grid


def field(index: int) -> str:
    """Return the grid's name of a column of the file; titles may hold any sign."""
    return f"c{index}"


def title_at(name: str, titles: Sequence[str]) -> str | None:
    """Return the title of a column by its name in the grid; None where it is no cell."""
    if not name.startswith("c") or not name[1:].isdecimal():
        return None
    index = int(name[1:])
    return titles[index] if index < len(titles) else None


def columns(titles: Sequence[str], used: Sequence[str], state: str) -> list[dict[str, Any]]:
    """Return the grid's columns.

    Args:
        titles: of the file's columns.
        used: those that become fields.
        state: of the rows shown; only open ones can be written into.
    """
    found: list[dict[str, Any]] = [
        {"field": "row", "headerName": _("Row"), "pinned": "left", "width": 84,
         "tooltipField": "sheet"},
        {"field": "reason", "headerName": _("Why it was set aside"), "width": 250,
         "tooltipField": "remedy", "wrapText": True, "autoHeight": True, "cellClass": "reasons"},
    ]  # fmt: skip
    if state == OPEN:
        found.append(
            {"field": "suggestion", "headerName": _("Suggestion"), "width": 200,
             "tooltipField": "why", "wrapText": True, "autoHeight": True, "cellClass": "reasons"}
        )  # fmt: skip
    elif state == GIVEN_UP:
        found.append({"field": "note", "headerName": _("Given up because"), "width": 220})
    else:
        found.append({"field": "by", "headerName": _("In import"), "width": 110})
    return [*found, *(_cell(index, title, used, state) for index, title in enumerate(titles))]


def _cell(index: int, title: str, used: Sequence[str], state: str) -> dict[str, Any]:
    rules = {
        "cell-wrong": "pcMarked(params, 'wrong')",
        "cell-written": "pcMarked(params, 'written')",
    }
    found: dict[str, Any] = {
        "field": field(index),
        "headerName": title or _("(without title)"),
        "width": 132,
        "cellDataType": False,  # texts as they stand in the file, odd dates among them
        "cellClassRules": rules,
    }
    if title not in used:
        return {
            **found,
            "headerClass": "unused",
            "headerTooltip": _("This column is not imported."),
        }
    if state == OPEN:
        found |= {"editable": True, "cellClass": "editable", "cellEditor": "agTextCellEditor"}
    return found


def grid_row(
    row: QuarantinedRow, suggestion: Suggestion | None, titles: Sequence[str]
) -> dict[str, Any]:
    """Return a row of the grid: texts as they are shown, and the names of marked cells."""
    by_title = {title: field(index) for index, title in enumerate(titles)}
    wrong = title_of(row.column, titles)
    return {
        "id": str(row.place),
        "row": row.row,
        "sheet": row.sheet,
        "reason": reason_text(row, wrong),
        "remedy": _remedy(row),
        "suggestion": _offer(suggestion),
        "why": str(suggestion.why) if suggestion else "",
        "note": row.given_up.note if row.given_up else "",
        "by": _("no. {id}", id=row.corrected_by) if row.corrected_by else "",
        "wrong": by_title.get(wrong, ""),
        "written": [by_title[title] for title in row.written if title in by_title],
        **{by_title[title]: row.cells[title] for title in titles},
    }


def reason_text(row: QuarantinedRow, title: str = "") -> str:
    """Return why a row is set aside, with the cell it is about."""
    known = REASONS.get(row.code)
    reason = translate(row.reason) if row.reason else str(known.title) if known else ""
    if not reason:
        reason = _("Nothing is left of the row.") if row.written else row.code
    return _("{column}: {reason}", column=title, reason=reason) if title else reason


def _remedy(row: QuarantinedRow) -> str:
    known = REASONS.get(row.code)
    return translate(row.remedy) if row.remedy else str(known.advice) if known else ""


def _offer(suggestion: Suggestion | None) -> str:
    if suggestion is None:
        return ""
    return _(
        "{column} → {value} ({sure} sure)",
        column=suggestion.title,
        value=suggestion.value,
        sure=format_value(suggestion.sure, Format.PERCENT, current_language(), digits=0),
    )
