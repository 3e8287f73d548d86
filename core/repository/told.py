"""What the lines of a large file say of products and customers, kept beside their segment.

Texts stay the numbers they have within each block: writing them is copying, and they are counted by
their numbers before any text is looked at.
"""

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from core.repository.staged import Rows, Staged, frequency_sql

_ROW, _TIMES = "_row", "_times"


class ToldFiles:
    """Files that are written along, one for each dimension table the lines tell about."""

    def __init__(self, folder: Path) -> None:
        """Use a folder that is there."""
        self._folder = folder
        self._writers: dict[str, pa.RecordBatchStreamWriter] = {}
        self.paths: dict[str, Path] = {}

    def write(self, told: dict[str, pa.Table]) -> None:
        """Add the lines of a block: key, attributes and `_row`, texts as numbers."""
        for name, lines in told.items():
            if name not in self._writers:
                self.paths[name] = self._folder / f"{name}.arrows"
                self._writers[name] = pa.ipc.new_stream(self.paths[name].as_posix(), lines.schema)
            self._writers[name].write_table(lines.combine_chunks())

    def close(self) -> None:
        """Finish all files."""
        for writer in self._writers.values():
            writer.close()


def most_frequent_of(staged: Staged, beside: Path, key: str, attributes: Sequence[str]) -> pa.Table:
    """Return one row per key with what the rows say of it most often.

    Args:
        staged: the rows that are stored.
        beside: a file of `ToldFiles`, maybe with more rows.
        key: column of the key.
        attributes: columns to summarise.

    Returns:
        As `intake_sql.most_frequent`.
    """
    with pa.memory_map(beside.as_posix()) as source, duckdb.connect(":memory:") as connection:
        stream = pa.ipc.open_stream(source)
        columns = [key, *(name for name in stream.schema.names if name in attributes)]
        texts = [(name, pa.string()) for name in columns]
        schema = pa.schema([*texts, (_ROW, pa.int64()), (_TIMES, pa.int64())])
        counted = _counted(stream, columns, schema, staged.gone, staged.threads)
        staged.limit(connection)
        connection.register("told", pa.RecordBatchReader.from_batches(schema, counted))
        named = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"CREATE TEMP TABLE lines AS SELECT {named}, min({_ROW}) AS {_ROW}, "  # noqa: S608
            f"sum({_TIMES}) AS {_TIMES} FROM told GROUP BY ALL"
        )
        sql = frequency_sql(key, columns[1:], f"sum({_TIMES})")
        return connection.sql(sql).to_arrow_table()


def _counted(
    stream: pa.RecordBatchStreamReader,
    columns: Sequence[str],
    schema: pa.Schema,
    gone: Rows,
    threads: int,
) -> Generator[pa.RecordBatch]:
    """Return the lines of every block, alike ones counted; only a few blocks are held."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[pa.RecordBatch]] = deque()
        for batch in stream:
            waiting.append(pool.submit(_count, batch, columns, schema, gone))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _count(
    batch: pa.RecordBatch, columns: Sequence[str], schema: pa.Schema, gone: Rows
) -> pa.RecordBatch:
    """Return each combination of values once, with its first row and how often it stands there."""
    rows = batch[_ROW].to_numpy()
    kept = np.asarray(batch[columns[0]].is_valid())
    if len(rows):
        low, high = np.searchsorted(gone, [rows[0], rows[-1] + 1])
        kept &= ~np.isin(rows, gone[low:high])
    texts = [batch[name] for name in columns]
    coded = [c if pa.types.is_dictionary(c.type) else c.dictionary_encode() for c in texts]
    lines = pa.table([*(c.indices for c in coded), batch[_ROW]], [*columns, _ROW])
    if not kept.all():
        lines = lines.filter(pa.array(kept))
    groups = lines.group_by(list(columns), use_threads=False)
    alike = groups.aggregate([(_ROW, "min"), (_ROW, "count")])
    values = [
        c.dictionary.cast(pa.string()).take(alike[name].combine_chunks())
        for c, name in zip(coded, columns, strict=True)
    ]
    counts = [alike[f"{_ROW}_{kind}"].combine_chunks() for kind in ("min", "count")]
    return pa.RecordBatch.from_arrays([*values, *counts], schema=schema)
