"""Large text tables cut into blocks of whole records, each read on its own.

A record may only end where all quotation marks before it have their counterpart. What cannot be
cut so, or does not have the shape of one plain table, is left to the ordinary reader.
"""

import os
from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from core.i18n import Message, msg

from .coded import CodedColumn
from .raw import CellFault, RawColumn, RawTable, column_letter
from .textfiles import TextFormat, put_back

_ENCODINGS = {"utf-8": "utf8", "utf-8-sig": "utf8", "cp1252": "cp1252", "latin-1": "latin-1"}
_MOST_STEPS = 2_000  # line ends looked at for one outside quotation marks
_NEW_LINE, _QUOTE = 0x0A, 0x22
_PART = 1 << 18  # bytes that are compared at a time: they stay near the processor
_LONG_RUNS = 4  # equal texts that stand together on average, from which runs are looked at
_NO_TEXT = pa.array([], pa.string())
_FEWEST_LAST = 400  # lines the last block has at least: notes under the table are all in it


class NotPlain(Exception):  # noqa: N818 - no error: the ordinary reader takes the file
    """The file has not the shape of one plain table; `why` says what is in the way."""

    def __init__(self, why: Message) -> None:
        """Keep the reason."""
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True)
class Block:
    """Whole records of a text file.

    Attributes:
        data: as they stand in the file.
        first: number of the first record.
        place: 0 for the first block.
        last: nothing follows.
    """

    data: bytes
    first: int
    place: int
    last: bool = False

    @cached_property
    def lines(self) -> int:
        """Number of lines."""
        return counted(self.data, _NEW_LINE) + (not self.data.endswith(b"\n"))


def blocks(path: Path, form: TextFormat, size: int) -> Generator[Block]:
    """Cut the records below the titles into blocks.

    Args:
        path: the file.
        form: how it is written.
        size: bytes of a block.

    Raises:
        NotPlain: no line ends outside quotation marks for too long.
    """
    if form.encoding not in _ENCODINGS or form.header is None:
        raise NotPlain(msg("its encoding, or a missing row of titles"))
    held: list[Block] = []
    number, place = form.skipped + 1, 0
    for data in _pieces(path, form.skipped, size):
        block = Block(data, number, place)
        held.append(block)
        number, place = number + block.lines, place + 1
        while sum(later.lines for later in held[1:]) >= _FEWEST_LAST:
            yield held.pop(0)
    rest = b"".join(block.data for block in held)
    if rest.count(b'"') % 2:
        raise NotPlain(msg("a quotation mark without counterpart"))
    if held:
        yield Block(rest, held[0].first, held[0].place, last=True)


def _pieces(path: Path, skipped: int, size: int) -> Generator[bytes]:
    """Return the bytes below the titles, cut after whole records."""
    with path.open("rb") as stream:
        for _line in range(skipped):
            stream.readline()
        place, total = stream.tell(), os.fstat(stream.fileno()).st_size
        stream.seek(place)
        held = bytearray(size)
        window = memoryview(held)
        while length := stream.readinto(window):
            end = length if place + length >= total else _end(held, length)
            yield bytes(window[:end])
            place += end
            stream.seek(place)


def counted(data: bytes | memoryview, sign: int) -> int:
    """Return how often a byte stands in some data; other threads go on meanwhile."""
    values = np.frombuffer(data, dtype=np.uint8)
    return sum(
        int(np.count_nonzero(values[start : start + _PART] == sign))
        for start in range(0, len(values), _PART)
    )


def _end(data: bytearray, length: int) -> int:
    """Return the place after the last line that ends outside quotation marks."""
    end = data.rfind(b"\n", 0, length)
    inside = counted(memoryview(data)[: max(end, 0)], _QUOTE) % 2
    for _step in range(_MOST_STEPS):
        if end < 0:
            break
        if not inside:
            return end + 1
        earlier = data.rfind(b"\n", 0, end)
        inside = (inside + data.count(b'"', max(earlier, 0), end)) % 2
        end = earlier
    raise NotPlain(msg("quotation marks that span many lines"))


def read_block(block: Block, form: TextFormat, name: str) -> RawTable:
    """Read the records of a block; all columns of the file, blank rows included.

    Args:
        block: the records.
        form: how the file is written.
        name: of the sheet.

    Raises:
        NotPlain: its records are not as many as its lines, or its encoding is another.
    """
    letters = form.letters
    cells, odd = _split_records(block.data, form)
    if cells.num_rows + len(odd) != block.lines:
        raise NotPlain(msg("cells of several lines"))
    faults: list[CellFault] = []
    if odd:
        if any(row.text.count('"') % 2 for row in odd):
            raise NotPlain(msg("a quotation mark without counterpart"))
        for column in cells.columns:
            _refuse_undecodable(column)
        cells, faults = put_back(cells, odd, 0, form, letters)
    columns: list[RawColumn] = [
        CodedColumn(title, letter, coded_cells(cells.column(place)))
        for place, (title, letter) in enumerate(zip(form.titles, letters, strict=True))
    ]
    rows = np.arange(block.first, block.first + cells.num_rows, dtype=np.int64)
    table = RawTable(name, columns, rows, header_row=form.skipped, faults=faults)
    table.decimal_hint = form.decimal_hint
    return table


def _split_records(data: bytes, form: TextFormat) -> tuple[pa.Table, list[pv.InvalidRow]]:
    """Return the cells of records, and the records that have more or fewer of them.

    Whether the cells are text at all is for `coded_cells` to say: it looks at the different ones.
    """
    odd: list[pv.InvalidRow] = []

    def note(row: pv.InvalidRow) -> str:
        odd.append(row)
        return "skip"

    letters, encoding = form.letters, _ENCODINGS[form.encoding]
    if encoding != "utf8":
        data = data.decode(encoding).encode()
    try:
        cells = pv.read_csv(
            pa.BufferReader(data),
            read_options=pv.ReadOptions(
                column_names=letters, use_threads=False, block_size=len(data) + 1
            ),
            parse_options=pv.ParseOptions(
                delimiter=form.separator, newlines_in_values=True, ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=pv.ConvertOptions(
                column_types=dict.fromkeys(letters, pa.string()), strings_can_be_null=False,
                check_utf8=False,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid as error:
        raise NotPlain(msg("lines that cannot be split: {why}", why=str(error)[:200])) from error
    return cells, odd


def coded_cells(cells: pa.ChunkedArray) -> pa.DictionaryArray:
    """Return cells as numbers of their distinct texts, in one piece.

    Raises:
        NotPlain: one of them is no text in the encoding of the file.
    """
    single = cells.num_chunks == 1  # putting one piece together would copy it
    found = _by_runs(cells.chunk(0) if single else pa.concat_arrays(cells.chunks or [_NO_TEXT]))
    _refuse_undecodable(found.dictionary)
    return found


def _by_runs(texts: pa.Array) -> pa.DictionaryArray:
    """Return texts as numbers; where they mostly equal the one above, only the others are told."""
    if len(texts) < 2 or texts.null_count:  # noqa: PLR2004 - nothing stands above a first one
        return texts.dictionary_encode()
    same = pc.equal(texts.slice(1), texts.slice(0, len(texts) - 1))
    starts = np.append(0, np.flatnonzero(~np.asarray(same)) + 1)
    if len(starts) * _LONG_RUNS > len(texts):
        return texts.dictionary_encode()
    firsts = texts.take(pa.array(starts)).dictionary_encode()
    lengths = np.diff(np.append(starts, len(texts)))
    numbers = pa.array(np.repeat(firsts.indices.to_numpy(), lengths))
    return pa.DictionaryArray.from_arrays(numbers, firsts.dictionary, safe=False)


def _refuse_undecodable(texts: pa.Array | pa.ChunkedArray) -> None:
    """Refuse bytes that are no text.

    Raises:
        NotPlain: there are some.
    """
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid as error:
        raise NotPlain(msg("lines that cannot be split: {why}", why=str(error)[:200])) from error


def fit_block(table: RawTable, letters: list[str], titles: list[str]) -> None:
    """Give a block the columns of its file, and leave out its blank rows.

    Args:
        table: as read; changed in place.
        letters: of the columns that are kept.
        titles: their titles.

    Raises:
        NotPlain: a column that seemed to be empty is not.
    """
    blank = np.ones(table.height, dtype=bool)
    for column in table.columns:
        if not blank.any():
            break
        blank &= column.empty()
    for fault in table.faults:
        blank[fault.row] = False
    if blank.any():
        table.keep(~blank)
        table.warnings["blank_rows"] = int(blank.sum())
    moved = {letter: place for place, letter in enumerate(letters)}
    faulty = {column_letter(fault.column) for fault in table.faults}
    for column in table.columns:
        if column.letter not in moved and (column.letter in faulty or not column.empty().all()):
            raise NotPlain(msg("values in column {name}, which has no title", name=column.letter))
    table.columns = [column for column in table.columns if column.letter in moved]
    for column, title in zip(table.columns, titles, strict=True):
        column.header = title
    table.faults = [
        CellFault(f.row, moved[column_letter(f.column)], f.text, f.code) for f in table.faults
    ]
