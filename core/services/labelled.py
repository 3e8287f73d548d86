"""What a model learns from a list of customers: who left, and what is known of each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import PicholineError
from core.i18n import N_, Message, msg, msg_n
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
)
from core.services.labelled_label import (
    Proposed,
    check_both,
    label_values,
    listed,
    possible_labels,
    propose_value,
)
from core.services.labelled_list import CustomerList, Files, look_at
from core.services.methods.churn.trees import MIN_OF_EACH, MIN_ROWS

NO_COLUMN = "-"


@dataclass(frozen=True)
class Asked:
    """What a person said of the columns of a list; "" leaves it to what titles and values say.

    Attributes:
        label: title of the column that says who left.
        positive: its value for those who left.
        identifier: title of the column that names the customers.
        value: title of the column with what a customer is worth a month; `NO_COLUMN`: none.
    """

    label: str = ""
    positive: str = ""
    identifier: str = ""
    value: str = ""


NOTHING = Asked()


@dataclass(frozen=True)
class LabelledTable:
    """What a model learns from.

    Attributes:
        ids: one per row: the identifier, or the number of the row.
        left: who left, shape (rows,); False where the list does not say.
        stated: for whom the list says whether they left, shape (rows,).
        monthly: what each is worth a month, shape (rows,), NaN where unknown.
        columns: features only, shape (rows,) each: float64 with NaN for numbers and dates, texts
            with None for categories.
        kinds: `number` or `category` per feature.
        described: every column of the list; see `labelled_columns.KINDS`.
        proposed: the columns that were used for what.
        caveats: what was left out or assumed.
    """

    ids: tuple[str, ...]
    left: NDArray[np.bool_]
    stated: NDArray[np.bool_]
    monthly: NDArray[np.float64]
    columns: Mapping[str, Values]
    kinds: Mapping[str, str]
    described: tuple[ListColumn, ...]
    proposed: Proposed
    caveats: tuple[Message, ...] = ()


def read_labelled(
    files: Files | None, sha256: str, asked: Asked = NOTHING, name: str = ""
) -> LabelledTable:
    """Return a list as features and labels.

    Args:
        files: turns a hash into a path.
        sha256: of the file.
        asked: what a person said of the columns.
        name: of the file, for messages.

    Raises:
        PicholineError: something is missing or contradicts itself; title and remedy say what.
    """
    found = look_at(files, sha256, name)
    if len(found.rows) < MIN_ROWS:
        raise _few(found)
    return _table(found, _used(found, asked), asked)


def _used(found: CustomerList, asked: Asked) -> Proposed:
    """Return what a person said of the columns, completed by what was proposed, and checked."""
    proposed = found.proposed
    if not (asked.label or proposed.label):
        raise PicholineError(
            "labelled.no_label",
            msg("No column of the list {name} says who left.", name=found.name),
            msg(
                "Name the one with two values, such as Yes and No: {titles}.",
                titles=listed(c.name for c in possible_labels(found.columns) or found.columns),
            ),
        )
    label = found.column(asked.label or proposed.label)
    values = label_values(label, is_stated=bool(asked.positive))
    guess, is_sure = propose_value(label)
    wanted = next((v for v in values if v.casefold() == asked.positive.strip().casefold()), None)
    if asked.positive and wanted is None:
        raise PicholineError(
            "labelled.positive",
            msg("“{text}” is no value of “{title}”.", text=asked.positive[:60], title=label.name),
            msg("Choose the one that means “left”: {values}.", values=listed(values)),
        )
    identifier = found.column(asked.identifier).name if asked.identifier else proposed.identifier
    if identifier == label.name:
        raise PicholineError(
            "labelled.same",
            msg("“{title}” cannot be both the label and the customer’s code.", title=label.name),
            msg("Choose another column for one of them."),
        )
    value = _value_title(found, asked.value)
    return Proposed(label.name, wanted or guess, identifier, value, is_sure)


def _value_title(found: CustomerList, asked: str) -> str:
    if asked == NO_COLUMN:
        return ""
    title = asked or found.proposed.value
    column = found.column(title) if title else None
    if column is not None and column.kind != NUMBER:
        raise PicholineError(
            "labelled.value",
            msg("“{title}” holds no numbers, so it cannot be a value.", title=column.name),
            msg("Choose the column with what a customer is worth a month, or none."),
        )
    return column.name if column is not None else ""


def _table(found: CustomerList, used: Proposed, asked: Asked) -> LabelledTable:
    label = found.column(used.label)
    stated = label.texts.is_valid().to_numpy(zero_copy_only=False)
    gone = pc.equal(label.texts, used.positive).fill_null(False)  # noqa: FBT003
    left = gone.to_numpy(zero_copy_only=False)
    check_both(left[stated], label, used.positive, MIN_OF_EACH)
    described = tuple(
        replace(column, kind=LABEL) if column is label
        else replace(column, kind=IDENTIFIER) if column.name == used.identifier
        else column
        for column in found.columns
    )  # fmt: skip
    features = [column for column in described if column.kind in USED]
    if not features:
        raise PicholineError(
            "labelled.no_features",
            msg("Beside the label, the list {name} has no column to learn from.", name=found.name),
            msg("Add what is known of the customers: since when, which contract, how much."),
        )
    monthly = np.full(len(left), np.nan)
    if used.value:
        monthly = np.asarray(found.column(used.value).values, dtype=np.float64)
    ids, told = _ids(found, used.identifier)
    others = [column for column in described if column.name != used.identifier]
    return LabelledTable(
        ids=ids,
        left=left,
        stated=stated,
        monthly=monthly,
        columns={column.name: column.values for column in features},
        kinds={c.name: NUMBER if c.kind == DATE else c.kind for c in features},
        described=described,
        proposed=used,
        caveats=(*found.passed_over, *_assumed(used, asked), *_left_out(others), *told),
    )


def _assumed(used: Proposed, asked: Asked) -> list[Message]:
    """Say what was guessed where nobody said it."""
    told: list[Message] = []
    if not (asked.positive or used.is_sure):
        told.append(
            msg(
                "“{value}” in “{title}” was taken for “left”, as the rarer value.",
                value=used.positive,
                title=used.label,
            )
        )
    if used.value and not asked.value:
        told.append(
            msg(
                "“{title}” was taken for what a customer is worth a month; it may be sales "
                "instead of margin.",
                title=used.value,
            )
        )
    return told


def _ids(found: CustomerList, title: str) -> tuple[tuple[str, ...], list[Message]]:
    """Return what names each customer, and a remark where some have no name."""
    rows = [str(row) for row in found.rows]
    if not title:
        told = msg("No column names the customers: they are shown by their row in the list.")
        return tuple(rows), [told]
    named: list[str | None] = found.column(title).texts.to_pylist()
    _refuse_twice(found, title, named)
    ids = tuple(name or row for name, row in zip(named, rows, strict=True))
    empty = sum(name is None for name in named)
    told = msg_n(
        "{n} customer without a value in “{title}” is shown by its row.",
        "{n} customers without a value in “{title}” are shown by their rows.",
        empty,
        title=title,
    )
    return ids, [told] if empty else []


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
