"""The composition root: a Flask server with every service, page and callback wired to it."""

from collections.abc import Callable, Iterable
from functools import partial
from html import escape
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from dash import Dash, html
from dash.development.base_component import Component
from flask import Flask, request

import callbacks
from callbacks.answers import draw_ahead
from callbacks.support import scope
from core import log
from core.i18n import _, current_language
from core.paths import assets_dir
from core.registry import load_modules
from core.services.access import LOCAL
from core.services.application import Application
from core.services.filter_choices import offered
from core.services.prefetch import Prefetch
from dashboard.build import build
from dashboard.delivery import deliver
from dashboard.manual import edition
from dashboard.page import PAGES
from dashboard.scripts import serve_joined, sorted_out, styles
from dashboard.security import CSRF_COOKIE, CSRF_HEADER, THEME_COOKIE, secure
from dashboard.shell import page_content, shell

BOOTSTRAP = "vendor/bootstrap.min.css?v=5.3.8"
PLOTLY = "vendor/plotly-cartesian.min.js?v=4.1.1"

_BAR_COLOURS = (
    {"content": "#ffffff", "media": "(prefers-color-scheme: light)"},
    {"content": "#20231b", "media": "(prefers-color-scheme: dark)"},
)


class Desk(Dash):
    """Dash with an index page of its own: language, theme and local files only."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]
        """Return the index page in the request's language and theme."""
        theme = request.cookies.get(THEME_COOKIE, "auto")
        dark = ' data-bs-theme="dark"' if theme == "dark" else ""
        assets = self.get_asset_url("")
        scripts, css = sorted_out(parts["scripts"], assets), styles(parts["css"], assets)
        without_scripts = escape(_("Picholine needs JavaScript."))
        return (
            f'<!DOCTYPE html><html lang="{current_language()}"{dark}><head>{parts["metas"]}'
            f"<title>Picholine</title>"
            f'<link rel="icon" type="image/svg+xml" href="{assets}icons/picholine.svg?v=1">'
            f'<link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials">'
            f'<link rel="apple-touch-icon" href="{assets}icons/picholine-192.png?v=1">'
            f'<meta name="picholine-build" content="{build()}">'
            f'<meta name="picholine-manual" content="{edition()}">'
            f'<link rel="stylesheet" href="{assets}{BOOTSTRAP}">{css}'
            f'<link rel="preload" as="script" href="{assets}{PLOTLY}">'
            f'<meta name="picholine-plotly" content="{assets}{PLOTLY}">'
            f'<meta name="picholine-grid" content="{scripts.grid}">'
            f'<script src="{assets}boot/theme.js?v=2"></script></head><body>'
            f"<noscript>{without_scripts}</noscript>"
            f"{parts['app_entry']}<div>{parts['config']}{scripts.tags}{parts['renderer']}"
            f"</div></body></html>"
        )


def create_app(
    application: Application, user: str = LOCAL, prefetch: Prefetch | None = None
) -> Flask:
    """Return the web application of an opened home folder.

    Args:
        application: the services.
        user: whose rights hold for whoever opens it, as long as there are no accounts.
        prefetch: computes ahead what may be asked next; the caller stops it.
    """
    server = Flask("picholine", static_folder=None)
    server.extensions["picholine"] = application
    server.extensions["picholine_user"] = user
    if prefetch is not None:
        server.extensions["picholine_prefetch"] = prefetch
        prefetch.draw = partial(draw_ahead, server)
        server.before_request(prefetch.enter)
        server.teardown_request(lambda _error: prefetch.leave())
    app = _make_dash(server)
    secure(server, application.settings, app.csp_hashes)
    deliver(server, application.settings.cache)
    serve_joined(server)
    load_modules("dashboard.pages")
    for module in _callback_modules():
        module.register(app)
    _set_layout(app, application)
    log.event("web.ready", pages=PAGES.keys(), callbacks=len(app.callback_map))
    return server


def _make_dash(server: Any) -> Desk:
    return Desk(
        "picholine",
        server=server,
        title="Picholine",
        update_title="",
        assets_folder=str(assets_dir()),
        assets_path_ignore=["vendor", "boot", "icons", "fonts", "late"],
        use_pages=False,
        use_async=False,
        serve_locally=True,
        compress=False,
        csrf_token_name=CSRF_COOKIE,
        csrf_header_name=CSRF_HEADER,
        meta_tags=[
            {"name": "color-scheme", "content": "light dark"},
            {"name": "description", "content": "Picholine"},
            *({"name": "theme-color", **colour} for colour in _BAR_COLOURS),
        ],
        add_log_handler=False,
    )


def _callback_modules() -> list[Any]:
    """Return the modules of `callbacks` that register something."""
    names = sorted(info.name for info in iter_modules(callbacks.__path__))
    modules = [import_module(f"callbacks.{name}") for name in names]
    return [module for module in modules if hasattr(module, "register")]


def _set_layout(app: Desk, application: Application) -> None:
    """Serve the shell in each request's language; check callbacks against every page's parts."""
    metrics = application.metrics
    with app.server.app_context():
        everything = [
            shell(metrics.status()),
            *(part for page in PAGES for part in page_content(page)),
        ]
    app.validation_layout = _outline(everything)  # type: ignore[assignment]
    app.layout = lambda: shell(metrics.status(scope()), offered(metrics))


def _outline(parts: list[Component]) -> Component:
    """Return what has an id, without its other properties: it travels with the index page.

    Raises:
        ValueError: two components have one id, and callbacks would fill only one of them.
    """
    found: dict[str, Any] = {}
    for part in parts:
        for component in [part, *_inside(part)]:
            name = getattr(component, "id", None)
            if name is not None:
                if str(name) in found:
                    message = f"two components are called {name!r}"
                    raise ValueError(message)
                found[str(name)] = {**component.to_plotly_json(), "props": {"id": name}}
    return html.Div(list(found.values()))


def _inside(part: Component) -> list[Component]:
    """Return every component inside `part`; Dash has no public walk."""
    walk: Callable[[], Iterable[Any]] = getattr(part, "_traverse")  # noqa: B009
    return [found for found in walk() if isinstance(found, Component)]
