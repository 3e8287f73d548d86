"""What is said on the page “Corrections” after something was done."""

from dash import html
from dash.development.base_component import Component

from core.i18n import _, msg_n
from core.models.tables import Job, JobStatus
from core.services.jobs import error_of
from dashboard.components import icon
from dashboard.intake_list import change_button

_RUNNING = frozenset({JobStatus.QUEUED, JobStatus.RUNNING})


def said(text: str) -> Component:
    """Return a plain sentence."""
    return html.P([icon("info"), text], className="corrections-said")


def edited_notice(rows: int) -> Component:
    """Return that cells were kept as a draft."""
    text = msg_n("{n} row was written into.", "{n} rows were written into.", rows)
    return said(f"{text} " + _("It counts when it was checked; until then it is your draft."))


def applied_text(count: int) -> str:
    """Return into how many rows suggestions were written."""
    return str(
        msg_n(
            "A suggestion was written into {n} row; it counts when it was checked.",
            "Suggestions were written into {n} rows; they count when they were checked.",
            count,
        )
    )


def done_notice(job: Job) -> Component | None:
    """Return what checking rows led to; None while it still runs."""
    if job.status in _RUNNING:
        return None
    if job.status is not JobStatus.DONE:
        error = error_of(job)
        title = str(error.get("title") or _("The rows were not checked."))
        text = html.Div([html.Strong(title), html.Span(str(error.get("remedy") or ""))])
        return html.Div([icon("warning"), text], className="error", role="alert")
    result = job.result
    if job.kind == "suggest":
        return said(applied_text(int(result["applied"])))
    parts: list[str] = []
    if result["passed"]:
        parts.append(str(msg_n("{n} row passed and counts now.", "{n} rows passed and count now.",
                               result["passed"])))  # fmt: skip
    if result["known"]:
        parts.append(str(msg_n("{n} row is stored already.", "{n} rows are stored already.",
                               result["known"])))  # fmt: skip
    if result["refused"]:
        parts.append(
            str(msg_n("{n} row stays set aside; its new reason stands in the list.",
                      "{n} rows stay set aside; their new reasons stand in the list.",
                      result["refused"]))
        )  # fmt: skip
    found: list[Component | str] = [icon("check" if result["passed"] else "info"), " ".join(parts)]
    if result["import_id"]:
        found += [" ", _("They are import no. {id}.", id=result["import_id"]), " "]
        found.append(change_button(int(result["import_id"]), "undo"))
    return html.P(found, className="corrections-said done")
