"""What changed since this person last looked: asked a moment after the page is there."""

from typing import Any

from dash import Dash, Input, Output, ctx
from dash.development.base_component import Component

from callbacks.support import scope, services
from dashboard.changes import ASKED, FOUND, NOTICE, SEEN, STATUS, changes_notice, status_word


def register(app: Dash) -> None:
    """Add the word in the status bar, and the notice of the overview."""

    @app.callback(
        Output(STATUS, "children"),
        Output(FOUND, "data"),
        Input(ASKED, "data"),
        Input(SEEN, "data"),
        prevent_initial_call=True,
    )
    def look(asked: dict[str, Any] | None, seen: dict[str, Any] | None) -> tuple[Any, ...]:
        if ctx.triggered_id == SEEN and seen:
            services().last_looks.seen(scope())
        changes = services().last_looks.look(scope()) if asked or seen else None
        if changes is None:
            return None, None
        return status_word(changes), (asked or {}).get("n", 1)

    @app.callback(Output(NOTICE, "children"), Input(FOUND, "data"))
    def notice(found: int | None) -> Component | None:
        changes = services().last_looks.look(scope()) if found else None
        return changes_notice(changes, services().settings.base_currency) if changes else None
