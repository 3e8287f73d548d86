"""A file as sheets, whatever its format."""

from pathlib import Path
from typing import Protocol

from core.i18n import N_, Message, msg

from .archives import ArchiveSource, refuse_nested
from .arrange import arrange
from .files import FileKind, inspect, refuse_wide
from .macros import has_macros
from .parquet import ParquetSource
from .raw import RawTable
from .spreadsheets import Workbook
from .textfiles import read_text

_MACROS = msg(
    N_("The workbook holds macros. They were not run: what counts are the values in its cells.")
)


class Source(Protocol):
    """An opened file.

    Attributes:
        sheet_names: its sheets; a text file has one.
        passed_over: parts of it that are no tables, in words.
    """

    sheet_names: list[str]
    passed_over: list[Message]

    def tables(self, sheet: str, header_row: int | None = None) -> list[RawTable]:
        """Return a sheet's tables; none when it holds no cells.

        The first bears the sheet's name, the next `<name> (table 2)` and so on.
        """
        ...


class TextSource:
    """A text file: one sheet, named by the file."""

    def __init__(self, path: Path, name: str) -> None:
        """Keep the path; nothing is read yet."""
        self._path = path
        self._name = name
        self.sheet_names = [Path(name).stem]
        self.passed_over: list[Message] = []

    def tables(self, sheet: str, header_row: int | None = None) -> list[RawTable]:
        """Return the file's tables."""
        raw = read_text(self._path, self._name, header_row)
        if raw:
            refuse_wide(len(raw.columns), sheet)
        return arrange(raw, stated=header_row is not None) if raw else []


class WorkbookSource:
    """A workbook: its sheets, each with its tables."""

    def __init__(self, path: Path, kind: FileKind, name: str) -> None:
        """Open the workbook."""
        self._book = Workbook(path, kind, name)
        self.sheet_names = self._book.sheet_names
        self.passed_over: list[Message] = [_MACROS] if has_macros(path) else []

    def tables(self, sheet: str, header_row: int | None = None) -> list[RawTable]:
        """Return the sheet's tables."""
        raw = self._book.read(sheet, header_row)
        if raw:
            refuse_wide(len(raw.columns), sheet)
        return arrange(raw, stated=header_row is not None) if raw else []


def open_source(path: Path, name: str) -> Source:
    """Open a file by what it is.

    Args:
        path: the file.
        name: the name to show in messages.

    Raises:
        PicholineError: it cannot be read.
    """
    kind = inspect(path, name)
    if kind is FileKind.ARCHIVE:
        return ArchiveSource(path, name, _open_member)
    return _open(path, name, kind)


def _open_member(path: Path, name: str) -> Source:
    kind = inspect(path, name)
    if kind is FileKind.ARCHIVE:
        refuse_nested(path, name)
    return _open(path, name, kind)


def _open(path: Path, name: str, kind: FileKind) -> Source:
    if kind is FileKind.TEXT:
        return TextSource(path, name)
    if kind is FileKind.PARQUET:
        return ParquetSource(path, name)
    return WorkbookSource(path, kind, name)
