"""Immutable Parquet segments: written beside, flushed, then named; never changed afterwards."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from time import time
from typing import Any
from uuid import uuid4

import pyarrow as pa

from core.models.schema import TABLES, Kind

_ROW_GROUP = 122_880  # DuckDB's own row-group size: one group is one unit of parallel work
_ABANDONED_SECONDS = 3600.0
_NUMBERED = pa.dictionary(pa.int32(), pa.string())
_SQL_TYPES = {Kind.DATE: "DATE"}  # of the fields that came later


@dataclass(frozen=True)
class SegmentFile:
    """A written segment: file relative to the store's folder, number of rows, size in bytes."""

    file: str
    rows: int
    bytes: int


class SegmentStore:
    """The folder of segments."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`; it is created when the first segment is written."""
        self.folder = folder

    def path(self, file: str) -> Path:
        """Return the full path of a segment's relative name."""
        return self.folder / file

    def write(self, table: str, batches: pa.Table | Iterable[pa.Table]) -> SegmentFile:
        """Write one segment and flush it to disk before it gets its name.

        Args:
            table: key of the business schema; columns are cast to its stored types.
            batches: one Arrow table, or several that together make the segment.

        Returns:
            The file, which nothing refers to until the catalogue does.
        """
        # Reading never needs it, and it loads every remote file system Arrow knows.
        import pyarrow.parquet as pq

        parts: Iterator[Any] = iter([batches] if isinstance(batches, pa.Table) else batches)
        first = next(parts, None)
        schema = _written_as(TABLES[table].arrow_schema(), first)
        folder = self.folder / table
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{uuid4().hex}.parquet"
        part = folder / f"{name}.part"
        rows = 0
        try:
            how = _how(schema, TABLES[table].natural_key)
            with pq.ParquetWriter(part, schema, **how) as writer:
                for batch in chain([] if first is None else [first], parts):
                    writer.write_table(conform(batch, schema), row_group_size=_ROW_GROUP)
                    rows += batch.num_rows
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        with part.open("rb") as written:
            os.fsync(written.fileno())
        target = folder / name
        part.replace(target)
        return SegmentFile(f"{table}/{name}", rows, target.stat().st_size)

    def collect(self, referenced: set[str]) -> int:
        """Delete files that a crash left without a catalogue entry; return how many.

        Files younger than an hour may belong to an import that is still running.
        """
        removed = 0
        for path in self.folder.glob("*/*"):
            name = path.relative_to(self.folder).as_posix()
            if name not in referenced and time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                path.unlink(missing_ok=True)
                removed += 1
        return removed


def rows_sql(table: str, files: str) -> str:
    """Return the rows of segments as a relation, with `filename` and `file_row_number`.

    Args:
        table: key of the business schema; fields that came later are NULL in older segments.
        files: the segments' paths as an SQL list, or a parameter.
    """
    defined = TABLES[table]
    options = "filename = true, file_row_number = true"
    if not defined.added:
        return f"read_parquet({files}, {options})"
    none = ", ".join(
        f"NULL::{_SQL_TYPES[defined.field(name).kind]} AS {name}" for name in defined.added
    )
    return (
        f"(SELECT * FROM read_parquet({files}, {options}, union_by_name = true) "  # noqa: S608
        f"UNION ALL BY NAME SELECT {none} WHERE false)"
    )


def _how(schema: pa.Schema, key: Sequence[str]) -> dict[str, Any]:
    """Return how columns are written: what is cheap to write, and quick to read in part.

    Of texts, only those of the key are asked for by their range.
    """
    return {
        "compression": "zstd",
        "compression_level": 1,
        "store_schema": False,
        "store_decimal_as_integer": True,
        "use_dictionary": [name for name in schema.names if name != "_row"],
        "column_encoding": {"_row": "DELTA_BINARY_PACKED"},
        "write_statistics": [f.name for f in schema if f.name in key or not _is_text(f.type)],
    }


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_dictionary(kind)


def _written_as(schema: pa.Schema, first: pa.Table | None) -> pa.Schema:
    """Return a schema whose texts are numbered where those of the first rows are.

    The file is the same: Parquet numbers different values anyhow, and need not find them again.
    """
    given = {} if first is None else {field.name: field.type for field in first.schema}
    return pa.schema(
        field.with_type(_NUMBERED) if given.get(field.name) == _NUMBERED else field
        for field in schema
    )


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return `table` with exactly the columns and types of `schema`; missing ones are null."""
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
