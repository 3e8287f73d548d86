"""Which files are read as large ones, and how they begin."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.schema import TABLES

from .arrange import arrange
from .block_rows import Layout
from .blocks import NotPlain, blocks, read_block
from .files import FileKind, inspect
from .modes import Mode
from .options import ImportOptions
from .raw import RawColumn, RawTable
from .recognise import Recognised, Remembered, recognise
from .textfiles import TextFormat, above, detect, drop_blank
from .typed import Context
from .units_row import LEFT_OUT

LARGE = 50_000_000  # bytes from which a text file is read block by block
BLOCK = 10_000_000
_LOOKED_AT = 4_000_000
_BEGINNING = 2_000_000  # bytes the layout is recognised by, at least
_NOT_ALONE = " ("  # a title that occurs twice is numbered


class _Beginning:
    """The first rows of a large text file, as a file of its own."""

    def __init__(self, raw: RawTable) -> None:
        self._raw = raw
        self.sheet_names = [raw.sheet]
        self.passed_over: list[Message] = []

    def tables(self, sheet: str, header_row: int | None = None) -> list[RawTable]:  # noqa: ARG002
        """Return the tables the rows look like."""
        return arrange(self._raw, stated=header_row is not None)


def is_large(path: Path, name: str, least: int = LARGE) -> bool:
    """Return whether a file is a text file of at least so many bytes."""
    if not path.is_file() or path.stat().st_size < least:
        return False
    return inspect(path, name) is FileKind.TEXT


def begin(
    path: Path,
    name: str,
    stated: Sequence[ImportOptions],
    remembered: Remembered,
    context: Context,
    block: int = BLOCK,
) -> tuple[Layout, Recognised]:
    """Recognise a large text file by its first rows.

    Args:
        path: the file.
        name: the name to show.
        stated: what is stated about it.
        remembered: returns the mapping remembered for a header signature.
        context: zone and day.
        block: bytes of a block.

    Raises:
        NotPlain: it has not the shape of one plain table, or must be looked at by a person.
    """
    options = stated[0]
    header_row = options.mapping.header_row if options.mapping else None
    form = detect(path, name, header_row, _LOOKED_AT)
    raw, letters = _first_rows(path, name, form, block)
    try:
        found = recognise(_Beginning(raw), name, stated, remembered, strict=True)
    except PicholineError as error:
        raise NotPlain(msg("a layout that is not clear")) from error
    _refuse_odd(found, options, form, letters)
    sheet = found.sheets[0]
    titles = [column.header for column in sheet.raw.columns]
    return Layout(form, sheet, letters, titles, context), found


def _first_rows(path: Path, name: str, form: TextFormat, block: int) -> tuple[RawTable, list[str]]:
    """Return the rows of the first block, and the letters of the columns that hold something."""
    first = next(blocks(path, form, max(block, _BEGINNING)), None)
    if first is None:
        raise NotPlain(msg("no row below the titles"))
    read = read_block(first, form, Path(name).stem)
    columns = [RawColumn(c.header, c.letter, c.data) for c in read.columns]
    raw = RawTable(read.sheet, columns, read.rows, form.skipped, faults=read.faults)
    raw.decimal_hint, raw.above = form.decimal_hint, above(form)
    drop_blank(raw)
    return raw, [column.letter for column in raw.columns]


def _refuse_odd(
    found: Recognised, options: ImportOptions, form: TextFormat, letters: list[str]
) -> None:
    """Refuse what only the whole file could decide.

    Raises:
        NotPlain: there is something of the kind.
    """
    sheet = found.sheets[0]
    raw, mapping = sheet.raw, sheet.mapping
    titles = raw.headers
    table = TABLES[mapping.table]
    for odd, why in (
        (len(found.sheets) + len(found.weak) != 1, msg("several tables")),
        (sheet.doubtful, msg("a layout that is not clear")),
        (raw.header_row != form.skipped, msg("titles in two rows")),
        (LEFT_OUT in raw.warnings, msg("a row of units")),
        ([c.letter for c in raw.columns] != letters, msg("several tables")),
        (raw.crossed is not None, msg("columns that are values")),
        (bool(mapping.layout or options.layout), msg("columns that are values")),
        (any(_NOT_ALONE in title and title[-2:-1].isdigit() for title in titles),
         msg("titles that occur twice")),
        ("discount" in mapping.columns, msg("discounts that may be rates or amounts")),
        (table.dimension, msg("a table whose later rows update earlier ones")),
        (Mode(options.mode) is Mode.UPSERT, msg("documents that are replaced as a whole")),
        (bool(options.control_total), msg("a control total")),
    ):  # fmt: skip
        if odd:
            raise NotPlain(why)
