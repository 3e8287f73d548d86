"""Immutable Parquet segments: written beside, flushed, then named; never changed afterwards."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any
from uuid import uuid4

import pyarrow as pa

from core.models.schema import TABLES, Kind

_ROW_GROUP = 122_880  # DuckDB's own row-group size: one group is one unit of parallel work
_ABANDONED_SECONDS = 3600.0
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

        schema = TABLES[table].arrow_schema()
        folder = self.folder / table
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{uuid4().hex}.parquet"
        part = folder / f"{name}.part"
        rows = 0
        try:
            with pq.ParquetWriter(part, schema, compression="zstd", compression_level=1) as writer:
                parts: Any = [batches] if isinstance(batches, pa.Table) else batches
                for batch in parts:
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


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return `table` with exactly the columns and types of `schema`; missing ones are null."""
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
