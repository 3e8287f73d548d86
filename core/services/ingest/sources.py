"""A file as sheets, whatever its format."""

from pathlib import Path
from typing import Protocol

from .files import FileKind, inspect
from .raw import RawTable
from .spreadsheets import Workbook
from .textfiles import read_text


class Source(Protocol):
    """An opened file."""

    sheet_names: list[str]

    def read(self, sheet: str, header_row: int | None = None) -> RawTable | None:
        """Return a sheet's table; None when it holds no cells."""
        ...


class TextSource:
    """A text file: one sheet, named by the file."""

    def __init__(self, path: Path, name: str) -> None:
        """Keep the path; nothing is read yet."""
        self._path = path
        self._name = name
        self.sheet_names = [Path(name).stem]

    def read(self, sheet: str, header_row: int | None = None) -> RawTable | None:  # noqa: ARG002
        """Return the file's table."""
        return read_text(self._path, self._name, header_row)


def open_source(path: Path, name: str) -> Source:
    """Open a file by what it is.

    Args:
        path: the file.
        name: the name to show in messages.

    Raises:
        PicholineError: it cannot be read.
    """
    kind = inspect(path, name)
    return TextSource(path, name) if kind is FileKind.TEXT else Workbook(path, kind, name)
