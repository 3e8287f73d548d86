"""What an .xlsx workbook's own parts say, read without opening its sheets."""

import re
import zipfile
import zlib
from collections.abc import Mapping
from html import unescape
from pathlib import Path

_FIRST_CELL = re.compile(rb'<c\s[^>]*?r="[A-Z]+(\d+)"[^>]*?>(?=\s*<(?:v|is|f)[ >/])')
_PEEK = 65_536


class Facts:
    """What the workbook's own parts say, read without opening its sheets."""

    def __init__(
        self,
        *,
        date_1904: bool = False,
        at_top: frozenset[str] = frozenset(),
        members: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what was read.

        Args:
            date_1904: serial dates count from 1904.
            at_top: sheets whose first row holds a cell with a value.
            members: places of the sheets in the archive, by name.
        """
        self.date_1904 = date_1904
        self.members = members or {}
        self._at_top = at_top

    def starts_at_top(self, sheet: str) -> bool:
        """Whether the sheet's first row holds a cell with a value."""
        return sheet in self._at_top


def read_facts(path: Path) -> Facts:
    """Read the calendar and the first row of every sheet; a damaged part says nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            book = archive.read("xl/workbook.xml")
            links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
            files = {
                attribute(tag, "Id"): attribute(tag, "Target").lstrip("/").removeprefix("xl/")
                for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", links)
            }
            at_top: set[str] = set()
            members: dict[str, str] = {}
            for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book.decode("utf-8", "replace")):
                target = files.get(attribute(tag, "r:id"))
                if not target:
                    continue
                members[attribute(tag, "name")] = f"xl/{target}"
                if _first_row_is_one(archive, f"xl/{target}"):
                    at_top.add(attribute(tag, "name"))
            dated = re.search(rb'date1904="(1|true)"', book) is not None
            return Facts(date_1904=dated, at_top=frozenset(at_top), members=members)
    except (KeyError, OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return Facts()


def attribute(tag: str, name: str) -> str:
    """Return what a tag says under a name; empty where it says nothing."""
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return unescape(found.group(1)) if found else ""


def _first_row_is_one(archive: zipfile.ZipFile, member: str) -> bool:
    with archive.open(member) as stream:
        found = _FIRST_CELL.search(stream.read(_PEEK))
    return found is not None and found.group(1) == b"1"
