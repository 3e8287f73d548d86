"""Part of a table as a table of its own, its cells still told apart by the file."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from .raw import (
    CellFault,
    RawTable,
    Rows,
    blank_rows,
    column_index,
    empty_cells,
    unique_headers,
)

Above = list[tuple[int, dict[str, str]]]


def cut(
    base: RawTable,
    places: Sequence[int],
    rows: Rows,
    titles: Sequence[str],
    header_row: int,
    above: Above,
) -> RawTable:
    """Return some columns and rows of a table as a table of its own.

    Args:
        base: the table; it must not change afterwards.
        places: of the columns.
        rows: indices of the rows, ascending.
        titles: of the columns; empty where there is none.
        header_row: number of the row with the titles.
        above: the filled rows above it.
    """
    letters = [base.columns[place].letter for place in places]
    named = unique_headers([title or letter for title, letter in zip(titles, letters, strict=True)])
    columns = [
        base.columns[place].take(rows, title) for place, title in zip(places, named, strict=True)
    ]
    row_of = {int(row): index for index, row in enumerate(rows)}
    column_of = {place: index for index, place in enumerate(places)}
    part = RawTable(
        base.sheet,
        columns,
        base.rows[rows],
        header_row=header_row,
        faults=[
            CellFault(row_of[fault.row], column_of[fault.column], fault.text, fault.code)
            for fault in base.faults
            if fault.row in row_of and fault.column in column_of
        ],
        decimal_hint=base.decimal_hint,
        date_1904=base.date_1904,
        above=above,
        merges=base.merges,
    )
    _drop_empty(part)
    part.sharpen = lambda wanted: sharpen_from(base, part, wanted)
    return part


def _drop_empty(part: RawTable) -> None:
    blank = blank_rows(part)
    if blank.any():
        part.keep(~blank)
    faulty = {fault.column for fault in part.faults}
    kept = [
        place
        for place, column in enumerate(part.columns)
        if column.header != column.letter or place in faulty or not empty_cells(column.data).all()
    ]
    moved = {old: new for new, old in enumerate(kept)}
    part.columns = [part.columns[place] for place in kept]
    part.faults = [CellFault(f.row, moved[f.column], f.text, f.code) for f in part.faults]


def sharpen_from(base: RawTable, part: RawTable, wanted: Sequence[int]) -> None:
    """Tell native cells from text in a table made of another, by what that one knows.

    Args:
        base: the table it was made of; its rows are ascending.
        part: the table; each of its rows stands in `base`, maybe several times.
        wanted: places of its columns; those without a counterpart know their cells already.
    """
    places = {column.letter: place for place, column in enumerate(base.columns)}
    open_ = [
        part.columns[place]
        for place in wanted
        if part.columns[place].numbers is None and part.columns[place].letter in places
    ]
    base.sharpen([places[column.letter] for column in open_])
    at = np.searchsorted(base.rows, part.rows)
    for column in open_:
        known = base.columns[places[column.letter]]
        column.numbers = None if known.numbers is None else known.numbers[at]
        column.moments = None if known.moments is None else known.moments.take(pa.array(at))


def indices(raw: RawTable) -> list[int]:
    """Return the 0-based places of the columns in the sheet."""
    return [column_index(column.letter) for column in raw.columns]
