"""What an OpenDocument workbook says beside its cells: merged cells, hidden rows and columns.

The tags are read one by one as text, never as a document: nothing in it can be expanded.
"""

import re
import zipfile
import zlib
from html import unescape
from pathlib import Path

from .probe import SheetParts
from .raw import Merge

_LARGEST = 200_000_000
_MOST_REPEATED = 10_000  # the empty rest of a sheet is one row repeated a million times
_MOST_MERGES = 200_000
_TELLING = (b'-spanned="', b'visibility="')
_TAG = re.compile(
    rb"<(/?)table:(table|table-row|table-column|table-cell|covered-table-cell)(?=[\s/>])([^>]*?)(/?)>"
)
_ATTRIBUTE = re.compile(rb'table:([\w-]+)="([^"]*)"')


def read_parts(path: Path) -> dict[str, SheetParts]:
    """Return what each sheet says beside its cells, by its name; a damaged file says nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("content.xml").file_size > _LARGEST:
                return {}
            content = archive.read("content.xml")
    except (KeyError, OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return {}
    if not any(sign in content for sign in _TELLING):
        return {}
    walk = _Walk()
    for found in _TAG.finditer(content):
        attributes = dict(_ATTRIBUTE.findall(found[3]))
        walk.step(found[2].decode(), attributes, closing=bool(found[1]), whole=bool(found[4]))
    return walk.parts


class _Walk:
    """Follows the tags from sheet to sheet, row to row, cell to cell."""

    def __init__(self) -> None:
        self.parts: dict[str, SheetParts] = {}
        self._sheet = SheetParts()
        self._row, self._rows = 1, 1  # number of the row, and how often it is repeated
        self._column = 0

    def step(self, tag: str, said: dict[bytes, bytes], *, closing: bool, whole: bool) -> None:
        """Take one tag in."""
        if closing:
            if tag == "table-row":
                self._row += self._rows
            return
        if tag == "table":
            self._sheet = SheetParts()
            self.parts[unescape(said.get(b"name", b"").decode("utf-8", "replace"))] = self._sheet
            self._row, self._column = 1, 0
        elif tag == "table-column":
            count = _count(said, b"number-columns-repeated")
            if _hidden(said) and count <= _MOST_REPEATED:
                self._sheet.hidden_columns.update(range(self._column, self._column + count))
            self._column += count
        elif tag == "table-row":
            self._rows, self._column = _count(said, b"number-rows-repeated"), 0
            if _hidden(said) and self._rows <= _MOST_REPEATED:
                self._sheet.hidden_rows.update(range(self._row, self._row + self._rows))
            self._row += self._rows if whole else 0
        else:
            self._cell(said)

    def _cell(self, said: dict[bytes, bytes]) -> None:
        down, right = _count(said, b"number-rows-spanned"), _count(said, b"number-columns-spanned")
        if (down > 1 or right > 1) and len(self._sheet.merges) < _MOST_MERGES:
            self._sheet.merges.add(
                Merge(self._row, self._row + down - 1, self._column, self._column + right - 1)
            )
        self._column += _count(said, b"number-columns-repeated")


def _count(said: dict[bytes, bytes], name: bytes) -> int:
    text = said.get(name, b"1")
    return max(int(text), 1) if text.isdigit() and len(text) < 9 else 1  # noqa: PLR2004


def _hidden(said: dict[bytes, bytes]) -> bool:
    return said.get(b"visibility") in (b"collapse", b"filter")
