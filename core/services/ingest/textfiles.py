"""Text tables (.csv, .tsv, .txt): encoding, separator and header found, every cell kept as text."""

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv

from core.errors import PicholineError
from core.i18n import msg

from .files import said
from .headers import LOOKED_AT, find_header
from .numbers import COMMA, POINT
from .raw import (
    CellFault,
    RawColumn,
    RawTable,
    blank_rows,
    column_letter,
    empty_cells,
    unique_headers,
)

_SEPARATORS = (";", ",", "\t", "|")
_SAMPLE = 256 * 1024
_SAMPLE_ROWS = 400
_CHUNK = 1 << 22
_LONGEST_CELL = 1 << 26
_BLOCK = 1 << 22
_SEP_LINE = "sep="


@dataclass(frozen=True)
class TextFormat:
    """How a text file is written.

    Attributes:
        encoding: Python's name of it.
        separator: between cells.
        width: cells of the widest row looked at.
        header: index of the record with the titles; None: there is none.
        records: the first records.
        lines: number of the last physical line of each of these records.
        quotes_odd: a quotation mark has no counterpart.
    """

    encoding: str
    separator: str
    width: int
    header: int | None
    records: list[list[str]]
    lines: list[int]
    quotes_odd: bool

    @property
    def decimal_hint(self) -> str | None:
        """A separator of `;` is used where the comma marks decimals, `,` where it cannot."""
        return {";": COMMA, ",": POINT}.get(self.separator)

    @property
    def skipped(self) -> int:
        """Lines up to and with the titles."""
        return 0 if self.header is None else self.lines[self.header]

    @property
    def letters(self) -> list[str]:
        """Letters of the columns."""
        return [column_letter(index) for index in range(self.width)]

    @property
    def titles(self) -> list[str]:
        """Titles of the columns, the letter where there is none; none occurs twice."""
        if self.header is None:
            return self.letters
        given = [" ".join(cell.split()).lstrip("\ufeff") for cell in self.records[self.header]]
        given += [""] * (self.width - len(given))
        return unique_headers([t or letter for t, letter in zip(given, self.letters, strict=True)])


def detect(
    path: Path, name: str, header_row: int | None, looked_at: int | None = None
) -> TextFormat:
    """Find out how a text file is written.

    Args:
        path: the file.
        name: the name to show.
        header_row: number of the line with the titles; 0: there is none; None: looked for.
        looked_at: bytes the encoding is found by; None: all of them.

    Raises:
        PicholineError: its beginning cannot be split into cells.
    """
    encoding, quotes = _encoding(path, looked_at)
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        sample = stream.read(_SAMPLE)
        whole = not stream.read(1)
    stated = _stated_separator(sample)
    separator = stated or max(_SEPARATORS, key=lambda sign: _fitness(sample, sign, whole))
    records, lines = _records(sample, separator, whole, name)
    if stated:
        records[0] = [""]
    grid = [[cell or None for cell in record] for record in records[:LOOKED_AT]]
    if header_row is None:
        header = find_header(grid)
    else:
        header = next((i for i, line in enumerate(lines) if line >= header_row), None)
        header = None if header_row == 0 else header
    width = _width(records, header)
    return TextFormat(encoding, separator, width, header, records, lines, quotes % 2 == 1)


def _width(records: list[list[str]], header: int | None) -> int:
    """Return the number of columns: the titles', or more where most rows have more."""
    below = records if header is None else records[header + 1 :]
    widths = Counter(len(record) for record in below if any(record))
    usual = max(widths, key=lambda width: (widths[width], width), default=1)
    return max(usual, 1 if header is None else len(records[header]))


def _encoding(path: Path, looked_at: int | None) -> tuple[str, int]:
    """Return the encoding of the file and its number of quotation marks."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", path.read_bytes().count(b'"')
    half = max(len(head) // 2, 1)
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if zeros.count(0) > half * 0.6:
            return encoding, path.read_bytes().count(b'"')
    decoder, quotes, utf8, western = codecs.getincrementaldecoder("utf-8")(), 0, True, True
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            quotes += chunk.count(b'"')
            western = western and not any(chunk.count(b) for b in _NOT_WESTERN)
            utf8 = utf8 and _decodes(decoder, chunk)
            if looked_at is not None and stream.tell() >= looked_at:
                break
        else:
            utf8 = utf8 and _decodes(decoder, b"", last=True)
    if utf8:
        return ("utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"), quotes
    return ("cp1252" if western else "latin-1"), quotes


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, last: bool = False) -> bool:
    try:
        decoder.decode(chunk, last)
    except UnicodeDecodeError:
        return False
    return True


_NOT_WESTERN = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")  # undefined in windows-1252


def _stated_separator(sample: str) -> str | None:
    """Return the separator of the first line `sep=;` that spreadsheet programs understand."""
    first = sample.split("\n", 1)[0].strip().strip('"').lower()
    found = first.removeprefix(_SEP_LINE)
    return found if first.startswith(_SEP_LINE) and len(found) == 1 else None


def _parse(sample: str, separator: str) -> tuple[list[list[str]], list[int]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    records, lines = [], []
    for record in reader:
        records.append(record)
        lines.append(reader.line_num)
        if len(records) >= _SAMPLE_ROWS:
            break
    return records, lines


def _fitness(sample: str, separator: str, whole: bool) -> float:  # noqa: FBT001
    """Return how well a separator cuts the sample into rows of one width."""
    try:
        records, _ = _parse(sample, separator)
    except csv.Error:
        return 0.0
    widths = [len(record) for record in records[: None if whole else -1] if any(record)]
    if not widths:
        return 0.0
    width, rows = max(Counter(widths).items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    return 0.0 if width == 1 else rows / len(widths) + min(width, 50) / 1000


def _records(
    sample: str,
    separator: str,
    whole: bool,  # noqa: FBT001
    name: str,
) -> tuple[list[list[str]], list[int]]:
    try:
        records, lines = _parse(sample, separator)
    except csv.Error as error:
        raise broken(name, error) from error
    cut = not whole and len(records) < _SAMPLE_ROWS and len(records) > 1
    return (records[:-1], lines[:-1]) if cut else (records, lines)


def read_text(path: Path, name: str, header_row: int | None = None) -> RawTable | None:
    """Read a text file.

    Args:
        path: the file.
        name: the name to show; its stem names the sheet.
        header_row: number of the line with the titles; 0: there is none; None: looked for.

    Raises:
        PicholineError: it cannot be split into columns.
    """
    form = detect(path, name, header_row)
    skipped, letters = form.skipped, form.letters
    data, odd = _load(path, form, skipped, letters, name)
    rows = np.arange(skipped + 1, skipped + 1 + data.num_rows, dtype=np.int64)
    if form.quotes_odd:
        _refuse_swallowed(data, form.separator, name)
    columns = [
        RawColumn(title, letter, data.column(place))
        for place, (title, letter) in enumerate(zip(form.titles, letters, strict=True))
    ]
    table = RawTable(Path(name).stem, columns, rows, header_row=skipped, faults=odd)
    table.decimal_hint = form.decimal_hint
    table.above = above(form)
    drop_blank(table)
    return table if columns and (table.height or form.header is not None) else None


def above(form: TextFormat) -> list[tuple[int, dict[str, str]]]:
    """Return the filled records above the titles."""
    return [
        (line, {column_letter(place): cell for place, cell in enumerate(record) if cell.strip()})
        for line, record in zip(form.lines, form.records[: form.header or 0], strict=False)
        if any(cell.strip() for cell in record)
    ]


def _load(
    path: Path, form: TextFormat, skipped: int, letters: list[str], name: str
) -> tuple[pa.Table, list[CellFault]]:
    """Return the cells below the header, and the rows with too many of them."""
    odd: list[pv.InvalidRow] = []

    def note(row: pv.InvalidRow) -> str:
        odd.append(row)
        return "skip"

    def load(*, threads: bool) -> pa.Table:
        return pv.read_csv(
            path,
            read_options=pv.ReadOptions(
                column_names=letters, skip_rows=skipped, encoding=form.encoding.replace("-sig", ""),
                use_threads=threads, block_size=_BLOCK,
            ),
            parse_options=pv.ParseOptions(
                delimiter=form.separator, newlines_in_values=True, ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=pv.ConvertOptions(
                column_types=dict.fromkeys(letters, pa.string()), strings_can_be_null=False,
            ),
        )  # fmt: skip

    try:
        data = load(threads=True)
        if not odd:
            return data, []
        # Rows of another width: read in order, so that each is known by its number.
        odd.clear()
        data = load(threads=False)
    except (pa.ArrowInvalid, UnicodeError, OSError) as error:
        if "Empty CSV" in str(error):
            return pa.table({letter: pa.array([], pa.string()) for letter in letters}), []
        raise broken(name, error) from error
    return put_back(data, odd, skipped, form, letters)


def put_back(
    data: pa.Table, odd: list[pv.InvalidRow], skipped: int, form: TextFormat, letters: list[str]
) -> tuple[pa.Table, list[CellFault]]:
    """Put the rows of another width back in their places: short ones filled, long ones marked."""
    csv.field_size_limit(_LONGEST_CELL)
    width, faults, filled = len(letters), [], []
    places = np.array([(row.number or 0) - skipped - 1 for row in odd], dtype=np.int64)
    for place, row in zip(places, odd, strict=True):
        cells = next(csv.reader(io.StringIO(row.text, newline=""), delimiter=form.separator), [])
        beyond = [cell for cell in cells[width:] if cell.strip()]
        if beyond:
            faults.append(CellFault(int(place), width - 1, "; ".join(beyond), "too_many_cells"))
        filled.append((cells + [""] * width)[:width])
    taken = np.ones(data.num_rows + len(odd), dtype=bool)
    taken[places] = False
    order = np.empty(len(taken), dtype=np.int64)
    order[np.flatnonzero(taken)] = np.arange(data.num_rows)
    order[places] = data.num_rows + np.arange(len(odd))
    extra = pa.table(
        {letter: pa.array([row[i] for row in filled], pa.string()) for i, letter in
         enumerate(letters)}
    )  # fmt: skip
    return pa.concat_tables([data, extra]).take(pa.array(order)), faults


def _refuse_swallowed(data: pa.Table, separator: str, name: str) -> None:
    """Refuse a quotation mark that is never closed and has swallowed the rows after it."""
    for column in data.columns:
        last = column[-1].as_py() if len(column) else ""
        if last and "\n" in last.strip() and separator in last:
            raise PicholineError(
                "text.quotes",
                msg(
                    "In {name} a quotation mark is opened and never closed, at “{start}”.",
                    name=name,
                    start=last[:40].splitlines()[0],
                ),
                msg("Remove the quotation mark, or double it, and try again."),
            )


def drop_blank(table: RawTable) -> None:
    """Leave out rows without any value, and columns without title and values."""
    blank = blank_rows(table)
    if blank.any():
        table.keep(~blank)
        table.warnings["blank_rows"] = int(blank.sum())
    faulty = {fault.column for fault in table.faults}
    kept = [
        place
        for place, column in enumerate(table.columns)
        if column.header != column.letter or place in faulty or not empty_cells(column.data).all()
    ]
    moved = {old: new for new, old in enumerate(kept)}
    table.columns = [table.columns[place] for place in kept]
    table.faults = [CellFault(f.row, moved[f.column], f.text, f.code) for f in table.faults]


def broken(name: str, error: Exception) -> PicholineError:
    """Return the error for a text file that cannot be split into columns."""
    return PicholineError(
        "text.broken",
        msg(
            "The text file {name} cannot be split into columns: {why}.", name=name, why=said(error)
        ),
        msg("Check it in a text editor, or save it again as .csv in UTF-8."),
        status=415,
    )
