"""What importing a large text file would do, shown before anything is stored."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.i18n import N_, Message, msg

from .plain import plain
from .preview import ColumnPreview, SheetPreview, preview_sheet
from .streamed import Seen, Streamed

_BOOLEAN = "bool"
LEFT_FOR_LATER = msg(
    N_(
        "A file of this size is looked at block by block: new spellings and single rows that "
        "differ from stored ones are not listed here. After the import the page Corrections "
        "suggests what was meant, and the import's own page lists its rows."
    )
)


def preview_large(ready: Streamed, passed_over: Sequence[Message]) -> SheetPreview:
    """Return the preview of a large file; counts are of all its rows, as for any sheet.

    Args:
        ready: read to be shown.
        passed_over: what else is told.
    """
    seen = ready.seen
    if seen is None:
        raise ValueError(ready.sheet.raw.sheet)
    begun = preview_sheet(ready.sheet, None, ())
    return replace(
        begun,
        columns=tuple(_column(column, seen) for column in begun.columns),
        read=ready.read,
        accepted=ready.accepted_rows,
        quarantined=ready.quarantined,
        already_there=ready.known_rows,
        reasons=ready.reasons,
        warnings=ready.warnings,
        notes=(*ready.notes, *passed_over, LEFT_FOR_LATER),
        rows=tuple(_row(row) for row in seen.first),
        quality=ready.quality.get("score"),
        refusals=tuple(refusal.as_dict() for refusal in ready.refusals),
        texts=ready.texts,
    )


def _column(column: ColumnPreview, seen: Seen) -> ColumnPreview:
    """Return a column with the counts of all rows."""
    letter = column.letter
    found = seen.summaries[letter]
    kind = seen.kinds.get(letter)
    if kind is None:
        return replace(column, missing=found.missing, distinct=found.distinct)
    ends = (None, None) if kind == _BOOLEAN or found.low is None else (found.low, found.high)
    return replace(
        column,
        kind=kind,
        # A cell that is no value holds something: it is not empty.
        missing=found.missing - seen.valueless.get(letter, 0),
        distinct=found.distinct,
        low=plain(ends[0]),
        high=plain(ends[1]),
        problems=seen.problems.get(letter, 0),
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {key: plain(value) for key, value in row.items()}
