"""The page of definitions: search, the editor with its live check, save, remove, restore."""

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import scope, services
from core.errors import PicholineError
from core.i18n import _
from core.models.query import MetricQuery
from core.models.result import ResultTable
from core.services.definitions.bodies import DIMENSION, METRIC, Own, kind_of
from core.services.definitions.service import Checked
from core.services.rights import refuse_restricted
from core.services.vocabulary import search
from dashboard.components import error_notice
from dashboard.definition_form import editor, own_of, preview
from dashboard.definitions import CHANGED, entry_list, said

_FIELDS = {"type": "definition-field", "name": ALL}
Opened = dict[str, Any] | None


def register(app: Dash) -> None:
    """Add the callbacks."""
    _list(app)
    _edit(app)
    _check(app)


def _list(app: Dash) -> None:
    @app.callback(
        Output("definitions-list", "children"),
        Input("definitions-search", "value"),
        Input(CHANGED, "data"),
        Input("data-version", "data"),
    )
    def listed(text: str | None, _changes: Any, _version: Any) -> list[Component]:
        known = services().metrics.known()
        metrics, dimensions = list(known.metrics.values()), list(known.dimensions.values())
        if text and text.strip():
            metrics, dimensions = search(text, metrics), search(text, dimensions)
        broken = {key: str(error.title) for key, error in services().definitions.broken().items()}
        return entry_list(metrics, dimensions, known, broken, whole=not scope().where)


def _edit(app: Dash) -> None:
    @app.callback(
        Output("definition-editor", "children"),
        Output("definition-opened", "data"),
        Output("definitions-said", "children"),
        Output(CHANGED, "data"),
        Input("definitions-pressed", "data"),
        State(_FIELDS, "value"),
        State("definition-opened", "data"),
        State(CHANGED, "data"),
        prevent_initial_call=True,
    )
    def change(
        pressed: dict[str, str] | None, _values: Any, opened: Opened, changes: int
    ) -> tuple[Any, ...]:
        if not pressed:
            raise PreventUpdate
        return done(pressed, opened, _fields(ctx.states_list[0]), changes)


def _check(app: Dash) -> None:
    @app.callback(
        Output("definition-preview", "children"),
        Input(_FIELDS, "value"),
        Input("definition-opened", "data"),
        prevent_initial_call=True,
    )
    def check(_values: Any, opened: Opened) -> Component | None:
        fields = _fields(ctx.inputs_list[0])
        if not opened or not (fields.get("name") or fields.get("name_fr")):
            return None
        return previewed(_own(opened, fields))


def _fields(items: list[Any]) -> dict[str, Any]:
    """Return what stands in the form by the fields' names."""
    return {item["id"]["name"]: item.get("value") for item in items}


def _own(opened: dict[str, Any], fields: dict[str, Any]) -> Own:
    """Return what stands in the form; a new definition gets a key made from its name."""
    name = fields.get("name") or fields.get("name_fr") or opened["kind"]
    key = opened["key"] or services().definitions.key_for(name)
    return own_of(key, opened["kind"], fields)


def done(
    pressed: dict[str, str], opened: Opened, fields: dict[str, Any], changes: int
) -> tuple[Any, ...]:
    """Do what a button says.

    Returns:
        The editor, what it holds, what is said about it, and a number every change raises.
    """
    action, key = pressed["action"], pressed["key"]
    try:
        refuse_restricted(scope())
        if action in {"new-metric", "new-dimension", "edit"}:
            return *_opened(action, key), None, no_update
        if action == "close":
            return None, None, None, no_update
        told = _changed(action, key, opened, fields)
    except PicholineError as error:
        return no_update, no_update, error_notice(error), no_update
    return None, None, told, (changes or 0) + 1


def _opened(action: str, key: str) -> tuple[Component, dict[str, Any]]:
    if action != "edit":
        kind = METRIC if action == "new-metric" else DIMENSION
        return editor(kind, None, []), {"kind": kind, "key": "", "edition": 0}
    history = services().definitions.history(key)
    kind = kind_of(history[0].own)
    state = {"kind": kind, "key": key, "edition": history[0].edition}
    return editor(kind, history[0], history), state


def _changed(action: str, key: str, opened: Opened, fields: dict[str, Any]) -> Component:
    """Change the definitions; return what is said of it, with the way back."""
    definitions = services().definitions
    if action == "save" and opened:
        own = _own(opened, fields)
        definitions.save(own, scope(), after=opened["edition"])
        return said(_("“{key}” is saved.", key=own.key), own.key)
    if action == "restore":
        key, _space, edition = key.partition(" ")
        definitions.restore(key, int(edition), scope())
        return said(_("Version {n} of “{key}” is in force again.", n=edition, key=key), key)
    if action == "undo":
        definitions.undo(key, scope())
        return said(_("The last change of “{key}” is taken back.", key=key), None)
    if action == "remove":
        definitions.remove(key, scope())
        return said(_("“{key}” is removed.", key=key), key)
    raise PreventUpdate


def previewed(own: Own) -> Component:
    """Return what a definition gives on the data, or why it cannot be saved."""
    try:
        refuse_restricted(scope())
        checked = services().definitions.check(own, scope())
        return preview(checked, _answer(checked), services().settings.base_currency)
    except PicholineError as error:
        return error_notice(error)


def _answer(checked: Checked) -> ResultTable:
    """Ask with the definition: a metric by the months, the last first; a dimension by itself."""
    key = checked.own.key
    metric = kind_of(checked.own) == METRIC
    query = MetricQuery(
        metrics=(key,) if metric else ("net_sales", "customers"),
        by=("month",) if metric else (key,),
        order="-month" if metric else None,
    )
    return services().metrics.ask(query, scope(), known=checked.known)
