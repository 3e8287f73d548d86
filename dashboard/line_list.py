"""How lines look: the page's frame, what is known of all of them, the row of the file."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import N_, _, current_language, msg_n, translate
from core.models.catalogue import Known
from core.models.formats import Format
from core.models.lines import AGE, DEFAULT_METRIC, FIRST, LinesState, Pair
from core.models.query import NO_VALUE
from core.models.result import Column, ResultTable
from core.models.schema import TABLES
from core.services.customer_sets import BY_BASE, BY_SCORE
from core.services.drill import PAGE, Found, SourceRow
from core.services.export.lines import PAGE_EXCEL_LINES
from dashboard.attributes import aria, attributes
from dashboard.components import icon
from dashboard.grid import empty_grid, grid_columns, grid_rows
from dashboard.page import View
from dashboard.source_dialogue import source_dialogue

GRID = "lines-grid"
_GROUPS: Mapping[str, str] = {
    FIRST: N_("First purchase"),
    AGE: N_("Periods after it"),
    **BY_BASE,
    **BY_SCORE,
}
_HEIGHT = 620
_WIDTHS = {"day": 116, "invoice": 126, "line_no": 64, "file": 190, "row": 70, "import_id": 80}
_NARROW, _WIDE = 108, 190
_ORDERED = attributes({"data-pairs": "lines"})  # the script adds the order the grid shows


def lines_frame() -> list[Component]:
    """Return the page: head, chips, grid; callbacks and a script fill them."""
    grid: Any = empty_grid(GRID, _HEIGHT)
    del grid.rowData  # this model fetches its own
    grid.rowModelType = "infinite"
    grid.dashGridOptions |= {"cacheBlockSize": PAGE, "infiniteInitialRowCount": 1}
    grid.defaultColDef |= {"flex": 0, "filter": False, "minWidth": 76}
    head = html.Header(
        [
            html.H2(id="lines-count", className="panel-title", tabIndex=-1, **aria(live="polite")),
            html.Div(id="lines-tools", className="panel-tools"),
        ],
        className="panel-head",
    )
    panel = html.Section(
        [
            head,
            html.Div(id="lines-chips", className="chips lines-chips"),
            html.P(id="lines-sums", className="panel-hint"),
            html.Div(id="lines-notice", className="panel-notice"),
            html.Div(grid, className="panel-body"),
        ],
        id="lines-panel",
        className="panel",
        **aria(labelledby="lines-count"),
    )
    return [
        dcc.Store(id="lines-asked"),
        dcc.Store(id="lines-loaded"),
        dcc.Store(id="lines-shown"),
        dcc.Store(id="lines-picked"),
        html.Div([panel], className="panels"),
        _dialogue(),
    ]


def _dialogue() -> Component:
    waiting = html.P(_("Reading the file…"), className="lines-source-waiting", role="status")
    title = _("Where this line comes from")
    shown = html.Div(id="lines-source")
    return source_dialogue("lines-source", title, "lines-dialog", waiting, shown)


def words() -> Component:
    """Return the texts the script shows beside cells, in the reader's language."""
    return html.Div(
        id="drill-words",
        hidden=True,
        **attributes(
            {
                "data-lines": _("Show lines"),
                "data-compared": _("Show lines of the compared period"),
                "data-budget": _("Show rows of the budget"),
                "data-rests": _("Show the lines this rests on"),
                "data-keys": _("Alt+Enter"),
                "data-failed": _("The lines could not be loaded. Try again in a moment."),
            }
        ),
    )


def count_text(found: Found, view: View) -> str:
    """Return how many lines there are, and the metric over all of them."""
    language = current_language()
    shown = format_value(found.lines, Format.INTEGER, language)
    lines = str(msg_n("{shown} line", "{shown} lines", found.lines, shown=shown))
    metric = found.behind.metric
    return f"{lines} · {translate(metric.name)} {amount(found.value, metric.format, view)}"


def amount(value: Any, kind: Format, view: View) -> str:
    """Return a figure as the grids show it: amounts without cents."""
    digits = 0 if kind is Format.MONEY else None
    return format_value(value, kind, current_language(), digits=digits, currency=view.currency)


def sums_text(found: Found, columns: Sequence[Column], view: View) -> str:
    """Return the sums of the lines' amounts in words."""
    parts = [
        f"{column.name} {amount(found.sums[column.key], column.format, view)}"
        for column in columns
        if found.sums.get(column.key) is not None
    ]
    return _("Sums of these lines: {sums}", sums=" · ".join(parts)) if parts else ""


def chips(
    state: LinesState, known: Known, names: Mapping[Pair, str], links: Mapping[Any, str]
) -> list[Component]:
    """Return one removable chip per choice that the filter bar does not show.

    Args:
        state: what is chosen.
        known: the catalogue.
        names: readable names of values.
        links: address without a choice, by (kind, pair), or by "metric" and "side".
    """
    found: list[Component] = []
    if state.metric != DEFAULT_METRIC and state.metric in known.metrics:
        name = translate(known.metrics[state.metric].name)
        found.append(chip(_("Lines of"), name, links["metric"]))
    if state.side == "compared":
        found.append(chip(_("Period"), _("the compared one"), links["side"]))
    for kind in ("cell", "only", "without", "of"):
        for pair in getattr(state, kind):
            dimension = known.dimensions.get(pair[0])
            label = translate(dimension.name) if dimension else pair[0]
            if kind == "of":
                label = translate(_GROUPS.get(pair[0], pair[0]))
            if kind == "without":
                label = _("{name}, without", name=label)
            found.append(chip(label, names.get(pair, pair[1]), links[kind, pair]))
    return found


def chip(label: str, name: str, href: str) -> Component:
    """Return a choice with its name and value, which a press takes away."""
    return dcc.Link(
        [html.Span(_("{dimension}:", dimension=label), className="muted"), name, icon("close")],
        href=href,
        className="chip",
        title=_("Remove: {dimension} {name}", dimension=label, name=name),
    )


def value_name(
    pair: Pair, known: Known, row: Mapping[str, Any], segments: Mapping[str, Any]
) -> str:
    """Return how a chosen value reads.

    Args:
        pair: dimension and value.
        known: the catalogue.
        row: one of the lines, which has the names of its codes.
        segments: names of the RFM segments by key.
    """
    key, value = pair
    dimension = known.dimensions.get(key)
    if dimension is None:
        return value
    if value == NO_VALUE:
        return translate(dimension.unknown)
    if dimension.keyed and value in segments:
        return str(segments[value])
    name = row.get(f"{key}_name")
    if name and str(row.get(key)) == value:
        return f"{name} ({value})"
    return format_value(
        _as_day(value) if dimension.grain else value, dimension.format, current_language()
    )


def group_value(
    pair: Pair, known: Known, row: Mapping[str, Any], segments: Mapping[str, Any]
) -> str:
    """Return how what a group of customers did reads; see `value_name`."""
    key, value = pair
    if key == FIRST:
        grain, _sign, day = value.partition(":")
        return value_name((grain, day), known, row, segments)
    return value_name((key.removeprefix("first_"), value), known, row, segments)


def _as_day(value: str) -> date | str:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def tools(total: int) -> list[Component]:
    """Return the export menu; a workbook is offered as far as a page can write one."""
    label = _("Export: {title}", title=_("Lines"))
    entries: list[Component] = [
        html.A(
            [icon("csv"), _("CSV file")],
            href="/lines/export.csv",
            id="lines-csv",
            className="menu-item export-link",
            download="",
            **_ORDERED,
        )
    ]
    if total <= PAGE_EXCEL_LINES:
        entries.append(
            html.A(
                [icon("xlsx"), _("Excel workbook")],
                href="/lines/export.xlsx",
                id="lines-xlsx",
                className="menu-item export-link",
                download="",
                **_ORDERED,
            )
        )
    else:
        most = format_value(PAGE_EXCEL_LINES, Format.INTEGER, current_language())
        entries.append(
            html.P(
                _("Workbooks of up to {n} lines: use CSV, or narrow the filters.", n=most),
                className="panel-hint",
            )
        )
    return [
        html.Details(
            [
                html.Summary(
                    icon("export"), title=label, className="icon-button", **aria(label=label)
                ),
                html.Div(entries, className="menu"),
            ],
            className="menu-holder",
        )
    ]


def line_columns(table: ResultTable, view: View) -> list[dict[str, Any]]:
    """Return the grid's columns: narrow ones, amounts with their cents."""
    found = []
    for definition in grid_columns(table.columns, view):
        definition.pop("context", None)
        formatter = definition.get("valueFormatter")
        if formatter:
            text = formatter["function"].replace("'money'", "'amount'")
            definition["valueFormatter"] = {"function": text}
        key = str(definition["field"])
        width = _WIDTHS.get(key, _WIDE if key.endswith("_name") else _NARROW)
        found.append({**definition, "flex": 0, "filter": False, "minWidth": 60, "width": width})
    return found


def line_rows(table: ResultTable, view: View) -> list[dict[str, Any]]:
    """Return lines as rows of the grid, each with its place in the file."""
    rows = grid_rows(table, table.columns, view)
    places = ("import_id", "sheet", "row")
    origins = zip(*(table.data.column(key).to_pylist() for key in places), strict=True)
    return [
        {**row, "_from": dict(zip(places, origin, strict=True))}
        for row, origin in zip(rows, origins, strict=True)
    ]


def place_facts(file: str, sheet: str, row: int | str, import_id: int | str) -> Component:
    """Return where a line stands: file, sheet, row, and the import that brought it."""
    facts = [
        (_("File"), file),
        *([(_("Sheet"), sheet)] if sheet else []),
        (_("Row"), str(row)),
        (_("Import"), dcc.Link(_("No. {id}", id=import_id), href="/imports")),
    ]
    listed = [part for name, value in facts for part in (html.Dt(name), html.Dd(value))]
    return html.Dl(listed, className="facts")


def source_parts(found: SourceRow) -> list[Component]:
    """Return a row of a file: where it stands, and its cells as they were."""
    facts = place_facts(found.file, found.sheet, found.row, found.import_id)
    status = [] if found.counts else [html.P(_("This import was undone."), className="caveat-mark")]
    titles = (_("Column"), _("Title"), _("Cell in the file"), _("Read as"))
    head = html.Tr([html.Th(title, scope="col") for title in titles])
    body = [
        html.Tr(
            [
                html.Td(cell.letter),
                html.Td(cell.title or "–"),
                html.Td("" if cell.text is None else cell.text, className="lines-cell"),
                html.Td(_field(cell.field)),
            ]
        )
        for cell in found.cells
    ]
    table = html.Table([html.Thead(head), html.Tbody(body)], className="data-table")
    return [facts, *status, html.Div(table, className="table-scroll")]


def _field(key: str | None) -> str:
    """Return the name of the field a column was read as."""
    if key is None:
        return "–"
    named = (f for table in TABLES.values() for f in table.fields if f.key == key)
    field = next(named, None)
    return translate(field.label) if field else key
