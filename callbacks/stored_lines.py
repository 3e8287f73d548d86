"""The page “Lines” where it shows rows of another table: budgets, stock, investments."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from dash import html
from flask import send_file
from flask.typing import ResponseReturnValue

from callbacks.downloads import XLSX, csv_response, file_name
from callbacks.support import pairs_of, scope, search_of, services
from core.i18n import current_language, translate
from core.models.filters import FilterState
from core.models.lines import METRIC, TABLE, LinesState, read_pair
from core.models.result import AnalysisResult
from core.models.schema import TABLES
from core.services.export.context import make_context
from core.services.export.lines import check_waiting, csv_pieces, write_lines
from core.services.stored_rows import SIBLINGS, RowOrder
from dashboard.line_list import line_columns, line_rows, tools, value_name
from dashboard.page import View
from dashboard.stored_list import sibling_link, stored_chips, stored_count, stored_note, stored_sums


def stored_head(state: LinesState, query: str, version: int) -> list[Any]:
    """Return what the page knows of the rows a URL asks for, as its callback fills it.

    Raises:
        PicholineError: the person may not see all rows, or something in the URL is unknown.
    """
    found = services().stored_rows.page(state, scope(), limit=1)
    view = _view(state)
    other = SIBLINGS.get(state.table)
    beside = None
    if other is not None:
        pairs = [p for p in pairs_of(query) if p[0] != TABLE]
        beside = sibling_link(other, search_of([*pairs, (TABLE, other)]))
    return [
        stored_count(state.table, found.total),
        tools(found.total),
        _chips(state, query),
        stored_sums(found),
        html.Div([stored_note(found), beside]),
        line_columns(found.table, view),
        {"query": query.removeprefix("?"), "total": found.total, "version": version},
    ]


def stored_part(state: LinesState, asked: Mapping[str, str], start: int, size: int) -> Any:
    """Return some of the rows, as the grid fetches them.

    Raises:
        PicholineError: see `stored_head`.
    """
    found = services().stored_rows.page(
        state, scope(), order=_order(asked), offset=start, limit=size
    )
    return {"rows": line_rows(found.table, _view(state)), "total": found.total}


def stored_book(state: LinesState, asked: Mapping[str, str], kind: str) -> ResponseReturnValue:
    """Return all rows as a file.

    Raises:
        PicholineError: see `stored_head`; or a workbook would take too long.
    """
    head = services().stored_rows.page(state, scope(), limit=0)
    result = AnalysisResult({}, {}, period=head.table.period, data_version=head.table.data_version)
    name = file_name(translate(TABLES[state.table].label), result, kind)
    if kind == "xlsx":
        check_waiting(head.total)
    tables = services().stored_rows.export(state, scope(), order=_order(asked))
    if kind == "csv":
        return csv_response(csv_pieces(tables, current_language()), name)
    found = services()
    context = make_context(
        found.settings, found.metrics, result, state.filters.where(), scope().owner
    )
    book = BytesIO()
    write_lines(book, tables, head.total, context)
    book.seek(0)
    return send_file(book, XLSX, as_attachment=True, download_name=name)


def _order(asked: Mapping[str, str]) -> RowOrder | None:
    column = asked.get("sort")
    if not column:
        return None
    column = "import_id" if column == "file" else column
    return RowOrder(column, descending=asked.get("direction") == "desc")


def _view(state: LinesState) -> View:
    settings = services().settings
    empty = AnalysisResult(tables={}, titles={})
    table = services().stored_rows.page(state, scope(), limit=0).table
    return View(
        result=empty,
        table=table,
        filters=FilterState(),
        theme="light",
        language=current_language(),
        currency=settings.base_currency,
        campaign_month=settings.campaign_first_month,
    )


def _chips(state: LinesState, query: str) -> list[Any]:
    known, segments = services().metrics.known(), services().metrics.segment_names()
    pairs = pairs_of(query)
    rows = search_of(p for p in pairs if p[0] not in (TABLE, METRIC)) or "?"
    found = []
    for pair in (*state.cell, *state.only):
        kept = [p for p in pairs if p[0] not in ("cell", "only") or read_pair(p[1]) != pair]
        found.append((pair[0], value_name(pair, known, {}, segments), search_of(kept) or "?"))
    return stored_chips(state, known, found, rows)
