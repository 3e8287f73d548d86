"""The log of an import as a table of steps, and the files that were not imported."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import N_, _, current_language, translate
from core.models.formats import Format
from core.services.import_log import Log
from dashboard.attributes import attributes
from dashboard.intake_words import moment_text

_NOBODY = "local"  # without sign-in there is no name to tell
_STEPS = {
    "read": N_("Read"),
    "header": N_("Titles found"),
    "mapped": N_("Columns understood"),
    "passed": N_("Passed over"),
    "typed": N_("Cells read as values"),
    "compared": N_("Compared with what is stored"),
    "rules": N_("Checks and rules"),
    "again": N_("Compared again"),
    "stored": N_("Written"),
    "committed": N_("Counts"),
    "numbers": N_("Numbers prepared"),
}
_OUTCOMES = {
    "refused": N_("Refused"),
    "failed": N_("Failed unexpectedly"),
    "cancelled": N_("Cancelled"),
    "interrupted": N_("Interrupted: the program ended"),
}


def step_name(key: str) -> str:
    """Return the name of a step."""
    return translate(_STEPS.get(key, key))


def seconds_text(seconds: float) -> str:
    """Return a time in seconds, to a hundredth."""
    return f"{format_value(seconds, Format.NUMBER, current_language(), digits=2)} s"


def log_table(log: Log | None) -> Component:
    """Return the steps with their times; a sentence where none were kept."""
    if log is None or not log.steps:
        return html.P(_("No steps were kept of this import."), className="muted")
    head = html.Tr(
        [
            html.Th(_("Step"), scope="col"),
            html.Th(_("Took"), scope="col", className="num"),
            html.Th(_("What was found"), scope="col"),
        ]
    )
    body = [
        html.Tr(
            [
                html.Th(step_name(step.key), scope="row"),
                html.Td(seconds_text(step.seconds), className="num"),
                html.Td(str(step.said)),
            ]
        )
        for step in log.steps
    ]
    return html.Table([html.Thead(head), html.Tbody(body)], className="data-table import-log")


def not_imported_list(logs: Sequence[Log], zone: str) -> list[Component]:
    """Return the files that were refused or did not end, each with its reason and its steps."""
    if not logs:
        return [html.P(_("Every file that came was imported."), className="muted")]
    return [_row(log, zone) for log in logs]


def _row(log: Log, zone: str) -> Component:
    said = [
        moment_text(log.started_at, zone),
        *([_("by {name}", name=log.owner)] if log.owner != _NOBODY else []),
    ]
    head = html.Div(
        [
            html.Strong(log.file_name),
            html.Span(translate(_OUTCOMES.get(log.outcome, log.outcome)), className="badge-mark"),
            html.Span(" · ".join(said), className="muted"),
        ],
        className="arrival-head",
    )
    parts: list[Component] = [head]
    if log.title:
        parts.append(html.P([html.Span(log.title), " ", html.Span(log.remedy, className="muted")]))
    if log.steps:
        parts.append(
            html.Details(
                [html.Summary(_("What was done until then")), log_table(log)],
                className="import-more",
            )
        )
    return html.Div(parts, className="arrival-row", **attributes({"data-outcome": log.outcome}))
