"""What makes the application installable: manifest, service worker, and whose answers are kept."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from dash import Dash
from flask import Blueprint, Flask, Response, request
from flask.typing import ResponseReturnValue

from callbacks.support import scope, services
from core.i18n import _, current_language
from core.paths import assets_dir
from dashboard.build import build

READER = "X-Picholine-Reader"
NOBODY = "none"  # tells a browser to drop what it has kept
_DATA = ("/_dash-update-component", "/_dash-layout", "/_dash-dependencies")
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Files the system offers to open with the installed application.
_OPENED: Mapping[str, list[str]] = {
    _SHEETS: [".xlsx"],
    "application/vnd.ms-excel.sheet.macroEnabled.12": [".xlsm"],
    "application/vnd.ms-excel.sheet.binary.macroEnabled.12": [".xlsb"],
    "application/vnd.ms-excel": [".xls"],
    "application/vnd.oasis.opendocument.spreadsheet": [".ods"],
    "text/csv": [".csv"],
    "text/tab-separated-values": [".tsv"],
    "application/vnd.apache.parquet": [".parquet"],
}
_PNG = "image/png"
routes = Blueprint("installable", __name__)


def register(app: Dash) -> None:
    """Add the routes and the header."""
    app.server.register_blueprint(routes)
    name_reader(app.server)


def name_reader(server: Flask) -> None:
    """Say with every answer whose it is, so that a browser keeps none for somebody else.

    The name changes with the person, the rights and the home folder; it tells nothing else.
    """

    @server.after_request
    def _say(response: Response) -> Response:
        if request.path in _DATA and response.status_code == 200:  # noqa: PLR2004
            response.headers[READER] = reader()
        return response


def reader() -> str:
    """Return the name under which a browser keeps answers for reading without a server."""
    settings = services().settings
    if not settings.offline:
        return NOBODY
    said = repr((str(settings.home), scope().owner, scope().where))
    return blake2b(said.encode(), digest_size=8).hexdigest()


@routes.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """Answer what an installed application is called, looks like and opens."""
    response = Response(mimetype="application/manifest+json")
    response.set_data(_json(_manifest()))
    response.headers["Cache-Control"] = "no-cache"
    return response


@routes.get("/worker.js")
def worker() -> ResponseReturnValue:
    """Answer the service worker; any new edition of the application is a new worker."""
    script = (assets_dir() / "late" / "worker.js").read_text("utf-8")
    response = Response(f'const BUILD = "{build()}";\n{script}', mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _manifest() -> dict[str, Any]:
    shortcuts = {
        "overview": _("Overview"),
        "margins": _("Margins"),
        "explorer": _("Explorer"),
        "imports": _("Imports"),
    }
    return {
        "id": "/",
        "name": "Picholine",
        "short_name": "Picholine",
        "description": _("Margins and sales of a trading company, from its spreadsheets"),
        "lang": current_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f4ee",
        "theme_color": "#5b6f1e",
        "categories": ["business", "finance"],
        "icons": _icons(),
        "shortcuts": [{"name": name, "url": f"/{key}"} for key, name in shortcuts.items()],
        "file_handlers": [{"action": "/imports", "accept": _OPENED}],
        "launch_handler": {"client_mode": ["focus-existing", "auto"]},
    }


def _icons() -> list[dict[str, str]]:
    drawn = [
        ("any", "192x192", "picholine-192.png"),
        ("any", "512x512", "picholine-512.png"),
        ("maskable", "512x512", "picholine-maskable.png"),
    ]
    return [
        {"src": f"/assets/icons/{name}?v=1", "sizes": size, "type": _PNG, "purpose": purpose}
        for purpose, size, name in drawn
    ]


def _json(value: Any) -> bytes:
    import orjson

    return orjson.dumps(value)
