"""Zipped tables: every member is a text table, a workbook or a Parquet file of its own."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol
from weakref import finalize

from core.errors import PicholineError
from core.i18n import Message, msg

from .files import unreadable
from .raw import RawTable

UNPACKED = "picholine-archive-"  # how the folders of unpacked archives begin
_CHUNK = 1 << 20
_MOST_TABLES = 200
_FURNITURE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


class Opened(Protocol):
    """An opened member."""

    sheet_names: list[str]
    passed_over: list[Message]

    def tables(self, sheet: str, header_row: int | None = None) -> list[RawTable]:
        """Return a sheet's tables."""
        ...


class ArchiveSource:
    """A zip archive: the sheets of all its members, unpacked beside each other while it lives."""

    def __init__(self, path: Path, name: str, opener: Callable[[Path, str], Opened]) -> None:
        """Unpack the members and open each.

        Args:
            path: the archive, its packed sizes checked already.
            name: to use in messages.
            opener: opens a member.

        Raises:
            PicholineError: it is damaged or encrypted, holds archives or paths that lead out of
                it, or no member is a table.
        """
        folder = Path(mkdtemp(prefix=UNPACKED))
        finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.sheet_names: list[str] = []
        self.passed_over: list[Message] = []
        self._places: dict[str, tuple[Opened, str]] = {}
        first: PicholineError | None = None
        members = _unpack(path, name, folder)
        for place, (title, member) in enumerate(members):
            try:
                opened = opener(member, title)
            except PicholineError as error:
                if error.code in {"file.bomb", "file.nested"}:
                    raise
                first = first or error
                self.passed_over.append(
                    msg("“{name}” in the archive was passed over: {why}", name=title,
                        why=error.title)
                )  # fmt: skip
                continue
            self._add(opened, title, place, alone=len(members) == 1)
        if not self.sheet_names:
            raise first or PicholineError(
                "file.empty",
                msg("The archive {name} holds no file.", name=name),
                msg("Put the tables into it and try again."),
            )

    def _add(self, opened: Opened, title: str, place: int, *, alone: bool) -> None:
        self.passed_over += opened.passed_over
        several = len(opened.sheet_names) > 1
        for sheet in opened.sheet_names:
            stem = title.rsplit(".", 1)[0]
            shown = sheet if alone else f"{stem} › {sheet}" if several else stem
            if shown in self._places:
                shown = f"{shown} [{place + 1}]"
            self._places[shown] = (opened, sheet)
            self.sheet_names.append(shown)

    def tables(self, sheet: str, header_row: int | None = None) -> list[RawTable]:
        """Return the tables of a member's sheet, named as in the archive."""
        opened, own = self._places[sheet]
        found = opened.tables(own, header_row)
        for table in found:
            table.sheet = sheet + table.sheet.removeprefix(own)
        return found


def _unpack(path: Path, name: str, folder: Path) -> list[tuple[str, Path]]:
    """Write the members under names of our own; return their titles and places."""
    found: list[tuple[str, Path]] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                m for m in archive.infolist() if m.filename and not m.is_dir() and not _furniture(m)
            ]
            _refuse_many(len(members), name)
            for place, member in enumerate(members):
                _refuse_path(member.filename, name)
                target = folder / f"{place:03}"
                _copy(archive, member, target, name)
                found.append((member.filename, target))
    except PicholineError:
        raise
    except Exception as error:
        # Whatever the unpacking raises, the file is at fault.
        raise unreadable(name, error) from error
    return found


def _refuse_many(count: int, name: str) -> None:
    if count > _MOST_TABLES:
        raise PicholineError(
            "file.many",
            msg(
                "The archive {name} holds {count} files, more than {most}.",
                name=name,
                count=count,
                most=_MOST_TABLES,
            ),
            msg("Put fewer files into one archive."),
            status=413,
        )


def _furniture(member: zipfile.ZipInfo) -> bool:
    """Whether a file only exists for the program that packed it."""
    return member.filename.startswith(_FURNITURE) or member.filename.endswith(_FURNITURE[1:])


def _refuse_path(member: str, name: str) -> None:
    plain = member.replace("\\", "/")
    if plain.startswith("/") or ".." in plain.split("/") or plain[1:2] == ":":
        raise PicholineError(
            "file.path",
            msg("A file in the archive {name} leads out of it: {member}.", name=name,
                member=member[:80]),
            msg("Such archives are made to overwrite files. Pack the tables again."),
            status=415,
        )  # fmt: skip


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, name: str) -> None:
    """Unpack one member; what it states about its size is a limit, not a promise."""
    size = 0
    with archive.open(member) as stream, target.open("wb") as written:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > member.file_size:
                raise unreadable(name, msg("a file in it is larger than stated"))
            written.write(chunk)


def refuse_nested(path: Path, name: str) -> None:
    """Raise for an archive inside an archive.

    Raises:
        PicholineError: always.
    """
    raise PicholineError(
        "file.nested",
        msg("“{name}” is an archive inside an archive.", name=name or path.name),
        msg("Unpack it, and pack the tables themselves."),
        status=415,
    )
