"""Whether a workbook holds programs; they are never looked at, and a reader is told."""

import zipfile
from pathlib import Path

_PARTS = ("xl/vbaproject.bin", "xl/macrosheets/", "basic/", "scripts/")
_PROJECT = "_VBA_PROJECT".encode("utf-16-le")  # name of a stream of an .xls workbook
_LARGEST = 64_000_000  # bytes of an .xls workbook that is searched


def has_macros(path: Path) -> bool:
    """Return whether a workbook of any format holds macros; a damaged one says nothing."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return any(name.lower().startswith(_PARTS) for name in archive.namelist())
        return path.stat().st_size <= _LARGEST and _PROJECT in path.read_bytes()
    except (OSError, ValueError, zipfile.BadZipFile):
        return False
