"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): each sheet becomes a table of native columns."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.i18n import msg

from .facts import Facts, read_facts
from .files import FileKind, refuse_wide
from .guard import reading
from .headers import LOOKED_AT, find_header
from .odf import read_parts
from .older import read_older
from .probe import SheetParts, refuse_far_cells, repeats_long_texts, try_reading
from .raw import (
    CellFault,
    RawColumn,
    RawTable,
    blank_rows,
    column_letter,
    name_list,
    row_list,
    unique_headers,
)

# The reader reports sheets of charts and empty columns by itself, in English, on stderr.
for _name in ("fastexcel", "calamine"):
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False

_ERRORS = {
    "NA": "#N/A",
    "Ref": "#REF!",
    "Div0": "#DIV/0!",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_ERROR = re.compile(r"Error\((\w+)\)")
_SUFFIX = re.compile(r"_\d+$")
_UNNAMED = "__UNNAMED__"
_NO_HEIGHT = 1 << 40
Above = list[tuple[int, dict[str, str]]]


class Workbook:
    """An opened workbook."""

    def __init__(self, path: Path, kind: FileKind, name: str) -> None:
        """Open the file; no sheet is read yet.

        Raises:
            PicholineError: the file is damaged or protected.
        """
        self.name = name
        self._path = path
        self._facts = read_facts(path) if kind is FileKind.XLSX else Facts()
        self._parts: dict[str, SheetParts] = {}
        if kind is FileKind.XLSX:
            self._parts = refuse_far_cells(path, name)
            odd = any(parts.odd for parts in self._parts.values())
            if odd or repeats_long_texts(path):
                try_reading(path, name)
        else:
            try_reading(path, name)
            older = read_older(path)
            self._parts = older.sheets or read_parts(path)
            self._facts = Facts(date_1904=older.date_1904)
        with reading(name):
            self._reader = fastexcel.read_excel(path)
        self.sheet_names: list[str] = list(self._reader.sheet_names)

    def read(self, sheet: str, header_row: int | None = None) -> RawTable | None:
        """Read one sheet.

        Args:
            sheet: its name.
            header_row: number of the row with the titles, 1-based; 0: there is none;
                None: it is looked for.

        Returns:
            The table, or None for a sheet without cells.

        Raises:
            PicholineError: the sheet is damaged.
        """
        with reading(self.name):
            return self._read(sheet, header_row)

    def _read(self, sheet: str, header_row: int | None) -> RawTable | None:
        if header_row is None and self._facts.starts_at_top(sheet):
            loaded = self._load(sheet, 0)
            if loaded is None:
                return None
            if find_header([_names(loaded), *_head(loaded)]) == 0:
                return self._table(sheet, loaded, 1)
        above: Above = []
        if header_row is None:
            header_row, above = self._find_header(sheet)
            if header_row is None:
                return None
        loaded = self._load(sheet, header_row - 1 if header_row else None)
        return loaded and self._table(sheet, loaded, header_row, above)

    def _find_header(self, sheet: str) -> tuple[int | None, Above]:
        """Return the number of the row with the titles, and the filled rows above it.

        The number is 0 where there are no titles, None for an empty sheet.
        """
        options = {"header_row": None, "n_rows": LOOKED_AT, "dtypes": "string"}
        head = self._reader.load_sheet(sheet, **options)  # type: ignore[arg-type]
        if head.width == 0:
            return None, []
        refuse_wide(head.width, sheet)
        batch = head.to_arrow()
        grid = [list(row.values()) for row in batch.to_pylist()]
        found = find_header(grid)
        if found is None:
            return 0, []
        first = self._first_row(sheet, head.total_height)
        letters = [column_letter(column.absolute_index) for column in head.selected_columns]
        return first + found, [
            (
                first + place,
                {letter: text for letter, text in zip(letters, row, strict=True) if text},
            )
            for place, row in enumerate(grid[:found])
            if any(row)
        ]

    def _first_row(self, sheet: str, height: int) -> int:
        """Return the number of the first row with a cell; the reader skips those above it.

        A sheet of a single row is taken to begin at its top: the reader panics below it.
        """
        if height <= 1:
            return 1
        below = self._reader.load_sheet(sheet, header_row=1, n_rows=1, dtypes="string")
        rest = below.total_height
        return 1 if rest > _NO_HEIGHT or below.width == 0 else rest + 2 - height + 1

    def _load(self, sheet: str, header_row: int | None) -> "_Loaded | None":
        options = {"header_row": header_row, "schema_sample_rows": None}
        try:
            found = self._reader.load_sheet(sheet, **options)  # type: ignore[arg-type]
            refuse_wide(found.width, sheet)
            batch, errors = found.to_arrow_with_errors()
        except fastexcel.UnsupportedColumnTypeCombinationError:
            found = self._reader.load_sheet(sheet, dtypes="string", **options)  # type: ignore[arg-type]
            batch, errors = found.to_arrow_with_errors()
        if found.width == 0:
            return None
        indices = [column.absolute_index for column in found.selected_columns]
        faults = [] if errors is None else [_fault(error) for error in errors.errors]
        height = found.total_height
        return _Loaded(batch, indices, faults, header_row, height, found.visible != "visible")

    def _table(
        self, sheet: str, loaded: "_Loaded", header_row: int, above: Above | None = None
    ) -> RawTable:
        first = header_row + 1 if header_row else self._first_row(sheet, loaded.height)
        letters = [column_letter(index) for index in loaded.indices]
        titles = self._titles(sheet, loaded, letters, header_row) if header_row else letters
        columns = [
            RawColumn(title, letter, _readable(data))
            for title, letter, data in zip(titles, letters, loaded.batch.columns, strict=True)
        ]
        table = RawTable(
            sheet,
            columns,
            np.arange(first, first + loaded.batch.num_rows, dtype=np.int64),
            header_row=header_row,
            faults=loaded.faults,
            date_1904=self._facts.date_1904,
            above=above or [],
        )
        if loaded.hidden:
            table.warnings["hidden_sheet"] = 1
        _drop_blank(table)
        self._note_parts(table, sheet)
        table.sharpen = lambda places: self._sharpen(
            table, (sheet, loaded), places, table.rows - first
        )
        return table

    def _titles(
        self, sheet: str, loaded: "_Loaded", letters: list[str], header_row: int
    ) -> list[str]:
        """Return the titles; dates and numbers among them, which the reader does not name."""
        titles = _titles(loaded, letters)
        nameless = [
            place
            for place, column in enumerate(loaded.batch.columns)
            if titles[place] == letters[place] and column.null_count < len(column)
        ]
        if not nameless or header_row > LOOKED_AT:
            return titles
        options = {"header_row": None, "n_rows": LOOKED_AT, "dtypes": "string"}
        head = self._reader.load_sheet(sheet, **options)  # type: ignore[arg-type]
        above = header_row - self._first_row(sheet, head.total_height)
        batch = head.to_arrow()
        if not 0 <= above < batch.num_rows:
            return titles
        texts = {
            column_letter(column.absolute_index): batch.column(place)[above].as_py()
            for place, column in enumerate(head.selected_columns)
        }
        for place in nameless:
            titles[place] = texts.get(letters[place]) or titles[place]
        return unique_headers(titles)

    def _note_parts(self, table: RawTable, sheet: str) -> None:
        """Say what is hidden and read nevertheless; keep the merged cells for the arranging."""
        parts = self._parts.get(self._facts.members.get(sheet, sheet))
        if parts is None:
            return
        table.merges = sorted(parts.merges, key=lambda merge: (merge.first, merge.left))
        rows = parts.hidden_rows.intersection(table.rows.tolist()) if parts.hidden_rows else set()
        if rows:
            table.warnings["hidden_rows"] = len(rows)
            table.notes.append(
                msg("Hidden rows were read like the others: {rows}.", rows=row_list([*rows]))
            )
        letters = {column_letter(index) for index in parts.hidden_columns}
        columns = [column.header for column in table.columns if column.letter in letters]
        if columns:
            table.warnings["hidden_columns"] = len(columns)
            table.notes.append(
                msg("Hidden columns were read like the others: {names}.", names=name_list(columns))
            )

    def _cells(self, sheet: str, kind: str, options: dict[str, Any]) -> pa.RecordBatch:
        return self._reader.load_sheet(sheet, dtypes=kind, **options).to_arrow()  # type: ignore[arg-type]

    def _sharpen(
        self,
        table: RawTable,
        source: "tuple[str, _Loaded]",
        places: Sequence[int],
        rows: np.ndarray,
    ) -> None:
        """Tell native numbers and dates from text in text columns: read again, cell by cell.

        Read as booleans only native numbers (and booleans) have a value, read as moments only
        native numbers and dates have one.
        """
        wanted = {
            table.columns[place].letter: table.columns[place]
            for place in places
            if pa.types.is_string(table.columns[place].data.type)
            and table.columns[place].numbers is None
        }
        if not wanted:
            return
        sheet, loaded = source
        letters = [column_letter(index) for index in loaded.indices]
        use = [i for i, letter in zip(loaded.indices, letters, strict=True) if letter in wanted]
        options: dict[str, Any] = {"header_row": loaded.header_row, "use_columns": use}
        with reading(self.name):
            flags = self._cells(sheet, "boolean", options)
            moments = self._cells(sheet, "datetime", options)
        kept = pa.array(rows)
        for place, index in enumerate(use):
            column = wanted[column_letter(index)]
            flag = flags.column(place).take(kept)
            truth = pc.is_in(column.data, pa.array(["true", "false"])).combine_chunks()
            native = pc.and_(flag.is_valid(), pc.invert(truth))
            column.numbers = native.to_numpy(zero_copy_only=False)
            dated = pc.if_else(flag.is_valid(), None, moments.column(place).take(kept))
            column.moments = dated.cast(pa.timestamp("ms"))


class _Loaded:
    """A sheet as the reader returned it."""

    def __init__(
        self,
        batch: pa.RecordBatch,
        indices: list[int],
        faults: list[CellFault],
        header_row: int | None,
        height: int,
        hidden: bool,  # noqa: FBT001
    ) -> None:
        self.batch = batch
        self.indices = indices
        self.faults = faults
        self.header_row = header_row
        self.height = height
        self.hidden = hidden


def _names(loaded: _Loaded) -> list[str | None]:
    return [None if n.startswith(_UNNAMED) else n for n in loaded.batch.schema.names]


def _head(loaded: _Loaded) -> list[list[str | None]]:
    rows = loaded.batch.slice(0, LOOKED_AT).to_pylist()
    return [[None if v is None else str(v) for v in row.values()] for row in rows]


def _titles(loaded: _Loaded, letters: list[str]) -> list[str]:
    """Return the titles as they stand in the sheet, repeated ones told apart."""
    names = loaded.batch.schema.names
    bare = [
        _SUFFIX.sub("", name) if _SUFFIX.sub("", name) in names[:place] else name
        for place, name in enumerate(names)
    ]
    shown = [
        letter if name.startswith(_UNNAMED) else " ".join(name.split())
        for name, letter in zip(bare, letters, strict=True)
    ]
    return unique_headers(shown)


def _readable(data: pa.Array) -> pa.ChunkedArray:
    """Return a column in one of the types the typing knows; durations and nulls become text."""
    if pa.types.is_duration(data.type):
        data = data.cast(pa.int64()).cast(pa.string())
    elif pa.types.is_null(data.type):
        data = data.cast(pa.string())
    return pa.chunked_array([data])


def _fault(error: fastexcel.CellError) -> CellFault:
    row, column = error.offset_position
    found = _ERROR.search(error.detail)
    text = _ERRORS.get(found.group(1), found.group(1)) if found else error.detail
    return CellFault(row, column, text, "error_cell")


def _drop_blank(table: RawTable) -> None:
    """Leave out rows without any value, and columns without title and values."""
    faulty = {fault.column for fault in table.faults}
    blank = blank_rows(table)
    if blank.any():
        table.keep(~blank)
        table.warnings["blank_rows"] = int(blank.sum())
    empty = [
        column.data.null_count == table.height and place not in faulty
        for place, column in enumerate(table.columns)
    ]
    gone = [place for place, column in enumerate(table.columns) if empty[place]
            and column.header == column.letter]  # fmt: skip
    moved = {old: new for new, old in enumerate(
        place for place in range(len(table.columns)) if place not in gone)}  # fmt: skip
    table.columns = [column for place, column in enumerate(table.columns) if place in moved]
    table.faults = [CellFault(f.row, moved[f.column], f.text, f.code) for f in table.faults]
