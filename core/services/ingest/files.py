"""Is this a file the intake can read? Decided by its content, before anything opens it."""

import hashlib
import os
import re
import shutil
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import IO
from uuid import uuid4

from core import log
from core.errors import PicholineError
from core.i18n import N_, Message, msg

from .options import InboxFile

_MB = 1_000_000
_LARGEST_UNPACKED = 6_000 * _MB
_FREE_UNPACKED = 200 * _MB  # small enough to be harmless, however well it was packed
_LARGEST_RATIO = 150  # real workbooks unpack to 5–40 times their size
_MOST_MEMBERS = 10_000
MOST_COLUMNS = 4_000  # of a table: more are stray cells
_CHUNK = 1 << 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST_SAID = 300
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    (b"%PDF", N_("a PDF document")),
    (b"\x89PNG", N_("a picture")),
    (b"\xff\xd8\xff", N_("a picture")),
    (b"GIF8", N_("a picture")),
    (b"\x1f\x8b", N_("a compressed archive")),
    (b"7z\xbc\xaf", N_("a compressed archive")),
    (b"Rar!", N_("a compressed archive")),
    (b"{\\rtf", N_("a text document")),
    (b"SQLite format 3", N_("a database")),
)


class FileKind(StrEnum):
    """How a file is read."""

    WORKBOOK = "workbook"
    XLSX = "xlsx"
    TEXT = "text"
    PARQUET = "parquet"
    ARCHIVE = "archive"


def inspect(path: Path, name: str) -> FileKind:
    """Return how the file is read.

    Args:
        path: the file.
        name: the name to use in messages.

    Raises:
        PicholineError: it is missing, empty, encrypted, of another type, or a packed bomb.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(8192)
    except OSError as error:
        raise PicholineError(
            "file.missing",
            msg("The file {name} cannot be opened: {why}.", name=name, why=error.strerror or error),
            msg("Check the name and that you may read the file."),
            status=404,
        ) from error
    if size == 0 or not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise PicholineError(
            "file.empty",
            msg("The file {name} is empty.", name=name),
            msg("Export it again, and check that it holds rows."),
        )
    if head.startswith(b"PK"):
        return _packed(path, name)
    if head.startswith(_OLE):
        return _compound(path, name)
    if head.startswith(b"PAR1"):
        return FileKind.PARQUET
    _refuse_foreign(head, name)
    return FileKind.TEXT


def _refuse_foreign(head: bytes, name: str) -> None:
    for start, what in _FOREIGN:
        if head.startswith(start):
            raise _wrong_type(name, Message(what))
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if begin.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta")):
        raise _wrong_type(name, msg("a web page or XML document"))
    utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_utf16(head)
    if b"\x00" in head and not utf16:
        raise _wrong_type(name, msg("an unknown binary file"))


def _looks_utf16(head: bytes) -> bool:
    """Whether every other byte is zero, as in European text stored as UTF-16 without a mark."""
    half = len(head) // 2
    return half > 0 and max(head[0::2].count(0), head[1::2].count(0)) > half * 0.6


def _wrong_type(name: str, what: Message) -> PicholineError:
    return PicholineError(
        "file.type",
        msg("{name} is {what}, not a spreadsheet or a text table.", name=name, what=what),
        msg("Save it as .xlsx, .xls, .ods, .csv or .parquet and try again."),
        status=415,
    )


def _encrypted(name: str) -> PicholineError:
    return PicholineError(
        "file.encrypted",
        msg("The file {name} is protected by a password.", name=name),
        msg("Open it, remove the password, save it and try again."),
        status=415,
    )


def said(why: object) -> object:
    """Return what a reader says, short and without control signs; our own messages as they are."""
    if isinstance(why, Message):
        return why
    text = " ".join(_CONTROL.sub(" ", str(why)).split())
    return text if len(text) <= _LONGEST_SAID else f"{text[:_LONGEST_SAID]}…"


def unreadable(name: str, why: object) -> PicholineError:
    """Return the error for a file that is damaged."""
    return PicholineError(
        "file.unreadable",
        msg("The file {name} is damaged and cannot be read: {why}.", name=name, why=said(why)),
        msg("Open it in a spreadsheet program, save it under a new name and try again."),
        status=415,
    )


def refuse_wide(columns: int, sheet: str) -> None:
    """Refuse a table with more columns than any that people make.

    Raises:
        PicholineError: there are too many.
    """
    if columns > MOST_COLUMNS:
        raise PicholineError(
            "sheet.wide",
            msg("Sheet {sheet} has {count} columns, more than {most}.", sheet=sheet,
                count=columns, most=MOST_COLUMNS),
            msg("Delete the columns beside the table, or put them into rows, and try again."),
            status=413,
        )  # fmt: skip


def _packed(path: Path, name: str) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_bomb(members, name)
            names = {member.filename.lower().replace("\\", "/") for member in members}
            if any(member.flag_bits & 1 for member in members):
                raise _encrypted(name)
            if "mimetype" in names and "content.xml" in names:
                return _open_document(archive, name)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise unreadable(name, error) from error
    if "xl/workbook.xml" in names:
        return FileKind.XLSX
    if "xl/workbook.bin" in names:
        return FileKind.WORKBOOK
    if any(member.startswith("word/") for member in names):
        raise _wrong_type(name, msg("a text document"))
    if any(member.startswith("ppt/") for member in names):
        raise _wrong_type(name, msg("a presentation"))
    return FileKind.ARCHIVE


def _refuse_bomb(members: list[zipfile.ZipInfo], name: str) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    bomb = unpacked > _FREE_UNPACKED and unpacked > packed * _LARGEST_RATIO
    if bomb or unpacked > _LARGEST_UNPACKED or len(members) > _MOST_MEMBERS:
        raise PicholineError(
            "file.bomb",
            msg(
                "The file {name} would unpack to {size} MB, far more than a workbook needs.",
                name=name,
                size=unpacked // _MB,
            ),
            msg("Open it in a spreadsheet program and save it again, or export it as .csv."),
            status=413,
        )


def _open_document(archive: zipfile.ZipFile, name: str) -> FileKind:
    kind = archive.read("mimetype")[:200].decode("ascii", "replace").strip()
    if "opendocument.spreadsheet" not in kind:
        raise _wrong_type(name, msg("a text document"))
    manifest = next((n for n in archive.namelist() if n.lower() == "meta-inf/manifest.xml"), None)
    if manifest and b"encryption-data" in archive.read(manifest):
        raise _encrypted(name)
    return FileKind.WORKBOOK


def _compound(path: Path, name: str) -> FileKind:
    """Tell old workbooks from encrypted new ones and from other documents by their streams."""
    with path.open("rb") as stream:
        content = stream.read(64 * _MB)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise _encrypted(name)
    if any(part.encode("utf-16-le") in content for part in ("Workbook", "Book\0")):
        return FileKind.WORKBOOK
    raise _wrong_type(name, msg("a document of another program"))


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def store(stream: IO[bytes], file_name: str, inbox: Path, max_mb: int) -> InboxFile:
    """Copy an upload into the inbox under its hash, never holding it whole in memory.

    Raises:
        PicholineError: it is larger than allowed, or empty.
    """
    inbox.mkdir(parents=True, exist_ok=True)
    name = Path(file_name.replace("\\", "/")).name or "upload"
    part = inbox / f"{uuid4().hex}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with part.open("wb") as target:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > max_mb * _MB:
                    raise PicholineError(
                        "file.too_large",
                        msg("The file {name} is larger than {size} MB.", name=name, size=max_mb),
                        msg("Split it, or raise the setting PICHOLINE_MAX_UPLOAD_MB."),
                        status=413,
                    )
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        if size == 0:
            raise PicholineError(
                "file.empty",
                msg("The file {name} is empty.", name=name),
                msg("Export it again, and check that it holds rows."),
            )
        path = inbox / digest.hexdigest()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return InboxFile(digest.hexdigest(), path, name)


def keep(path: Path, sha256: str, inbox: Path) -> None:
    """Keep a file that is imported from elsewhere in the inbox, so that its rows can be shown.

    A file that cannot be kept (the disk is full) does not stop its import: its rows are stored.
    """
    target = inbox / sha256
    if target.is_file():
        return
    part = inbox / f"{uuid4().hex}.part"
    try:
        inbox.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, part)
        part.replace(target)
    except OSError:
        log.failure("inbox.keep", file=path.name)
    finally:
        part.unlink(missing_ok=True)
