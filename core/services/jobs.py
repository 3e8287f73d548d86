"""Long work, handed to the worker process: submit, watch, cancel. Every read checks the owner."""

from datetime import datetime
from typing import Any

from core.errors import PicholineError
from core.i18n import current_language, msg, translate
from core.models.tables import Job, JobStatus
from core.repository.jobs import JobStore

FILE_KINDS = ("preview", "import")  # jobs about a file of the inbox
_LISTED = 50
# Work that needs nothing but its own parameters; an import again finds rows that are there already.
_REPEATED = frozenset({"import", "correct", "suggest", "demo", "analyse"})


class Jobs:
    """The web server's and the command line's side of the job table."""

    def __init__(self, store: JobStore) -> None:
        """Use a store of jobs."""
        self.store = store

    def submit(self, kind: str, params: dict[str, Any], owner: str = "local") -> int:
        """Queue a job and return its id.

        Args:
            kind: a kind the worker has a handler for (`core.services.job_handlers`).
            params: JSON values; the language of the caller is added, so that messages in the
                result are in the reader's language.
            owner: who may see and cancel it.
        """
        return self.store.add(kind, {"language": current_language(), **params}, owner)

    def get(self, job_id: int, owner: str = "local") -> Job:
        """Return a job of this owner.

        Raises:
            PicholineError: there is none, or it belongs to somebody else (told alike, so that
                nobody learns which ids exist).
        """
        found = self.store.find(job_id)
        if found is None or found.owner != owner:
            raise PicholineError(
                "job.unknown",
                msg("There is no job {id}.", id=job_id),
                msg("Start the work again."),
                status=404,
            )
        return found

    def recent(self, owner: str = "local", limit: int = _LISTED) -> list[Job]:
        """Return this owner's jobs, the newest first."""
        return self.store.recent(owner, limit)

    def retry(self, job_id: int, owner: str = "local") -> Job:
        """Queue the work of a job that failed or was cancelled once more; return the new job.

        Raises:
            PicholineError: there is no such job, or it is not one that can be repeated.
        """
        before = self.get(job_id, owner)
        if not can_retry(before):
            raise PicholineError(
                "job.repeat",
                msg("Job {id} cannot be started again from here.", id=job_id),
                msg("Only work that failed or was cancelled can; start it where it was started."),
                status=409,
            )
        return self.get(self.store.add(before.kind, dict(before.params), owner), owner)

    def cancel(self, job_id: int, owner: str = "local") -> Job:
        """Stop a job: a queued one at once, a running one at its next step.

        Returns:
            The job as it stands after the request; work that was already committed stays, and the
            job then ends as done.
        """
        self.get(job_id, owner)
        self.store.cancel(job_id)
        return self.get(job_id, owner)


def can_retry(job: Job) -> bool:
    """Return whether the same work may be started again from the list of jobs."""
    return job.kind in _REPEATED and job.status in (JobStatus.FAILED, JobStatus.CANCELLED)


def error_of(job: Job) -> dict[str, Any]:
    """Return why a job failed, in the reader's language: code, title, remedy; {} if it did not."""
    packed: dict[str, str] = job.error.get("packed", {})
    said = {key: value for key, value in job.error.items() if key != "packed"}
    return {**said, **{key: translate(text) for key, text in packed.items()}}


def as_dict(job: Job) -> dict[str, Any]:
    """Return a job as JSON values, for routes and the command line."""
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status.value,
        "progress": job.progress,
        "step": translate(job.step),
        "cancel": job.cancel,
        "retry": can_retry(job),
        "result": job.result,
        "error": error_of(job),
        "created_at": _iso(job.created_at),
        "started_at": _iso(job.started_at),
        "finished_at": _iso(job.finished_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None
