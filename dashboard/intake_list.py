"""The Imports page: every import with its counts, status and what can be done with it."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from core.i18n import _, msg_n
from core.models.tables import Import, ImportStatus
from dashboard.attributes import aria, attributes
from dashboard.components import icon
from dashboard.correction_link import correct_link, correction_of
from dashboard.intake_words import moment_text, problem_list, rows_text, table_name, whole

SAMPLES = ("picholine-sales.xlsx", "picholine-ventes.xlsx")


def import_list(imports: Sequence[Import], zone: str) -> list[Component]:
    """Return the imports, the newest first, or how to start when there is none.

    Args:
        imports: the newest first.
        zone: time zone of the company.
    """
    if not imports:
        return [_nothing_yet()]
    return [
        html.Div(
            [html.P(_summary(imports)), html.Div(className="spacer"), sample_links()],
            className="imports-top",
        ),
        *([demo_note("list")] if counting_demo(imports) else []),
        *(_row(found, replaced_by(found, imports), zone) for found in imports),
    ]


def counting_demo(imports: Sequence[Import]) -> list[Import]:
    """Return the imports of the demo company that count."""
    return [r for r in imports if r.demo and r.status is ImportStatus.COMMITTED]


def demo_note(place: str) -> Component:
    """Return the remark that invented figures count, and the button that takes them out."""
    return html.Div(
        [
            html.Span(_("The demo company’s invented figures count, together with your own.")),
            html.Button(
                [icon("undo"), _("Take the demo company out…")],
                id={"type": "import-change", "id": 0, "action": "undo-demo", "place": place},
                type="button",
                n_clicks=0,
                className="btn btn-sm btn-outline-primary",
            ),
        ],
        className="demo-note",
    )


def replaced_by(record: Import, imports: Sequence[Import]) -> int | None:
    """Return the latest import that replaced this one's table, if this one counts otherwise."""
    if record.status is not ImportStatus.COMMITTED:
        return None
    later = [
        other.id
        for other in imports
        if other.replace
        and other.status is ImportStatus.COMMITTED
        and other.table_name == record.table_name
        and (other.id or 0) > (record.id or 0)
    ]
    return max((number for number in later if number), default=None)


def _summary(imports: Sequence[Import]) -> str:
    counting = [
        found
        for found in imports
        if found.status is ImportStatus.COMMITTED and replaced_by(found, imports) is None
    ]
    rows = sum(found.accepted for found in counting)
    return str(
        msg_n(
            "{n} import counts, with {rows}.",
            "{n} imports count, with {rows}.",
            len(counting),
            rows=rows_text(rows),
        )
    )


def _row(record: Import, replaced: int | None, zone: str) -> Component:
    counts = record.status is ImportStatus.COMMITTED and replaced is None
    name = _("Demo company") if record.demo else record.file_name
    meta = [
        _("No. {id}", id=record.id),
        moment_text(record.created_at, zone),
        table_name(record.table_name),
        *([_("sheet {name}", name=record.sheet)] if record.sheet else []),
        _("data version {n}", n=record.data_version),
        *([_("replaces earlier rows")] if record.replace else []),
        *([corrected] if (corrected := correction_of(record)) else []),
    ]
    head = html.Div(
        [
            html.H3(name),
            _status(record, replaced),
            *([html.Span(_("Demo"), className="badge-mark demo")] if record.demo else []),
            html.Div(_tools(record), className="import-side"),
        ],
        className="import-head",
    )
    facts = html.P(" · ".join(meta), className="import-meta")
    body: list[Component] = [head, facts, _counts(record)]
    if problems := problem_list(record.reasons, record.warnings, record.mapping.get("texts")):
        body.append(
            html.Details(
                [html.Summary(_("Reasons and remarks")), problems], className="import-more"
            )
        )
    return html.Article(
        body,
        className="import-row" if counts else "import-row undone",
        **attributes({"data-import": str(record.id), "data-status": record.status.value}),
    )


def _status(record: Import, replaced: int | None) -> Component:
    if record.status is ImportStatus.UNDONE:
        return html.Span(_("Undone"), className="badge-mark")
    if replaced is not None:
        return html.Span(_("Replaced by no. {id}", id=replaced), className="badge-mark")
    if not record.accepted:
        return html.Span(_("Nothing new"), className="badge-mark")
    return html.Span(_("Counts"), className="badge-mark good")


def _counts(record: Import) -> Component:
    return html.P(
        [
            html.Span([html.B(whole(record.read)), " ", _("read")]),
            html.Span([html.B(whole(record.accepted)), " ", _("accepted")]),
            html.Span(
                [html.B(whole(record.quarantined)), " ", _("quarantined")],
                className="bad" if record.quarantined else "",
            ),
            html.Span([html.B(whole(record.already_there)), " ", _("already there")]),
        ],
        className="import-counts",
    )


def _tools(record: Import) -> list[Component]:
    found: list[Component] = []
    if record.quarantined:
        found.append(correct_link(record.id or 0))
        found.append(quarantine_link(record.id or 0))
    undone = record.status is ImportStatus.UNDONE
    found.append(change_button(record.id or 0, "redo" if undone else "undo", "list"))
    return found


def quarantine_link(import_id: int) -> Component:
    """Return the link to an import's quarantined rows as a workbook."""
    return html.A(
        [icon("xlsx"), _("Quarantined rows")],
        href=f"/imports/{import_id}/quarantine.xlsx",
        className="quarantine-link",
    )


def change_button(import_id: int, action: str, place: str) -> Component:
    """Return the button that asks before an undo or a redo; `place` keeps ids apart."""
    undo = action == "undo"
    return html.Button(
        [icon("undo" if undo else "retry"), _("Undo…") if undo else _("Redo…")],
        id={"type": "import-change", "id": import_id, "action": action, "place": place},
        type="button",
        n_clicks=0,
        className="btn btn-sm btn-outline-primary",
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


def _nothing_yet() -> Component:
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
        ],
        className="empty-state",
    )
