"""What the desk's scripts ask the server for: the search over everything."""

from dash import Dash
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from core.services import palette

MOST_TEXT = 80
routes = Blueprint("desk", __name__, url_prefix="/desk")


def register(app: Dash) -> None:
    """Add the routes."""
    app.server.register_blueprint(routes)


@routes.get("/find")
def find() -> ResponseReturnValue:
    """Answer what matches the text, within the reader's rights."""
    text = request.args.get("q", "")[:MOST_TEXT]
    hits = palette.find(services(), scope(), text)
    return {"hits": [hit.as_dict() for hit in hits]}
