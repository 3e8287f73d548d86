"""The page “Corrections”: its frame, heads, tools and what it asks before it does something."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import _, msg_n
from core.models.tables import Import
from core.services.corrections import CORRECTED, GIVEN_UP, OPEN, Counts, Offer
from core.services.corrections.service import LONGEST_NOTE
from dashboard import presses
from dashboard.attributes import aria, attributes
from dashboard.components import icon
from dashboard.correction_grid import corrections_grid
from dashboard.correction_state import PAGE_ROWS, CorrectionsState, corrections_link
from dashboard.intake_words import rows_text, table_name, whole

_SHOWN_REASONS = 12
_SHOWN_IMPORTS = 40


def corrections_frame() -> list[Component]:
    """Return the page; callbacks fill it."""
    head = html.Header(
        [
            html.H2(id="corrections-title", className="panel-title", tabIndex=-1),
            html.Div(id="corrections-choice", className="panel-tools"),
        ],
        className="panel-head",
    )
    return [
        dcc.Store(id="corrections-changed", data=0),
        dcc.Store(id="corrections-pressed"),
        dcc.Store(id="aliases-pressed"),
        dcc.Store(id="corrections-job"),
        dcc.Store(id={"type": "data-changed", "from": "corrections"}),
        dcc.Store(id={"type": "data-changed", "from": "aliases"}),
        dcc.Interval(id="corrections-poll", interval=700, disabled=True),
        html.Section(
            [
                head,
                html.P(id="corrections-counts", className="panel-hint"),
                html.Div(id="corrections-states", className="corrections-chips"),
                html.Div(id="corrections-reasons", className="corrections-chips"),
                html.Div(id="corrections-tools", className="corrections-tools"),
                html.Div(id="corrections-question", className="corrections-question"),
                html.Div(
                    id="corrections-notice",
                    className="corrections-notice",
                    role="status",
                    **aria(live="polite"),
                ),
                html.Div(corrections_grid(), id="corrections-rows", className="panel-body"),
                html.Div(id="corrections-pages", className="corrections-pages"),
            ],
            className="panel span-12 corrections",
            **aria(labelledby="corrections-title"),
        ),
    ]


def press(
    action: str, label: str, *, name: str = "", primary: bool = False, disabled: bool = False
) -> Component:
    """Return a button that does something to the rows; `callbacks.corrections` knows what."""
    return presses.press(
        "corrections-pressed", label, name=name, primary=primary, disabled=disabled, action=action
    )


def title(record: Import | None) -> str:
    """Return what the page is about."""
    if record is None:
        return _("No row is set aside")
    return _("Rows set aside from {file}", file=_place(record))


def _place(record: Import) -> str:
    sheet = record.sheet
    return (
        f"{record.file_name} · {sheet}"
        if sheet and sheet not in record.file_name
        else record.file_name
    )


def choice(records: Sequence[Import], chosen: int | None) -> list[Component]:
    """Return the list of imports that set rows aside."""
    links = [
        dcc.Link(
            _("No. {id}: {file} ({rows})", id=record.id, file=_place(record),
              rows=rows_text(record.quarantined)),
            href=corrections_link(record.id or 0),
            className="menu-item current" if record.id == chosen else "menu-item",
        )
        for record in records[:_SHOWN_IMPORTS]
    ]  # fmt: skip
    if len(links) < (1 if chosen is None else 2):
        return []
    label = [icon("imports"), html.Span(_("Another import"))]
    summary = html.Summary(label, className="btn btn-sm btn-outline-primary")
    return [html.Details([summary, html.Div(links, className="menu")], className="menu-holder")]


def counts_text(record: Import, counts: Counts) -> str:
    """Return where the quarantined rows are; the sum is what the import set aside."""
    return _(
        "No. {id} · {table} · {all} set aside = {open} open + {corrected} corrected + "
        "{given_up} given up",
        id=record.id,
        table=table_name(record.table_name),
        all=whole(counts.all),
        open=whole(counts.open),
        corrected=whole(counts.corrected),
        given_up=whole(counts.given_up),
    )


def state_tabs(state: CorrectionsState, counts: Counts) -> list[Component]:
    """Return the links between open, corrected and given-up rows."""
    named = (
        (OPEN, _("Open"), counts.open),
        (CORRECTED, _("Corrected"), counts.corrected),
        (GIVEN_UP, _("Given up"), counts.given_up),
    )
    return [
        dcc.Link(
            f"{label} ({whole(number)})",
            href=state.link(state=key, reason=""),
            className="tab active" if key == state.state else "tab",
        )
        for key, label, number in named
    ]


def reason_chips(state: CorrectionsState, named: Sequence[tuple[str, str, int]]) -> list[Component]:
    """Return the links that choose the rows of one reason: `(code, sentence, rows)`."""
    if not named:
        return []
    every = sum(number for _code, _text, number in named)
    listed = [("", _("Every reason"), every), *named[:_SHOWN_REASONS]]
    return [
        dcc.Link(
            [html.Span(text), html.B(whole(number))],
            href=state.link(reason=code),
            className="reason-chip active" if code == state.reason else "reason-chip",
        )
        for code, text, number in listed
    ]


def tools(state: CorrectionsState, drafts: int, shown: int) -> list[Component]:
    """Return the buttons that fit the rows shown.

    Args:
        state: what is shown.
        drafts: open rows the reader wrote into.
        shown: rows of the page.
    """
    if state.state == GIVEN_UP:
        return [
            press("take-back", _("Open the chosen rows again"), name="undo", disabled=not shown)
        ]
    if state.state != OPEN:
        return []
    return [
        press("apply", _("Take the suggestions"), name="check", disabled=not shown),
        press("ask-reason", _("Take all suggestions…"), disabled=not shown),
        press("ask-give-up", _("Give up…"), disabled=not shown),
        press("reset", _("As in the file"), name="undo", disabled=not shown),
        html.Div(className="spacer"),
        html.A(
            [icon("xlsx"), _("As a workbook")],
            href=f"/corrections/{state.import_id}/rows.xlsx",
            className="quarantine-link",
            download="",
        ),
        press(
            "check",
            str(msg_n("Check {n} corrected row", "Check {n} corrected rows", drafts))
            if drafts
            else _("Check the chosen rows again"),
            name="retry",
            primary=True,
            disabled=not shown and not drafts,
        ),
    ]


def pages(state: CorrectionsState, total: int) -> list[Component]:
    """Return which rows of how many are shown, and the ways to the others."""
    if total <= PAGE_ROWS:
        return []
    first = (state.page - 1) * PAGE_ROWS + 1
    last = min(state.page * PAGE_ROWS, total)
    found: list[Component] = []
    if state.page > 1:
        found.append(dcc.Link(_("← Previous"), href=state.link(page=state.page - 1),
                              className="btn btn-sm btn-outline-primary"))  # fmt: skip
    found.append(
        html.Span(_("Rows {first} to {last} of {all}", first=whole(first), last=whole(last),
                    all=whole(total)))
    )  # fmt: skip
    if last < total:
        found.append(dcc.Link(_("Next →"), href=state.link(page=state.page + 1),
                              className="btn btn-sm btn-outline-primary"))  # fmt: skip
    return found


def ask_reason(offer: Offer, reason: str) -> Component:
    """Return how many rows the suggestions of a reason would be written into, and the choice."""
    what = reason or _("Every reason")
    if not offer.suggested:
        return _asked(
            _("There is no suggestion for these rows."),
            [press("cancel", _("Close"))],
        )
    said = _(
        "{reason} {suggested} of {rows} have a suggestion, {sure} of them are sure (80 % or more). "
        "Rows you wrote into stay as they are. Nothing counts before you check the rows.",
        reason=what if what.endswith((".", "!", "?")) else f"{what}.",
        suggested=whole(offer.suggested),
        rows=rows_text(offer.rows),
        sure=whole(offer.sure),
    )
    buttons: list[Component] = []
    if offer.sure:
        buttons.append(press("apply-sure", _("Apply the {n} sure ones", n=whole(offer.sure)),
                             primary=True))  # fmt: skip
    if offer.sure < offer.suggested:
        buttons.append(press("apply-all", _("Apply all {n}", n=whole(offer.suggested)),
                             primary=not offer.sure))  # fmt: skip
    return _asked(said, [*buttons, press("cancel", _("Cancel"))])


def ask_many(rows: int, reason: str) -> Component:
    """Ask the same of so many rows that suggestions are looked for in the background."""
    what = reason or _("Every reason")
    said = _(
        "{reason} There are {rows}: suggestions are looked for in the background. Rows you wrote "
        "into stay as they are. Nothing counts before you check the rows.",
        reason=what if what.endswith((".", "!", "?")) else f"{what}.",
        rows=rows_text(rows),
    )
    buttons = [
        press("apply-sure", _("Apply the sure ones (80 % or more)"), primary=True),
        press("apply-all", _("Apply all")),
        press("cancel", _("Cancel")),
    ]
    return _asked(said, buttons)


def ask_note(rows: int) -> Component:
    """Return the question why rows are given up."""
    note = html.Label(
        [
            html.Span(_("Why?")),
            dbc.Input(
                id={"type": "corrections-note", "page": "corrections"},
                maxLength=LONGEST_NOTE,
                size="sm",
                placeholder=_("test rows, cancelled order …"),
            ),
        ],
        className="corrections-note",
    )
    said = str(msg_n("Give {n} chosen row up? It stays in the quarantine, and can be opened again.",
                     "Give {n} chosen rows up? They stay in the quarantine, and can be opened "
                     "again.", rows))  # fmt: skip
    return _asked(said, [note, press("give-up", _("Give up"), primary=True),
                         press("cancel", _("Cancel"))])  # fmt: skip


def _asked(said: str, answers: Sequence[Component]) -> Component:
    return html.Div(
        [html.P(said, id="corrections-asked"), html.Div(answers, className="corrections-tools")],
        role="group",
        **attributes({"aria-labelledby": "corrections-asked"}),
    )
