"""What a killed process left in the home folder: deleted once it can belong to nobody."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from time import time

from core import log
from core.repository.catalogue import Catalogue
from core.services.ingest.archives import UNPACKED
from core.settings import Settings

_ABANDONED_SECONDS = 3600.0  # younger files may belong to work that is going on
_UNPACKED_SECONDS = 86_400.0  # an archive is unpacked once, and read for as long as it takes


def collect_leftovers(settings: Settings, catalogue: Catalogue) -> int:
    """Delete rows set aside for no import, parts of files, and scratch folders; return how many.

    Segments, uploads, warehouse files and runs are collected by those who write them.
    """
    removed = 0
    for path, patience in _nobodys(settings, catalogue):
        with suppress(OSError):  # in use, or collected by another process
            if time() - path.stat().st_mtime <= patience:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
            removed += 1
    if removed:
        log.event("leftovers.collected", files=removed)
    return removed


def _nobodys(settings: Settings, catalogue: Catalogue) -> Iterator[tuple[Path, float]]:
    """Yield what nothing refers to, with the seconds it may still be in use."""
    # Listed first: what is committed while we look is then in the catalogue.
    aside = list(settings.quarantine.glob("*"))
    known = {str(record.mapping.get("quarantine")) for record in catalogue.imports()}
    for path in aside:
        if path.name not in known:
            yield path, _ABANDONED_SECONDS
    scratch = [
        *settings.inbox.glob("*.part"),
        *settings.cache.glob("tmp*"),
        *(settings.cache / "intake").glob("*"),
        *(settings.cache / "duckdb").glob("*"),
    ]
    for path in scratch:
        yield path, _ABANDONED_SECONDS
    for path in Path(gettempdir()).glob(f"{UNPACKED}*"):
        if _is_ours(path):
            yield path, _UNPACKED_SECONDS


def _is_ours(path: Path) -> bool:
    """Whether a folder among those of other people belongs to the user who asks."""
    with suppress(OSError):
        return not hasattr(os, "getuid") or path.lstat().st_uid == os.getuid()
    return False
