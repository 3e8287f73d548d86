"""Notes: the dialogue that writes one, and the list of all with search."""

import json
from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import _, translate
from core.models.desk import Note
from core.services.note_match import about, signed
from core.services.notes import GRAINS, LONGEST
from dashboard.attributes import aria, attributes
from dashboard.components import icon
from dashboard.page import pages
from dashboard.presses import press

PRESSED, KEPT, ASKED = "notes-pressed", "note-kept", "note-asked"


def notes_overlay() -> Component:
    """Return what is there on every page: the dialogue, and what it and the buttons tell."""
    return html.Div(
        [
            *(dcc.Store(id=name) for name in (PRESSED, KEPT, ASKED)),
            dcc.Store(id="notes-changed", data=0),
            dcc.Store(id="note-saved"),
            dcc.Store(id="note-told"),
            _dialogue(),
        ]
    )


def _dialogue() -> Component:
    return html.Dialog(
        [html.H2(_("Note"), id="note-dialog-title"), *_fields(), *_buttons_below()],
        id="note-dialog",
        className="view-dialog note-dialog",
        **aria(labelledby="note-dialog-title"),
    )


def _fields() -> list[Component]:
    return [
        html.P(id="note-about", className="note-about", **aria(live="polite")),
        html.Label(
            [
                html.Span(_("Text")),
                html.Textarea(id="note-text", maxLength=LONGEST, rows=4, className="form-control"),
            ]
        ),
        html.Div(
            [
                html.Label([html.Span(_("Date")), _day()]),
                html.Label(
                    [
                        html.Span(_("The date stands for its")),
                        html.Select(
                            [
                                html.Option(translate(name), value=key)
                                for key, name in GRAINS.items()
                            ],
                            id="note-grain",
                            className="form-select",
                        ),
                    ]
                ),
            ],
            className="note-when",
        ),
        html.Label(
            [
                html.Span(_("Shown")),
                html.Select(
                    [
                        html.Option(_("On every page"), value=""),
                        html.Option(_("On this page only"), value="here"),
                    ],
                    id="note-where",
                    className="form-select",
                ),
            ]
        ),
    ]


def _buttons_below() -> list[Component]:
    return [
        html.Div(id="note-refused"),
        html.Div(
            [
                html.Button(
                    [icon("check"), _("Save")],
                    id="note-save",
                    type="button",
                    className="btn btn-sm btn-primary",
                ),
                html.Button(_("Cancel"), type="button", className="btn btn-sm note-close"),
            ],
            className="view-dialog-buttons",
        ),
    ]


def _day() -> Component:
    return dcc.Input(
        id="note-day", debounce=False, className="form-control day", **attributes({"type": "date"})
    )


def notes_page() -> Component:
    """Return the page of notes; its callback fills the list."""
    search = dcc.Input(
        id="notes-search",
        type="search",
        debounce=False,
        className="form-control",
        placeholder=_("Search the notes"),
        autoComplete="off",
    )
    label = html.Span(_("Search the notes"), className="visually-hidden")
    return html.Div(
        [
            html.Label([label, search], className="notes-search"),
            html.Div(id="notes-said", role="status", **aria(live="polite")),
            html.Div(id="notes-list"),
        ],
        className="views-page",
    )


def said_of(dimension: str, name: str) -> str:
    """Return what a note is about besides a time."""
    return _("About: {dimension} {name}", dimension=dimension, name=name)


def note_table(notes: Sequence[Note], owner: str, searched: str) -> Component:
    """Return the list of notes, or how to write the first one.

    Args:
        notes: found ones, the latest time first.
        owner: who reads: only one's own notes can be changed.
        searched: what was looked for.
    """
    if not notes:
        return _none(searched)
    titles = (_("About"), _("Note"), _("Shown"), _("Written by"), "")
    head = html.Tr([html.Th(text, scope="col") for text in titles])
    return html.Table(
        [html.Thead(head), html.Tbody([_row(note, mine=note.owner == owner) for note in notes])],
        className="data-table views-table notes-table",
    )


def _none(searched: str) -> Component:
    if searched:
        said = [
            html.H2(_("No note has these words")),
            html.P(_("Search for fewer words, or for the name of a member.")),
        ]
        return html.Div([icon("search"), *said], className="empty-state")
    said = [
        html.H2(_("Nothing is noted yet")),
        html.P(
            _(
                "Choose “Annotate…” in the menu of a tile or of a mark in a chart, or press N "
                "on a tile: a note stands on its month or member wherever that is drawn."
            )
        ),
        dcc.Link(_("Go to the overview"), href="/overview", className="btn btn-primary"),
    ]
    return html.Div([icon("note"), *said], className="empty-state")


def _row(note: Note, *, mine: bool) -> Component:
    titles = {page.key: translate(page.title) for page in pages()}
    where = titles.get(note.page, note.page) if note.page else _("everywhere")
    name = about(note)
    return html.Tr(
        [
            html.Td(dcc.Link(name, href=note.address) if note.address else name),
            html.Td(note.text, className="note-text"),
            html.Td(where),
            html.Td(signed(note)),
            html.Td(html.Div(_buttons(note) if mine else [], className="view-buttons")),
        ]
    )


def _buttons(note: Note) -> list[Component]:
    stated = {
        "id": note.id,
        "text": note.text,
        "day": note.day.isoformat() if note.day else "",
        "grain": note.grain,
        "dimension": note.dimension,
        "member": note.member,
        "page": note.page,
        "address": note.address,
    }
    name = about(note)
    return [
        html.Button(
            _("Edit"),
            type="button",
            className="btn btn-sm btn-outline-primary",
            **attributes({"data-note": json.dumps(stated, ensure_ascii=False)}),
            **aria(label=_("Edit the note: {name}", name=name)),
        ),
        press(PRESSED, _("Remove"), action="remove", id=note.id or 0),
    ]


def removed(note: Note) -> Component:
    """Return what is said of a removed note, with the way back."""
    return html.P(
        [
            html.Span(_("The note on “{name}” was removed.", name=about(note))),
            press(PRESSED, _("Undo"), name="undo", action="restore", id=note.id or 0),
        ],
        className="views-done",
    )
