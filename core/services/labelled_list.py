"""A list of customers as it stands in a file of the inbox, with what its columns seem to say.

The file is read with the intake's readers and all their guards; only files of the inbox are read,
and only by their SHA-256.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from core.errors import PicholineError
from core.i18n import Message, msg
from core.services.ingest.raw import RawTable
from core.services.ingest.sources import open_source
from core.services.labelled_columns import ListColumn, judge_columns
from core.services.labelled_label import Proposed, label_sense, listed, propose

Files = Callable[[str], Path]
_HASH = re.compile(r"[0-9a-f]{64}")
_MB = 1_000_000
_LARGEST_MB = 200  # of one row per customer: more than a million of them
_WIDEST = 500


@dataclass(frozen=True)
class CustomerList:
    """A list as it stands in the file.

    Attributes:
        name: of the file, for messages.
        rows: number of every row in the file, 1-based.
        passed_over: what was not read, and why.
    """

    name: str
    sheet: str
    rows: tuple[int, ...]
    columns: tuple[ListColumn, ...]
    proposed: Proposed
    passed_over: tuple[Message, ...] = ()

    def column(self, title: str) -> ListColumn:
        """Return a column by its title.

        Raises:
            PicholineError: there is none.
        """
        wanted = title.strip().casefold()
        for found in self.columns:
            if found.name.casefold() == wanted:
                return found
        raise PicholineError(
            "labelled.column",
            msg("The list {name} has no column “{title}”.", name=self.name, title=title[:60]),
            msg("Its columns are: {titles}.", titles=listed(c.name for c in self.columns)),
        )


def look_at(files: Files | None, sha256: str, name: str = "") -> CustomerList:
    """Return what stands in a list, and which columns seem to say what.

    Args:
        files: turns a hash into a path, see `inbox_path`.
        sha256: of the file.
        name: to be shown in messages; the beginning of the hash by default.

    Raises:
        PicholineError: there is no such file, it cannot be read, or holds no table.
    """
    if files is None or not sha256:
        raise PicholineError(
            "labelled.none",
            msg("No customer list was chosen."),
            msg("Upload a file with one row per customer and a column that says who left."),
        )
    _check_hash(sha256)
    return _looked_at(files(sha256), name or sha256[:12])


def _check_hash(sha256: str) -> None:
    if not _HASH.fullmatch(sha256):
        raise PicholineError(
            "labelled.hash",
            msg("“{text}” names no uploaded file.", text=sha256[:80]),
            msg("Upload the list on the page, or give its path on the command line."),
        )


@lru_cache(maxsize=2)
def _looked_at(path: Path, name: str) -> CustomerList:
    """Read a file; what lies under a hash never changes."""
    if path.stat().st_size > _LARGEST_MB * _MB:
        raise PicholineError(
            "labelled.large",
            msg("The customer list {name} is larger than {size} MB.", name=name, size=_LARGEST_MB),
            msg("Keep one row per customer and the columns that matter."),
            status=413,
        )
    source = open_source(path, name)
    tables = [raw for sheet in source.sheet_names for raw in source.tables(sheet)]
    raw = max(tables, key=_likelihood, default=None)
    if raw is None or not raw.height or not raw.columns:
        raise PicholineError(
            "labelled.empty",
            msg("The customer list {name} has no rows.", name=name),
            msg("Put titles into the first row and one customer into each row below."),
        )
    if len(raw.columns) > _WIDEST:
        raise PicholineError(
            "labelled.wide",
            msg("The customer list {name} has more than {n} columns.", name=name, n=_WIDEST),
            msg("Keep the columns that could say why customers leave."),
        )
    columns = tuple(judge_columns(raw, datetime.now(UTC).date(), "UTC"))
    others = [table.sheet for table in tables if table is not raw]
    passed = (_passed_over(raw.sheet, others),) if others else ()
    rows = tuple(int(row) for row in raw.rows)
    return CustomerList(name, raw.sheet, rows, columns, propose(columns), passed)


def _likelihood(raw: RawTable) -> tuple[bool, int]:
    """Prefer the sheet with a label, then the longest."""
    return any(label_sense(title) for title in raw.headers), raw.height


def _passed_over(sheet: str, others: list[str]) -> Message:
    return msg(
        "The list was read from the sheet {sheet}; not from: {others}.",
        sheet=sheet,
        others=listed(others),
    )
