"""Rows as they are stored: the master data of one member, the rows of any table under filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from core.models.query import Period
from core.models.schema import TABLES, Kind
from core.models.tables import Import
from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.repository.visible import PERIOD_DAYS, StoredTable, day_sql, quoted, stored_table
from core.settings import Settings


@dataclass(frozen=True)
class Record:
    """One stored row.

    Attributes:
        values: by field, in the order of the schema.
        source: the import it came from.
        sheet: its sheet; of a text file, the file's stem.
        row: its number in the sheet, from 1.
    """

    values: Mapping[str, Any]
    source: Import
    sheet: str
    row: int


@dataclass(frozen=True)
class RowFilter:
    """Which rows of a table are meant.

    Attributes:
        values: by field, of which one must hold; None: rows that do not state it.
        period: days, or the first days of months, the rows belong to.
    """

    values: Mapping[str, tuple[str | None, ...]]
    period: Period | None = None


@dataclass(frozen=True)
class RowPage:
    """Some rows: fields of the table, import_id, sheet, row; how many there are, and sums."""

    data: pa.Table
    total: int
    sums: Mapping[str, Any]


class Records:
    """The rows that count; every call reads them anew."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        """Keep where the rows are and the means to read them."""
        self._catalogue = catalogue
        self._segments = SegmentStore(settings.segments)
        self._config: dict[str, str | bool | int | float | list[str]] = {
            "threads": settings.threads,
            "memory_limit": f"{settings.memory_limit_mb}MB",
        }

    def rows(self, table: str, value: str) -> list[Record]:
        """Return the stored rows of a member in the order in which their values count.

        A later row updates an earlier one, value by value: rows that state a later day of validity
        come first, then those of later imports; what was read out of sales lines comes last.

        Args:
            table: `products`, `customers` or `suppliers`.
            value: the code.
        """
        stored = stored_table(self._catalogue, self._segments, table, derived=True)
        if not stored:
            return []
        defined = TABLES[table]
        columns = ", ".join(f"f.{field.key}" for field in defined.fields)
        stated = dict(stored_table(self._catalogue, self._segments, table).files)
        imports = ", ".join(
            f"({quoted(path)}, {number}, {int(path in stated)})" for path, number in stored.files
        )
        valid = "f.valid_from DESC NULLS LAST, " if "valid_from" in defined.natural_key else ""
        sql = (
            f"SELECT {columns}, f._sheet, f._row, k.number FROM {stored.sql()} f "  # noqa: S608 - declared columns, our own files
            f"JOIN (VALUES {imports}) k(path, number, stated) ON k.path = f.filename "
            f"WHERE f.{defined.natural_key[0]} = $value "
            f"ORDER BY k.stated DESC, {valid}k.number DESC, f.file_row_number DESC"
        )
        with duckdb.connect(":memory:", config=self._config) as connection:
            found = connection.execute(sql, {"value": value}).fetchall()
        return [self._record(table, row) for row in found]

    def page(
        self,
        table: str,
        wanted: RowFilter,
        order: tuple[str, bool] | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> RowPage:
        """Return rows of a table; of one whose later rows update earlier ones, those in force.

        Args:
            table: key of the business schema.
            wanted: which rows.
            order: a column of the answer and whether it descends; None: the newest first.
            offset: so many rows are passed over.
            limit: at most so many; None for all.
        """
        stored = stored_table(self._catalogue, self._segments, table)
        schema = _page_schema(table)
        if not stored:
            return RowPage(schema.empty_table(), 0, {})
        where, values = _where(table, wanted)
        chosen = f"FROM ({_in_force(stored)}) f WHERE {where}"
        summed = [f.key for f in TABLES[table].fields if f.kind in (Kind.AMOUNT, Kind.QUANTITY)]
        sums = "".join(f", sum(f.{name}) AS {name}" for name in summed)
        first = f"{order[0]} {'DESC' if order[1] else 'ASC'} NULLS LAST, " if order else ""
        by = f"ORDER BY {first}import_id DESC, sheet, row"
        cut = "" if limit is None else f" LIMIT {int(limit)} OFFSET {int(offset)}"
        with duckdb.connect(":memory:", config=self._config) as connection:
            about: pa.Table = connection.execute(
                f"SELECT count(*) AS rows{sums} {chosen}", values
            ).to_arrow_table()
            data: pa.Table = connection.execute(
                f"SELECT * {chosen} {by}{cut}", values
            ).to_arrow_table()
        facts = about.to_pylist()[0]
        total = int(facts.pop("rows"))
        return RowPage(data.cast(schema), total, facts)

    def _record(self, table: str, row: tuple[Any, ...]) -> Record:
        *cells, sheet, number, source = row
        keys = [field.key for field in TABLES[table].fields]
        record = self._catalogue.get_import(source)
        return Record(
            dict(zip(keys, cells, strict=True)), record, str(sheet or ""), int(number or 0)
        )


def _page_schema(table: str) -> pa.Schema:
    """Return the columns of a page of rows: the table's own, then where each row stands."""
    own = [field for field in TABLES[table].arrow_schema() if not field.name.startswith("_")]
    places = (("import_id", pa.int64()), ("sheet", pa.string()), ("row", pa.int64()))
    return pa.schema([*own, *(pa.field(name, kind) for name, kind in places)])


def _in_force(stored: StoredTable) -> str:
    """Return the rows that count; where later rows update earlier ones, the latest of each key."""
    defined = TABLES[stored.table]
    imports = ", ".join(f"({quoted(path)}, {number})" for path, number in stored.files)
    columns = ", ".join(f"f.{field.key}" for field in defined.fields)
    key = ", ".join(f"f.{name}" for name in defined.natural_key)
    newest = "k.import_id DESC, f.file_row_number DESC"
    force = f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {newest}) = 1"
    return (
        f"SELECT {columns}, k.import_id, f._sheet AS sheet, f._row AS row "  # noqa: S608 - declared columns, our own files
        f"FROM {stored.sql()} f JOIN (VALUES {imports}) k(path, import_id) "
        f"ON k.path = f.filename {force if defined.dimension else ''}"
    )


def _where(table: str, wanted: RowFilter) -> tuple[str, dict[str, Any]]:
    """Return the condition on rows, with its bound values."""
    parts, values = ["true"], {}
    for place, (field, chosen) in enumerate(sorted(wanted.values.items())):
        stated = [value for value in chosen if value is not None]
        ways = [f"list_contains($v{place}::VARCHAR[], f.{field}::VARCHAR)"] if stated else []
        if len(stated) < len(chosen):
            ways.append(f"f.{field} IS NULL")
        if stated:
            values[f"v{place}"] = stated
        parts.append(f"({' OR '.join(ways)})")
    if wanted.period is not None and table in PERIOD_DAYS:
        parts.append(f"{day_sql(table)} BETWEEN $start AND $end")
        values |= {"start": wanted.period.start, "end": wanted.period.end}
    return " AND ".join(parts), values
