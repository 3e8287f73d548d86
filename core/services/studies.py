"""Asking analyses: quick ones answer at once, background ones from what is kept or as a run."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Literal

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.filters import DEFAULT_PRESET, Preset
from core.models.query import Compare, Scope
from core.models.result import AnalysisResult
from core.models.tables import Job, JobStatus, Run
from core.services.analytics.base import Analysis, Params, PastRun, Study
from core.services.application import Application
from core.services.customers import CustomerFacts
from core.services.metric_known import get_dimension
from core.services.rights import refuse_restricted
from core.services.runs import (
    Kept,
    Made,
    Question,
    created,
    is_waiting,
    result_key,
    scope_digest,
)

Report = Callable[[float, Message], None]
Phase = Literal["ready", "running", "failed", "cancelled", "idle"]
_HASH = re.compile(r"[0-9a-f]{64}")
_PAST = 20
_TRIES = 3
_NEARLY = 0.99  # a run is over when its result is kept, not when its last step says so


@dataclass(frozen=True)
class Standing:
    """How a question to a background analysis stands.

    Attributes:
        kept: the result, if there is one.
        job: the last one that was asked for it.
        phase: `ready` (kept), `running` (queued too), `failed`, `cancelled`, or `idle`: nobody
            asked yet, or what was found is gone.
    """

    question: Question
    kept: Kept | None
    job: Job | None
    phase: Phase


def normal(application: Application, params: Params) -> Params:
    """Return the parameters as a study gets them: the last day that counts, filters, options.

    The period's start and the comparison play no part; two periods with the same last day are one
    question. Without data the parameters come back as they are.
    """
    metrics = application.metrics
    span, period = metrics.span(), metrics.resolve(params.filters).period
    if span is None or period is None:
        return params
    end = min(period.end, span.reached(metrics.today()))
    start = end if end < span.start else None  # days in the wrong order would be turned round
    state = params.filters.changed(lambda _key, chosen: tuple(sorted(chosen)))
    return replace(
        params, filters=replace(state, preset=Preset.CUSTOM, start=start, end=end, compare=None)
    )


def lasting(application: Application, params: Params) -> Params:
    """Return the parameters of a schedule: without a last day of their own they follow the data."""
    metrics = application.metrics
    found = normal(application, params)
    span = metrics.span()
    if span is None or found.filters.end == span.reached(metrics.today()):
        state = replace(found.filters, preset=DEFAULT_PRESET, start=None, end=None)
        return replace(params, filters=replace(state, compare=Compare.YEAR))
    return replace(params, filters=replace(params.filters, compare=None))


def question_of(
    application: Application, analysis: Analysis, params: Params, scope: Scope
) -> Question:
    """Return the question these parameters ask on the current data."""
    metrics = application.metrics
    info = metrics.warehouse.info()
    asked = normal(application, params)
    pairs = tuple(asked.to_pairs())
    known = metrics.known()
    # A group that gets another member is another question, whatever it is called.
    own = [repr(get_dimension(key, known)) for key in _own_dimensions(asked)]
    settings = (metrics.base_currency, metrics.campaign_first_month, *own)
    key = result_key(analysis.key, analysis.edition, pairs, info.data_version, scope, settings)
    last = info.span.reached(metrics.today()) if info.span else None
    return Question(
        key=key,
        analysis=analysis.key,
        edition=analysis.edition,
        pairs=pairs,
        data_version=info.data_version,
        scope=scope,
        standard=not (asked.filters.where() or scope.where or asked.chosen.to_pairs())
        and asked.filters.end == last,
    )


def _own_dimensions(params: Params) -> list[str]:
    """Return the keys of the company's own dimensions that parameters name."""
    found = list(params.filters.own)
    for option in params.chosen.options:
        key = params.chosen.text(option.name)
        if option.kind == "dimension" and key not in option.choices:
            found.append(key)
    return found


def find(application: Application, analysis: Analysis, params: Params, scope: Scope) -> Kept | None:
    """Return the kept result of a background analysis, or None."""
    return application.runs.find(question_of(application, analysis, params, scope))


def standing(
    application: Application, analysis: Analysis, params: Params, scope: Scope
) -> Standing:
    """Return the kept result or what became of the last try."""
    question = question_of(application, analysis, params, scope)
    job = application.runs.job(question)
    kept = application.runs.find(question)
    phase: Phase = "ready" if kept else "idle"
    if job is not None and is_waiting(job):
        phase = "running"
    elif job is not None and not kept:
        phase = _ended(job)
    return Standing(question, kept, job, phase)


def _ended(job: Job) -> Phase:
    if job.status is JobStatus.DONE:
        # The worker saw another question: it would again, so that nobody starts it by itself.
        return "cancelled" if job.result.get("superseded") else "idle"
    return "cancelled" if job.status is JobStatus.CANCELLED else "failed"


def not_ready(phase: Phase) -> PicholineError:
    """Return what is said to who asks for a result that is not kept yet."""
    if phase == "running":
        return PicholineError(
            "run.running",
            msg("This analysis is still being computed."),
            msg("Wait for the run on its page, then try again."),
            status=409,
        )
    return PicholineError(
        "run.missing",
        msg("This analysis has not been computed for these filters and data yet."),
        msg("Open its page: the run starts there. Try again when it is finished."),
        status=409,
    )


def start(
    application: Application,
    analysis: Analysis,
    params: Params,
    scope: Scope,
    *,
    again: bool = False,
) -> int:
    """Queue a run, or join the one under way; return the number of its job."""
    question = question_of(application, analysis, params, scope)
    return application.runs.ask(question, scope.owner, again=again)


def abandon(application: Application, key: str, scope: Scope) -> None:
    """Stop a run that the person who started it no longer waits for.

    The request is forgotten with it: whoever else waits for the same result starts it anew.
    A scheduled run goes on, and so does somebody else's.
    """
    job = application.runs.store.request(key)
    if job is None or not is_waiting(job) or job.params.get("scheduled"):
        return
    if job.owner == scope.owner:
        application.runs.store.forget_request(key, job.id or 0)
        application.jobs.cancel(job.id or 0, scope.owner)


def answer(
    application: Application,
    analysis: Analysis,
    params: Params,
    scope: Scope,
    report: Report,
    *,
    again: bool = False,
) -> AnalysisResult:
    """Answer an analysis: a background one from what is kept, else computed now and kept.

    Args:
        application: the services.
        analysis: quick or background.
        params: as read by `analysis.params_from`.
        scope: who asks.
        report: hears how far a computation is; what it raises ends the computation.
        again: compute even if a result is kept.

    Raises:
        PicholineError: the analysis cannot be done on these data.
    """
    if analysis.run is not None:
        return analysis.run(application.metrics, params, scope)
    kept = None if again else find(application, analysis, params, scope)
    if kept is not None:
        return kept.result
    for _n in range(_TRIES):
        question = question_of(application, analysis, params, scope)
        made = compute(application, analysis, params, question, report)
        if made is not None:
            return made.result
    raise PicholineError(
        "run.stale",
        msg("The data changed while this was being computed."),
        msg("Wait until the imports are over, then start it again."),
        status=409,
    )


def compute(
    application: Application,
    analysis: Analysis,
    params: Params,
    question: Question,
    report: Report,
    *,
    job_id: int | None = None,
    scheduled: bool = False,
) -> Kept | None:
    """Compute a background analysis and keep what it finds.

    Returns:
        What is kept; None when the data changed meanwhile, so that nothing may be kept.
    """
    if analysis.study is None:
        raise TypeError(analysis.key)
    began = monotonic()
    study = Study(
        metrics=application.metrics,
        customers=CustomerFacts(application.metrics),
        params=normal(application, params),
        scope=question.scope,
        report=lambda fraction, step: report(min(fraction, _NEARLY), step),
        past=past_runs(application, question),
        files=partial(inbox_file, application, scope=question.scope),
    )
    result = analysis.study(study)
    if application.catalogue.current_version() != question.data_version:
        return None
    report(_NEARLY, msg("Keeping the result"))
    made = Made(round(monotonic() - began, 3), job_id, scheduled)
    return application.runs.keep(question, result, made)


def past_runs(application: Application, question: Question) -> tuple[PastRun, ...]:
    """Return earlier runs of an analysis by people who see the same rows, the newest first.

    Runs of the very same question are left out: nothing changes between them.
    """
    found = application.runs.store.recent(
        analysis=question.analysis, scope=scope_digest(question.scope), limit=_PAST
    )
    return tuple(_past(application, run) for run in found if run.key != question.key)


def _past(application: Application, run: Run) -> PastRun:
    return PastRun(
        id=run.id or 0,
        created_at=created(run),
        data_version=run.data_version,
        pairs=tuple((name, value) for name, value in run.pairs),
        card=run.card,
        scores=lambda: application.runs.scores(run),
    )


def inbox_file(application: Application, name: str, scope: Scope) -> Path:
    """Return the path of an upload; only a hash names one, never a path.

    Raises:
        PicholineError: there is no such upload, or the scope is restricted: files hold all rows.
    """
    refuse_restricted(scope)
    path = application.settings.inbox / name
    if not _HASH.fullmatch(name) or not path.is_file():
        raise PicholineError(
            "file.unknown",
            msg("The uploaded file is no longer there."),
            msg("Upload it again."),
            status=404,
        )
    return path
