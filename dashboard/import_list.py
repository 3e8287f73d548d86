"""The list of imports: who, when, what of it counts, what it contributes; found by a word."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language, msg_n
from core.models.formats import Format
from core.models.tables import Import, ImportStatus
from core.services.import_desk import Contribution, ImportFacts
from core.services.ingest.modes import Mode
from dashboard.attributes import attributes
from dashboard.components import icon
from dashboard.correction_link import correct_link, correction_of
from dashboard.intake_list import (
    change_button,
    counting_demo,
    demo_note,
    nothing_yet,
    quarantine_link,
    sample_links,
)
from dashboard.intake_words import moment_text, problem_list, rows_text, table_name, whole
from dashboard.quality_preview import score_text

_SHOWN = 100
_NOBODY = "local"  # without sign-in there is no name to tell


def import_list(
    imports: Sequence[ImportFacts], zone: str, currency: str, find: str = ""
) -> list[Component]:
    """Return the imports, the newest first, or how to start when there is none.

    Args:
        imports: the newest first.
        zone: time zone of the company.
        currency: of the amounts.
        find: words that all have to stand in an import's facts; "" for all imports.
    """
    if not imports:
        return [nothing_yet()]
    found = [facts for facts in imports if _matches(facts, find)]
    shown = [_row(facts, zone, currency) for facts in found[:_SHOWN]]
    rest = len(found) - len(shown)
    if not found:
        shown = [html.P(_("No import has these words."), className="muted")]
    if rest:
        text = msg_n(
            "{n} older import is not shown; search for it.",
            "{n} older imports are not shown; search for them.",
            rest,
        )
        shown.append(html.P(str(text), className="muted"))
    return [
        html.Div(
            [html.P(_summary(imports)), html.Div(className="spacer"), sample_links()],
            className="imports-top",
        ),
        *([demo_note()] if counting_demo(f.record for f in imports) else []),
        *shown,
    ]


def _matches(facts: ImportFacts, find: str) -> bool:
    record = facts.record
    text = " ".join(
        [
            import_name(record), table_name(record.table_name), record.table_name, record.owner,
            record.sheet or "", f"{record.id}", status_text(facts), mode_text(facts),
        ]
    ).casefold()  # fmt: skip
    return all(word in text for word in find.casefold().split())


def _summary(imports: Iterable[ImportFacts]) -> str:
    counting = [facts.record.accepted for facts in imports if facts.counts]
    return str(
        msg_n(
            "{n} import counts, with {rows}.",
            "{n} imports count, with {rows}.",
            len(counting),
            rows=rows_text(sum(counting)),
        )
    )


def _row(facts: ImportFacts, zone: str, currency: str) -> Component:
    record = facts.record
    name = dcc.Link(import_name(record), href=view_link(record.id or 0), className="import-name")
    head = html.Div(
        [html.H3(name), *badges(facts), html.Div(_tools(record), className="import-side")],
        className="import-head",
    )
    body: list[Component] = [
        head,
        html.P(" · ".join(meta(facts, zone)), className="import-meta"),
        counts(facts, currency),
    ]
    if problems := problem_list(record.reasons, record.warnings, record.mapping.get("texts")):
        body.append(
            html.Details(
                [html.Summary(_("Reasons and remarks")), problems], className="import-more"
            )
        )
    return html.Article(
        body,
        className="import-row" if facts.counts else "import-row undone",
        **attributes({"data-import": str(record.id), "data-status": record.status.value}),
    )


def import_name(record: Import) -> str:
    """Return the name of an import's file."""
    return _("Demo company") if record.demo else record.file_name


def view_link(import_id: int, offset: int = 0, *, warned: bool = False) -> str:
    """Return the address of an import's own view, of its rows with warnings alone if wanted."""
    rows = "&rows=warned" if warned else ""
    return f"/imports?import={import_id}{rows}" + (f"&from={offset}" if offset else "")


def meta(facts: ImportFacts, zone: str) -> list[str]:
    """Return number, moment, person, table and mode of an import, in words."""
    record = facts.record
    return [
        _("No. {id}", id=record.id),
        moment_text(record.created_at, zone),
        *([_("by {name}", name=record.owner)] if record.owner != _NOBODY else []),
        table_name(record.table_name),
        *([_("sheet {name}", name=record.sheet)] if record.sheet else []),
        _("data version {n}", n=record.data_version),
        *([text] if (text := mode_text(facts)) else []),
        *([corrected] if (corrected := correction_of(record)) else []),
        *([_("read again, instead of no. {id}", id=facts.instead_of)] if facts.instead_of else []),
    ]


def mode_text(facts: ImportFacts) -> str:
    """Return what an import does to earlier rows; "" where it leaves them."""
    if facts.mode is Mode.REPLACE:
        return _("replaces earlier rows")
    if facts.mode is Mode.UPSERT:
        return _("replaces rows by their key")
    if facts.mode is Mode.PERIOD:
        first, last = (format_value(day, Format.DATE, current_language()) for day in facts.period)
        return _("replaces {first} to {last}", first=first, last=last)
    return ""


def badges(facts: ImportFacts) -> list[Component]:
    """Return the marks of an import: whether it counts, and whether it is invented."""
    good = " good" if facts.counts and facts.record.accepted else ""
    found: list[Component] = [html.Span(status_text(facts), className=f"badge-mark{good}")]
    if facts.record.demo:
        found.append(html.Span(_("Demo"), className="badge-mark demo"))
    return found


def status_text(facts: ImportFacts) -> str:
    """Return whether an import counts, in words."""
    if facts.record.status is ImportStatus.UNDONE:
        return _("Undone")
    if facts.replaced_by is not None:
        return _("Replaced by no. {id}", id=facts.replaced_by)
    return _("Counts") if facts.record.accepted else _("Nothing new")


def counts(facts: ImportFacts, currency: str) -> Component:
    """Return where the rows went, what they contribute, and the quality score."""
    record = facts.record
    parts: list[Component] = [
        html.Span([html.B(whole(record.read)), " ", _("read")]),
        html.Span([html.B(whole(record.accepted)), " ", _("accepted")]),
        html.Span(
            [html.B(whole(record.quarantined)), " ", _("quarantined")],
            className="bad" if record.quarantined else "",
        ),
        html.Span([html.B(whole(record.already_there)), " ", _("already there")]),
    ]
    if found := facts.contribution:
        parts.append(html.Span(contribution_text(found, currency), className="contribution"))
    if facts.quality is not None:
        percent = format_value(
            min(facts.quality, 0.999) if facts.quality < 1 else 1.0,
            Format.PERCENT,
            current_language(),
            digits=1 if facts.quality < 1 else 0,
        )
        parts.append(html.Span(_("quality {score}", score=percent),
                               title=score_text(facts.quality)))  # fmt: skip
    return html.P(parts, className="import-counts")


def contribution_text(found: Contribution, currency: str) -> str:
    """Return what an import's lines add to net sales now."""
    return _("{amount} of net sales", amount=money(found.net_sales, currency))


def money(value: Decimal | None, currency: str) -> str:
    """Return an amount in base currency; a dash where it is unknown."""
    return format_value(value, Format.MONEY, current_language(), currency=currency)


def _tools(record: Import) -> list[Component]:
    number = record.id or 0
    found: list[Component] = []
    if record.quarantined:
        found += [correct_link(number), quarantine_link(number)]
    undone = record.status is ImportStatus.UNDONE
    found.append(change_button(number, "redo" if undone else "undo"))
    return found


def search_box() -> Component:
    """Return the field that finds imports by words."""
    return html.Label(
        [
            icon("search"),
            html.Span(_("Find an import"), className="visually-hidden"),
            dcc.Input(
                id="imports-find",
                type="search",
                debounce=0.3,
                placeholder=_("File, table, person, number or status"),
                value="",
            ),
        ],
        id="imports-search",
        className="imports-search",
    )
