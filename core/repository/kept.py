"""Kept bytes: a size-limited store on disk whose entries are never executed, whoever wrote them."""

import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import DatabaseError, OperationalError
from typing import Any, Literal

from diskcache import UNKNOWN, Cache, Disk, Timeout  # type: ignore[import-untyped]

from core import log

_LIMIT_BYTES = 1 << 30
_CULLED = 2  # entries that go at once when it is full; they are large
_FILE = re.compile(r"[0-9a-f]{2}[/\\][0-9a-f]{2}[/\\][0-9a-f]{28}\.val")
_RAW, _BINARY = 1, 2  # how diskcache marks values inside the database and in files
_DATABASE = "cache.db"
_GROUPS = (  # diskcache can forget a group but not list them
    "SELECT tag, count(*), sum(iif(filename IS NULL, length(value), size)), min(store_time), "
    "max(store_time) FROM Cache WHERE tag IS NOT NULL GROUP BY tag ORDER BY max(store_time) DESC"
)


@dataclass(frozen=True)
class Kept:
    """The entries of one group.

    Attributes:
        group: what they were kept for.
        bytes: their size.
        oldest: moment the first of them was kept, in seconds since 1970.
        newest: moment the last of them was kept.
    """

    group: str
    entries: int
    bytes: int
    oldest: float
    newest: float


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

    def __init__(
        self, folder: Path, limit: int = _LIMIT_BYTES, leaves: Literal["used", "stored"] = "used"
    ) -> None:
        """Use a folder; it is made when something is kept or asked for.

        Args:
            folder: of its own, it may be deleted at any time.
            limit: bytes to keep at most.
            leaves: what goes first when it is full: the least recently used, or the first stored
                (reading an entry then writes nothing).
        """
        self._folder = folder
        self._limit = limit
        self._leaves = leaves
        self._cache: Any = None
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """Return what was kept under a key; None where there is nothing or it is damaged."""
        found = self._tried(lambda cache: cache.get(key), key)
        return found if isinstance(found, bytes) else None

    def put(self, key: str, content: bytes, group: str | None = None) -> bool:
        """Keep bytes under a key, in a group or none; return whether they are there now."""
        self._tried(lambda cache: cache.set(key, content, tag=group))
        return self.has(key)

    def has(self, key: str) -> bool:
        """Return whether there is an entry, damaged or not."""
        return bool(self._tried(lambda cache: key in cache))

    def drop(self, key: str) -> None:
        """Forget an entry."""
        self._tried(lambda cache: cache.delete(key))

    def drop_group(self, group: str) -> int:
        """Forget the entries of a group; return how many there were."""
        return int(self._tried(lambda cache: cache.evict(group)) or 0)

    def clear(self) -> int:
        """Forget every entry; return how many there were."""
        return int(self._tried(lambda cache: cache.clear()) or 0)

    def groups(self) -> list[Kept]:
        """Return what is kept by group, the group with the newest entry first."""
        rows: Any = self._tried(lambda cache: cache._sql(_GROUPS).fetchall())  # noqa: SLF001
        return [Kept(str(name), *found) for name, *found in rows or ()]

    def exists(self) -> bool:
        """Return whether anything was ever kept here; nothing is opened or made."""
        return self._cache is not None or (self._folder / _DATABASE).is_file()

    def close(self) -> None:
        """Release the connection of this thread."""
        with self._lock:
            if self._cache is not None:
                self._cache.close()
                self._cache = None

    def _tried(self, use: Callable[[Any], Any], key: str | None = None) -> Any:
        """Use the store; None where it cannot: what is kept can always be computed again.

        A damaged entry of `key` is removed.
        """
        try:
            return use(self._opened())
        except (OperationalError, Timeout) as error:  # busy, or the disk is full
            log.event("kept.unusable", why=str(error))
        except DatabaseError:
            log.failure("kept.damaged")
            self._start_over()
        except (OSError, TypeError, ValueError) as error:
            log.event("kept.entry", why=str(error))
            if key is not None:
                self.drop(key)
        return None

    def _opened(self) -> Any:
        with self._lock:
            if self._cache is None:
                self._cache = Cache(
                    str(self._folder),
                    disk=BytesDisk,
                    size_limit=self._limit,
                    eviction_policy=f"least-recently-{self._leaves}",
                    cull_limit=_CULLED,
                )
            return self._cache

    def _start_over(self) -> None:
        """Set a store aside that is no database any more: its content can be computed again."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)
