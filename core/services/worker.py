"""The worker: a process of its own that claims jobs, runs them and says how far they are."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import inf
from threading import Event, Thread
from time import monotonic
from typing import Any

from core import log
from core.errors import JobStoppedError, PicholineError
from core.i18n import Message, msg, pack, use_language
from core.models.tables import Job, JobStatus
from core.repository.jobs import JobStore
from core.services.application import Application
from core.services.lanes import Lane, taking
from core.services.leftovers import collect_leftovers
from core.services.runs import KIND as RUN_KIND

_POLL_SECONDS = 0.1
_BEAT_SECONDS = 2.0
_REPORT_SECONDS = 0.2
_SILENT_FOR = timedelta(minutes=2)
_CARE_SECONDS = 1800.0  # between two rounds of housekeeping
_RECOVER_SECONDS = 2.0  # pause when the catalogue cannot be reached


class Task:
    """A running job as its handler sees it: a way to report and to be stopped."""

    def __init__(self, store: JobStore, job: Job, stopping: Event) -> None:
        """Belong to one job; `stopping` is set when the worker has to end."""
        self._store = store
        self.job_id = job.id or 0
        self.owner = job.owner
        self._stopping = stopping
        self._reported = 0.0
        self._step = ""
        self._final = False
        self.cancelled = False

    def report(self, fraction: float, step: Message | str = "") -> None:
        """Store how far the job is (0 to 1): a new step at once, else a few times a second.

        From 1 on the work counts, as after `committed`: it is not stopped any more.

        Raises:
            JobStoppedError: the job was cancelled or the worker stops; nothing was committed yet.
        """
        self._final = self._final or fraction >= 1.0
        if not self._final and self._stopping.is_set():
            raise JobStoppedError
        said = str(step)
        if said == self._step and monotonic() - self._reported < _REPORT_SECONDS:
            return
        self._reported, self._step = monotonic(), said
        asked = self._store.report(self.job_id, min(max(fraction, 0.0), 1.0), said)
        if asked and not self._final:
            self.cancelled = True
            raise JobStoppedError

    def report_packed(self, fraction: float, step: Message) -> None:
        """Report a step that people of several languages read, as `core.i18n.translate` shows it.

        Raises:
            JobStoppedError: as `report` does.
        """
        self.report(fraction, pack(step))

    def committed(self) -> None:
        """Say that the work counts now: from here on the job is finished, not cancelled."""
        self._final = True


Handler = Callable[[Application, Mapping[str, Any], Task], dict[str, Any]]
Chore = Callable[[], object]


class Worker:
    """Runs the jobs of one catalogue, one after the other."""

    def __init__(
        self,
        application: Application,
        name: str,
        handlers: Mapping[str, Handler],
        *,
        idle: Sequence[Chore] = (),
        lane: Lane | None = None,
        patience: float = inf,
    ) -> None:
        """Work for an application.

        Args:
            application: the services of the home folder.
            name: the home's worker name; jobs left under it belong to a dead predecessor.
            handlers: what to run for each kind of job.
            idle: called one after the other, a few times a second while there is no job.
            lane: whose jobs are taken; None: all.
            patience: seconds without a job after which `run` ends.
        """
        self._application = application
        self._store = application.jobs.store
        self._name = name
        self._handlers = handlers
        self._idle = idle
        self._takes = taking(lane, application.settings)
        self._patience = patience
        self._current: int | None = None

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; a failing catalogue is waited for, not died of."""
        beating = Thread(target=self._beat, args=(stop,), name="heartbeat", daemon=True)
        beating.start()
        cared, worked = -_CARE_SECONDS, monotonic()
        while not stop.is_set() and monotonic() - worked < self._patience:
            try:
                if monotonic() - cared >= _CARE_SECONDS:
                    self.care()
                    cared = monotonic()
                if self.run_next(stop):
                    worked = monotonic()
                else:
                    self._rest(stop)
            except Exception:  # noqa: BLE001 - whatever a driver raises, the loop goes on
                log.failure("worker.interrupted")
                stop.wait(_RECOVER_SECONDS)
        stop.set()
        beating.join()

    def _rest(self, stop: Event) -> None:
        for chore in self._idle:
            chore()
        stop.wait(_POLL_SECONDS)

    def care(self) -> None:
        """Fail what a dead worker left behind and delete files nothing refers to."""
        for job in self._store.orphans(self._name, _SILENT_FOR):
            with use_language(str(job.params.get("language", ""))):
                lost = _lost_run() if job.kind == RUN_KIND else _lost()
                self._store.finish(job.id or 0, JobStatus.FAILED, error=_stored(lost))
            log.event("job.lost", job=job.id, kind=job.kind)
        self._application.import_logs.close_left()
        removed = self._application.segments.collect(self._application.catalogue.segment_files())
        if removed:
            log.event("segments.collected", files=removed)
        collect_leftovers(self._application.settings, self._application.catalogue)
        folders = self._application.runs.collect(self._application.catalogue.current_version())
        if folders:
            log.event("runs.collected", folders=folders)

    def run_next(self, stop: Event) -> bool:
        """Run the first waiting job of the lane; return False when there is none."""
        job = self._store.claim(self._name, self._takes)
        if job is None:
            return False
        token = log.job_id.set(job.id)
        self._current = job.id
        try:
            with use_language(str(job.params.get("language", ""))):
                self._run(job, Task(self._store, job, stop))
        finally:
            self._current = None
            log.job_id.reset(token)
        return True

    def _run(self, job: Job, task: Task) -> None:
        started = monotonic()
        status, result, error = JobStatus.DONE, {}, {}
        try:
            handler = self._handlers.get(job.kind, _no_handler)
            result = handler(self._application, job.params, task)
        except Exception as failure:  # noqa: BLE001 - a job may fail, the worker must not
            status, error = _outcome(failure, task)
        self._store.finish(job.id or 0, status, result=result, error=error)
        seconds = round(monotonic() - started, 3)
        log.event("job.finished", kind=job.kind, status=status.value, seconds=seconds)

    def _beat(self, stop: Event) -> None:
        while not stop.wait(_BEAT_SECONDS):
            try:
                if self._current is not None:
                    self._store.beat(self._current)
            except Exception:  # noqa: BLE001 - the next beat may succeed
                log.failure("worker.beat_failed")


def _outcome(failure: Exception, task: Task) -> tuple[JobStatus, dict[str, Any]]:
    if task.cancelled:
        return JobStatus.CANCELLED, {}
    if isinstance(failure, JobStoppedError):
        return JobStatus.FAILED, _stored(_stopped())
    if isinstance(failure, PicholineError):
        return JobStatus.FAILED, _stored(failure)
    log.failure("job.failed")
    unexpected = PicholineError(
        "job.unexpected",
        msg("The work stopped because of an unexpected error."),
        msg("Nothing was changed. The log in the home folder says more; try again."),
        status=500,
    )
    return JobStatus.FAILED, _stored(unexpected)


def _stored(error: PicholineError) -> dict[str, Any]:
    """Return an error in the words of who started the job, and packed for other readers."""
    packed = {"title": pack(error.title), "remedy": pack(error.remedy)}
    return {**error.as_dict(), "packed": packed}


def _lost_run() -> PicholineError:
    return PicholineError(
        "job.lost",
        msg("The run stopped with the program that computed it."),
        msg("Nothing was kept. Start it again."),
    )


def _lost() -> PicholineError:
    return PicholineError(
        "job.lost",
        msg("The work stopped with the program that ran it."),
        msg("Look at the list of imports: if it is not there, nothing changed; start it again."),
    )


def _stopped() -> PicholineError:
    return PicholineError(
        "job.stopped",
        msg("Picholine was stopped before this was finished."),
        msg("Nothing was changed. Start it again."),
    )


def _no_handler(
    _application: Application, _params: Mapping[str, Any], _task: Task
) -> dict[str, Any]:
    raise PicholineError(
        "job.kind",
        msg("This worker does not know that kind of work."),
        msg("Update the worker and the web server to the same version."),
    )
