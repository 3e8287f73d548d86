"""What a template holds beside its lines: an example row and a sheet of notes."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .columns import TypedTable
from .raw import Mask, RawTable

NOTES_SHEET = "Notes (Picholine)"  # of a template: never offered as a table
EXAMPLE_MARKS = {"en": "(example)", "fr": "(exemple)"}
_LOOKED_AT = 20  # rows below the titles; further down, a text like the mark is somebody's own


def pass_over_examples(raw: RawTable, table: TypedTable, lines: Mask) -> None:
    """Take rows out of `lines` that have a cell beginning with the mark of an example.

    Args:
        raw: the cells as read.
        table: their typed values; gets the count.
        lines: which rows are lines; changed.
    """
    looked_at = min(_LOOKED_AT, len(lines))
    found = np.zeros(looked_at, dtype=bool)
    for column in raw.columns:
        if not pa.types.is_string(column.data.type):
            continue
        head = pc.utf8_trim_whitespace(column.data.slice(0, looked_at))
        for mark in EXAMPLE_MARKS.values():
            marked = pc.starts_with(head, mark, ignore_case=True)
            found |= np.asarray(marked.fill_null(False), dtype=bool)  # noqa: FBT003 - Arrow's name
    lines[:looked_at][found] = False
    table.warn("example_rows", int(found.sum()))
