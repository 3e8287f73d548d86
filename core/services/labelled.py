"""Lists of customers with a label: who left and who stayed, one row each, from a file in the inbox.

The file is read with the intake's readers and all their guards; only files of the inbox are read,
and only by their SHA-256.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import PicholineError
from core.i18n import N_, Message, msg, msg_n
from core.services.ingest.raw import RawTable
from core.services.ingest.sources import open_source
from core.services.labelled_columns import (
    CONSTANT,
    DATE,
    IDENTIFIER,
    LABEL,
    MANY,
    NUMBER,
    USED,
    ListColumn,
    Values,
    judge_columns,
)
from core.services.labelled_label import (
    Proposed,
    check_both,
    label_sense,
    label_values,
    listed,
    possible_labels,
    propose,
    propose_value,
)
from core.services.methods.churn.trees import MIN_OF_EACH, MIN_ROWS

__all__ = ["CustomerList", "LabelledTable", "Proposed", "inbox_path", "look_at", "read_labelled"]

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


@dataclass(frozen=True)
class LabelledTable:
    """What a model learns from.

    Attributes:
        ids: one per row: the identifier, or the number of the row.
        left: who left, shape (rows,).
        columns: features only, shape (rows,) each: float64 with NaN for numbers and dates, texts
            with None for categories.
        kinds: `number` or `category` per feature.
        described: every column of the list; see `labelled_columns.KINDS`.
        proposed: label, value and identifier as they were used.
        caveats: what was left out or assumed.
    """

    ids: tuple[str, ...]
    left: NDArray[np.bool_]
    columns: Mapping[str, Values]
    kinds: Mapping[str, str]
    described: tuple[ListColumn, ...]
    proposed: Proposed
    caveats: tuple[Message, ...] = ()


def inbox_path(inbox: Path, sha256: str) -> Path:
    """Return the file of the inbox with this SHA-256.

    Raises:
        PicholineError: it is no hash, or there is no such file.
    """
    _check_hash(sha256)
    path = inbox / sha256
    if not path.is_file():
        raise PicholineError(
            "labelled.gone",
            msg("The customer list is not in the inbox any more."),
            msg("Upload it again: the same file gives the same address."),
            status=404,
        )
    return path


def _check_hash(sha256: str) -> None:
    if not _HASH.fullmatch(sha256):
        raise PicholineError(
            "labelled.hash",
            msg("“{text}” names no uploaded file.", text=sha256[:80]),
            msg("Upload the list on the page, or give its path on the command line."),
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


def read_labelled(
    files: Files | None,
    sha256: str,
    *,
    label: str = "",
    positive: str = "",
    identifier: str = "",
    name: str = "",
) -> LabelledTable:
    """Return a list as features and labels.

    Args:
        files: turns a hash into a path.
        sha256: of the file.
        label: title of the column that says who left; "": proposed.
        positive: its value for those who left; "": proposed.
        identifier: title of the column that names the customers; "": proposed.
        name: of the file, for messages.

    Raises:
        PicholineError: something is missing or contradicts itself; title and remedy say what.
    """
    found = look_at(files, sha256, name)
    if len(found.rows) < MIN_ROWS:
        raise _few(found)
    stated = _stated(found, label, positive, identifier)
    return _table(found, stated, assumed=not (positive or stated.is_sure))


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
    tables = [raw for sheet in source.sheet_names if (raw := source.read(sheet)) is not None]
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


def _stated(found: CustomerList, label: str, positive: str, identifier: str) -> Proposed:
    """Return what a person stated, completed by what was proposed, and checked."""
    proposed = found.proposed
    if not (label or proposed.label):
        raise PicholineError(
            "labelled.no_label",
            msg("No column of the list {name} says who left.", name=found.name),
            msg(
                "Name the one with two values, such as Yes and No: {titles}.",
                titles=listed(c.name for c in possible_labels(found.columns) or found.columns),
            ),
        )
    chosen = found.column(label or proposed.label)
    values = label_values(chosen, is_stated=bool(positive))
    guess, is_sure = propose_value(chosen)
    wanted = next((v for v in values if v.casefold() == positive.strip().casefold()), None)
    if positive and wanted is None:
        raise PicholineError(
            "labelled.positive",
            msg("“{text}” is no value of “{title}”.", text=positive[:60], title=chosen.name),
            msg("Choose the one that means “left”: {values}.", values=listed(values)),
        )
    name = identifier and found.column(identifier).name
    if name and name == chosen.name:
        raise PicholineError(
            "labelled.same",
            msg("“{title}” cannot be both the label and the customer’s code.", title=name),
            msg("Choose another column for one of them."),
        )
    return Proposed(chosen.name, wanted or guess, name or proposed.identifier, is_sure)


def _table(found: CustomerList, stated: Proposed, *, assumed: bool) -> LabelledTable:
    label = found.column(stated.label)
    kept = label.texts.is_valid().to_numpy(zero_copy_only=False)
    gone = pc.equal(label.texts, stated.positive).fill_null(False)  # noqa: FBT003
    left = gone.to_numpy(zero_copy_only=False)[kept]
    check_both(left, label, stated.positive, MIN_OF_EACH)
    described = tuple(
        replace(column, kind=LABEL) if column is label
        else replace(column, kind=IDENTIFIER) if column.name == stated.identifier
        else column
        for column in found.columns
    )  # fmt: skip
    used = [column for column in described if column.kind in USED]
    if not used:
        raise PicholineError(
            "labelled.no_features",
            msg("Beside the label, the list {name} has no column to learn from.", name=found.name),
            msg("Add what is known of the customers: since when, which contract, how much."),
        )
    ids, doubtful = _ids(found, stated.identifier, kept)
    others = [column for column in described if column.name != stated.identifier]
    caveats = [*found.passed_over, *_left_out(others), *doubtful]
    if not kept.all():
        caveats.append(
            msg_n(
                "{n} customer without a label is left out.",
                "{n} customers without a label are left out.",
                int((~kept).sum()),
            )
        )
    if assumed:
        caveats.append(
            msg(
                "“{value}” in “{title}” was taken for “left”, as the rarer value.",
                value=stated.positive,
                title=stated.label,
            )
        )
    return LabelledTable(
        ids=ids,
        left=left,
        columns={column.name: column.values[kept] for column in used},
        kinds={c.name: NUMBER if c.kind == DATE else c.kind for c in used},
        described=described,
        proposed=stated,
        caveats=tuple(caveats),
    )


def _ids(
    found: CustomerList, title: str, kept: NDArray[np.bool_]
) -> tuple[tuple[str, ...], list[Message]]:
    """Return what names each customer, and a remark where some have no name."""
    rows = [str(row) for row in found.rows]
    named = found.column(title).texts.to_pylist() if title else [None] * len(rows)
    _refuse_twice(found, title, named)
    ids = tuple(name or row for name, row, keep in zip(named, rows, kept, strict=True) if keep)
    empty = sum(name is None for name in named)
    if not title:
        told = [msg("No column names the customers: they are shown by their row in the list.")]
        return ids, told
    if not empty:
        return ids, []
    told = msg_n(
        "{n} customer without a value in “{title}” is shown by its row.",
        "{n} customers without a value in “{title}” are shown by their rows.",
        empty,
        title=title,
    )
    return ids, [told]


def _refuse_twice(found: CustomerList, title: str, named: Sequence[str | None]) -> None:
    counts = Counter(name for name in named if name is not None)
    twice = [name for name, count in counts.most_common() if count > 1]
    if twice:
        raise PicholineError(
            "labelled.twice",
            msg_n(
                "{n} customer stands in several rows of {name}, by “{title}”: {examples}.",
                "{n} customers stand in several rows of {name}, by “{title}”: {examples}.",
                len(twice),
                name=found.name,
                title=title,
                examples=listed(twice),
            ),
            msg("Keep one row per customer, or choose another column for the code."),
        )


def _left_out(described: Sequence[ListColumn]) -> list[Message]:
    """Say which columns are no features, and why."""
    told: list[Message] = []
    for kind, text in (
        (CONSTANT, N_("Left out, as they are the same for every customer: {titles}.")),
        (MANY, N_("Left out, as they hold too many different texts: {titles}.")),
        (IDENTIFIER, N_("Left out, as they only name the customers: {titles}.")),
    ):
        titles = [column.name for column in described if column.kind == kind]
        if titles:
            told.append(Message(text, {"titles": listed(titles)}))
    return told


def _passed_over(sheet: str, others: list[str]) -> Message:
    return msg(
        "The list was read from the sheet {sheet}; not from: {others}.",
        sheet=sheet,
        others=listed(others),
    )


def _few(found: CustomerList) -> PicholineError:
    return PicholineError(
        "labelled.few_rows",
        msg_n(
            "The list {name} has {n} customer.",
            "The list {name} has {n} customers.",
            len(found.rows),
            name=found.name,
        ),
        msg("A model needs at least {n} of them to learn from.", n=MIN_ROWS),
    )
