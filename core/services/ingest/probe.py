"""A trial before a file is opened here: damaged workbooks may bring the compiled reader down.

`.xlsx` files are checked for cells so far from the table that the sheet could not be held in
memory. The older formats are read once by a process of its own with bounded memory and time;
a reader that dies there would have died here.
"""

import re
import subprocess
import sys
import zipfile
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import PicholineError
from core.i18n import msg

from .files import unreadable
from .raw import Merge

_CHUNK = 1 << 20
_OVERLAP = 256
# As nearly every program writes it: the search for a fixed beginning is fifteen times faster.
_USUAL_ROW = re.compile(rb'<row r="(\d+)"')
_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="(\d+)"')
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]+)\d')
_MIDDLE_COLUMN = re.compile(rb' r="[A-Z]{2}')
_HIDDEN = b' hidden="'
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row(?=\s)(?=[^>]*\shidden="(?:1|true)")(?=[^>]*\sr="(\d+)")')
_HIDDEN_COLUMN = re.compile(
    rb'<(?:\w+:)?col(?=\s)(?=[^>]*\shidden="(?:1|true)")'
    rb'(?=[^>]*\smin="(\d+)")(?=[^>]*\smax="(\d+)")'
)
_MERGED = b"mergeCell "
_MERGE = re.compile(rb'mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_MOST_MERGES = 200_000
_FAR_COLUMN = re.compile(rb' r="[A-Z]{3}')
_NARROW, _MIDDLE, _WIDE = 26, 702, 16_384
_HARMLESS = 60_000_000  # cells in the rectangle around the table: about 1.5 GB while it is read
# What a trial may take: sound files of the older formats need a fraction of it.
_MEMORY, _MEMORY_PER_BYTE = 1 << 30, 60
_SECONDS, _SECONDS_PER_BYTE = 15.0, 3e-6
_TRIAL = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
except ImportError:
    pass
import fastexcel
book = fastexcel.read_excel(sys.argv[1])
try:
    for name in book.sheet_names:
        cells = book.load_sheet(name, header_row=None, dtypes="string")
        cells.to_arrow_with_errors()
        # Sound sheets of a single row make the reader panic below that row.
        if cells.total_height > 1:
            book.load_sheet(name, header_row=1, dtypes="string").to_arrow_with_errors()
except fastexcel.FastExcelError:
    pass
"""


def try_reading(path: Path, name: str) -> None:
    """Read a workbook of an older format in a process of its own.

    Raises:
        PicholineError: the reader died, or took too much memory or time.
    """
    size = path.stat().st_size
    memory, seconds = _MEMORY + _MEMORY_PER_BYTE * size, _SECONDS + _SECONDS_PER_BYTE * size
    command = [sys.executable, "-c", _TRIAL, str(path), str(memory)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=seconds)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise unreadable(name, msg("reading it never ends")) from error
    if done.returncode < 0 or b"PanicException" in done.stderr:
        raise unreadable(name, msg("its parts do not fit together"))


@dataclass
class SheetParts:
    """What a sheet says beside its cells; rows are numbers, columns 0-based indices."""

    merges: set[Merge] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def refuse_far_cells(path: Path, name: str) -> dict[str, SheetParts]:
    """Refuse a sheet whose rectangle of cells would not fit into memory.

    Returns:
        What each sheet says beside its cells, by its place in the archive.

    Raises:
        PicholineError: a cell stands far outside the table.
    """
    found: dict[str, SheetParts] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if member.startswith("xl/worksheets/") and member.endswith(".xml"):
                    found[member] = _check_sheet(archive, member, name)
    except PicholineError:
        raise
    except Exception as error:
        # Whatever the unpacking raises, the file is at fault.
        raise unreadable(name, str(error)) from error
    return found


def _note_parts(text: bytes, parts: SheetParts) -> None:
    """Note hidden rows and columns and merged cells; sheets without any cost a glance."""
    if _HIDDEN in text:
        parts.hidden_rows.update(map(int, _HIDDEN_ROW.findall(text)))
        for low, high in _HIDDEN_COLUMN.findall(text):
            parts.hidden_columns.update(range(int(low) - 1, min(int(high), _WIDE)))
    if _MERGED in text and len(parts.merges) < _MOST_MERGES:
        parts.merges.update(
            Merge(int(first), int(last), _number(left) - 1, _number(right) - 1)
            for left, first, right, last in _MERGE.findall(text)
        )


def _check_sheet(archive: zipfile.ZipFile, member: str, name: str) -> SheetParts:
    rows, columns, parts = 0, _NARROW, SheetParts()
    for text in _chunks(archive, member):
        found = _USUAL_ROW.findall(text) or _ROW.findall(text)
        rows = max(rows, max(map(int, found), default=0))
        _note_parts(text, parts)
        if columns < _WIDE and _MIDDLE_COLUMN.search(text):
            columns = _WIDE if _FAR_COLUMN.search(text) else max(columns, _MIDDLE)
    if rows * columns <= _HARMLESS:
        return parts
    columns = max(
        max(map(_number, set(_CELL.findall(text))), default=1) for text in _chunks(archive, member)
    )
    if rows * columns > _HARMLESS:
        raise PicholineError(
            "sheet.far_cells",
            msg(
                "A sheet of {name} reaches to row {rows} and column {columns}: too far to be read.",
                name=name,
                rows=rows,
                columns=columns,
            ),
            msg("Delete the stray cells below and right of the table, or export it as .csv."),
            status=413,
        )
    return parts


def _chunks(archive: zipfile.ZipFile, member: str) -> Generator[bytes]:
    with archive.open(member) as stream:
        tail = b""
        while chunk := stream.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
