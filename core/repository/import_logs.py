"""Logs of imports in the catalogue: what each did, and why files were refused."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import col, select

from core.models.arrivals import ImportLog, ImportLogEntry
from core.models.tables import Job, JobStatus, now
from core.repository.catalogue import Catalogue

RUNNING, IMPORTED, REFUSED = "running", "imported", "refused"
FAILED, CANCELLED, INTERRUPTED = "failed", "cancelled", "interrupted"
_KEPT = 500  # logs of files that were not imported


class ImportLogStore:
    """The table of logs; every change is one transaction."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def add(self, log: ImportLog) -> int:
        """Store a log; return its number. The oldest ones without an import make room."""
        with self._catalogue.session() as session:
            session.add(log)
            session.flush()
            number = log.id or 0
            session.exec(
                delete(ImportLog).where(
                    col(ImportLog.id) <= number - _KEPT,
                    col(ImportLog.id).not_in(select(ImportLogEntry.log_id)),
                )
            )
            session.commit()
            return number

    def change(self, log_id: int, **values: Any) -> None:
        """Change a log."""
        statement = update(ImportLog).where(col(ImportLog.id) == log_id).values(**values)
        with self._catalogue.engine.begin() as connection:
            connection.execute(statement)

    def belong(self, log_id: int, import_ids: Sequence[int]) -> None:
        """Say which imports a log is about."""
        with self._catalogue.session() as session:
            for import_id in import_ids:
                session.merge(ImportLogEntry(import_id=import_id, log_id=log_id))
            session.commit()

    def of_import(self, import_id: int) -> ImportLog | None:
        """Return the log of an import; None for one that was made before logs were kept."""
        with self._catalogue.session() as session:
            entry = session.get(ImportLogEntry, import_id)
            return session.get(ImportLog, entry.log_id) if entry else None

    def add_step(self, import_id: int, step: Mapping[str, Any]) -> None:
        """Add a step that came after the import counted."""
        with self._catalogue.session() as session:
            entry = session.get(ImportLogEntry, import_id)
            found = session.get(ImportLog, entry.log_id, with_for_update=True) if entry else None
            if found is not None:
                found.steps = [*found.steps, dict(step)]
                session.commit()

    def not_imported(self, limit: int) -> list[ImportLog]:
        """Return the logs of files that did not become imports, the newest first."""
        ended = (REFUSED, FAILED, CANCELLED, INTERRUPTED)
        query = select(ImportLog).where(col(ImportLog.outcome).in_(ended))
        with self._catalogue.session() as session:
            return list(session.exec(query.order_by(col(ImportLog.id).desc()).limit(limit)))

    def close_left(self) -> int:
        """End the logs of jobs that died; return how many there were."""
        alive = select(Job.id).where(col(Job.status) == JobStatus.RUNNING)
        statement = (
            update(ImportLog)
            .where(
                col(ImportLog.outcome) == RUNNING,
                col(ImportLog.job_id).is_not(None),
                col(ImportLog.job_id).not_in(alive),
            )
            .values(outcome=INTERRUPTED, finished_at=now())
        )
        with self._catalogue.engine.begin() as connection:
            return connection.execute(statement).rowcount
