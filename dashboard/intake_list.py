"""Parts the list of imports shares with the intake: links, buttons, how to start."""

from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from core.i18n import _
from core.models.tables import Import, ImportStatus
from dashboard.attributes import aria
from dashboard.components import icon
from dashboard.intake_words import table_name
from dashboard.presses import tells

PRESSED = "import-pressed"  # the store buttons tell what was pressed
ASK = "ask-"  # before an action: ask first, with its effect

SAMPLES = ("picholine-sales.xlsx", "picholine-ventes.xlsx")


def counting_demo(imports: Iterable[Import]) -> list[Import]:
    """Return the imports of the demo company that count."""
    return [r for r in imports if r.demo and r.status is ImportStatus.COMMITTED]


def demo_note() -> Component:
    """Return the remark that invented figures count, and the button that takes them out."""
    return html.Div(
        [
            html.Span(_("The demo company’s invented figures count, together with your own.")),
            html.Button(
                [icon("undo"), _("Take the demo company out…")],
                type="button",
                className="btn btn-sm btn-outline-primary",
                **tells(PRESSED, action=f"{ASK}undo-demo", id=0),
            ),
        ],
        className="demo-note",
    )


def quarantine_link(import_id: int) -> Component:
    """Return the link to an import's quarantined rows as a workbook."""
    return html.A(
        [icon("xlsx"), _("Quarantined rows")],
        href=f"/imports/{import_id}/quarantine.xlsx",
        className="quarantine-link",
    )


def change_button(import_id: int, action: str) -> Component:
    """Return the button that asks before an undo or a redo."""
    undo = action == "undo"
    return html.Button(
        [icon("undo" if undo else "retry"), _("Undo…") if undo else _("Redo…")],
        type="button",
        className="btn btn-sm btn-outline-primary",
        **tells(PRESSED, action=f"{ASK}{action}", id=import_id),
        **aria(
            label=_("Undo import {id}", id=import_id)
            if undo
            else _("Redo import {id}", id=import_id)
        ),
    )


def _choose() -> Component:
    return html.Button(
        [icon("upload"), _("Choose files…")],
        type="button",
        className="import-open btn btn-primary btn-sm",
    )


def choose_folder() -> Component:
    """Return the button that takes every file of a folder."""
    return html.Button(
        _("Choose a folder…"),
        type="button",
        className="folder-open btn btn-outline-primary btn-sm",
    )


def sample_links() -> Component:
    """Return the links to the sample workbooks."""
    names = (_("Sample: clean sales workbook"), _("Sample: French export with flaws"))
    return html.Div(
        [
            html.A([icon("xlsx"), text], href=f"/samples/{name}")
            for name, text in zip(SAMPLES, names, strict=True)
        ],
        className="samples",
    )


def template_links() -> Component:
    """Return the links to the templates a company begins with."""
    return html.Div(
        [
            html.A([icon("xlsx"), table_name(key)], href=f"/templates/{key}.xlsx", download="")
            for key in ("sales", "products", "customers", "purchases")
        ],
        className="samples",
    )


def nothing_yet() -> Component:
    """Return how to start where nothing was imported yet."""
    steps = (
        _("Drop a workbook or a CSV file anywhere on this window, or choose it."),
        _("Look at the proposed columns and the first rows; correct what is wrong."),
        _("Import. Every row is accepted, set aside with its reason, or recognised as known."),
        _("Undo at any time: the earlier numbers come back."),
    )
    return html.Div(
        [
            icon("upload"),
            html.H2(_("Nothing has been imported yet")),
            html.Ol([html.Li(step) for step in steps], className="how"),
            html.Div([_choose(), choose_folder()], className="empty-actions"),
            html.P(_("No file at hand? Try one of ours:")),
            sample_links(),
            html.P(_("Or begin with a template to fill in:")),
            template_links(),
        ],
        className="empty-state",
    )
