"""Templates over HTTP: a workbook to fill in for every table, in the reader's language."""

from io import BytesIO

from dash import Dash
from flask import Blueprint, request, send_file
from flask.typing import ResponseReturnValue

from callbacks.downloads import XLSX
from core.i18n import LANGUAGES, current_language
from core.services.templates import template, template_name

routes = Blueprint("templates", __name__)


def register(app: Dash) -> None:
    """Add the route."""
    app.server.register_blueprint(routes)


@routes.get("/templates/<table>.xlsx")
def workbook(table: str) -> ResponseReturnValue:
    """Send the template of a table, in the language of `lang` or of the reader."""
    asked = request.args.get("lang", "")
    language = asked if asked in LANGUAGES else current_language()
    book = BytesIO(template(table, language))
    return send_file(book, XLSX, as_attachment=True, download_name=template_name(table, language))
