"""Warehouse files: built once per data version, swapped in atomically, read by many."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from time import perf_counter
from zoneinfo import ZoneInfo

import duckdb
from sqlalchemy import func, select
from sqlmodel import col

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import DataVersion
from core.repository.catalogue import Catalogue
from core.repository.segment_rules import RuleStore
from core.repository.segments import SegmentStore
from core.repository.warehouse.build import build
from core.repository.warehouse.info import WarehouseInfo, read_info
from core.repository.warehouse.lock import file_lock
from core.repository.warehouse.stage import SourceFile
from core.settings import Settings

_BUILD_WAIT_SECONDS = 1800.0
_NEWEST = select(func.max(col(DataVersion.id)))
_FILE = re.compile(r"v(\d+)\.duckdb")


@dataclass
class Reading:
    """A warehouse file open for reading.

    Attributes:
        connection: read-only; take a cursor of it per thread.
        info: what the file says about itself.
        readers: how many blocks use it now; a file that was replaced closes after the last one.
    """

    connection: duckdb.DuckDBPyConnection
    info: WarehouseInfo
    readers: int = 0
    retired: bool = False
    guard: Lock = field(default_factory=Lock)


class Warehouse:
    """The folder of warehouse files of one home; safe to share between threads."""

    def __init__(self, settings: Settings, catalogue: Catalogue, segments: SegmentStore) -> None:
        """Open nothing yet; the first reader builds or opens the file."""
        self._settings = settings
        self._catalogue = catalogue
        self._segments = segments
        self._folder = settings.warehouse
        self._lock = Lock()
        self._serving: Reading | None = None

    def ensure(self) -> int:
        """Build the current data version if it is missing; return the version.

        Raises:
            PicholineError: another process has been building for half an hour.
        """
        return self._current().info.data_version

    @contextmanager
    def read(self) -> Generator[duckdb.DuckDBPyConnection]:
        """Give a read-only cursor on the current data version."""
        with self.reading() as (cursor, _info):
            yield cursor

    @contextmanager
    def reading(self) -> Generator[tuple[duckdb.DuckDBPyConnection, WarehouseInfo]]:
        """Give a cursor with the facts of the file it reads, which stays open inside the block."""
        found = self._enter()
        cursor = found.connection.cursor()
        try:
            yield cursor, found.info
        finally:
            cursor.close()
            self._leave(found)

    def info(self) -> WarehouseInfo:
        """Return the facts of the current data version."""
        return self._current().info

    def collect(self) -> int:
        """Delete files of other versions and leftovers of crashed builds; return how many."""
        version = self._catalogue.current_version()
        removed = 0
        with file_lock(self._folder / "build.lock", timeout=0) as held:
            for path in self._folder.glob("v*.duckdb*") if held else ():
                match = _FILE.fullmatch(path.name)
                if match and int(match[1]) >= version:
                    continue
                try:
                    path.unlink()
                    removed += 1
                except OSError:
                    log.event("warehouse.in_use", file=path.name)
        return removed

    def close(self) -> None:
        """Close the serving file; the next reader opens it again."""
        with self._lock:
            serving, self._serving = self._serving, None
            if serving:
                _retire(serving)

    def _enter(self) -> Reading:
        while True:
            found = self._current()
            with found.guard:
                if not found.retired:
                    found.readers += 1
                    return found

    @staticmethod
    def _leave(found: Reading) -> None:
        with found.guard:
            found.readers -= 1
            if found.retired and not found.readers:
                found.connection.close()

    def _version(self) -> int:
        # Asked before every question, hence without the object layer: a third of its time.
        with self._catalogue.engine.connect() as connection:
            found = connection.execute(_NEWEST).scalar()
        return int(found or 0)

    def _current(self) -> Reading:
        version = self._version()
        serving = self._serving
        if serving and serving.info.data_version == version:
            return serving
        with self._lock:
            # Another thread may have opened it, or a newer one, while this one waited.
            serving = self._serving
            if serving and serving.info.data_version >= version:
                return serving
            fresh = self._open(version)
            while fresh is None:
                fresh = self._open(self._version())
            self._serving = fresh
            if serving:
                _retire(serving)
            return fresh

    def _open(self, version: int) -> Reading | None:
        """Open or build a version; None when a newer one has come meanwhile."""
        path = self._folder / f"v{version}.duckdb"
        found = self._try_open(path)
        if found:
            return found
        with file_lock(self._folder / "build.lock", _BUILD_WAIT_SECONDS) as held:
            if not held:
                raise PicholineError(
                    "warehouse.busy",
                    msg("The data are being prepared by another process."),
                    msg("Try again in a moment."),
                    status=503,
                )
            found = self._try_open(path)
            if found:
                return found
            if not self._build(path, version):
                return None
        # Missing now: a newer version came, and its builder has collected this one.
        found = self._try_open(path)
        self.collect()
        return found

    def _build(self, path: Path, version: int) -> bool:
        """Write a version's file; False when its segments are no longer the current ones."""
        began = perf_counter()
        building = path.with_name(f"{path.name}.building")
        for leftover in self._folder.glob(f"{building.name}*"):
            leftover.unlink()
        files = [
            SourceFile(s.table_name, self._segments.path(s.file), s.id or 0, s.import_id, s.derived)
            for s in self._catalogue.visible_segments()
        ]
        rules = RuleStore(self._catalogue).current()
        if self._version() != version:
            return False
        try:
            info = build(
                building,
                version,
                files,
                self._settings.base_currency,
                self._config(),
                rules,
                datetime.now(ZoneInfo(self._settings.time_zone)).date(),
            )
            building.replace(path)
        except duckdb.Error as error:
            log.failure("warehouse.build", version=version)
            raise PicholineError(
                "warehouse.build",
                msg("The data cannot be prepared: {why}.", why=str(error).splitlines()[0]),
                msg("Check the free disk space and the memory limit, then run picholine doctor."),
                status=500,
            ) from error
        log.event(
            "warehouse.built",
            version=version,
            lines=info.lines,
            seconds=round(perf_counter() - began, 3),
            rollups={source.table: source.rows for source in info.sources},
        )
        return True

    def _try_open(self, path: Path) -> Reading | None:
        """Open a file that was built for these settings; None if it is missing or out of date."""
        if not path.is_file():
            return None
        try:
            connection = duckdb.connect(path, read_only=True, config=self._config())
        except duckdb.Error as error:
            if not path.is_file():
                return None
            raise _unreadable(path) from error
        info = read_info(connection)
        if info is None or info.base_currency != self._settings.base_currency:
            connection.close()
            return None
        return Reading(connection, info)

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        return {
            "memory_limit": f"{self._settings.memory_limit_mb}MB",
            "threads": str(self._settings.threads),
            "temp_directory": (self._settings.cache / "duckdb").as_posix(),
        }


def _retire(serving: Reading) -> None:
    with serving.guard:
        serving.retired = True
        if not serving.readers:
            serving.connection.close()


def _unreadable(path: Path) -> PicholineError:
    return PicholineError(
        "warehouse.unreadable",
        msg("The prepared data in {file} cannot be read.", file=path.name),
        msg("Delete that file; it is built anew from the imported data."),
        status=500,
    )
