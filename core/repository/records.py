"""Master data as they are stored: the rows of one product, customer or supplier."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from core.models.schema import TABLES
from core.models.tables import Import
from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.repository.visible import quoted, stored_table
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


class Records:
    """The rows of master data that count; every call reads them anew."""

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

    def _record(self, table: str, row: tuple[Any, ...]) -> Record:
        *cells, sheet, number, source = row
        keys = [field.key for field in TABLES[table].fields]
        record = self._catalogue.get_import(source)
        return Record(
            dict(zip(keys, cells, strict=True)), record, str(sheet or ""), int(number or 0)
        )
