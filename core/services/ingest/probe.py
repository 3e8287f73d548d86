"""A trial before a file is opened here: damaged workbooks may bring the compiled reader down.

`.xlsx` files are checked for cells so far from the table that the sheet could not be held in
memory. The older formats, and workbooks whose cells are not written as programs write them, are
read once by a process of its own with bounded memory and time; a reader that dies there would have
died here.
"""

import re
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from core.errors import PicholineError
from core.i18n import Message, msg

from .files import MOST_COLUMNS, unreadable
from .raw import Merge

_CHUNK = 1 << 20
_OVERLAP = 256
# As nearly every program writes cells: the search for a fixed beginning is fifteen times faster.
_CELL = re.compile(rb' r="([A-Za-z]+)(\d+)')
_MIDDLE_COLUMN = re.compile(rb' r="[A-Za-z]{2}')
_PLAIN_CELL = b'<c r="'
_ODD_CELL = re.compile(rb'<c(?: (?!r=")|[^ a-zA-Z])')
_FARTHEST = 10**9
_HIDDEN = b' hidden="'
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row(?=\s)(?=[^>]*\shidden="(?:1|true)")(?=[^>]*\sr="(\d+)")')
_HIDDEN_COLUMN = re.compile(
    rb'<(?:\w+:)?col(?=\s)(?=[^>]*\shidden="(?:1|true)")'
    rb'(?=[^>]*\smin="(\d+)")(?=[^>]*\smax="(\d+)")'
)
_MERGED = b"mergeCell "
_MERGE = re.compile(rb'mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_MOST_MERGES = 200_000
_FAR_COLUMN = re.compile(rb' r="[A-Za-z]{3}')
_NARROW, _MIDDLE, _WIDE = 26, 702, 16_384
_HARMLESS = 60_000_000  # cells in the rectangle around the table: about 1.5 GB while it is read
_SPARSE = 20_000_000  # the same where hardly any cell is filled: half a GB for nothing
_BYTES_A_CELL = 2  # of the sheet, for each cell of the rectangle, where cells are filled
_SHARED = "xl/sharedstrings.xml"
_SMALLEST_CELL = 20  # bytes in the sheet
_USUAL_TEXT, _HARMLESS_TEXT = 500, 400_000_000  # bytes
# What a trial may take: sound files of the older formats need a fraction of it.
_MEMORY, _MEMORY_PER_BYTE = 1 << 30, 60
_SECONDS, _SECONDS_PER_BYTE = 15.0, 3e-6
# A file is looked at before it is imported: what its trial said the first time holds.
_REMEMBERED = 256
_tried: OrderedDict[tuple[str, int, int], Message | None] = OrderedDict()
_lock = Lock()
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
    """Read a workbook of an older format in a process of its own; the same file once.

    Raises:
        PicholineError: the reader died, or took too much memory or time.
    """
    facts = path.stat()
    key = (str(path.resolve()), facts.st_size, facts.st_mtime_ns)
    with _lock:
        known, why = key in _tried, _tried.get(key)
    if not known:
        why = _trial(path, facts.st_size)
        with _lock:
            _tried[key] = why
            while len(_tried) > _REMEMBERED:
                _tried.popitem(last=False)
    if why is not None:
        raise unreadable(name, why)


def _trial(path: Path, size: int) -> Message | None:
    """Return why the file cannot be read; None where it can."""
    memory, seconds = _MEMORY + _MEMORY_PER_BYTE * size, _SECONDS + _SECONDS_PER_BYTE * size
    command = [sys.executable, "-c", _TRIAL, str(path), str(memory)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=seconds)  # noqa: S603
    except subprocess.TimeoutExpired:
        return msg("reading it never ends")
    died = done.returncode < 0 or b"PanicException" in done.stderr
    return msg("its parts do not fit together") if died else None


def repeats_long_texts(path: Path) -> bool:
    """Whether the cells of a workbook may hold far more text than the file.

    A text is stored once and named by every cell that holds it: three million signs in ten
    thousand cells are a small file.
    """
    longest = cells = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.filename.startswith("xl/worksheets/"):
                    cells += member.file_size // _SMALLEST_CELL
                elif member.filename.lower() == _SHARED:
                    for text in _chunks(archive, member.filename):
                        longest = max(longest, *map(len, text.split(b"<si")))
    except Exception:  # noqa: BLE001 - whatever the unpacking raises, the opening tells it
        return False
    return longest > _USUAL_TEXT and longest * cells > _HARMLESS_TEXT


@dataclass
class SheetParts:
    """What a sheet says beside its cells; rows are numbers, columns 0-based indices.

    Attributes:
        odd: its cells are not written as programs write them.
    """

    merges: set[Merge] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    odd: bool = False


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
    rows, columns, parts = 9, _NARROW, SheetParts()
    limit = _SPARSE
    if archive.getinfo(member).file_size > _SPARSE * _BYTES_A_CELL:
        limit = _HARMLESS
    for text in _chunks(archive, member):
        rows = _as_long(text, rows)
        _note_parts(text, parts)
        parts.odd = parts.odd or _is_odd(text)
        if columns < _WIDE and _MIDDLE_COLUMN.search(text):
            columns = _WIDE if _FAR_COLUMN.search(text) else max(columns, _MIDDLE)
    if rows * columns <= limit and columns <= _MIDDLE:
        return parts
    rows = columns = 0
    for text in _chunks(archive, member):
        found = _CELL.findall(text)
        rows = max([rows, *(int(number[-12:]) for _, number in found)])
        columns = max([columns, *map(_number, {letters for letters, _ in found})])
    if rows * columns > limit or columns > MOST_COLUMNS:
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


def _as_long(text: bytes, rows: int) -> int:
    """Return the largest number with as many digits as the longest row number so far.

    Rows are those of the cells: the reader believes them, whatever row they stand in.
    """
    while re.search(rb'<c r="[A-Za-z]+\d{%d}' % (len(str(rows)) + 1), text):
        rows = rows * 10 + 9
        if rows > _FARTHEST:
            break
    return rows


def _is_odd(text: bytes) -> bool:
    """Whether cells are written as no program writes them, so that they cannot be looked at here.

    Sound as XML, such cells would be read nevertheless.
    """
    whole = text[: text.rfind(b"<")]
    if b":c " in whole or b"\x00" in whole:
        return True
    return whole.count(b"<c") != whole.count(_PLAIN_CELL) and bool(_ODD_CELL.search(whole))


def _chunks(archive: zipfile.ZipFile, member: str) -> Generator[bytes]:
    with archive.open(member) as stream:
        tail = b""
        while chunk := stream.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number
