"""One worker per home folder: a lock that the operating system takes from a dead process."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from core.errors import PicholineError
from core.i18n import msg
from core.repository.warehouse.lock import file_lock

_WAIT_SECONDS = 2.0  # the doctor looks at the lock by taking it for a moment


@contextmanager
def worker_lock(home: Path, lane: str = "") -> Generator[str]:
    """Be the only worker of a home, or of one of its lanes, inside the block.

    Yields:
        The worker's name, the same after every restart: running jobs under it that this process
        did not start belong to a dead predecessor.

    Raises:
        PicholineError: another worker of this home is alive.
    """
    with file_lock(_file(home, lane, "lock"), _WAIT_SECONDS) as held:
        if not held:
            raise PicholineError(
                "worker.running",
                msg("A worker of this home folder is already running."),
                msg("Stop it first, or use another home folder."),
                status=409,
            )
        path = _file(home, lane, "id")
        name = path.read_text("ascii").strip() if path.is_file() else ""
        if not name:
            name = uuid4().hex
            path.write_text(name, "ascii")
        yield name


def worker_alive(home: Path) -> bool:
    """Return whether a worker of this home folder is running."""
    path = _file(home, "", "lock")
    if not path.is_file():
        return False
    with file_lock(path, 0) as held:
        return not held


def _file(home: Path, lane: str, ending: str) -> Path:
    return home / (f"worker-{lane}.{ending}" if lane else f"worker.{ending}")
