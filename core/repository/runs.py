"""Runs of background analyses in the catalogue: what was asked for, what was found, schedules."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.models.tables import Job, Run, RunRequest, Schedule, ScoreSet
from core.repository.jobs import UNFINISHED

_TRIES = 5


class RunStore:
    """The tables of runs; every change is one transaction."""

    def __init__(self, engine: Engine) -> None:
        """Use the catalogue's engine; its tables exist already."""
        self.engine = engine

    def session(self) -> Session:
        """Return a new session; objects stay readable after a commit."""
        return Session(self.engine, expire_on_commit=False)

    def find(self, run_id: int) -> Run | None:
        """Return a run."""
        with self.session() as session:
            return session.get(Run, run_id)

    def newest(self, key: str) -> Run | None:
        """Return the latest run that found the result of this address."""
        with self.session() as session:
            query = select(Run).where(Run.key == key).order_by(col(Run.id).desc())
            return session.exec(query.limit(1)).first()

    def recent(
        self,
        *,
        owner: str | None = None,
        analysis: str | None = None,
        scope: str | None = None,
        limit: int = 50,
    ) -> list[Run]:
        """Return runs, the newest first; what is not given does not matter."""
        wanted = {Run.owner: owner, Run.analysis: analysis, Run.scope: scope}
        query = select(Run).order_by(col(Run.id).desc()).limit(limit)
        for column, value in wanted.items():
            if value is not None:
                query = query.where(column == value)
        with self.session() as session:
            return list(session.exec(query))

    def ids(self) -> set[int]:
        """Return the numbers of all runs."""
        with self.session() as session:
            return {found for found in session.exec(select(Run.id)) if found is not None}

    def remove(self, run_id: int) -> None:
        """Delete a run and what it published."""
        with self.session() as session:
            session.exec(delete(ScoreSet).where(col(ScoreSet.run_id) == run_id))
            session.exec(delete(Run).where(col(Run.id) == run_id))
            session.commit()

    def request(self, key: str) -> Job | None:
        """Return the last job that was asked for a result."""
        with self.session() as session:
            query = select(Job).join(RunRequest, col(RunRequest.job_id) == col(Job.id))
            return session.exec(query.where(RunRequest.key == key)).first()

    def ask(self, key: str, data_version: int, job: Job) -> tuple[int, bool]:
        """Queue a job for a result, unless one for it is queued or running.

        The first of several who ask at the same moment wins: the key is unique, and an older
        request is replaced only by comparing and setting.

        Returns:
            The number of the job that finds the result, and whether it was queued now.
        """
        for _n in range(_TRIES):
            with self.session() as session:
                earlier = session.get(RunRequest, key)
                if earlier is not None:
                    found = session.get(Job, earlier.job_id)
                    if found is not None and found.status in UNFINISHED:
                        return earlier.job_id, False
                new = Job(kind=job.kind, params=job.params, owner=job.owner)
                session.add(new)
                session.flush()
                if self._claim(session, key, data_version, earlier, new.id or 0):
                    session.commit()
                    return new.id or 0, True
                session.rollback()
        raise RuntimeError(key)  # five others were faster and ended at once

    @staticmethod
    def _claim(
        session: Session, key: str, data_version: int, earlier: RunRequest | None, job_id: int
    ) -> bool:
        if earlier is None:
            session.add(RunRequest(key=key, job_id=job_id, data_version=data_version))
            try:
                session.flush()
            except IntegrityError:
                return False
            return True
        statement = (
            update(RunRequest)
            .where(col(RunRequest.key) == key, col(RunRequest.job_id) == earlier.job_id)
            .values(job_id=job_id, data_version=data_version)
        )
        changed: Any = session.exec(statement)
        return bool(changed.rowcount == 1)

    def forget_request(self, key: str, job_id: int) -> None:
        """Delete a request, if this job is still the one that was asked."""
        statement = delete(RunRequest).where(
            col(RunRequest.key) == key, col(RunRequest.job_id) == job_id
        )
        with self.engine.begin() as connection:
            connection.execute(statement)

    def forget_requests(self, before_version: int) -> int:
        """Delete requests on older data whose jobs ended; nobody asks for these addresses again."""
        ended = select(Job.id).where(col(Job.status).not_in(UNFINISHED))
        statement = delete(RunRequest).where(
            col(RunRequest.data_version) < before_version, col(RunRequest.job_id).in_(ended)
        )
        with self.engine.begin() as connection:
            return connection.execute(statement).rowcount

    def schedules(self, owner: str | None = None) -> list[Schedule]:
        """Return the schedules that are switched on."""
        query = select(Schedule).where(col(Schedule.enabled)).order_by(col(Schedule.id))
        if owner is not None:
            query = query.where(Schedule.owner == owner)
        with self.session() as session:
            return list(session.exec(query))

    def switch(
        self, owner: str, analysis: str, pairs: Sequence[Sequence[str]], *, enabled: bool
    ) -> None:
        """Switch a schedule on or off; it is made when it is not there."""
        stored = [list(pair) for pair in pairs]
        with self.session() as session:
            query = select(Schedule).where(Schedule.owner == owner, Schedule.analysis == analysis)
            found = next((s for s in session.exec(query) if s.pairs == stored), None)
            found = found or Schedule(owner=owner, analysis=analysis, pairs=stored)
            found.enabled = enabled
            session.add(found)
            session.commit()
