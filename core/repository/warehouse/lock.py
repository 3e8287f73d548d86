"""A lock between processes on one file; the operating system frees it when its holder dies."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import IO

_POLL_SECONDS = 0.05

if sys.platform == "win32":
    import msvcrt

    def _try_lock(stream: IO[bytes]) -> bool:
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(stream: IO[bytes]) -> bool:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


@contextmanager
def file_lock(path: Path, timeout: float) -> Generator[bool]:
    """Hold the lock of `path` inside the block.

    Args:
        path: the lock's file; it is created and stays, since deleting it would split the lock.
        timeout: seconds to wait; 0 tries once.

    Yields:
        Whether the lock was obtained.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    limit = monotonic() + timeout
    with path.open("ab") as stream:
        held = _try_lock(stream)
        while not held and monotonic() < limit:
            sleep(_POLL_SECONDS)
            held = _try_lock(stream)
        # Closing the file releases the lock on every platform.
        yield held
