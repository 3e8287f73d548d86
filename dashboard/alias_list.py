"""What spellings mean, on the page “Corrections”: a list, and a form for another one."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.i18n import _, translate
from core.services.aliases import FIELDS, LONGEST, Meaning
from dashboard.attributes import aria
from dashboard.components import icon
from dashboard.intake_words import moment_text
from dashboard.presses import press, tells


def aliases_frame() -> Component:
    """Return the section; a callback fills the list."""
    return html.Section(
        [
            html.H2(_("What spellings mean"), className="aliases-title", id="aliases-title"),
            html.P(
                _(
                    "Files that say it in another way are read as what is meant. Countries that "
                    "were not recognised are renamed in stored rows too; other stored rows stay "
                    "as they were read."
                ),
                className="panel-hint",
            ),
            _form(),
            html.Div(id="aliases-said", role="status", **aria(live="polite")),
            html.Div(id="aliases-list", className="aliases-table", tabIndex=0),
        ],
        className="panel span-12 aliases",
        **aria(labelledby="aliases-title"),
    )


def _form() -> Component:
    fields = [{"label": translate(name), "value": key} for key, name in FIELDS.items()]
    select = dbc.Select(id="alias-field", options=fields, value="country", size="sm")  # type: ignore[arg-type]
    return html.Div(
        [
            html.Label([html.Span(_("Field")), select]),
            html.Label([html.Span(_("As written in files")), _text("alias-written")]),
            html.Label([html.Span(_("What it means")), _text("alias-meant")]),
            press("aliases-pressed", _("Add"), name="check", action="add"),
        ],
        className="aliases-form",
    )


def _text(name: str) -> Component:
    return dbc.Input(id=name, value="", maxLength=LONGEST, size="sm")


def alias_table(meanings: Sequence[Meaning], zone: str) -> list[Component]:
    """Return the meanings in force, each with the button that takes it back.

    Args:
        meanings: those of every file first.
        zone: time zone of the company.
    """
    if not meanings:
        return [html.P(_("No spelling has a meaning of its own yet."), className="panel-hint")]
    names = (
        _("Field"),
        _("As written in files"),
        _("What it means"),
        _("Holds in"),
        _("Since"),
        "",
    )
    head = html.Tr([html.Th(name, scope="col") for name in names])
    rows = [html.Tr(_cells(meaning, zone)) for meaning in meanings]
    return [html.Table([html.Thead(head), html.Tbody(rows)], className="data-table")]


def _cells(meaning: Meaning, zone: str) -> list[Component]:
    where = _("every file")
    if meaning.layout:
        name = meaning.file or meaning.layout[:8]
        where = _("files like {name}", name=name)
    return [
        html.Td(translate(FIELDS.get(meaning.field, meaning.field))),
        html.Td(meaning.written),
        html.Td(meaning.meant),
        html.Td(where),
        html.Td(f"{moment_text(meaning.since, zone)} · {meaning.owner}"),
        html.Td(
            html.Button(
                [icon("undo"), _("Take back")],
                type="button",
                className="btn btn-sm btn-outline-primary",
                **tells(
                    "aliases-pressed",
                    action="remove",
                    key=str(meaning.id or meaning.layout),
                    field=meaning.field,
                    written=meaning.written,
                ),
                **aria(label=_("Take back what “{name}” means", name=meaning.written)),
            )
        ),
    ]
