"""Exports over HTTP: a table or a whole analysis as a file, and quarantined rows."""

import re
from collections.abc import Iterable
from dataclasses import replace
from html import escape
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from dash import Dash
from flask import Blueprint, Response, request, send_file
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from core.errors import PicholineError
from core.i18n import _, current_language, msg, translate
from core.models.filters import FilterState
from core.models.result import AnalysisResult
from core.services.analytics.base import Analysis, Params, get_analysis
from core.services.export.context import make_context
from core.services.export.quarantine import quarantine_csv, quarantine_workbook
from core.services.export.text import csv_lines
from core.services.export.workbook import write_workbook
from core.services.note_match import as_lines, concerning
from core.services.studies import not_ready, standing
from core.services.worklist_tables import with_worklist
from dashboard.page import pages

ALL = "all"
_IN_MEMORY = 16_000_000
_CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')

routes = Blueprint("downloads", __name__)


def register(app: Dash) -> None:
    """Add the routes."""
    app.server.register_blueprint(routes)


@routes.get("/export/<analysis>/<table>.<any(csv,xlsx):kind>")
def export(analysis: str, table: str, kind: str) -> ResponseReturnValue:
    """Send one table, or with `all.xlsx` every table, under the filters of the query."""
    found = get_analysis(analysis)
    params = found.params_from(request.args.items(multi=True))
    result = with_worklist(_result(found, params), analysis, services().worklist, scope())
    keys = _chosen(result, table, kind)
    title = translate(found.title) if table == ALL else str(result.titles[table])
    name = file_name(title, result, kind)
    if kind == "csv":
        return csv_response(csv_lines(result.tables[keys[0]], current_language()), name)
    return _workbook(found, result, keys, params.filters, name)


@routes.get("/imports/<int:import_id>/quarantine.<any(csv,xlsx):kind>")
def quarantine(import_id: int, kind: str) -> ResponseReturnValue:
    """Send the rows an import set aside, with the reasons."""
    rows = services().imports.quarantined(import_id, scope())
    title = _("Quarantined rows")
    name = f"{title} {import_id}.{kind}"
    if kind == "csv":
        return csv_response([quarantine_csv(rows, current_language())], name)
    book = BytesIO(quarantine_workbook(rows, current_language()))
    return send_file(book, XLSX, as_attachment=True, download_name=name)


@routes.errorhandler(PicholineError)
def failed(error: PicholineError) -> ResponseReturnValue:
    """Answer a person who followed a link with a small page, a program with JSON."""
    if not request.accept_mimetypes.accept_html:
        return error.as_dict(), error.status
    address, name = _way_back()
    page = (
        f'<!DOCTYPE html><html lang="{current_language()}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>Picholine</title>'
        f"<h1>{escape(str(error.title))}</h1><p>{escape(str(error.remedy))}</p>"
        f'<p><a href="{escape(address)}">{escape(name)}</a></p></html>'
    )
    return page, error.status


def _way_back() -> tuple[str, str]:
    """Return the address and the name of the page the link stood on, with its filters."""
    analysis = (request.view_args or {}).get("analysis")
    page = next((page for page in pages() if analysis and page.analysis == analysis), None)
    if page is None:
        return "/", "Picholine"
    query = request.query_string.decode("ascii", "replace")
    return f"/{page.key}" + (f"?{query}" if query else ""), translate(page.title)


def file_name(title: str, result: AnalysisResult, kind: str) -> str:
    """Return a file's name: what it shows and for which days."""
    period = result.period
    days = f" {period.start.isoformat()} {period.end.isoformat()}" if period else ""
    return f"{_FORBIDDEN.sub(' ', title).strip() or 'Picholine'}{days}.{kind}"


def _result(analysis: Analysis, params: Params) -> AnalysisResult:
    """Return a quick answer or what is kept; a download never waits for a computation.

    Raises:
        PicholineError: there is no kept result yet.
    """
    if analysis.run is not None:
        return analysis.run(services().metrics, params, scope())
    found = standing(services(), analysis, params, scope())
    if found.kept is not None:
        return found.kept.result
    raise not_ready(found.phase)


def _chosen(result: AnalysisResult, table: str, kind: str) -> list[str]:
    if table == ALL and kind == "xlsx":
        return list(result.tables)
    if table not in result.tables:
        raise PicholineError(
            "analysis.table",
            msg("The analysis has no table “{key}”.", key=table),
            msg("Choose one of: {keys}.", keys=", ".join(result.tables)),
            status=404,
        )
    return [table]


def csv_response(pieces: Iterable[str], name: str) -> Response:
    """Return texts as a CSV file to save."""
    response = Response(pieces, content_type=_CSV)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _notes(
    analysis: Analysis, result: AnalysisResult, keys: list[str]
) -> tuple[tuple[str, str], ...]:
    """Return the notes on what the exported tables show."""
    page = next((page.key for page in pages() if page.analysis == analysis.key), "")
    shown = services().notes.shown(page, result.period, scope())
    first = services().settings.campaign_first_month
    tables = [result.tables[key] for key in keys]
    return as_lines(
        [n for n in shown if any(concerning([n], t, frozenset(), first) for t in tables)]
    )


def _workbook(
    analysis: Analysis, result: AnalysisResult, keys: list[str], filters: FilterState, name: str
) -> Response:
    application = services()
    reader = scope()
    where = (*filters.where(), *reader.where)
    context = make_context(application.settings, application.metrics, result, where, reader.owner)
    sheets = [(result.titles[key], result.tables[key]) for key in keys]
    context = replace(context, notes=_notes(analysis, result, keys))
    # Closed by the response when it is sent; a large one lies on disk meanwhile.
    book = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    write_workbook(cast("IO[bytes]", book), sheets, context)
    book.seek(0)
    return send_file(cast("IO[bytes]", book), XLSX, as_attachment=True, download_name=name)
