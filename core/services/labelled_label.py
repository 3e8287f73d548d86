"""Which column of a list says who left, by which value, and which one names the customers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import PicholineError
from core.i18n import msg
from core.services.ingest.vocabulary import plain_header, words
from core.services.labelled_columns import IDENTIFIER, NUMBER, ListColumn, names_customers

TWO, MOST_VALUES = 2, 5  # of a label: by itself, and where a person says which one means left
_LISTED = 12
_YES = ("yes", "oui", "y", "o", "true", "vrai", "1")


@dataclass(frozen=True)
class Proposed:
    """Which columns say what.

    Attributes:
        label: title of the column that says who left; "": none was found.
        positive: its value for those who left.
        identifier: title of the column that names the customers; "": rows are counted.
        value: title of the column with what a customer is worth a month; "": unknown.
        is_sure: titles and values say who left; nothing was guessed.
    """

    label: str = ""
    positive: str = ""
    identifier: str = ""
    value: str = ""
    is_sure: bool = True


def label_sense(title: str) -> str | None:
    """Return "left" or "stayed" for the titles of labels, None for others."""
    return _sense(title, "label")


def value_sense(value: str) -> str | None:
    """Return "left" or "stayed" for values that say it by themselves."""
    return _sense(value, "label_value")


def _sense(text: str, section: str) -> str | None:
    known = words(section)
    plain = plain_header(text)
    if plain in known:
        return known[plain]
    return next((known[part] for part in plain.split() if part in known), None)


def possible_labels(columns: Sequence[ListColumn]) -> list[ListColumn]:
    """Return the columns that could be a label: two to five values, the likeliest first."""
    found = [c for c in columns if TWO <= c.distinct <= MOST_VALUES]
    return sorted(found, key=lambda c: (label_sense(c.name) is None, c.distinct))


def propose(columns: Sequence[ListColumn]) -> Proposed:
    """Return which columns seem to say who left and who is who, by titles and values."""
    two = [column for column in columns if column.distinct == TWO]
    named = [column for column in two if label_sense(column.name)]
    telling = [column for column in two if any(value_sense(v) for v in column.different())]
    label = next(iter([*named, *telling]), None)
    unique = [column for column in columns if column.is_unique and column is not label]
    candidates = [column for column in unique if names_customers(column.name)]
    candidates += [column for column in unique if column.kind == IDENTIFIER]
    identifier = candidates[0].name if candidates else ""
    numbers = [column.name for column in columns if column.kind == NUMBER]
    known = words("monthly_value")
    value = next((title for title in numbers if plain_header(title) in known), "")
    if label is None:
        return Proposed(identifier=identifier, value=value)
    positive, is_sure = propose_value(label)
    return Proposed(label.name, positive, identifier, value, is_sure)


def propose_value(label: ListColumn) -> tuple[str, bool]:
    """Return the value that seems to mean “left”, and whether that is more than a guess."""
    values = label.different()
    said = {value: value_sense(value) for value in values}
    gone = [value for value in values if said[value] == "left"]
    if len(gone) == 1:
        return gone[0], True
    stayed = [value for value in values if said[value] == "stayed"]
    if len(values) == TWO and len(stayed) == 1:
        return next(value for value in values if value not in stayed), True
    yes = [value for value in values if value.casefold() in _YES]
    sense = label_sense(label.name)
    if len(values) == TWO and len(yes) == 1 and sense:
        no = next(value for value in values if value not in yes)
        return (yes[0] if sense == "left" else no), True
    return (values[-1] if values else ""), False


def label_values(label: ListColumn, *, is_stated: bool) -> list[str]:
    """Return the values of a label, the most frequent first.

    Args:
        label: the column.
        is_stated: a person said which of the values means “left”.

    Raises:
        PicholineError: it is empty, or has one value, or more than a label can have.
    """
    values = label.different()
    if not values:
        raise PicholineError(
            "labelled.empty_label",
            msg("The column “{title}” is empty.", title=label.name),
            msg("Choose the column that says who left."),
        )
    if len(values) == 1:
        raise PicholineError(
            "labelled.one_class",
            msg(
                "Every customer has the value “{value}” in “{title}”: nothing can be learnt where "
                "all left or all stayed.",
                value=values[0],
                title=label.name,
            ),
            msg("Give a list with customers of both kinds, or choose another column."),
        )
    if len(values) > (MOST_VALUES if is_stated else TWO):
        few = len(values) <= MOST_VALUES
        raise PicholineError(
            "labelled.many_values",
            msg(
                "“{title}” has {n} different values; a label has two.",
                title=label.name,
                n=len(values),
            ),
            msg("Say which value means “left”: {values}.", values=listed(values))
            if few
            else msg("Choose a column with two values, such as Yes and No."),
        )
    return values


def check_both(left: np.ndarray, label: ListColumn, positive: str, least: int) -> None:
    """Refuse a label with too few customers of one kind.

    Raises:
        PicholineError: fewer than `least` left, or stayed.
    """
    gone = int(left.sum())
    if min(gone, len(left) - gone) >= least:
        return
    raise PicholineError(
        "labelled.few_of_one",
        msg(
            "In “{title}”, {left} customers have the value “{value}” and {stayed} another one: "
            "too few of one kind to learn from.",
            title=label.name,
            value=positive,
            left=gone,
            stayed=len(left) - gone,
        ),
        msg("Give a list with at least {n} customers of each kind.", n=least),
    )


def listed(names: Iterable[str]) -> str:
    """Return names for a sentence, not more than a person reads."""
    found = [name[:60] for name in names]
    return ", ".join(found[:_LISTED]) + (" …" if len(found) > _LISTED else "")
