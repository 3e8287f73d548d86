"""The user manual's routes: its text in the reader's language, and its pictures."""

from dash import Dash
from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from core.errors import PicholineError
from core.i18n import LANGUAGES, current_language, msg
from dashboard.manual import as_dict, picture

_DAY = 86_400
routes = Blueprint("manual", __name__, url_prefix="/manual")


def register(app: Dash) -> None:
    """Add the routes."""
    app.server.register_blueprint(routes)


@routes.get("/<language>")
def chapters(language: str) -> ResponseReturnValue:
    """Answer the whole manual in a language; an unknown one is the reader's own."""
    return as_dict(language if language in LANGUAGES else current_language())


@routes.get("/images/<name>")
def image(name: str) -> ResponseReturnValue:
    """Answer a picture of the manual.

    Raises:
        PicholineError: the manual shows no such picture.
    """
    path = picture(name)
    if path is None or not path.is_file():
        raise PicholineError(
            "manual.picture",
            msg("The manual has no picture called “{name}”.", name=name),
            msg("Open the manual again with F1."),
            status=404,
        )
    return send_file(path, max_age=_DAY)
