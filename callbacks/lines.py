"""The page “Lines”: what is known of all of them, pages of them, the row of the file, exports."""

from collections.abc import Mapping
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from dash import ClientsideFunction, Dash, Input, Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Blueprint, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from callbacks.answers import told
from callbacks.downloads import XLSX, csv_response, file_name
from callbacks.source_rows import source_of
from callbacks.stored_lines import stored_book, stored_head, stored_part
from callbacks.support import pairs_of, scope, search_of, services
from core import log
from core.errors import PicholineError
from core.i18n import current_language, translate
from core.models.lines import LinesState, Pair, parse_lines, read_pair
from core.models.result import AnalysisResult, ResultTable
from core.services.calendar import Resolved
from core.services.drill import DEFAULT_ORDER, PAGE, Found, LineOrder
from core.services.export.context import make_context
from core.services.export.lines import check_waiting, csv_pieces, write_lines
from dashboard.components import caveat_notice, error_notice
from dashboard.line_list import (
    chips,
    count_text,
    group_value,
    line_columns,
    line_rows,
    sums_text,
    tools,
    value_name,
)
from dashboard.page import View, pages

_IN_MEMORY = 16_000_000
_MOST = 500  # lines of one answer
routes = Blueprint("lines", __name__, url_prefix="/lines")


def register(app: Dash) -> None:
    """Add the page's callbacks, its routes, and the ways from figures to it."""
    app.server.register_blueprint(routes)
    _describe(app)
    _source(app)


def _describe(app: Dash) -> None:
    @app.callback(
        Output("lines-count", "children"),
        Output("lines-tools", "children"),
        Output("lines-chips", "children"),
        Output("lines-sums", "children"),
        Output("lines-notice", "children"),
        Output("lines-grid", "columnDefs"),
        Output("lines-asked", "data"),
        Input("lines-query", "data"),
        Input("data-version", "data"),
    )
    def describe(query: str | None, version: int) -> list[Any]:
        if query is None or services().metrics.span() is None:
            raise PreventUpdate
        try:
            return _described(query, version)
        except Exception as error:  # noqa: BLE001 - told in the page and in the log
            return _refused(query, error)

    app.clientside_callback(
        ClientsideFunction("picholine_lines", "load"),
        Output("lines-loaded", "data"),
        Input("lines-asked", "data"),
        prevent_initial_call=True,
    )


def _described(query: str, version: int) -> list[Any]:
    state = parse_lines(pairs_of(query))
    if state.table:
        return stored_head(state, query, version)
    found, resolved = about(state)
    table = services().drill.page(found.behind, scope(), limit=1)
    view = view_of(state, table)
    sample = next(iter(table.rows()), {})
    remarks = tuple(dict.fromkeys([*resolved.caveats, *found.caveats]))
    return [
        count_text(found, view),
        tools(found.lines),
        _chips(state, query, sample),
        sums_text(found, table.columns, view),
        caveat_notice(remarks),
        line_columns(table, view),
        {"query": query.removeprefix("?"), "total": found.lines, "version": version},
    ]


def _refused(query: str, error: Exception) -> list[Any]:
    """Say why there are no lines; what is chosen can still be taken away."""
    notice = error_notice(told(error, "lines"), log.request_id.get())
    try:
        shown = _chips(parse_lines(pairs_of(query)), query, {})
    except PicholineError:
        shown = []
    return [None, None, shown, None, notice, [], None]


def about(state: LinesState) -> tuple[Found, Resolved]:
    """Return what is known of the lines a URL asks for, and its periods.

    Raises:
        PicholineError: something in it is unknown, or has no lines.
    """
    resolved = services().metrics.resolve(state.filters)
    query = state.query(resolved.period, resolved.compared)
    if state.of:
        group = services().customer_sets.find(state.filters, state.of, scope())
        query = replace(query, where=(*query.where, group.where))
        query = replace(query, period=group.period or query.period)
    return services().drill.about(query, dict(state.cell), scope(), side=state.side), resolved


def view_of(state: LinesState, table: ResultTable) -> View:
    """Return what lines are drawn with."""
    settings = services().settings
    return View(
        result=AnalysisResult(tables={}, titles={}),
        table=table,
        filters=state.filters,
        theme="light",
        language=current_language(),
        currency=settings.base_currency,
        campaign_month=settings.campaign_first_month,
    )


def _chips(state: LinesState, query: str, sample: Mapping[str, Any]) -> list[Component]:
    known, segments = services().metrics.known(), services().metrics.segment_names()
    pairs = pairs_of(query)
    links: dict[Any, str] = {
        name: search_of(pair for pair in pairs if pair[0] != name) or "?"
        for name in ("metric", "side")
    }
    names: dict[Pair, str] = {}
    for kind in ("cell", "only", "without", "of"):
        for pair in getattr(state, kind):
            kept = [p for p in pairs if p[0] != kind or read_pair(p[1]) != pair]
            links[kind, pair] = search_of(kept) or "?"
            named = group_value if kind == "of" else value_name
            names[pair] = named(pair, known, sample, segments)
    return chips(state, known, names, links)


@routes.get("/rows")
def rows() -> ResponseReturnValue:
    """Send some of the lines a query asks for, in an order."""
    pairs = list(request.args.items(multi=True))
    state = parse_lines(pairs)
    start = _whole(request.args.get("start"), 0)
    end = _whole(request.args.get("end"), start + PAGE)
    if state.table:
        return jsonify(stored_part(state, request.args, start, min(end - start, _MOST)))
    found, _resolved = about(state)
    table = services().drill.page(
        found.behind,
        scope(),
        order=_order(request.args),
        offset=start,
        limit=min(end - start, _MOST),
    )
    return jsonify({"rows": line_rows(table, view_of(state, table)), "total": found.lines})


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() else otherwise


def _order(given: Mapping[str, str]) -> LineOrder:
    column = given.get("sort")
    if not column:
        return DEFAULT_ORDER
    column = "import_id" if column == "file" else column
    return LineOrder(column, descending=given.get("direction") == "desc")


@routes.get("/export.<any(csv,xlsx):kind>")
def export(kind: str) -> ResponseReturnValue:
    """Send all lines a query asks for."""
    state = parse_lines(request.args.items(multi=True))
    if state.table:
        return stored_book(state, request.args, kind)
    found, resolved = about(state)
    tables = services().drill.export(found.behind, scope(), order=_order(request.args))
    result = AnalysisResult(
        tables={},
        titles={},
        data_version=found.data_version,
        period=found.behind.query.period,
        caveats=tuple(dict.fromkeys([*resolved.caveats, *found.caveats])),
    )
    page = next(page for page in pages() if page.key == "lines")
    name = file_name(translate(page.title), result, kind)
    if kind == "csv":
        return csv_response(csv_pieces(tables, current_language()), name)
    check_waiting(found.lines)
    reader = scope()
    where = (*found.behind.query.where, *reader.where)
    context = make_context(services().settings, services().metrics, result, where, reader.owner)
    # Closed by the response when it is sent; a large one lies on disk meanwhile.
    book = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    write_lines(cast("IO[bytes]", book), tables, found.lines, context)
    book.seek(0)
    return send_file(cast("IO[bytes]", book), XLSX, as_attachment=True, download_name=name)


def _source(app: Dash) -> None:
    @app.callback(
        Output("lines-source", "children"),
        Input("lines-picked", "data"),
        prevent_initial_call=True,
    )
    def source(picked: Mapping[str, Any] | None) -> list[Component]:
        if not picked:
            raise PreventUpdate
        return source_of(picked, "lines-source")

    app.clientside_callback(
        ClientsideFunction("picholine_lines", "shown"),
        Output("lines-shown", "data"),
        Input("lines-source", "children"),
        prevent_initial_call=True,
    )
