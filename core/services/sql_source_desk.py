"""SQL sources as people manage them: changed, paused, resumed, tried out before they are stored."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pyarrow.parquet as pq

from core import log
from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.arrivals import SqlSource
from core.models.query import Scope
from core.repository.sql_reader import read_query
from core.repository.sql_sources import SourceStore
from core.services.application import Application
from core.services.ingest.doubts import doubts_of
from core.services.ingest.plain import plain
from core.services.rights import refuse_restricted
from core.services.sql_source import RUNNING, check_source, options_of

SAMPLE_ROWS = 200
SHOWN_ROWS = 5
TRY_SECONDS = 20.0
_LONGEST = 60  # signs of a shown value
Found = TypeVar("Found")


@dataclass(frozen=True)
class Trial:
    """The first rows of a source.

    Attributes:
        columns: their names.
        rows: the first `SHOWN_ROWS` as texts.
        read: how many rows were looked at, `SAMPLE_ROWS` at most.
        table: the table they would be imported into; "" where none is recognised.
        doubts: why an import would not be sure, in words.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    read: int
    table: str = ""
    doubts: Sequence[Message] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the trial for JSON, in the reader's language."""
        return {
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "read": self.read,
            "table": self.table or None,
            "doubts": [str(doubt) for doubt in self.doubts],
        }


def change_source(application: Application, source: SqlSource, scope: Scope) -> SqlSource:
    """Give the source of the same name another address, query, table, mode or schedule.

    A mapping it was added with stays as long as its table does.

    Raises:
        PicholineError: there is none of that name, it is running, or it cannot be so.
    """
    refuse_restricted(scope)
    store = SourceStore(application.catalogue)
    known = store.get(source.name)
    if known.status in RUNNING:
        raise PicholineError(
            "source.running",
            msg("The source “{name}” is running already.", name=source.name),
            msg("Wait until it has finished."),
            status=409,
        )
    source.mapping = known.mapping if source.table_name == known.table_name else {}
    check_source(source)
    store.change(
        known.id or 0,
        address=source.address,
        query=source.query,
        table_name=source.table_name,
        mapping=source.mapping,
        mode=source.mode,
        every_minutes=source.every_minutes,
        daily_at=source.daily_at,
    )
    log.event("source.changed", source=source.name, by=scope.owner)
    return store.get(source.name)


def paused_sources(application: Application, scope: Scope) -> frozenset[int]:
    """Return the numbers of the sources whose schedule rests."""
    refuse_restricted(scope)
    return SourceStore(application.catalogue).paused()


def pause_source(application: Application, name: str, scope: Scope) -> None:
    """Let the schedule of a source rest; it can still be run on a press.

    Raises:
        PicholineError: there is none of that name.
    """
    refuse_restricted(scope)
    store = SourceStore(application.catalogue)
    store.pause(store.get(name).id or 0, scope.owner)
    log.event("source.paused", source=name, by=scope.owner)


def resume_source(application: Application, name: str, scope: Scope) -> None:
    """Let the schedule of a source count again.

    Raises:
        PicholineError: there is none of that name.
    """
    refuse_restricted(scope)
    store = SourceStore(application.catalogue)
    store.resume(store.get(name).id or 0)
    log.event("source.resumed", source=name, by=scope.owner)


def try_source(application: Application, source: SqlSource, scope: Scope) -> Trial:
    """Read the first rows of a source that need not be stored, and say what would become of them.

    Raises:
        PicholineError: it cannot be so, or its database refuses or does not answer in
            `TRY_SECONDS`.
    """
    refuse_restricted(scope)
    check_source(source)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "sample.parquet"
        read = _in_time(
            lambda: read_query(source.address, source.query, path, lambda _rows: None, SAMPLE_ROWS)
        )
        sample = pq.read_table(path)
        rows = [
            [str(plain(value) if value is not None else "")[:_LONGEST] for value in row.values()]
            for row in sample.slice(0, SHOWN_ROWS).to_pylist()
        ]
        trial = Trial(sample.column_names, rows, read)
        return _judged(application, source, path, trial) if read else trial


def _judged(application: Application, source: SqlSource, path: Path, trial: Trial) -> Trial:
    """Add what the intake makes of the rows."""
    try:
        sheets = application.intake.preview(path, options_of(source))
    except PicholineError as error:
        return Trial(trial.columns, trial.rows, trial.read, "", [error.title])
    known = [sheet.as_dict() for sheet in sheets]
    table = next((str(sheet["table"]) for sheet in known if sheet.get("recognised", True)), "")
    doubts = [] if source.mapping else doubts_of(sheets)
    return Trial(trial.columns, trial.rows, trial.read, table, doubts)


def _in_time(work: Callable[[], Found]) -> Found:
    """Return what comes in time; a database that is late is left to itself."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="source-trial")
    try:
        return pool.submit(work).result(TRY_SECONDS)
    except LateError:
        raise PicholineError(
            "source.slow",
            msg("The database has not answered within {n} seconds.", n=int(TRY_SECONDS)),
            msg("Try a query that is quicker; a run itself may take as long as it needs."),
            status=504,
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
