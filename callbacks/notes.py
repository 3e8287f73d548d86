"""Notes: opening the dialogue, keeping what was written, the list with its buttons."""

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import scope, services
from core.errors import PicholineError
from core.formats import country_name
from core.i18n import _, current_language, translate
from core.models.desk import Note
from core.models.formats import Format
from core.services.note_match import about
from core.services.notes import Draft
from dashboard.components import error_notice
from dashboard.notes import ASKED, KEPT, PRESSED, note_table, removed, said_of

Pressed = dict[str, Any] | None


def register(app: Dash) -> None:
    """Add the dialogue's two halves, and the list."""
    _ask(app)
    _save(app)
    _list(app)
    _change(app)
    app.clientside_callback(
        ClientsideFunction("picholine_notes", "changed"),
        Output("note-told", "data"),
        Input("note-saved", "data"),
        Input("notes-changed", "data"),
        prevent_initial_call=True,
    )


def _ask(app: Dash) -> None:
    @app.callback(Output("note-about", "children"), Input(ASKED, "data"), prevent_initial_call=True)
    def ask(asked: Pressed) -> str | Component | None:
        if not asked or not asked.get("dimension"):
            return None
        try:
            return _subject(str(asked["dimension"]), str(asked.get("member") or ""))
        except PicholineError as error:
            return error_notice(error)


def _subject(key: str, member: str) -> str:
    """Return whom a note is about, by name."""
    name = services().notes.named(key, member, scope())
    dimension = services().metrics.known().dimensions[key]
    if dimension.format is Format.COUNTRY:
        name = country_name(member, current_language())
    return said_of(translate(dimension.name), name)


def _save(app: Dash) -> None:
    """The dialogue is there on every page: it writes nothing that only the page of notes has."""

    @app.callback(
        Output("note-refused", "children"),
        Output("note-saved", "data"),
        Input(KEPT, "data"),
        prevent_initial_call=True,
    )
    def save(pressed: Pressed) -> tuple[Any, ...]:
        if not pressed:
            raise PreventUpdate
        try:
            note = _kept(pressed)
        except PicholineError as error:
            return error_notice(error), no_update
        told = _("The note on “{name}” is kept.", name=about(note))
        return None, {"text": told, "n": pressed.get("n")}


def _kept(pressed: Mapping[str, Any]) -> Note:
    fields = Draft.__dataclass_fields__
    draft = Draft(**{name: str(pressed.get(name) or "") for name in fields})
    number = int(pressed.get("id") or 0)
    notes = services().notes
    return notes.rewrite(number, draft, scope()) if number else notes.write(draft, scope())


def _list(app: Dash) -> None:
    @app.callback(
        Output("notes-list", "children"),
        Input("notes-changed", "data"),
        Input("note-saved", "data"),
        Input("notes-search", "value"),
    )
    def listed(_changes: int, _saved: Any, searched: str | None) -> Component:
        text = (searched or "").strip()
        return note_table(services().notes.search(text, scope()), scope().owner, text)


def _change(app: Dash) -> None:
    @app.callback(
        Output("notes-changed", "data"),
        Output("notes-said", "children"),
        Input(PRESSED, "data"),
        State("notes-changed", "data"),
        prevent_initial_call=True,
    )
    def change(pressed: Pressed, changes: int) -> tuple[Any, ...]:
        if not pressed:
            raise PreventUpdate
        notes, number = services().notes, int(pressed["id"])
        away = pressed["action"] == "remove"
        try:
            note = notes.remove(number, scope()) if away else notes.restore(number, scope())
        except PicholineError as error:
            return (changes or 0) + 1, error_notice(error)
        return (changes or 0) + 1, removed(note) if away else None
