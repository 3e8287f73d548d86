"""The page of data-quality rules: switch, change, test against the stored data, restore."""

from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import scope, services
from core.errors import PicholineError
from core.i18n import _
from core.models.quality import Severity
from core.services.quality.bodies import RuleBody
from core.services.rights import refuse_restricted
from dashboard.components import error_notice
from dashboard.line_list import source_parts
from dashboard.quality_form import body_of, columns_help, editor
from dashboard.quality_list import row_dialog, rule_list, said, tested_parts

_FIELDS = {"type": "rule-field", "name": ALL}
Opened = dict[str, Any] | None


def register(app: Dash) -> None:
    """Add the callbacks."""
    _list(app)
    _edit(app)
    _show(app)
    _test(app)
    _try(app)


def _list(app: Dash) -> None:
    @app.callback(
        Output("rules-list", "children"),
        Input("rules-changed", "data"),
        Input("data-version", "data"),
    )
    def listed(_changes: Any, _version: Any) -> list[Component]:
        try:
            refuse_restricted(scope())
            quality = services().quality
            return rule_list(quality.all(), quality.in_force()[1])
        except PicholineError as error:
            return [error_notice(error)]


def _edit(app: Dash) -> None:
    @app.callback(
        Output("rule-editor", "children"),
        Output("rule-opened", "data"),
        Output("rules-said", "children"),
        Output("rules-changed", "data"),
        Input("rules-pressed", "data"),
        State(_FIELDS, "value"),
        State("rule-opened", "data"),
        State("rules-changed", "data"),
        prevent_initial_call=True,
    )
    def change(
        pressed: dict[str, Any] | None, _fields: list[Any], opened: Opened, changes: int
    ) -> tuple[Any, ...]:
        if not pressed:
            raise PreventUpdate
        if pressed["action"] in {"switch", "severity"}:
            return no_update, no_update, *switch(pressed, changes)
        return done(pressed, opened, fields_of(ctx.states_list[0]), changes)


def _show(app: Dash) -> None:
    """Bring the editor into sight when it opens."""
    app.clientside_callback(
        ClientsideFunction("picholine_rules", "opened"),
        Output("rule-shown", "data"),
        Input("rule-editor", "children"),
        prevent_initial_call=True,
    )


def switch(wanted: dict[str, Any], changes: int) -> tuple[Any, Any]:
    """Switch a rule on or off, or change its severity.

    Returns:
        What is said about it; and, where it failed, a number that has the list drawn as it is.
        Otherwise the list shows the change already, beside what its rules were tested to.
    """
    quality, key, value = services().quality, wanted["key"], wanted["value"]
    try:
        if wanted["action"] == "switch":
            quality.set(key, scope(), enabled=bool(value))
        else:
            quality.set(key, scope(), severity=Severity(value))
    except PicholineError as error:
        return error_notice(error), (changes or 0) + 1
    return said(_("“{name}” is saved.", name=quality.get(key).body.title)), no_update


def _test(app: Dash) -> None:
    @app.callback(
        Output({"type": "rule-tested", "key": MATCH}, "children"),
        Input({"type": "rule-test", "key": MATCH}, "n_clicks"),
        Input("rules-test-all", "n_clicks"),
        State({"type": "rule-tested", "key": MATCH}, "id"),
        prevent_initial_call=True,
    )
    def test(_one: int, _all: int, place: dict[str, str]) -> list[Component]:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        return tested(place["key"])

    @app.callback(
        Output("rule-row", "children"),
        Input("rule-row-pressed", "data"),
        prevent_initial_call=True,
    )
    def show_row(pressed: dict[str, Any] | None) -> Component | None:
        return source_of(pressed) if pressed and "row" in pressed else None


def tested(key: str) -> list[Component]:
    """Return how many stored rows break a rule as it is saved."""
    try:
        quality = services().quality
        return tested_parts(quality.test(quality.get(key).body, scope()))
    except PicholineError as error:
        return [error_notice(error)]


def source_of(place: dict[str, Any]) -> Component:
    """Return a row of an uploaded file as it stands there."""
    try:
        sheet = place["sheet"] or None
        found = services().drill.source_row(int(place["import"]), sheet, int(place["row"]), scope())
        return row_dialog(source_parts(found))
    except PicholineError as error:
        return row_dialog([error_notice(error)])


def _try(app: Dash) -> None:
    @app.callback(
        Output("rule-tried", "children"),
        Input(_FIELDS, "value"),
        Input("rule-opened", "data"),
        prevent_initial_call=True,
    )
    def tried(_values: Any, opened: Opened) -> list[Component] | None:
        return attempt(opened, fields_of(ctx.inputs_list[0]))


def attempt(opened: Opened, fields: dict[str, Any]) -> list[Component] | None:
    """Return what the rule in the form says of the stored rows, or why it cannot be saved."""
    if not opened:
        return None
    own = "expression" in fields
    parts: list[Component] = [columns_help(str(fields.get("table")))] if own else []
    if own and not (fields["expression"] or "").strip():
        return parts
    try:
        body = _body(opened, fields)
        found = services().quality.test(body, scope())
        title = html.P(html.Strong(_("Rows stored now that break it:")))
        return [title, *tested_parts(found), *parts]
    except PicholineError as error:
        return [error_notice(error), *parts]


def fields_of(items: list[Any]) -> dict[str, Any]:
    """Return what stands in the form by the fields' names."""
    return {item["id"]["name"]: item.get("value") for item in items}


def _body(opened: dict[str, Any], fields: dict[str, Any]) -> RuleBody:
    """Return what stands in the form; a new rule gets a key made from its name."""
    quality = services().quality
    if opened["key"]:
        return body_of(quality.get(opened["key"]).body, opened["key"], fields)
    name = fields.get("name") or fields.get("name_fr") or ""
    return body_of(None, quality.key_for(name), fields)


def done(
    pressed: dict[str, Any], opened: Opened, fields: dict[str, Any], changes: int
) -> tuple[Any, ...]:
    """Do what a button says.

    Returns:
        The editor, what it holds, what is said about it, and a number every change raises.
    """
    action, key = pressed["action"], pressed["key"]
    try:
        refuse_restricted(scope())
        if action in {"new", "edit"}:
            return *_opened(key), None, no_update
        if action == "close":
            return None, None, None, no_update
        told = _changed(action, key, opened, fields)
    except PicholineError as error:
        return no_update, no_update, error_notice(error), no_update
    return None, None, told, (changes or 0) + 1


def _opened(key: str) -> tuple[Component, dict[str, Any]]:
    if not key:
        return editor(None, []), {"key": "", "edition": 0}
    quality = services().quality
    history = quality.history(key)
    edition = history[0].edition if history else 0
    return editor(quality.get(key), history), {"key": key, "edition": edition}


def _changed(action: str, key: str, opened: Opened, fields: dict[str, Any]) -> Component:
    """Change the rules; return what is said of it."""
    quality = services().quality
    if action == "save" and opened:
        body = quality.save(_body(opened, fields), scope(), after=opened["edition"])
        return said(_("“{name}” is saved.", name=body.title))
    if action == "restore":
        key, _space, edition = key.partition(" ")
        body = quality.restore(key, int(edition), scope())
        return said(_("Version {n} of “{name}” is in force again.", n=edition, name=body.title))
    if action == "remove":
        body = quality.get(key).body
        quality.remove(key, scope())
        if body.shipped:
            return said(_("“{name}” is as it ships again.", name=body.title))
        undo = _("“{name}” is removed. `picholine rules restore {key}` brings it back.",
                 name=body.title, key=key)  # fmt: skip
        return said(undo)
    raise PreventUpdate
