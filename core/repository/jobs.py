"""Jobs in the catalogue: queued by the web server or the command line, claimed by a worker."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, case, update
from sqlmodel import Session, col, or_, select

from core.models.tables import Job, JobStatus, now

ANALYSE = "analyse"  # the kind of the jobs that compute analyses
INBOX = "inbox"  # a file of the watched folder
SOURCE = "source"  # the query of an SQL source
PATIENT = (ANALYSE, INBOX, SOURCE)  # what a person does not wait for
_LOOKED_AT = 200  # waiting jobs
UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


class JobStore:
    """The job table; every change is one transaction, so two workers never run the same job."""

    def __init__(self, engine: Engine) -> None:
        """Use the catalogue's engine; its tables exist already."""
        self.engine = engine

    def _session(self) -> Session:
        return Session(self.engine, expire_on_commit=False)

    def add(self, kind: str, params: dict[str, Any], owner: str) -> int:
        """Queue a job and return its id."""
        with self._session() as session:
            job = Job(kind=kind, params=params, owner=owner)
            session.add(job)
            session.commit()
            return job.id or 0

    def find(self, job_id: int) -> Job | None:
        """Return a job as it stands now."""
        with self._session() as session:
            return session.get(Job, job_id)

    def recent(self, owner: str, limit: int) -> list[Job]:
        """Return an owner's jobs, the newest first."""
        with self._session() as session:
            query = select(Job).where(Job.owner == owner).order_by(col(Job.id).desc())
            return list(session.exec(query.limit(limit)))

    def waiting(self) -> list[Job]:
        """Return the queued jobs in the order they are taken.

        Analyses, watched files and sources wait for everything else: who drops a file is not held
        up by a queue of them.
        """
        patient = case((col(Job.kind).in_(PATIENT), 1), else_=0)
        query = select(Job).where(Job.status == JobStatus.QUEUED)
        with self._session() as session:
            return list(session.exec(query.order_by(patient, col(Job.id)).limit(_LOOKED_AT)))

    def claim(self, worker: str, fits: Callable[[Job], bool] | None = None) -> Job | None:
        """Take the first waiting job, or None when there is nothing to do.

        Args:
            worker: who takes it.
            fits: whether this worker takes such a job; None: any.

        The update counts only while the job is still queued (compare and set): of several workers
        exactly one gets it, on SQLite and on PostgreSQL alike.
        """
        while True:
            found = next((job for job in self.waiting() if fits is None or fits(job)), None)
            if found is None:
                return None
            job_id = found.id or 0
            moment = now()
            taken = self._change(
                job_id,
                (JobStatus.QUEUED,),
                status=JobStatus.RUNNING,
                worker=worker,
                started_at=moment,
                heartbeat=moment,
            )
            if taken:
                return self.find(job_id)

    def beat(self, job_id: int) -> None:
        """Say that the worker of this job is alive."""
        self._change(job_id, (JobStatus.RUNNING,), heartbeat=now())

    def report(self, job_id: int, progress: float, step: str) -> bool:
        """Store how far a running job is; return whether it was asked to stop."""
        self._change(job_id, (JobStatus.RUNNING,), progress=progress, step=step, heartbeat=now())
        found = self.find(job_id)
        return found is None or found.cancel or found.status is not JobStatus.RUNNING

    def finish(
        self,
        job_id: int,
        status: JobStatus,
        *,
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
    ) -> bool:
        """End a running job; return False if it had ended already."""
        values: dict[str, Any] = {"progress": 1.0} if status is JobStatus.DONE else {}
        return self._change(
            job_id,
            (JobStatus.RUNNING,),
            status=status,
            result=storable(result or {}),
            error=storable(error or {}),
            finished_at=now(),
            **values,
        )

    def cancel(self, job_id: int) -> None:
        """End a queued job at once; ask a running one to stop."""
        ended = self._change(
            job_id, (JobStatus.QUEUED,), status=JobStatus.CANCELLED, finished_at=now()
        )
        if not ended:
            self._change(job_id, (JobStatus.RUNNING,), cancel=True)

    def orphans(self, worker: str, silent_for: timedelta) -> list[Job]:
        """Return running jobs whose worker is gone.

        Args:
            worker: name of the worker that asks; it runs nothing itself at this moment, so a
                running job under its name belongs to its dead predecessor.
            silent_for: other workers count as dead after so long without a sign of life.
        """
        with self._session() as session:
            query = select(Job).where(
                Job.status == JobStatus.RUNNING,
                or_(Job.worker == worker, col(Job.heartbeat) < now() - silent_for),
            )
            return list(session.exec(query.order_by(col(Job.id))))

    def _change(self, job_id: int, only: tuple[JobStatus, ...], **values: Any) -> bool:
        """Change a job if its status is one of `only`; return whether it was."""
        statement = update(Job).where(col(Job.id) == job_id, col(Job.status).in_(only))
        with self.engine.begin() as connection:
            return connection.execute(statement.values(**values)).rowcount == 1


def storable(value: Any) -> Any:
    """Return a JSON value without the zero signs of a file, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return value.replace("\x00", "�")
    if isinstance(value, dict):
        return {storable(key): storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [storable(one) for one in value]
    return value
