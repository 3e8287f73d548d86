"""Runs of background analyses: kept results, their files, one job for equal questions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from core import log
from core.errors import PicholineError
from core.i18n import current_language, msg
from core.models.query import Scope
from core.models.result import AnalysisResult, Outcome
from core.models.tables import Job, JobStatus, Run
from core.repository.jobs import ANALYSE
from core.repository.kept import KeptBytes
from core.repository.runs import RunStore
from core.services.result_codec import DamagedError, decode, encode
from core.services.runs.address import scope_digest
from core.services.runs.files import MODEL, SCORES, RunFiles
from core.services.runs.publish import score_set
from core.settings import Settings

KIND = ANALYSE
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Question:
    """What a result answers.

    Attributes:
        key: address of the result.
        pairs: its normalised parameters.
        standard: all data up to their last day, all rows visible, every option at its default:
            what a metric of the catalogue is made of, so that it means the same for everybody.
    """

    key: str
    analysis: str
    edition: int
    pairs: tuple[tuple[str, str], ...]
    data_version: int
    scope: Scope
    standard: bool = False


@dataclass(frozen=True)
class Kept:
    """A kept result and the run that found it; its model and scores lie in the run's files."""

    result: AnalysisResult
    run: Run


@dataclass(frozen=True)
class Made:
    """How a run was made.

    Attributes:
        job_id: None where it was computed in the foreground.
        scheduled: a schedule asked for it.
    """

    seconds: float
    job_id: int | None = None
    scheduled: bool = False


class Runs:
    """The runs of one home folder; safe to share between threads."""

    def __init__(self, settings: Settings, store: RunStore) -> None:
        """Keep results under `cache/results` and files under `runs`."""
        self.store = store
        self.files = RunFiles(settings.runs)
        self.kept = KeptBytes(settings.cache / "results")

    def find(self, question: Question) -> Kept | None:
        """Return the kept result of a question; None where there is none or it is damaged."""
        run = self.store.newest(question.key)
        content = self.kept.get(question.key) if run else None
        if run is None or content is None:
            return None
        try:
            return Kept(decode(content), run)
        except DamagedError:
            log.event("run.damaged", run=run.id)
            self.kept.drop(question.key)
            return None

    def has(self, question: Question) -> bool:
        """Return whether a result is kept, without reading it."""
        return self.kept.has(question.key) and self.store.newest(question.key) is not None

    def keep(self, question: Question, result: AnalysisResult, made: Made) -> Kept:
        """Store a finished run: its files, its entry and its result; all of it or nothing.

        Raises:
            PicholineError: the result cannot be kept, for lack of room on the disk.
        """
        outcome = result.outcome or Outcome()
        slim = replace(result, outcome=replace(outcome, model={}, scores=None))
        content = encode(slim)
        part = self._prepared(outcome)
        try:
            run = self._commit(question, outcome, made, part)
        except BaseException:
            self.files.discard(part)
            raise
        if not self.kept.put(question.key, content):
            raise _no_room()
        return Kept(slim, run)

    def ask(
        self, question: Question, owner: str, *, again: bool = False, scheduled: bool = False
    ) -> int:
        """Queue a job that finds a result, or join the one that is queued or running already.

        Args:
            question: what is asked for.
            owner: who asks; the worker recomputes what this person may see.
            again: compute even if a result is kept.
            scheduled: nobody waits for it.

        Returns:
            The number of the job.
        """
        params = {
            "language": current_language(),
            "key": question.analysis,
            "pairs": [list(pair) for pair in question.pairs],
            "scope": scope_digest(question.scope),
            "result": question.key,
            "again": again,
            "scheduled": scheduled,
        }
        job = Job(kind=KIND, params=params, owner=owner)
        job_id, new = self.store.ask(question.key, question.data_version, job)
        if new:
            log.event("run.asked", job=job_id, analysis=question.analysis)
        return job_id

    def job(self, question: Question) -> Job | None:
        """Return the last job that was asked for a result, whoever asked."""
        return self.store.request(question.key)

    def get(self, run_id: int, scope: Scope) -> Run:
        """Return a run of this person, made on the rows this person may see now.

        Raises:
            PicholineError: there is none, it belongs to somebody else, or it rests on other rows
                than the person's rights cover now (told alike).
        """
        found = self.store.find(run_id)
        if found is None or (found.owner, found.scope) != (scope.owner, scope_digest(scope)):
            raise PicholineError(
                "run.unknown",
                msg("There is no run {id}.", id=run_id),
                msg("See the list of runs for their numbers."),
                status=404,
            )
        return found

    def recent(self, scope: Scope, analysis: str | None = None, limit: int = 50) -> list[Run]:
        """Return a person's runs on the rows the person may see now, the newest first."""
        rows = scope_digest(scope)
        return self.store.recent(owner=scope.owner, analysis=analysis, scope=rows, limit=limit)

    def model_path(self, run: Run) -> Path:
        """Return the file with a run's model.

        Raises:
            PicholineError: the run left none.
        """
        path = self.files.path(run.id or 0, run.model_file or MODEL)
        if not run.model_file or not path.is_file():
            raise _no_file(run)
        return path

    def scores(self, run: Run) -> pa.Table | None:
        """Return a run's scores; None when there are none."""
        return self.files.scores(run.id or 0, run.scores_file)

    def scores_or_error(self, run: Run) -> pa.Table:
        """Return a run's scores.

        Raises:
            PicholineError: the run left none.
        """
        found = self.scores(run)
        if found is None:
            raise _no_file(run)
        return found

    def remove(self, run_id: int, scope: Scope) -> None:
        """Delete a run with its files, and its result when no other run found the same.

        Raises:
            PicholineError: there is none.
        """
        run = self.get(run_id, scope)
        self.store.remove(run_id)
        self.files.remove(run_id)
        if self.store.newest(run.key) is None:
            self.kept.drop(run.key)

    def collect(self, data_version: int) -> int:
        """Delete what nothing refers to: files without a run, requests on older data."""
        self.store.forget_requests(data_version)
        return self.files.collect(self.store.ids())

    def close(self) -> None:
        """Release the store of kept results."""
        self.kept.close()

    def _prepared(self, outcome: Outcome) -> Path | None:
        try:
            return self.files.prepare(outcome)
        except OSError as error:
            raise _no_room() from error

    def _commit(self, question: Question, outcome: Outcome, made: Made, part: Path | None) -> Run:
        run = Run(
            analysis=question.analysis,
            edition=question.edition,
            pairs=[list(pair) for pair in question.pairs],
            data_version=question.data_version,
            scope=scope_digest(question.scope),
            owner=question.scope.owner,
            seconds=made.seconds,
            job_id=made.job_id,
            scheduled=made.scheduled,
            key=question.key,
            card=_plain(outcome.card),
            model_file=MODEL if outcome.model else "",
            scores_file=SCORES if outcome.scores is not None else "",
        )
        with self.store.session() as session:
            session.add(run)
            session.flush()
            file = f"{run.id}/{SCORES}"
            published = score_set(run, outcome, file) if question.standard else None
            if published is not None:
                session.add(published)
            if part is not None:
                self.files.adopt(part, run.id or 0)
            session.commit()
        return run


def created(run: Run) -> datetime:
    """Return when a run was finished, in UTC (SQLite forgets the zone)."""
    return run.created_at if run.created_at.tzinfo else run.created_at.replace(tzinfo=UTC)


def is_waiting(job: Job) -> bool:
    """Return whether a job waits or runs."""
    return job.status in (JobStatus.QUEUED, JobStatus.RUNNING)


def _plain(card: Any) -> dict[str, Any]:
    """Return the card as JSON values: numbers of numpy become plain ones."""
    return {
        str(key): value.item() if hasattr(value, "item") else value for key, value in card.items()
    }


def _no_file(run: Run) -> PicholineError:
    return PicholineError(
        "run.file",
        msg("Run {id} left no such file.", id=run.id),
        msg("Run the analysis again."),
        status=404,
    )


def _no_room() -> PicholineError:
    return PicholineError(
        "run.room",
        msg("The result was computed but could not be kept."),
        msg("Make room on the disk of the home folder, then start the run again."),
        status=507,
    )
