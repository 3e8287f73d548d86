"""One import: where its rows went, what they contribute, its rows, mapping, history and file."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_period
from core.i18n import _, current_language, msg_n, translate
from core.models.schema import TABLES, Kind
from core.models.tables import ImportStatus
from core.services.import_desk import COUNTS, PAGE_ROWS, Contribution, ImportView, RowsPage
from core.services.import_log import Log
from core.services.ingest.options import Mapping as ColumnMapping
from core.services.ingest.targets import targets
from dashboard.attributes import aria
from dashboard.components import icon
from dashboard.correction_link import correct_link
from dashboard.import_list import badges, counts, import_name, meta, money, view_link
from dashboard.import_log import log_table
from dashboard.intake_list import change_button, quarantine_link
from dashboard.intake_words import moment_text, problem_list, warning_text, whole
from dashboard.presses import press
from dashboard.value_text import NUMBERS, cell_text


def import_view(
    view: ImportView, page: RowsPage, zone: str, currency: str, log: Log | None = None
) -> list[Component]:
    """Return everything about one import.

    Args:
        view: the import.
        page: some of its rows.
        zone: time zone of the company.
        currency: of the amounts.
        log: what it did; None where nothing was kept.
    """
    facts = view.facts
    record = facts.record
    parts: list[Component] = [
        dcc.Link(["← ", _("All imports")], href="/imports", className="import-back"),
        html.Div(
            [
                html.H2(import_name(record)),
                *badges(facts),
                html.Div(_tools(view), className="import-side"),
            ],
            className="import-head",
        ),
        html.P(" · ".join(meta(facts, zone)), className="import-meta"),
        counts(facts, currency),
    ]
    if facts.contribution:
        parts.append(_contribution(facts.contribution, currency))
    if problems := problem_list(record.reasons, record.warnings, record.mapping.get("texts")):
        parts += [html.H3(_("Problems and remarks")), problems]
    parts += [html.H3(_("Rows that were stored")), *_rows(view, page)]
    if view.mapping is not None:
        parts += [html.H3(_("How it was read")), _mapping(view.mapping)]
    if not record.demo:
        parts += [html.H3(_("What the import did")), log_table(log)]
    parts += [html.H3(_("History")), _history(view, zone)]
    return [html.Article(parts, className="import-view")]


def _tools(view: ImportView) -> list[Component]:
    record = view.facts.record
    number = record.id or 0
    found: list[Component] = []
    if record.quarantined:
        found += [correct_link(number), quarantine_link(number)]
    if view.kept:
        found.append(
            html.A(
                [icon("export"), _("Original file")],
                href=f"/imports/{number}/original",
                className="quarantine-link",
            )
        )
        again = _("Read again with another mapping…")
        found.append(press("again-pressed", again, name="retry", id=number))
    undone = record.status is ImportStatus.UNDONE
    found.append(change_button(number, "redo" if undone else "undo"))
    return found


def _contribution(found: Contribution, currency: str) -> Component:
    facts = [
        (_("Lines that count"), whole(found.lines)),
        (_("Net sales"), money(found.net_sales, currency)),
        (_("Gross margin"), money(found.gross_margin, currency)),
        (_("Days"), format_period(found.first, found.last, current_language())),
    ]
    listed = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts]
    return html.Dl(listed, className="import-facts")


def _rows(view: ImportView, page: RowsPage) -> list[Component]:
    record = view.facts.record
    choice = _row_choice(view, page)
    if not page.rows:
        none = _("No row of this file was stored.")
        warned = _("No row that counts is warned of by the rules as they are now.")
        return [*choice, html.P(none if page.warnings is None else warned, className="muted")]
    fields = {f.key: f for f in TABLES[record.table_name].fields}
    keys = [key for key in fields if any(row.get(key) is not None for row in page.rows)]
    head = [html.Th(_("Row"), scope="col", className="num")]
    head += [
        html.Th(translate(fields[key].label), scope="col", className=_align(fields[key].kind))
        for key in keys
    ]
    if page.warnings is not None:
        head.insert(1, html.Th(_("Warnings"), scope="col"))
    body = [
        html.Tr(
            [
                html.Th(whole(row["_row"] or 0), scope="row", className="num"),
                *_warnings(row, page),
                *(
                    html.Td(cell_text(row[key], fields[key].kind),
                            className=_align(fields[key].kind))
                    for key in keys
                ),
            ],
            className="" if _counting(view, row) else "hidden-row",
        )
        for row in page.rows
    ]  # fmt: skip
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="data-table")
    return [*choice, _scrolled(table), _pager(record.id or 0, page), *_hidden_rows(view, page)]


def _scrolled(table: Component) -> Component:
    return html.Div(
        table,
        className="stored-scroll import-rows",
        tabIndex=0,
        role="region",
        **aria(label=_("Rows that were stored")),
    )


def _hidden_rows(view: ImportView, page: RowsPage) -> list[Component]:
    """Say how many of the rows shown no longer count."""
    found: list[Component] = []
    hidden = sum(not row[COUNTS] for row in page.rows)
    if hidden and view.facts.counts:
        text = msg_n(
            "{n} of these rows is struck out: a later import replaced it.",
            "{n} of these rows are struck out: later imports replaced them.",
            hidden,
        )
        found.append(html.P(str(text), className="muted"))
    return found


def _row_choice(view: ImportView, page: RowsPage) -> list[Component]:
    """Return the ways to all rows and to those with warnings; nothing where there are none."""
    number = view.facts.record.id or 0
    if page.warnings is None and not view.facts.record.warnings:
        return []
    links = [
        (_("All rows"), view_link(number), page.warnings is None),
        (_("Rows with warnings"), view_link(number, warned=True), page.warnings is not None),
    ]
    listed = [
        dcc.Link(name, href=href, className="tab active" if here else "tab")
        for name, href, here in links
    ]
    parts: list[Component] = [
        html.Nav(listed, className="tabs import-rows-choice", **aria(label=_("Which rows")))
    ]
    if page.warnings is not None:
        text = _(
            "Rows that count and break a rule which only warns, by the rules as they are now. "
            "Remarks about whole columns are listed above."
        )
        parts.append(html.P(text, className="muted"))
    return parts


def _warnings(row: dict[str, Any], page: RowsPage) -> list[Component]:
    """Return what a row is warned of, as a cell."""
    if page.warnings is None:
        return []
    rules = page.warnings.get((row["_sheet"] or "", row["_row"]), ())
    texts = [warning_text(rule) for rule in rules]
    return [html.Td([html.Div(text) for text in dict.fromkeys(texts)], className="import-warned")]


def _counting(view: ImportView, row: dict[str, Any]) -> bool:
    return bool(row[COUNTS]) and view.facts.counts


def _align(kind: Kind) -> str:
    return "num" if kind in NUMBERS or kind in (Kind.INTEGER, Kind.FRACTION) else ""


def _pager(import_id: int, page: RowsPage) -> Component:
    last = page.offset + len(page.rows)
    where = _(
        "Rows {first} to {last} of {all}",
        first=whole(page.offset + 1), last=whole(last), all=whole(page.total),
    )  # fmt: skip
    links: list[Component] = []
    if page.offset:
        earlier = view_link(import_id, page.offset - PAGE_ROWS, warned=page.warnings is not None)
        links.append(dcc.Link(_("Earlier"), href=earlier))
    if last < page.total:
        later = view_link(import_id, last, warned=page.warnings is not None)
        links.append(dcc.Link(_("Later"), href=later))
    return html.Nav([html.Span(where), *links], className="import-pager",
                    **aria(label=_("Pages of rows")))  # fmt: skip


def _mapping(mapping: ColumnMapping) -> Component:
    known = targets(mapping.table)
    rows = [
        (translate(known[key].label), title)
        for key, title in mapping.columns.items()
        if key in known
    ]
    rows += [
        (translate(known[key].label), _("always “{value}”", value=value))
        for key, value in mapping.constants.items()
        if key in known
    ]
    stated = {
        _("Row of the titles"): mapping.header_row or None,
        _("Decimal sign in texts"): mapping.decimal,
        _("Dates written as text"): mapping.date_order,
        _("Currency of all rows"): mapping.currency,
    }
    rows += [(name, str(value)) for name, value in stated.items() if value is not None]
    body = [html.Tr([html.Th(name, scope="row"), html.Td(value)]) for name, value in rows]
    head = html.Tr([html.Th(_("Field"), scope="col"), html.Th(_("In the file"), scope="col")])
    return html.Table([html.Thead(head), html.Tbody(body)], className="data-table import-mapping")


def _history(view: ImportView, zone: str) -> Component:
    words = {
        "import": _("imported"),
        ImportStatus.UNDONE.value: _("undone"),
        ImportStatus.COMMITTED.value: _("redone"),
    }
    entries: Sequence[tuple[str, str, int]] = [
        (moment_text(moment, zone), words.get(reason, reason), version)
        for moment, reason, version in view.events
    ]
    if not entries:
        record = view.facts.record
        entries = [(moment_text(record.created_at, zone), words["import"], record.data_version)]
    listed = [
        html.Li([html.Span(when), " ", html.B(what), " ",
                 html.Span(_("data version {n}", n=version), className="muted")])
        for when, what, version in entries
    ]  # fmt: skip
    return html.Ol(listed, className="import-history")
