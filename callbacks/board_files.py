"""Boards as files: one for another Picholine, their tables as CSV and Excel."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

from dash import Dash
from flask import Blueprint, Response, request, send_file
from flask.typing import ResponseReturnValue

from callbacks.board_tiles import Asked
from callbacks.downloads import XLSX, csv_response, failed, file_name
from callbacks.support import scope, search_of, services
from core.errors import PicholineError
from core.i18n import Message, current_language, msg
from core.models.boards import Board, Tile
from core.models.filters import is_filter_name
from core.models.result import AnalysisResult
from core.services.analytics.base import Params
from core.services.export.context import ExportContext, make_context
from core.services.export.text import csv_lines
from core.services.export.workbook import write_workbook
from dashboard.board_panels import title_of

routes = Blueprint("boards", __name__)
routes.register_error_handler(PicholineError, failed)


def register(app: Dash) -> None:
    """Add the routes."""
    app.server.register_blueprint(routes)


@routes.get("/dashboards/<int:board_id>.json")
def as_file(board_id: int) -> ResponseReturnValue:
    """Send a board, for another home or person."""
    name, data = services().dashboards.export(board_id, scope())
    response = Response(data, content_type="application/json; charset=utf-8")
    titled = file_name(name, AnalysisResult({}, {}), "json")
    response.headers.set("Content-Disposition", "attachment", filename=titled)
    response.headers["Cache-Control"] = "no-store"
    return response


@routes.get("/dashboards/<int:board_id>/<key>.<any(csv,xlsx):kind>")
def tables(board_id: int, key: str, kind: str) -> ResponseReturnValue:
    """Send the table of a tile, or with `all.xlsx` all of the board, under the query's filters."""
    board = services().dashboards.get(board_id, scope())
    if key == "all" and kind == "xlsx":
        return _whole(board)
    tile = board.content.tile(key)
    if tile is None or tile.kind == "text":
        raise _nothing()
    asked, result = _answered(tile)
    title = Message(title_of(tile, services().metrics.known()))
    name = file_name(str(title), result, kind)
    table = result.tables[asked.panel.table]
    if kind == "csv":
        return csv_response(csv_lines(table, current_language()), name)
    return _book([(title, asked, result)], _context(result, asked.params), name)


def _whole(board: Board) -> Response:
    """Return every table that can be answered; the others are left out, and said to be.

    Raises:
        PicholineError: there is none.
    """
    known = services().metrics.known()
    found: list[tuple[Message, Asked, AnalysisResult]] = []
    lost: list[Message] = []
    for tile in board.content.tiles:
        if tile.kind == "text":
            continue
        title = Message(title_of(tile, known))
        try:
            found.append((title, *_answered(tile)))
        except PicholineError as error:
            lost.append(msg("Left out: {title}. {why}", title=title, why=error.title))
    if not found:
        raise _nothing()
    pairs = [pair for pair in request.args.items(multi=True) if is_filter_name(pair[0])]
    params = Params.from_pairs(pairs)
    first = found[0][2]
    resolved = services().metrics.resolve(params.filters)
    result = replace(first, period=resolved.period, compared=resolved.compared,
                     caveats=(*resolved.caveats, *lost))  # fmt: skip
    return _book(found, _context(result, params), file_name(board.name, result, "xlsx"))


def _answered(tile: Tile) -> tuple[Asked, AnalysisResult]:
    """Return what a tile asks under the filters of the request, and the answer.

    Raises:
        PicholineError: it cannot be answered, or there is nothing of the kind.
    """
    asked = Asked.of(tile, search_of(request.args.items(multi=True)))
    result = asked.result()
    table = result.tables.get(asked.panel.table)
    if table is None or not table.columns:
        raise _nothing()
    return asked, result


def _context(result: AnalysisResult, params: Params) -> ExportContext:
    reader = scope()
    where = (*params.filters.where(), *reader.where)
    application = services()
    return make_context(application.settings, application.metrics, result, where, reader.owner)


def _book(
    found: Sequence[tuple[Message, Asked, AnalysisResult]], context: ExportContext, name: str
) -> Response:
    sheets = [(title, result.tables[asked.panel.table]) for title, asked, result in found]
    book = BytesIO()
    write_workbook(book, sheets, context)
    book.seek(0)
    return send_file(book, XLSX, as_attachment=True, download_name=name)


def _nothing() -> PicholineError:
    return PicholineError(
        "board.nothing",
        msg("There is no table of figures to export."),
        msg("Open the dashboard and export a tile with figures."),
        status=404,
    )
