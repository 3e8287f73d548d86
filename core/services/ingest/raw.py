"""What a reader hands over: columns as the file holds them, each cell's place known."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.i18n import Message

_LONGEST_TITLE = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass
class RawColumn:
    """One column.

    Attributes:
        header: its title, made unique within the table; empty when there is none.
        letter: its column letter in a spreadsheet.
        data: the cells: native numbers, moments or booleans, or text.
        numbers: of a text column, which cells were native numbers (written with a point);
            None until the reader was asked, or when there are none.
        moments: of a text column, the cells that were native dates, null elsewhere.
        part: which part of another column it is (see `splitting`); empty: the file has it.
    """

    header: str
    letter: str
    data: pa.ChunkedArray
    numbers: Mask | None = None
    moments: pa.Array | None = None
    part: str = ""

    @property
    def is_text(self) -> bool:
        """Whether its cells are held as text."""
        return pa.types.is_string(self.data.type)

    def empty(self) -> Mask:
        """Return which cells are empty, or hold spaces only."""
        return empty_cells(self.data)

    def says(self, text: str) -> Mask:
        """Return which cells are just this text."""
        return np.asarray(pc.equal(self.data, text).fill_null(False))  # noqa: FBT003

    def keep(self, mask: Mask) -> None:
        """Leave out the cells where `mask` is false."""
        chosen = pa.array(mask)
        self.data = self.data.filter(chosen)
        self.numbers = None if self.numbers is None else self.numbers[mask]
        self.moments = None if self.moments is None else self.moments.filter(chosen)

    def take(self, rows: Rows, header: str | None = None) -> "RawColumn":
        """Return the cells of some rows, in their order, as a column of its own."""
        taken = pa.array(rows)
        return RawColumn(
            self.header if header is None else header,
            self.letter,
            self.data.take(taken),
            None if self.numbers is None else self.numbers[rows],
            None if self.moments is None else self.moments.take(taken),
            self.part,
        )


@dataclass(frozen=True)
class CellFault:
    """A cell that cannot be a value: its row and column index in the table, what it holds."""

    row: int
    column: int
    text: str
    code: str

    def moved(self, columns: int) -> "CellFault":
        """Return the fault so many columns further right."""
        return CellFault(self.row, self.column + columns, self.text, self.code)


@dataclass(frozen=True)
class Crossed:
    """Columns whose titles are values: months, years or countries.

    Attributes:
        kind: `month`, `year`, `country`, or `stated` by a person.
        columns: their titles.
        applied: they have been turned into rows.
        year: of months that name none; None: they name it, or nobody does.
        year_missing: months name no year, and none was found.
    """

    kind: str
    columns: tuple[str, ...]
    applied: bool
    year: int | None = None
    year_missing: bool = False


@dataclass(frozen=True)
class Merge:
    """Merged cells: numbers of the first and last row, indices of the first and last column."""

    first: int
    last: int
    left: int
    right: int


@dataclass
class RawTable:
    """A table found in a sheet.

    Attributes:
        sheet: name of the sheet; the file's stem for text files.
        rows: number of every row in the sheet, 1-based.
        header_row: number of the row that holds the titles; 0 when there is none.
        faults: error cells and rows with too many cells.
        sharpen: tells native cells from text in the given columns, reading again if needed.
        decimal_hint: the decimal sign the file's own format suggests.
        warnings: counts of what was passed over on the way.
        notes: what was left out, put together or assumed on the way, in words.
        above: the filled rows above the titles, nearest last: number and texts by letter.
        merges: merged cells of the sheet.
        written: titles as the file has them, where columns became rows; else None.
        crossed: how columns became rows, for the preview; None where nothing is crossed.
        asked: of a file that is read again, the place of each row in the quarantine; -1 for the
            rows that only serve as evidence. None: every row is asked for.
    """

    sheet: str
    columns: list[RawColumn]
    rows: Rows
    header_row: int = 1
    faults: list[CellFault] = field(default_factory=list)
    sharpen: Callable[[Sequence[int]], None] = lambda _columns: None
    decimal_hint: str | None = None
    date_1904: bool = False
    warnings: dict[str, int] = field(default_factory=dict)
    asked: Rows | None = None
    notes: list[Message] = field(default_factory=list)
    above: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    written: list[str] | None = None
    crossed: Crossed | None = None

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def headers(self) -> list[str]:
        """Titles in the order of the columns."""
        return [column.header for column in self.columns]

    @property
    def titles(self) -> list[str]:
        """Titles of the columns that are no part of another one: what recognises a layout."""
        return [column.header for column in self.columns if not column.part]

    def keep(self, mask: Mask) -> None:
        """Leave out the rows where `mask` is false."""
        places = np.cumsum(mask) - 1
        for column in self.columns:
            column.keep(mask)
        self.rows = self.rows[mask]
        self.asked = None if self.asked is None else self.asked[mask]
        self.faults = [
            CellFault(int(places[fault.row]), fault.column, fault.text, fault.code)
            for fault in self.faults
            if mask[fault.row]
        ]


def row_list(rows: Sequence[int] | Rows, most: int = 12) -> str:
    """Return row numbers for a sentence: `3, 5–8, 12 …`."""
    numbers = sorted(int(row) for row in rows)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    texts = [str(a) if a == b else f"{a}–{b}" for a, b in runs[:most]]
    return ", ".join(texts) + (" …" if len(runs) > most else "")


def blank_rows(table: RawTable) -> Mask:
    """Return which rows hold no value at all, faulty cells included."""
    blank = np.ones(table.height, dtype=bool)
    # Native columns first: one without gaps answers for the whole table.
    for column in sorted(table.columns, key=lambda c: c.is_text):
        if not blank.any():
            break
        blank &= column.empty()
    for fault in table.faults:
        blank[fault.row] = False
    return blank


def empty_cells(data: pa.ChunkedArray) -> Mask:
    """Return which cells are empty, or hold spaces only."""
    empty = data.is_null()
    if pa.types.is_string(data.type):
        spaces = pc.match_substring_regex(data, r"^[\s\x{a0}]*$").fill_null(True)  # noqa: FBT003
        empty = pc.or_(empty, spaces)
    return np.asarray(empty)


def column_index(letters: str) -> int:
    """Return the 0-based index of spreadsheet letters: A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letter(index: int) -> str:
    """Return the spreadsheet letters of a 0-based column index: 0 → A, 26 → AA."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def unique_headers(names: Sequence[str]) -> list[str]:
    """Return the titles with ` (2)`, ` (3)` … added to those that repeat.

    Control signs in them become spaces, and no title is longer than 200 signs: titles stand in
    messages, in the catalogue and on pages.
    """
    found: list[str] = []
    seen: dict[str, int] = {}
    for name in names:
        plain = shortened(" ".join(_CONTROL.sub(" ", name).split()), _LONGEST_TITLE)
        unique = plain
        while unique and unique in seen:
            seen[plain] += 1
            unique = f"{plain} ({seen[plain]})"
        seen[unique] = 1
        found.append(unique)
    return found


def shortened(text: str, most: int = 60) -> str:
    """Return a text for a sentence: what is longer ends with `…`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def name_list(names: Sequence[str], most: int = 20) -> str:
    """Return titles for a sentence: each shortened, no more than `most` of them."""
    return ", ".join(map(shortened, names[:most])) + (" …" if len(names) > most else "")
