"""Two lanes of work: what a person waits for, and what may take its time.

Each has a worker process of its own, so that a file somebody drops is never held up by a folder, a
source, an analysis or a file of hundreds of megabytes, nor harmed when one of them needs more
memory than there is.
"""

from collections.abc import Callable
from enum import StrEnum

from core.models.tables import Job
from core.repository.jobs import PATIENT
from core.services.jobs import FILE_KINDS
from core.settings import Settings

LARGE_BYTES = 64_000_000  # of a file: more than half a million rows of a workbook


class Lane(StrEnum):
    """Who takes a job."""

    PROMPT = "prompt"
    PATIENT = "patient"


def lane_of(job: Job, settings: Settings) -> Lane:
    """Return the lane of a job: watched files, sources, analyses and large files are patient."""
    if job.kind in PATIENT:
        return Lane.PATIENT
    if job.kind in FILE_KINDS:
        path = settings.inbox / str(job.params.get("sha256", ""))[:64]
        if path.is_file() and path.stat().st_size > LARGE_BYTES:
            return Lane.PATIENT
    return Lane.PROMPT


def taking(lane: Lane | None, settings: Settings) -> Callable[[Job], bool]:
    """Return whether a worker of a lane takes a job; without a lane it takes every one."""
    if lane is None:
        return lambda _job: True
    return lambda job: lane_of(job, settings) is lane
