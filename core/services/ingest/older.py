"""What .xls and .xlsb workbooks say beside their cells: merged cells, hidden rows and columns.

Only the records that tell it are looked at ([MS-XLS], [MS-XLSB]); a damaged part says nothing.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Generator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from .compound import workbook_stream
from .facts import attribute
from .probe import SheetParts
from .raw import Merge

_LARGEST = 64_000_000  # bytes of all sheets: walking through more takes longer than it is worth
_MOST_MERGES = 200_000
_MOST_RECORDS = 5_000_000  # of a workbook: damaged ones could be walked through for ever
_WIDEST = 16_384
# Records of .xls.
_END, _CALENDAR, _LOCKED, _COLUMN, _SHEET, _MERGED, _ROW, _BEGIN = (
    0x0A, 0x22, 0x2F, 0x7D, 0x85, 0xE5, 0x208, 0x809
)  # fmt: skip
_HIDDEN_ROW = 0x20
# Records of .xlsb.
_ROW_B, _COLUMN_B, _BOOK_B, _SHEET_B, _MERGED_B = 0, 60, 153, 156, 176
_HIDDEN_ROW_B = 0x10
_FAULTS = (struct.error, IndexError, ValueError, OverflowError, MemoryError)
_ARCHIVE_FAULTS = (
    *_FAULTS, KeyError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error
)  # fmt: skip


@dataclass
class Older:
    """What the workbook says: per sheet by its name, and how its days count."""

    sheets: dict[str, SheetParts] = field(default_factory=dict)
    date_1904: bool = False


def read_older(path: Path) -> Older:
    """Return what a workbook in one of the binary formats says beside its cells."""
    found = Older()
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                _read_xlsb(archive, found)
        except _ARCHIVE_FAULTS:
            return found
        return found
    try:
        if path.stat().st_size <= _LARGEST:
            _read_xls(workbook_stream(path.read_bytes()), found)
    except (*_FAULTS, OSError):
        return found
    return found


def _records(data: bytes, start: int = 0) -> Generator[tuple[int, int, int]]:
    """Yield kind, place and length of each record of a part of an .xls workbook."""
    place = start
    while place + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, place)
        yield kind, place + 4, length
        place += 4 + length


def _read_xls(data: bytes, found: Older) -> None:
    sheets: list[tuple[int, str]] = []
    left = _MOST_RECORDS
    for kind, place, length in _records(data):
        if kind == _CALENDAR:
            found.date_1904 = struct.unpack_from("<H", data, place)[0] == 1
        elif kind == _SHEET:
            start = struct.unpack_from("<I", data, place)[0]
            sheets.append((start, _short_text(data[place + 6 : place + length])))
        elif kind == _LOCKED:
            return
        elif kind == _END:
            break
    for start, name in sheets:
        found.sheets[name], walked = _parts_xls(data, start, left)
        left -= walked
        if left <= 0:
            return


def _parts_xls(data: bytes, start: int, most: int) -> tuple[SheetParts, int]:
    """Return what a sheet says, and how many records it took."""
    parts, walked = SheetParts(), 0
    depth = 0  # charts stand inside a sheet as parts of their own
    for kind, place, length in islice(_records(data, start), most):
        depth += (kind == _BEGIN) - (kind == _END)
        walked += 1
        if depth <= 0:
            break
        if depth == 1:
            _note_xls(data, (kind, place, length), parts)
    return parts, walked


def _short_text(text: bytes) -> str:
    wide = text[1] & 1
    return text[2 : 2 + text[0] * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1")


def _note_xls(data: bytes, record: tuple[int, int, int], parts: SheetParts) -> None:
    kind, place, length = record
    if kind == _ROW:
        if struct.unpack_from("<H", data, place + 12)[0] & _HIDDEN_ROW:
            parts.hidden_rows.add(struct.unpack_from("<H", data, place)[0] + 1)
    elif kind == _COLUMN:
        first, last, _, _, said = struct.unpack_from("<5H", data, place)
        if said & 1:
            parts.hidden_columns.update(range(first, min(last + 1, _WIDEST)))
    elif kind == _MERGED and len(parts.merges) < _MOST_MERGES:
        count = min(struct.unpack_from("<H", data, place)[0], (length - 2) // 8)
        for number in range(count):
            top, bottom, left, right = struct.unpack_from("<4H", data, place + 2 + 8 * number)
            parts.merges.add(Merge(top + 1, bottom + 1, left, right))


def _records_b(data: bytes) -> Generator[tuple[int, int]]:
    """Yield kind and place of each record of a part of an .xlsb workbook."""
    place, end = 0, len(data)
    while place < end:
        kind = data[place]
        place += 1
        if kind & 0x80:
            kind = kind & 0x7F | (data[place] & 0x7F) << 7
            place += 1
        length = shift = 0
        while True:
            byte = data[place]
            place += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 21:  # noqa: PLR2004 - a length has four bytes at most
                break
        yield kind, place
        place += length


def _read_xlsb(archive: zipfile.ZipFile, found: Older) -> None:
    book = archive.read("xl/workbook.bin")
    links = archive.read("xl/_rels/workbook.bin.rels").decode("utf-8", "replace")
    files = {
        attribute(tag, "Id"): attribute(tag, "Target").lstrip("/").removeprefix("xl/")
        for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", links)
    }
    left = _LARGEST  # bytes of all sheets together
    for kind, place in _records_b(book):
        if kind == _BOOK_B:
            found.date_1904 = bool(book[place] & 1)
        elif kind == _SHEET_B:
            link, after = _wide_text(book, place + 8)
            name, _ = _wide_text(book, after)
            member = f"xl/{files.get(link, '')}"
            left -= archive.getinfo(member).file_size
            if left >= 0:
                found.sheets[name] = _parts_b(archive.read(member))


def _wide_text(data: bytes, place: int) -> tuple[str, int]:
    count = struct.unpack_from("<I", data, place)[0]
    end = place + 4 + 2 * count
    return data[place + 4 : end].decode("utf-16-le"), end


def _parts_b(data: bytes) -> SheetParts:
    parts = SheetParts()
    for kind, place in islice(_records_b(data), _MOST_RECORDS):
        if kind == _ROW_B:
            if data[place + 11] & _HIDDEN_ROW_B:
                parts.hidden_rows.add(struct.unpack_from("<I", data, place)[0] + 1)
        elif kind == _COLUMN_B:
            first, last, _, _, said = struct.unpack_from("<4IH", data, place)
            if said & 1:
                parts.hidden_columns.update(range(first, min(last + 1, _WIDEST)))
        elif kind == _MERGED_B and len(parts.merges) < _MOST_MERGES:
            top, bottom, left, right = struct.unpack_from("<4I", data, place)
            parts.merges.add(Merge(top + 1, bottom + 1, left, right))
    return parts
