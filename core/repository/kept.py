"""Kept bytes: a size-limited store on disk whose entries are never executed, whoever wrote them."""

import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from sqlite3 import DatabaseError, OperationalError
from typing import Any

from diskcache import UNKNOWN, Cache, Disk, Timeout  # type: ignore[import-untyped]

from core import log

_LIMIT_BYTES = 1 << 30
_CULLED = 2  # entries that go at once when it is full; they are large
_FILE = re.compile(r"[0-9a-f]{2}[/\\][0-9a-f]{2}[/\\][0-9a-f]{28}\.val")
_RAW, _BINARY = 1, 2  # how diskcache marks values inside the database and in files


class BytesDisk(Disk):
    """Texts as keys, bytes as values, nothing else: no entry is ever unpickled.

    Rows of the store's database are not trusted: a row that asks for anything but bytes, or for a
    file outside the folder, counts as damaged.
    """

    def put(self, key: Any) -> Any:
        """Return a text key as it is stored, and that it is stored as it is."""
        if not isinstance(key, str):
            raise TypeError
        return key, True

    def get(self, key: Any, raw: bool) -> str:  # noqa: FBT001 - the signature is diskcache's
        """Return a stored key."""
        if not raw or not isinstance(key, str):
            raise ValueError
        return key

    def store(self, value: Any, read: bool, key: Any = UNKNOWN) -> Any:  # noqa: FBT001
        """Store bytes."""
        if read or not isinstance(value, bytes):
            raise TypeError
        return super().store(value, read, key)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> bytes:  # noqa: FBT001
        """Return stored bytes."""
        if read or mode not in (_RAW, _BINARY):
            raise ValueError
        if mode == _BINARY and not _FILE.fullmatch(filename or ""):
            raise ValueError
        found = super().fetch(mode, filename, value, read)
        if not isinstance(found, bytes):
            raise TypeError
        return found

    def remove(self, file_path: str) -> None:
        """Delete a file of the store, and no other."""
        if _FILE.fullmatch(file_path):
            super().remove(file_path)


class KeptBytes:
    """A folder of kept bytes; the least recently used go first when it is full."""

    def __init__(self, folder: Path, limit: int = _LIMIT_BYTES) -> None:
        """Use a folder; it is made when something is kept or asked for.

        Args:
            folder: of its own, it may be deleted at any time.
            limit: bytes to keep at most.
        """
        self._folder = folder
        self._limit = limit
        self._cache: Any = None
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """Return what was kept under a key; None where there is nothing or it is damaged."""
        found = self._tried(lambda cache: cache.get(key))
        return found if isinstance(found, bytes) else None

    def put(self, key: str, content: bytes) -> bool:
        """Keep bytes under a key; return whether they are there now."""
        self._tried(lambda cache: cache.set(key, content))
        return self.has(key)

    def has(self, key: str) -> bool:
        """Return whether there is an entry, damaged or not."""
        return bool(self._tried(lambda cache: key in cache))

    def drop(self, key: str) -> None:
        """Forget an entry."""
        self._tried(lambda cache: cache.delete(key))

    def close(self) -> None:
        """Release the connection of this thread."""
        with self._lock:
            if self._cache is not None:
                self._cache.close()
                self._cache = None

    def _tried(self, use: Callable[[Any], Any]) -> Any:
        """Use the store; None where it cannot: what is kept can always be computed again."""
        try:
            return use(self._opened())
        except (OperationalError, Timeout) as error:  # busy, or the disk is full
            log.event("kept.unusable", why=str(error))
        except DatabaseError:
            log.failure("kept.damaged")
            self._start_over()
        except (OSError, TypeError, ValueError) as error:
            log.event("kept.entry", why=str(error))
        return None

    def _opened(self) -> Any:
        with self._lock:
            if self._cache is None:
                self._cache = Cache(
                    str(self._folder),
                    disk=BytesDisk,
                    size_limit=self._limit,
                    eviction_policy="least-recently-used",
                    cull_limit=_CULLED,
                )
            return self._cache

    def _start_over(self) -> None:
        """Set a store aside that is no database any more: its content can be computed again."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)
