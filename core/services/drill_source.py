"""The row of an uploaded file, as it stood there: from any number to the cell it came from."""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow as pa

from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import Import, ImportStatus
from core.services.ingest.quarantine import shown
from core.services.ingest.raw import RawTable
from core.services.ingest.sources import open_source

_FURTHER = re.compile(r" \(table \d+\)$")
_KEPT_TABLES = 2
_KEPT_CELLS = 4_000_000  # larger sheets are read anew for each row


@dataclass(frozen=True)
class SourceCell:
    """One cell of a file: its column's letter and title, what it holds, the field it became."""

    letter: str
    title: str
    text: str | None
    field: str | None = None


@dataclass(frozen=True)
class SourceRow:
    """A row of an uploaded file.

    Attributes:
        import_id: of the import that brought it.
        file: name of the file as it was uploaded.
        sheet: its sheet; of a text file, the file's stem.
        row: its number in the sheet, from 1.
        header_row: number of the row with the titles; 0: there is none.
        cells: in the order of the sheet's columns.
        counts: whether the import counts, or was undone.
    """

    import_id: int
    file: str
    sheet: str
    row: int
    header_row: int
    cells: tuple[SourceCell, ...]
    counts: bool


class SourceRows:
    """Reads rows again out of the files that were kept; safe to share between threads."""

    def __init__(self, inbox: Path) -> None:
        """Keep the folder of uploaded files."""
        self._inbox = inbox
        self._tables: OrderedDict[tuple[str, str, int], RawTable] = OrderedDict()
        self._lock = Lock()

    def row(self, record: Import, sheet: str | None, number: int) -> SourceRow:
        """Return a row of the file an import came from.

        Raises:
            PicholineError: the file was removed or never kept, or it has no such sheet or row.
        """
        table = self._table(record, sheet)
        found = np.flatnonzero(table.rows == number)
        if not len(found):
            raise PicholineError(
                "row.unknown",
                msg("Sheet {sheet} has no row {row} with values.", sheet=table.sheet, row=number),
                msg(
                    "Its rows go from {first} to {last}.",
                    first=int(table.rows[0]) if table.height else 0,
                    last=int(table.rows[-1]) if table.height else 0,
                ),
                status=404,
            )
        return SourceRow(
            import_id=record.id or 0,
            file=record.file_name,
            sheet=table.sheet,
            row=number,
            header_row=table.header_row,
            cells=_cells(table, int(found[0]), record),
            counts=record.status is ImportStatus.COMMITTED,
        )

    def _table(self, record: Import, sheet: str | None) -> RawTable:
        header = int(record.mapping.get("header_row", 1))
        key = (record.sha256, sheet or "", header)
        with self._lock:
            kept = self._tables.get(key)
            if kept is not None:
                self._tables.move_to_end(key)
                return kept
        table = self._read(record, sheet, header)
        if table.height * len(table.columns) <= _KEPT_CELLS:
            with self._lock:
                self._tables[key] = table
                while len(self._tables) > _KEPT_TABLES:
                    self._tables.popitem(last=False)
        return table

    def _read(self, record: Import, sheet: str | None, header: int) -> RawTable:
        path = self._inbox / record.sha256
        if record.demo or not path.is_file():
            raise _gone(record)
        source = open_source(path, record.file_name)
        wanted = sheet or record.sheet or source.sheet_names[0]
        # Further tables of a sheet are named after it, and lie under the same rows.
        name = wanted if wanted in source.sheet_names else _FURTHER.sub("", wanted)
        found = source.tables(name, header) if name in source.sheet_names else []
        table = next((t for t in found if t.sheet == wanted), found[0] if found else None)
        if table is None:
            raise PicholineError(
                "sheet.unknown",
                msg("There is no sheet “{name}”.", name=wanted),
                msg("The file has: {names}.", names=", ".join(source.sheet_names)),
                status=404,
            )
        return table


def _gone(record: Import) -> PicholineError:
    if record.demo:
        return PicholineError(
            "row.demo",
            msg("The demo company was generated: there is no file behind its lines."),
            msg("Import a file of your own to follow a number to its cell."),
            status=404,
        )
    return PicholineError(
        "row.file",
        msg("The file {file} of import {id} was removed.", file=record.file_name, id=record.id),
        msg("Put the same file into the folder “inbox” under the name {name}.", name=record.sha256),
        status=404,
    )


def _cells(table: RawTable, place: int, record: Import) -> tuple[SourceCell, ...]:
    faults = {fault.column: fault.text for fault in table.faults if fault.row == place}
    fields = _fields(record, table)
    return tuple(
        SourceCell(
            letter=column.letter,
            title=column.header,
            text=faults.get(i, _text(column.data, place)),
            field=fields[i],
        )
        for i, column in enumerate(table.columns)
    )


def _text(data: pa.ChunkedArray, place: int) -> str | None:
    return shown(data.slice(place, 1))[0].as_py()


def _fields(record: Import, table: RawTable) -> Sequence[str | None]:
    """Return the field each column was read as, by the import's own mapping."""
    columns = record.mapping.get("columns") or {}
    by_title = {str(title): str(key) for key, title in columns.items()}
    return [by_title.get(c.header, by_title.get(c.letter)) for c in table.columns]
