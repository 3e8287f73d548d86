"""SQL sources on the page: added, tried out, changed, paused, removed."""

from collections.abc import Mapping
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.support import scope, services
from core.errors import PicholineError
from core.i18n import _
from core.services.sql_source import add_source, get_source, remove_source
from core.services.sql_source_desk import (
    change_source,
    pause_source,
    resume_source,
    try_source,
)
from dashboard.components import error_notice
from dashboard.source_form import (
    FIELD,
    STORE,
    ask_remove,
    said,
    source_editor,
    stated_source,
    trial_view,
)

Fields = Mapping[str, Any]


def register(app: Dash) -> None:
    """Add the callback of the section's buttons."""

    @app.callback(
        Output("source-editor", "children"),
        Output("source-said", "children"),
        Output("sources-changed", "data"),
        Input(STORE, "data"),
        State({"type": FIELD, "name": ALL}, "value"),
        State("sources-changed", "data"),
        prevent_initial_call=True,
    )
    def act(
        wanted: dict[str, Any] | None, _values: list[Any], changes: int | None
    ) -> tuple[Any, Any, Any]:
        if not wanted:
            raise PreventUpdate
        fields = {state["id"]["name"]: state.get("value") for state in ctx.states_list[0]}
        try:
            return _done(str(wanted["what"]), str(wanted["source"]), fields, (changes or 0) + 1)
        except PicholineError as error:
            return no_update, error_notice(error), no_update


def _done(what: str, name: str, fields: Fields, changes: int) -> tuple[Any, Any, Any]:
    """Do what a button stands for; return the editor, what is said, and the count of changes."""
    if what in {"add", "change"}:
        source = stated_source(fields, name)
        found = (add_source if what == "add" else change_source)(services(), source, scope())
        return None, said(_("The source “{name}” is saved.", name=found.name)), changes
    if what == "try":
        trial = try_source(services(), stated_source(fields, name), scope())
        return no_update, trial_view(trial), no_update
    if what == "remove":
        remove_source(services(), name, scope())
        return None, said(_("The source “{name}” is gone; its imports stay.", name=name)), changes
    if what in {"pause", "resume"}:
        (pause_source if what == "pause" else resume_source)(services(), name, scope())
        return no_update, None, changes
    return _opened(what, name), None, no_update


def _opened(what: str, name: str) -> Any:
    """Return what stands in the editor."""
    if what == "new":
        return source_editor(None)
    if what == "edit":
        return source_editor(get_source(services(), name, scope()))
    return ask_remove(name) if what == "ask-remove" else None
