"""AG Grid, client side: declared columns become grid columns with formats of the locale."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from dash_ag_grid import AgGrid  # type: ignore[import-untyped]

from core.i18n import N_, _, translate
from core.models.catalogue import DIMENSIONS
from core.models.formats import Format
from core.models.members import MEMBER_COLUMNS, MEMBER_PAGES
from core.models.query import NO_VALUE
from core.models.result import LEVEL, Column, ResultTable
from core.services.metrics import OTHERS
from dashboard.drill import ROW, way
from dashboard.page import View
from dashboard.wording import cell_text, number

_TEXTS = {
    "noRowsToShow": N_("No rows here: take a filter away, or search for less."),
    "loadingOoo": N_("Loading…"),
    "contains": N_("Contains"),
    "notContains": N_("Does not contain"),
    "equals": N_("Equals"),
    "notEqual": N_("Does not equal"),
    "startsWith": N_("Begins with"),
    "endsWith": N_("Ends with"),
    "blank": N_("Blank"),
    "notBlank": N_("Not blank"),
    "greaterThan": N_("Greater than"),
    "greaterThanOrEqual": N_("Greater than or equal to"),
    "lessThan": N_("Less than"),
    "lessThanOrEqual": N_("Less than or equal to"),
    "inRange": N_("Between"),
    "inRangeStart": N_("From"),
    "inRangeEnd": N_("To"),
    "filterOoo": N_("Filter…"),
    "andCondition": N_("And"),
    "orCondition": N_("Or"),
    "ariaFilterMenuOpen": N_("Open the column's filter"),
    "ariaFilterInput": N_("Filter value"),
    "ariaFilteringOperator": N_("Filter operator"),
}
_MEMBERS = "_members"  # the key under which a grid's row holds the members it names
_TEXT_FORMATS = {Format.TEXT, Format.CODE, Format.COUNTRY}
_DATE_FORMATS = {
    Format.DATE,
    Format.MONTH,
    Format.QUARTER,
    Format.WEEK,
    Format.YEAR,
    Format.CAMPAIGN,
}


def empty_grid(name: str, height: int) -> AgGrid:
    """Return a grid without rows; the page's callback fills it."""
    return AgGrid(
        id=name,
        rowData=[],
        columnDefs=[],
        defaultColDef={
            "resizable": True,
            "sortable": True,
            "filter": True,
            "minWidth": 112,
            "flex": 1,
            "suppressHeaderMenuButton": True,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        dashGridOptions={
            "localeText": {key: translate(text) for key, text in _TEXTS.items()},
            "rowHeight": 32,
            "headerHeight": 36,
            "animateRows": False,
            "suppressCellFocus": False,
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "tooltipShowDelay": 400,
        },
        className="grid",
        style={"height": height},
    )


def grid_columns(columns: Iterable[Column], view: View) -> list[dict[str, Any]]:
    """Return grid column definitions; texts come first and stay in sight.

    Each figure knows its part of the way to its lines.
    """
    lines = way(view.table, view)
    return [_led(_column(column, view), lines.column(column)) for column in columns]


def _led(definition: dict[str, Any], lines: dict[str, str] | None) -> dict[str, Any]:
    return {**definition, "context": lines} if lines else definition


def grouped_columns(columns: Iterable[Column], view: View) -> list[dict[str, Any]]:
    """Return grid columns with a metric and its change under one heading."""
    groups: dict[str, list[Column]] = {}
    for column in columns:
        groups.setdefault(column.metric or column.key, []).append(column)
    found = []
    for members in groups.values():
        definitions = grid_columns(members, view)
        if len(members) == 1:
            found += definitions
            continue
        for column, definition in zip(members, definitions, strict=True):
            if column.role != "extra":
                definition["headerName"] = _("Value") if column.role == "metric" else _("Change")
        found.append({"headerName": str(members[0].name), "children": definitions})
    return found


def _column(column: Column, view: View) -> dict[str, Any]:
    found: dict[str, Any] = {"field": column.key, "headerName": str(column.name)}
    if column.role in ("dimension", "label") or column.format in _TEXT_FORMATS:
        wide = column.role == "label" or column.translate
        text = {
            "filter": "agTextColumnFilter",
            "tooltipField": column.key,
            "flex": 3 if wide else 2,
            "minWidth": 250 if wide else 130,
        }
        return {**found, **text, **_linked(column, view)}
    if column.format in _DATE_FORMATS:
        return found
    return {**found, **_numeric(column, view)}


def _linked(column: Column, view: View) -> dict[str, Any]:
    """Return what makes a link of a name whose member has a page; its code beside it is none."""
    dimension = MEMBER_COLUMNS.get(column.key)
    named = any(c.key == f"{column.key}_name" for c in view.table.columns)
    if dimension is None or named:
        return {}
    way = {
        "page": MEMBER_PAGES[dimension].page,
        "of": column.key.removesuffix("_name"),
        "filters": urlencode(view.filters.to_pairs()),
    }
    return {"cellRenderer": "PcMember", "cellRendererParams": way}


def _numeric(column: Column, view: View) -> dict[str, Any]:
    kind = column.format.value
    if column.role == "change" and column.format is Format.PERCENT:
        kind = Format.POINTS.value
    change = column.role in ("change", "change_rate")
    function = "pcDelta" if change else "pcFormat"
    side = {"up": 1, "down": -1}.get(column.good, 0) if change else int("margin" in column.key)
    rules = {"bad": f"pcSide(params.value, {side}) < 0"}
    if change:
        rules["good"] = f"pcSide(params.value, {side}) > 0"
    return {
        "type": "rightAligned",
        "filter": "agNumberColumnFilter",
        "suppressHeaderFilterButton": True,
        "valueFormatter": {"function": f"{function}(params.value, '{kind}', '{view.currency}')"},
        "cellClass": "num",
        "cellClassRules": rules,
    }


def grid_rows(table: ResultTable, columns: Iterable[Column], view: View) -> list[dict[str, Any]]:
    """Return rows for the grid: numbers stay numbers, members, dates and texts are worded."""
    worded = [c for c in columns if _worded(c)]
    numbers = [c.key for c in columns if not _worded(c)]
    lines = way(table, view)
    places = table.subtotalled()
    named = {c.key.removesuffix("_name") for c in worded if c.key in MEMBER_COLUMNS}
    named &= {column.key for column in table.columns}
    return [
        {
            **{c.key: _member(row, c, view, places) for c in worded},
            **{key: number(row[key]) for key in numbers},
            ROW: lines.row(row),
            **({_MEMBERS: _members(row, named, places)} if named else {}),
        }
        for row in table.rows()
    ]


def _members(
    row: Mapping[str, Any], named: Iterable[str], places: Mapping[str, int]
) -> dict[str, str]:
    """Return the codes of the members a row names, by column; subtotals and others name none."""
    found = {key: row[key] for key in named if not places or row[LEVEL] > places.get(key, -1)}
    return {key: NO_VALUE if code is None else str(code) for key, code in found.items()
            if code != OTHERS}  # fmt: skip


def _member(row: Mapping[str, Any], column: Column, view: View, places: Mapping[str, int]) -> str:
    """Return a member's name; a subtotal stands for all members of a dimension."""
    place = places.get(column.key, -1)
    if place < 0 or row[LEVEL] > place:
        return cell_text(row, column, view)
    return _("Subtotal") if row[LEVEL] == place else ""


def _worded(column: Column) -> bool:
    return (
        column.role in ("dimension", "label")
        or column.format in _TEXT_FORMATS
        or column.format in _DATE_FORMATS
        or column.key in DIMENSIONS
    )
