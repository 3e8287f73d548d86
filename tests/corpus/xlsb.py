"""A binary workbook written by hand, record by record: no library writes this format."""

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" '
    'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# Kinds of records, as [MS-XLSB] numbers them.
_ROW, _NUMBER, _TEXT = 0, 5, 6
_BEGIN_SHEET, _END_SHEET, _BEGIN_BOOK, _END_BOOK = 129, 130, 131, 132
_BEGIN_SHEETS, _END_SHEETS, _BEGIN_DATA, _END_DATA = 143, 144, 145, 146
_SIZE, _SHEET, _BOOK = 148, 156, 153
_COLUMN, _BEGIN_COLUMNS, _END_COLUMNS = 60, 390, 391
_MERGED, _BEGIN_MERGED, _END_MERGED = 176, 177, 178
Merged = tuple[int, int, int, int]  # first and last row, first and last column, from 0


def _record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = len(content), b""
    while True:
        length, part = length >> 7, length & 0x7F
        size += bytes([part | (0x80 if length else 0)])
        if not length:
            return head + size + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _sheet(
    rows: Sequence[Sequence[str | float | None]],
    merged: Sequence[Merged],
    hidden_rows: Sequence[int],
    hidden_columns: Sequence[int],
) -> bytes:
    width = max(len(row) for row in rows)
    found = _record(_BEGIN_SHEET)
    found += _record(_SIZE, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))
    if hidden_columns:
        columns = (struct.pack("<4IH", n, n, 2340, 0, 1) for n in hidden_columns)
        found += _record(_BEGIN_COLUMNS) + b"".join(_record(_COLUMN, c) for c in columns)
        found += _record(_END_COLUMNS)
    found += _record(_BEGIN_DATA)
    for number, row in enumerate(rows):
        said = bytes([0, 0x10 if number in hidden_rows else 0])
        found += _record(_ROW, struct.pack("<IIH", number, 0, 300) + said + bytes(5))
        for place, cell in enumerate(row):
            where = struct.pack("<II", place, 0)
            if isinstance(cell, str):
                found += _record(_TEXT, where + _wide(cell))
            elif cell is not None:
                found += _record(_NUMBER, where + struct.pack("<d", cell))
    found += _record(_END_DATA)
    if merged:
        found += _record(_BEGIN_MERGED, struct.pack("<I", len(merged)))
        found += b"".join(_record(_MERGED, struct.pack("<4I", *place)) for place in merged)
        found += _record(_END_MERGED)
    return found + _record(_END_SHEET)


def _links(kind: str, target: str) -> str:
    return (
        f'<?xml version="1.0"?><Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def write_xlsb(
    path: Path,
    rows: Sequence[Sequence[str | float | None]],
    *,
    merged: Sequence[Merged] = (),
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
    hidden: bool = False,
    date_1904: bool = False,
) -> None:
    """Write one sheet of texts and numbers; places count from 0."""
    book = _record(_BEGIN_BOOK) + _record(_BOOK, struct.pack("<II", date_1904, 0) + _wide(""))
    book += _record(_BEGIN_SHEETS)
    state = struct.pack("<II", hidden, 1)
    book += _record(_SHEET, state + _wide("rId1") + _wide("Ventes"))
    book += _record(_END_SHEETS) + _record(_END_BOOK)
    sheet = _sheet(rows, merged, hidden_rows, hidden_columns)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _links("officeDocument", "xl/workbook.bin"))
        archive.writestr("xl/_rels/workbook.bin.rels", _links("worksheet", "worksheets/sheet1.bin"))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
