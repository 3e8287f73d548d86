"""Colours and layout: kept when a browser tells them, handed to a browser that has older ones."""

from urllib.parse import quote

from dash import Dash
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from dashboard.security import THEME_COOKIE

DESK_COOKIE = "picholine_desk"
KEPT_COOKIE = "picholine_kept"  # the stamp of what this browser holds
UNSENT_COOKIE = "picholine_unsent"  # this browser has changed something the server lacks
_YEAR = 31_536_000
routes = Blueprint("preferences", __name__, url_prefix="/desk")


def register(app: Dash) -> None:
    """Add the route, and the cookies of the first answer."""
    app.server.register_blueprint(routes)
    app.server.after_request(_hand_out)


@routes.post("/preferences")
def keep() -> ResponseReturnValue:
    """Keep what this person's browser tells."""
    told = request.get_json(silent=True)
    kept = services().layout.keep(told if isinstance(told, dict) else {}, scope())
    return {"stamp": kept.stamp if kept else ""}


def _hand_out(response: Response) -> Response:
    """Give a page the colours and the layout that were chosen in another browser.

    A browser with cookies but without a stamp keeps its own: nobody has told them to the server.
    """
    if request.method != "GET" or response.mimetype != "text/html":
        return response
    cookies = request.cookies
    own = THEME_COOKIE in cookies or DESK_COOKIE in cookies
    if UNSENT_COOKIE in cookies or (own and KEPT_COOKIE not in cookies):
        return response
    kept = services().layout.of(scope())
    if kept is None or cookies.get(KEPT_COOKIE) == kept.stamp:
        return response
    for name, value in (
        (THEME_COOKIE, kept.theme),
        (DESK_COOKIE, quote(kept.desk, safe="")),
        (KEPT_COOKIE, kept.stamp),
    ):
        # Read and written by scripts, before the first paint.
        response.set_cookie(
            name, value, max_age=_YEAR, samesite="Lax", secure=request.is_secure, httponly=False
        )
    return response
