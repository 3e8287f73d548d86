"""The files of the data that are served, attached read-only to one connection in memory.

One connection for all of them: when a delta comes, the pages of the base that were read before
stay in memory.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock

import duckdb

from core.errors import PicholineError
from core.i18n import msg
from core.repository.warehouse.build import Config
from core.repository.warehouse.chain import Chain
from core.repository.warehouse.info import WarehouseInfo, read_info
from core.repository.warehouse.views import attach_sql, create_views, read_part


@dataclass
class Reading:
    """One data version open for reading.

    Attributes:
        info: what its newest file says about itself.
        place: the schema with its views.
        aliases: names of its files in the connection.
        readers: how many blocks use it now; what was replaced goes after the last one.
    """

    info: WarehouseInfo
    place: str
    aliases: tuple[str, ...]
    readers: int = 0
    retired: bool = False


class Serving:
    """All data versions open in this process; safe to share between threads."""

    def __init__(self, folder: Path, config: Config) -> None:
        """Open nothing yet."""
        self._folder = folder
        self._config = dict(config)
        self._lock = RLock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._names: dict[tuple[str, int], str] = {}
        self._uses: dict[str, int] = {}
        self._count = 0

    def open(self, chain: Chain, version: int) -> Reading | None:
        """Open a chain's files as a data version; None if they are gone or hold other data.

        Raises:
            PicholineError: a file cannot be read.
        """
        with self._lock:
            connection = self._connected()
            aliases: list[str] = []
            reading = None
            try:
                for name in chain.files:
                    alias = self._attach(connection, name)
                    if alias is None:
                        return None
                    aliases.append(alias)
                info = read_info(connection, aliases[-1])
                if info is None or info.fingerprint != chain.fingerprint:
                    return None
                reading = self._show(connection, info, version, aliases)
                return reading
            finally:
                if reading is None:
                    self._release(connection, aliases)

    def cursor(self, reading: Reading) -> duckdb.DuckDBPyConnection:
        """Return a cursor that sees one data version; the caller closes it."""
        with self._lock:
            cursor = self._connected().cursor()
        cursor.execute(f"USE {reading.place}")
        return cursor

    def enter(self, reading: Reading) -> bool:
        """Keep a reading open for one more block; False when it is closed already."""
        with self._lock:
            if reading.retired:
                return False
            reading.readers += 1
            return True

    def leave(self, reading: Reading) -> None:
        """End a block."""
        with self._lock:
            reading.readers -= 1
            if reading.retired and not reading.readers:
                self._close(reading)

    def retire(self, reading: Reading) -> None:
        """Close a reading after its last block."""
        with self._lock:
            if reading.retired:
                return
            reading.retired = True
            if not reading.readers:
                self._close(reading)

    def _connected(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = duckdb.connect(":memory:", config=self._config)
        return self._connection

    def _attach(self, connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
        """Attach a file once, whatever its number of users; None if it is missing."""
        path = self._folder / name
        try:
            known = (name, path.stat().st_ino)
        except OSError:
            return None
        alias = self._names.get(known)
        if alias is None:
            self._count += 1
            alias = f"file_{self._count}"
            try:
                connection.execute(attach_sql(path, alias))
            except duckdb.Error as error:
                if not path.is_file():
                    return None
                raise _unreadable(path) from error
            self._names[known] = alias
        self._uses[alias] = self._uses.get(alias, 0) + 1
        return alias

    def _show(
        self,
        connection: duckdb.DuckDBPyConnection,
        info: WarehouseInfo,
        version: int,
        aliases: list[str],
    ) -> Reading:
        self._count += 1
        place = f"memory.data_{self._count}"
        connection.execute(f"CREATE SCHEMA {place}")
        parts = [read_part(connection, alias) for alias in aliases]
        create_views(connection, parts, f"{place}.", info.sources)
        return Reading(replace(info, data_version=version), place, tuple(aliases))

    def _close(self, reading: Reading) -> None:
        connection = self._connected()
        connection.execute(f"DROP SCHEMA {reading.place} CASCADE")
        self._release(connection, reading.aliases)

    def _release(
        self, connection: duckdb.DuckDBPyConnection, aliases: tuple[str, ...] | list[str]
    ) -> None:
        for alias in aliases:
            self._uses[alias] -= 1
            if not self._uses[alias]:
                connection.execute(f"DETACH {alias}")
                del self._uses[alias]
                self._names = {k: name for k, name in self._names.items() if name != alias}
        if not self._uses:
            connection.close()
            self._connection = None


def _unreadable(path: Path) -> PicholineError:
    return PicholineError(
        "warehouse.unreadable",
        msg("The prepared data in {file} cannot be read.", file=path.name),
        msg("Delete that file; it is built anew from the imported data."),
        status=500,
    )
