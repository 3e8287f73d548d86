"""Imports side by side: each prepares on its own, only the commit is alone."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from core.errors import PicholineError
from core.i18n import msg
from core.repository.warehouse.lock import file_lock

from .journal import note

_LOCK_SECONDS = 600.0
_FREE_TRIES = 2  # before the preparation too is alone
Ready = TypeVar("Ready")
Done = TypeVar("Done")


@contextmanager
def alone(home: Path) -> Generator[None]:
    """Hold the lock of the intake of a home folder inside the block.

    Raises:
        PicholineError: another import holds it for too long.
    """
    with file_lock(home / "intake.lock", _LOCK_SECONDS) as held:
        if not held:
            raise PicholineError(
                "import.busy",
                msg("Another import is running."),
                msg("Try again when it has finished."),
                status=409,
            )
        yield


def at_one_version(
    home: Path,
    version: Callable[[], int],
    prepare: Callable[[], Ready],
    commit: Callable[[Ready], Done],
) -> Done:
    """Commit what was prepared with the data as they are at that moment.

    A large file is prepared for minutes; a small one must not wait for it. So the lock is taken
    for the commit alone. When the data changed meanwhile, the file is prepared again, and after
    some such tries under the lock, so that it ends however much is going on.

    Args:
        home: whose lock is taken.
        version: returns the number of the data version.
        prepare: reads, checks and compares the rows; it may be called several times.
        commit: stores them; called once.
    """
    for _try in range(_FREE_TRIES):
        seen = version()
        ready = prepare()
        with alone(home):
            if version() == seen:
                return commit(ready)
        del ready  # before as much is held again
        note("again", msg("Other data came meanwhile: the rows are compared with them too."))
    with alone(home):
        return commit(prepare())
