"""The explorer's table: rows, subtotals, a column for each value and figure, the total below."""

from dataclasses import replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _
from core.models.formats import Format
from core.models.result import LEVEL, Column, ResultTable
from dashboard.grid import empty_grid, grid_columns, grid_rows, grouped_columns
from dashboard.page import View
from dashboard.wording import number

GRID = "explorer-pivot"
MOST = 2_000  # rows a page draws; the export has all
_ROW, _HEAD, _LEAST, _HIGHEST = 32, 84, 160, 640
_DEPTH, _TOTAL = "_depth", "_total"


def pivot_table(view: View) -> list[Component]:
    """Return the grid; many rows are cut, and the page says so."""
    table = replace(view.table, data=view.table.data.slice(0, MOST))
    columns = [column for column in table.columns if is_shown(column, table)]
    grid: Any = empty_grid(GRID, _height(table))
    grid.columnDefs = _heads(columns, view)
    grid.rowData = _rows(table, columns, view)
    grid.dashGridOptions |= {"pinnedBottomRowData": _total(view, columns)}
    grid.rowClassRules = {
        "is-subtotal": f"params.data && params.data.{_DEPTH} < {len(_split(table))}",
        "is-total": f"params.data && params.data.{_TOTAL} === true",
    }
    grid.defaultColDef |= {"minWidth": 92}
    if table.subtotalled():
        grid.defaultColDef |= {"sortable": False, "filter": False}  # rows stay with their subtotal
    rows = view.table.data.num_rows
    if rows <= MOST:
        return [grid]
    language = view.language
    said = _(
        "The first {most} of {n} rows are drawn; the export has all.",
        most=format_value(MOST, Format.INTEGER, language),
        n=format_value(rows, Format.INTEGER, language),
    )
    return [html.P(said, className="panel-hint"), grid]


def is_shown(column: Column, table: ResultTable) -> bool:
    """Leave out codes that have a name, compared values, and what only repeats a change."""
    if column.role == "dimension":
        return not any(c.key == f"{column.key}_name" for c in table.columns)
    if column.role in ("change", "change_rate"):
        rate = column.role == "change_rate"
        return rate != (_figure(column, table).format is Format.PERCENT)
    return column.role in ("label", "metric", "extra")


def _figure(column: Column, table: ResultTable) -> Column:
    """Return the column of the metric that a column is a change of."""
    return table.column(str(column.metric))


def _split(table: ResultTable) -> list[str]:
    return [column.key for column in table.columns if column.role == "dimension"]


def _height(table: ResultTable) -> int:
    rows = (table.data.num_rows + 1) * _ROW + _HEAD
    return max(_LEAST, min(rows, _HIGHEST))


def _rows(table: ResultTable, columns: list[Column], view: View) -> list[dict[str, Any]]:
    rows = grid_rows(table, columns, view)
    if table.subtotalled():
        depths = table.data[LEVEL].to_pylist()
        rows = [{**row, _DEPTH: depth} for row, depth in zip(rows, depths, strict=True)]
    return rows


def _total(view: View, columns: list[Column]) -> list[dict[str, Any]]:
    """Return the row of all rows, ratios of their sums; nothing where there is one row alone."""
    total = view.table.total
    if total is None or not columns or columns[0].role not in ("dimension", "label"):
        return []
    figures = {c.key: number(total.get(c.key)) for c in columns if c.key in total}
    return [{columns[0].key: _("Total"), _TOTAL: True, **figures}]


def _heads(columns: list[Column], view: View) -> list[dict[str, Any]]:
    """Return the columns: changes under their figure, the figures of a pivot under their member."""
    if all(column.member is None for column in columns):
        return grouped_columns(columns, view)
    found: list[dict[str, Any]] = []
    groups: dict[str, list[dict[str, Any]]] = {}
    for column, definition in zip(columns, grid_columns(columns, view), strict=True):
        if column.role in ("dimension", "label"):
            found.append({**definition, "minWidth": 170, "pinned": "left"})
            continue
        name = _("Total") if column.member is None else str(column.member)
        groups.setdefault(name, []).append({**definition, "headerName": _name(column, view.table)})
    return found + [_under(name, members) for name, members in groups.items()]


def _under(name: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    """Return figures under the name they share; one alone takes the name itself."""
    if len(members) == 1:
        return {**members[0], "headerName": name}
    return {"headerName": name, "children": members}


def _name(column: Column, table: ResultTable) -> str:
    """Return what a figure is called under its member."""
    if column.role in ("change", "change_rate"):
        return _("Change")
    return str(_figure(column, table).name) if column.metric else str(column.name)
