"""One worker per home folder: a lock that the operating system takes from a dead process."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from core.errors import PicholineError
from core.i18n import msg
from core.repository.warehouse.lock import file_lock

_LOCK = "worker.lock"
_NAME = "worker.id"
_WAIT_SECONDS = 2.0  # the doctor looks at the lock by taking it for a moment


@contextmanager
def worker_lock(home: Path) -> Generator[str]:
    """Be the home's only worker inside the block.

    Yields:
        The worker's name, the same after every restart: running jobs under it that this process
        did not start belong to a dead predecessor.

    Raises:
        PicholineError: another worker of this home is alive.
    """
    with file_lock(home / _LOCK, _WAIT_SECONDS) as held:
        if not held:
            raise PicholineError(
                "worker.running",
                msg("A worker of this home folder is already running."),
                msg("Stop it first, or use another home folder."),
                status=409,
            )
        path = home / _NAME
        name = path.read_text("ascii").strip() if path.is_file() else ""
        if not name:
            name = uuid4().hex
            path.write_text(name, "ascii")
        yield name


def worker_alive(home: Path) -> bool:
    """Return whether a worker of this home folder is running."""
    if not (home / _LOCK).is_file():
        return False
    with file_lock(home / _LOCK, 0) as held:
        return not held
