"""The first steps of a newcomer: shown until they are done or put away."""

from typing import Any

from dash import Dash, Input, Output
from dash.development.base_component import Component
from flask import request

from callbacks.support import scope, services
from core.models.tables import ImportStatus
from dashboard.welcome import DONE_COOKIE, EXPORTED_COOKIE, WELCOME, Progress, welcome


def register(app: Dash) -> None:
    """Add the refresh of the steps."""

    @app.callback(
        Output(WELCOME, "children"), Input("data-version", "data"), Input("welcome-asked", "data")
    )
    def refresh(_version: int, told: dict[str, Any] | None) -> Component | None:
        asked = bool(told and told["show"])
        if not asked and DONE_COOKIE in request.cookies:
            return None
        found = progress()
        return welcome(found) if asked or not found.finished else None


def progress() -> Progress:
    """Return what this person has done already, by what is stored and what the browser says."""
    records = services().catalogue.imports() if not scope().where else []
    return Progress(
        looked=services().metrics.span() is not None,
        imported=any(r.status is ImportStatus.COMMITTED and not r.demo for r in records),
        exported=EXPORTED_COOKIE in request.cookies,
    )
