"""Names and moves in the watched folder: what is looked at, and where it goes afterwards."""

import re
from pathlib import Path

from core import log

DONE, REFUSED = "done", "refused"
_IGNORED = re.compile(
    r"^(\.|~\$)|^(thumbs\.db|desktop\.ini)$"
    r"|(\.(tmp|temp|part|partial|filepart|crdownload|download|swp|lock|lck)|~)$",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
_DEVICE = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST = 180


def is_ignored(name: str) -> bool:
    """Return whether a file is hidden, a lock, or still being written by another program."""
    return bool(_IGNORED.search(name))


def safe_name(name: str) -> str:
    """Return a name that every platform can store: no reserved signs, names or endings."""
    found = _FORBIDDEN.sub("_", name).rstrip(". ")
    found = f"_{found}" if _DEVICE.match(found) or not found else found
    return found[-_LONGEST:]


def put_away(path: Path, place: str, said: str) -> Path | None:
    """Move a file into `done` or `refused` beside it, with a text that says why.

    Args:
        path: the file.
        place: `DONE` or `REFUSED`.
        said: the text.

    Returns:
        Where it is now; None where it could not be moved: it stays, and is not taken again.
    """
    try:
        folder = path.parent / place
        folder.mkdir(exist_ok=True)
        target = _free(folder, safe_name(path.name))
        path.replace(target)
        target.with_name(f"{target.name}.txt").write_text(f"{said}\n", encoding="utf-8-sig")
    except OSError:
        log.failure("inbox.put_away", file=path.name)
        return None
    return target


def _free(folder: Path, name: str) -> Path:
    """Return a path that is not taken: `name (2).csv` where there is a `name.csv`."""
    target, number = folder / name, 2
    while target.exists() or target.with_name(f"{target.name}.txt").exists():
        stem, dot, ending = name.rpartition(".")
        target = folder / (f"{stem} ({number}).{ending}" if dot else f"{name} ({number})")
        number += 1
    return target
