"""Which engine answers: DuckDB, or another one that reads the published lines."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from core.repository.engines.publish import LINES, publish
from core.repository.sql.execute import answered_by
from core.repository.warehouse import Cursor, Warehouse, WarehouseInfo
from core.repository.warehouse.views import SEGMENTED
from core.settings import Settings

# Segments of customers are no part of the published lines: those questions stay with DuckDB.
_SOURCES = (LINES, f"{LINES}{SEGMENTED}")


class Engine(Protocol):
    """Another engine than DuckDB."""

    name: str

    def run(self, sql: str, values: Mapping[str, Any], lines: Path) -> pa.Table | None:
        """Answer one statement from the published lines; None to leave it to DuckDB."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...


class EngineReader:
    """The warehouse, whose statements on the lines another engine answers."""

    def __init__(self, warehouse: Warehouse, engine: Engine, folder: Path) -> None:
        """Keep the parts.

        Args:
            warehouse: builds the lines; its small tables stay with DuckDB.
            engine: answers what it can.
            folder: of the published lines.
        """
        self._warehouse = warehouse
        self._engine = engine
        self._folder = folder

    @contextmanager
    def reading(self) -> Generator[tuple[Cursor, WarehouseInfo]]:
        """Give a cursor with the facts of what it reads: the lines alone, without roll-ups."""
        with self._warehouse.reading() as (cursor, info):
            lines = publish(cursor, info, self._folder)

            def run(sql: str, values: Mapping[str, Any]) -> pa.Table | None:
                return self._engine.run(sql, values, lines)

            # Keys are numbered beyond any bitmap: other engines count sets of keys.
            sources = [source for source in info.sources if source.table in _SOURCES]
            keys = dict.fromkeys(info.keys, 0)
            plain = replace(info, sources=tuple(sources), keys=keys)
            with answered_by(run):
                yield cursor, plain

    def close(self) -> None:
        """Release the engine."""
        self._engine.close()


def open_engine(settings: Settings, warehouse: Warehouse) -> Warehouse | EngineReader:
    """Return what questions are read from, as the settings say."""
    folder = settings.home / "published"
    if settings.engine == "postgresql":
        from core.repository.engines.postgres import PostgresEngine

        return EngineReader(warehouse, PostgresEngine(settings.engine_url), folder)
    if settings.engine == "clickhouse":
        from core.repository.engines.clickhouse import ClickhouseEngine

        return EngineReader(warehouse, ClickhouseEngine(), folder)
    return warehouse
