"""Long work, handed to the worker process: submit, watch, cancel. Every read checks the owner."""

from datetime import datetime
from typing import Any

from core.errors import PicholineError
from core.i18n import current_language, msg, translate
from core.models.tables import Job
from core.repository.jobs import JobStore

FILE_KINDS = ("preview", "import")  # jobs about a file of the inbox
_LISTED = 50


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

    def cancel(self, job_id: int, owner: str = "local") -> Job:
        """Stop a job: a queued one at once, a running one at its next step.

        Returns:
            The job as it stands after the request; work that was already committed stays, and the
            job then ends as done.
        """
        self.get(job_id, owner)
        self.store.cancel(job_id)
        return self.get(job_id, owner)


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
        "result": job.result,
        "error": error_of(job),
        "created_at": _iso(job.created_at),
        "started_at": _iso(job.started_at),
        "finished_at": _iso(job.finished_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None
