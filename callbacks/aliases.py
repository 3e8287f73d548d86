"""What spellings mean, on the page “Corrections”: listed, added, taken back."""

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import scope, services
from core.errors import PicholineError
from core.i18n import _
from dashboard.alias_list import alias_table
from dashboard.components import error_notice
from dashboard.correction_notice import said

_MOST_DIGITS = 18  # of a number; layouts are named by longer signatures
_CHANGED = {"type": "data-changed", "from": "aliases"}


def register(app: Dash) -> None:
    """Add the callbacks."""

    @app.callback(
        Output("aliases-list", "children"),
        Input("corrections-query", "data"),
        Input(_CHANGED, "data"),
        Input("data-version", "data"),
    )
    def listed(query: str | None, _changes: int | None, _version: int) -> list[Component]:
        if query is None:
            raise PreventUpdate
        try:
            return alias_table(services().aliases.listed(scope()), services().settings.time_zone)
        except PicholineError as error:
            return [error_notice(error)]

    @app.callback(
        Output("aliases-said", "children"),
        Output(_CHANGED, "data"),
        Output("alias-written", "value"),
        Output("alias-meant", "value"),
        Input("aliases-pressed", "data"),
        State("alias-field", "value"),
        State("alias-written", "value"),
        State("alias-meant", "value"),
        State(_CHANGED, "data"),
        prevent_initial_call=True,
    )
    def change(
        pressed: dict[str, str] | None,
        field: str,
        written: str | None,
        meant: str | None,
        changes: int | None,
    ) -> tuple[Any, ...]:
        if not pressed:
            raise PreventUpdate
        try:
            if pressed["action"] == "add":
                services().aliases.add(field, written or "", meant or "", scope())
                text = _("“{name}” is read as what it means from now on.", name=written)
                return said(text), (changes or 0) + 1, "", ""
            return said(_removed(pressed)), (changes or 0) + 1, no_update, no_update
        except PicholineError as error:
            return error_notice(error), no_update, no_update, no_update


def _removed(pressed: dict[str, str]) -> str:
    """Take a meaning back; return what to say."""
    key = pressed["key"]
    if key.isdecimal() and len(key) <= _MOST_DIGITS:
        services().aliases.remove(int(key), scope())
    else:
        services().aliases.remove_of_layout(key, pressed["field"], pressed["written"], scope())
    return _("“{name}” has no meaning of its own any more.", name=pressed["written"])
