"""Words of the status bar and of the jobs pane."""

from collections.abc import Mapping

from core.formats import format_value
from core.i18n import N_, _, current_language, msg_n, translate
from core.models.formats import Format
from core.models.tables import Job, JobStatus
from core.services.analytics.base import get_analysis
from core.services.jobs import error_of

_KINDS: Mapping[str, str] = {
    "preview": N_("Reading a file"),
    "import": N_("Import"),
    "correct": N_("Corrections"),
    "suggest": N_("Suggestions for quarantined rows"),
    "undo": N_("Undo of an import"),
    "demo": N_("Demo company"),
    "analyse": N_("Analysis"),
    "inbox": N_("File of the watched folder"),
    "source": N_("Query of a source"),
}
_STATUS: Mapping[JobStatus, str] = {
    JobStatus.QUEUED: N_("waiting"),
    JobStatus.RUNNING: N_("running"),
    JobStatus.DONE: N_("done"),
    JobStatus.FAILED: N_("failed"),
    JobStatus.CANCELLED: N_("cancelled"),
}


def rows_text(lines: int) -> str:
    """Return how many lines stand behind the open view."""
    shown = format_value(lines, Format.INTEGER, current_language())
    return str(msg_n("{shown} line in view", "{shown} lines in view", lines, shown=shown))


def job_words(job: Job) -> dict[str, str]:
    """Return a job's title, what tells it from others, its state, and why it failed."""
    title = translate(_KINDS.get(job.kind, job.kind))
    detail = str(job.params.get("file_name") or job.params.get("name") or "")
    if job.kind == "analyse":
        detail = str(get_analysis(str(job.params["key"])).title)
    error = error_of(job)
    return {
        "title": title,
        "detail": detail,
        "state": translate(_STATUS[job.status]),
        "why": " ".join(filter(None, (error.get("title"), error.get("remedy")))),
    }


def status_words() -> dict[str, str]:
    """Return the texts of the status bar's scripts."""
    return {
        "jobs": _("Jobs"),
        "jobsRunning": _("Jobs running: {n}"),
        "jobsNone": _("No jobs yet: imports and long analyses are listed here."),
        "jobsFailed": _("The jobs could not be listed: is the server still running?"),
        "jobCancel": _("Cancel"),
        "jobRetry": _("Start again"),
        "jobCancelling": _("stopping"),
        "jobDone": _("Finished: {title}"),
        "jobLost": _("Failed: {title}"),
        "filterMenu": _("Active filters: choosing one removes it"),
        "cells": _("{n} cells"),
        "cellsSum": _("sum {value}"),
        "cellsMean": _("mean {value}"),
    }
