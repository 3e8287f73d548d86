"""What a page of a background analysis shows: kept values, a run under way, or why not."""

from collections.abc import Mapping
from typing import Any

from dash import no_update

from callbacks.answers import NOTES, Answer, Look, digested, drawn, kept, told
from callbacks.support import pairs_of, scope, services
from core.services import schedules, studies
from core.services.analytics.base import Analysis, Params, get_analysis
from core.services.jobs import error_of
from core.services.runs import is_waiting
from core.services.studies import Standing
from dashboard.options import bar_options, refusal
from dashboard.page import Page, pages
from dashboard.runs import RunView, as_error, run_bar

JOB = "*job"  # what is asked for, and whether to look again soon
BAR = "*bar"
DRAWN = "*drawn"  # values were shown since the page was opened


def study_answer(
    page: Page,
    look: Look,
    shown: Mapping[str, str],
    asked: Mapping[str, Any] | None,
    path: str | None,
) -> dict[str, Answer]:
    """Return a page's panels, notes, run bar and what is asked for.

    Args:
        page: of a background analysis.
        look: query, theme and tables.
        shown: digests of what stands on the screen.
        asked: what this browser asked for before, as it was answered then.
        path: of the page that is open; only an open page starts a run by itself.
    """
    analysis = get_analysis(page.analysis or "")
    old = DRAWN in shown
    try:
        params = analysis.params_from(pairs_of(look.query))
        found = _standing(page, analysis, params, asked, path)
    except Exception as error:  # noqa: BLE001 - told in the bar and in the log
        beside = _beside(analysis, look.query)
        view = RunView("refused", error=None if beside else told(error, page.key), stale=old)
        return _held(page, _bar(page, analysis, view), ("", [None, True]), old=old)
    job: Answer = ("", [{"key": found.question.key}, found.phase != "running"])
    bar = _bar(page, analysis, _view(analysis, params, found, old=old))
    if found.kept is None:
        return _held(page, bar, job, old=old, running=found.phase == "running")
    answers = drawn(page, found.kept.result, params, look)
    return {JOB: job, BAR: bar, DRAWN: ("1", []), **answers}


def _beside(analysis: Analysis, query: str) -> bool:
    """Return whether what does not fit is told beside a control of the bar."""
    pairs = dict(pairs_of(query))
    return any(refusal(option, pairs) for option in bar_options(analysis.options))


def _standing(
    page: Page,
    analysis: Analysis,
    params: Params,
    asked: Mapping[str, Any] | None,
    path: str | None,
) -> Standing:
    """Return how the question stands; on an open page a new one is started."""
    found = studies.standing(services(), analysis, params, scope())
    if found.phase != "idle" or not _is_open(page, path):
        return found
    before = str((asked or {}).get("key", ""))
    if before and before != found.question.key:
        studies.abandon(services(), before, scope())
    studies.start(services(), analysis, params, scope())
    return studies.standing(services(), analysis, params, scope())


def _is_open(page: Page, path: str | None) -> bool:
    wanted = (path or "/").strip("/")
    return wanted == page.key or (not wanted and pages()[0].key == page.key)


def _view(analysis: Analysis, params: Params, found: Standing, *, old: bool) -> RunView:
    job = found.job
    failed = found.phase == "failed" and job is not None
    return RunView(
        phase=found.phase,
        run=found.kept.run if found.kept else None,
        error=as_error(error_of(job)) if failed and job else None,
        mine=bool(job and is_waiting(job) and job.owner == scope().owner),
        scheduled=schedules.is_scheduled(services(), analysis, params, scope()),
        stale=old,
        earlier=services().runs.recent(scope(), analysis.key, limit=20),
        dimensions=services().metrics.known().dimensions,
        data_version=found.question.data_version,
        zone=services().settings.time_zone,
    )


def _bar(page: Page, analysis: Analysis, view: RunView) -> Answer:
    return digested([run_bar(page, view, analysis.options)])


def _held(
    page: Page, bar: Answer, job: Answer, *, old: bool, running: bool = False
) -> dict[str, Answer]:
    """Return what stands on the page, marked; nothing where there were no values yet."""
    state = "is-stale" if old else "is-waiting" if running else "is-blank"
    if old and running:
        state = "is-stale is-updating"
    panels = {panel.id: kept(panel, state) for panel in page.panels}
    drawn_before: dict[str, Answer] = {DRAWN: ("1", [])} if old else {}
    return {JOB: job, BAR: bar, NOTES: ("", [no_update]), **drawn_before, **panels}
