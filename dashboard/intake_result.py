"""What an import did: three counts that add up, reasons, and where to go from here."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import _
from dashboard.attributes import attributes
from dashboard.components import icon
from dashboard.correction_link import correct_link
from dashboard.intake_list import change_button, quarantine_link
from dashboard.intake_words import count_tiles, problem_list, rows_text, table_name

Report = Mapping[str, Any]


def result_body(reports: Sequence[Report], undone: AbstractSet[int]) -> list[Component]:
    """Return the result of an import, one section per sheet.

    Args:
        reports: as `ImportReport.as_dict` writes them.
        undone: imports that were undone since.
    """
    accepted = sum(int(report["accepted"]) for report in reports)
    title = (
        _("Imported: {rows}.", rows=rows_text(accepted))
        if accepted
        else _("Nothing new: no row was added.")
    )
    head = html.Div(
        [icon("check" if accepted else "info"), html.Span(title)],
        className="result-head" if accepted else "result-head nothing",
        role="status",
    )
    listed = [_report(report, undone=report.get("import_id") in undone) for report in reports]
    return [head, *listed]


def result_actions(reports: Sequence[Report]) -> list[Component]:
    """Return where to go from here."""
    if not any(report["accepted"] for report in reports):
        return []
    return [
        dcc.Link(
            _("See it on the Overview"),
            href="/overview",
            className="intake-leave btn btn-primary",
        )
    ]


def _report(report: Report, *, undone: bool) -> Component:
    import_id = report.get("import_id")
    counts = (report["read"], report["accepted"], report["quarantined"], report["already_there"])
    links: list[Component] = []
    if import_id and report["quarantined"]:
        links.append(correct_link(int(import_id)))
        links.append(quarantine_link(int(import_id)))
    if import_id and report["accepted"]:
        links.append(change_button(int(import_id), "redo" if undone else "undo"))
    links.append(dcc.Link(_("All imports"), href="/imports", className="intake-leave"))
    parts: list[Component] = [
        html.Div(
            [
                html.H3(str(report.get("sheet") or report["file_name"])),
                html.Span(table_name(str(report["table"])), className="badge-mark good"),
                *([html.Span(_("Undone"), className="badge-mark")] if undone else []),
            ],
            className="sheet-head",
        ),
        count_tiles(*(int(count) for count in counts)),
        *(html.P(note, className="muted") for note in report.get("notes", ())),
    ]
    if problems := problem_list(report["reasons"], report["warnings"], report.get("texts")):
        parts += [html.H4(_("Problems and remarks")), problems]
    parts.append(html.Div(links, className="links"))
    return html.Section(parts, className="sheet", **attributes({"data-import": str(import_id)}))
