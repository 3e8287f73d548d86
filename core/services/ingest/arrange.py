"""From the cells under one row of titles to the tables they really are."""

from itertools import pairwise

import numpy as np
import pyarrow as pa

from core.i18n import msg

from .cutting import Above, cut, indices
from .furniture import leave_out_notes
from .headers import is_number_like, known_titles
from .matching import is_whole_table
from .periods import period_of
from .raw import Mask, RawTable, Rows, column_letter, empty_cells
from .titles import bare_titles, join_titles
from .units_row import leave_out_units
from .vocabulary import plain_header

_FEWEST_KNOWN = 2
_SURE = 3
_HALF = 0.5
_MOST_GAPS = 2_000
_CLOSE_LOOK = 20_000  # rows up to which second titles are looked for without a blank row


def arrange(raw: RawTable, *, stated: bool) -> list[RawTable]:
    """Return the tables that stand in a sheet, each with its own titles and rows.

    Args:
        raw: the cells under the first row of titles.
        stated: a person named that row: the table is taken as it stands.
    """
    if stated or not raw.columns:
        leave_out_units(raw)
        return [raw]
    parts: list[RawTable] = []
    for beside in _beside(raw):
        parts += _below(beside)
    for part in parts:
        join_titles(part)
        leave_out_units(part)
        leave_out_notes(part)
    parts = [part for part in parts if part.columns]
    if len(parts) > 1:
        _number(parts, raw)
    return parts


def _number(parts: list[RawTable], raw: RawTable) -> None:
    """Name the tables of one sheet and say where each stands."""
    for number, part in enumerate(parts, start=1):
        if number > 1:
            part.sheet = f"{raw.sheet} (table {number})"
        elif part is not raw:
            part.warnings.update(raw.warnings)
            part.notes[:0] = raw.notes
        letters = [column_letter(index) for index in sorted(indices(part))]
        last = int(part.rows[-1]) if part.height else part.header_row
        part.notes.append(
            msg(
                "Table {number} of {count} in this sheet: rows {first} to {last}, columns {left} "
                "to {right}.",
                number=number, count=len(parts), first=part.header_row, last=last,
                left=letters[0], right=letters[-1],
            )
        )  # fmt: skip


def _beside(raw: RawTable) -> list[RawTable]:
    """Cut tables that stand side by side, a blank column between them."""
    at = indices(raw)
    starts = [0, *(p for p in range(1, len(at)) if at[p] > at[p - 1] + 1), len(at)]
    blocks = [list(range(low, high)) for low, high in pairwise(starts)]
    if len(blocks) == 1:
        return [raw]
    titles = bare_titles(raw)
    groups: list[list[int]] = [blocks[0]]
    for block in blocks[1:]:
        if _stands_alone(raw, titles, groups[-1], block):
            groups.append(block)
        else:
            groups[-1] = groups[-1] + block
    if len(groups) == 1:
        return [raw]
    return [_part(raw, group, titles) for group in groups]


def _stands_alone(raw: RawTable, titles: list[str], left: list[int], block: list[int]) -> bool:
    """Whether a block of columns is a table of its own, and no part of the one to its left."""
    own = [titles[place] for place in block if titles[place]]
    before = [titles[place] for place in left if titles[place]]
    if len(block) < 2:  # noqa: PLR2004
        return False
    if not own:
        return _titles_within(raw, block) is not None
    if len(own) < 2:  # noqa: PLR2004
        return False
    plain = {plain_header(title) for title in own}
    if plain & {plain_header(title) for title in before}:
        return True
    return is_whole_table(before) and (is_whole_table(own) or _ends_elsewhere(raw, left, block))


def _ends_elsewhere(raw: RawTable, left: list[int], block: list[int]) -> bool:
    """Whether a block of columns ends above or below the rows of the one to its left.

    Total rows and notes below fill few columns: they are no rows the block would lack.
    """
    before, own = _filled(raw, left), _filled(raw, block)
    height = _height(own > 0)
    return height > _height(before > 0) or bool((before[height:] >= len(left) * _HALF).any())


def _filled(raw: RawTable, places: list[int]) -> Rows:
    """Return how many of the columns are filled, row by row."""
    filled = np.zeros(raw.height, dtype=np.int64)
    for place in places:
        filled += ~empty_cells(raw.columns[place].data)
    return filled


def _height(rows: Mask) -> int:
    """Return the number of rows up to the last that is marked."""
    marked = np.flatnonzero(rows)
    return int(marked[-1]) + 1 if len(marked) else 0


def _part(raw: RawTable, group: list[int], titles: list[str]) -> RawTable:
    """Return a group of columns as a table; its titles may stand in another row."""
    letters = {raw.columns[place].letter for place in group}
    above: Above = [
        (row, {letter: text for letter, text in texts.items() if letter in letters})
        for row, texts in raw.above
    ]
    above = [(row, texts) for row, texts in above if texts]
    rows: Rows = np.arange(raw.height, dtype=np.int64)
    own = [titles[place] for place in group]
    if any(own):
        return cut(raw, group, rows, own, raw.header_row, above)
    found = _titles_within(raw, group) or 0
    own = [_text(raw, place, found) for place in group]
    above += _above(raw, group, range(found))
    return cut(raw, group, rows[found + 1 :], own, int(raw.rows[found]), above)


def _titles_within(raw: RawTable, group: list[int]) -> int | None:
    """Return the first row that holds titles for these columns."""
    for row in range(min(raw.height, _MOST_GAPS)):
        if _are_titles(raw, group, row, _FEWEST_KNOWN):
            return row
    return None


def _below(raw: RawTable) -> list[RawTable]:
    """Cut tables that stand one below the other."""
    starts = _second_titles(raw)
    if not starts:
        return [raw]
    places = list(range(len(raw.columns)))
    first = cut(raw, places, np.arange(starts[0][0]), bare_titles(raw), raw.header_row, raw.above)
    first.notes, first.warnings = [*raw.notes], {**raw.warnings}
    found = [first]
    for (begin, titled), (end, _) in zip(starts, [*starts[1:], (raw.height, 0)], strict=True):
        titles = [_text(raw, place, titled) for place in places]
        above = _above(raw, places, range(begin, titled))
        rows: Rows = np.arange(titled + 1, end, dtype=np.int64)
        found.append(cut(raw, places, rows, titles, int(raw.rows[titled]), above))
    return found


def _second_titles(raw: RawTable) -> list[tuple[int, int]]:
    """Return, per further table, the first row of its block and the row of its titles."""
    if raw.height < 2:  # noqa: PLR2004
        return []
    gaps = (np.flatnonzero(np.diff(raw.rows) > 1) + 1)[:_MOST_GAPS].tolist()
    places = list(range(len(raw.columns)))
    found: list[tuple[int, int]] = []
    for gap in gaps:
        for row in range(gap, min(gap + 3, raw.height - 1)):
            if _are_titles(raw, places, row, _FEWEST_KNOWN):
                found.append((gap, row))
                break
            if row > gap and raw.rows[row] != raw.rows[row - 1] + 1:
                break
    plain = all(pa.types.is_string(column.data.type) for column in raw.columns)
    if plain and raw.height <= _CLOSE_LOOK:
        taken = {row for _, row in found}
        found += [
            (row, row)
            for row in _rows_led_by_titles(raw)
            if row not in taken and _are_titles(raw, places, row, _SURE)
        ]
    return sorted(found)


def titles_again(raw: RawTable, *, first: bool) -> bool:
    """Return whether a row of a part of a table names columns, where a new table may begin.

    Args:
        raw: the part.
        first: it is the first part; of others, their first rows too may follow a blank row.
    """
    gaps = (np.flatnonzero(np.diff(raw.rows) > 1) + 1)[:_MOST_GAPS].tolist()
    begun = {gap + step for gap in [*gaps, *([] if first else [0])] for step in range(3)}
    rows = np.array(sorted(row for row in begun if row < raw.height), dtype=np.int64)
    columns = [column.take(rows) for column in raw.columns]
    few = RawTable(raw.sheet, columns, raw.rows[rows], raw.header_row)
    places = list(range(len(columns)))
    return any(_are_titles(few, places, row, _FEWEST_KNOWN) for row in range(len(rows)))


def _rows_led_by_titles(raw: RawTable) -> list[int]:
    """Return rows but the first and last whose first cell is a known title."""
    known = known_titles()
    cells = raw.columns[0].data.to_pylist()
    hits = {cell: plain_header(cell) in known for cell in {*cells} if cell}
    return [row for row in range(1, raw.height - 1) if hits.get(cells[row])]


def _are_titles(raw: RawTable, places: list[int], row: int, fewest: int) -> bool:
    """Whether a row names columns: texts, most of them known, not those it stands under."""
    known = known_titles()
    texts: list[str] = []
    for place in places:
        cell = raw.columns[place].data[row].as_py()
        if cell is not None and not isinstance(cell, str):
            return False
        texts.append((cell or "").strip())
    filled = [text for text in texts if text]
    if len(filled) < 2 or len({*filled}) < len(filled):  # noqa: PLR2004
        return False
    named = [text for text in filled if plain_header(text) in known]
    periods = [text for text in filled if period_of(text) is not None]
    if any(is_number_like(text) and period_of(text) is None for text in filled):
        return False
    repeats = [plain_header(text) for text in texts] == [
        plain_header(title) for title in (bare_titles(raw)[place] for place in places)
    ]
    enough = len(named) >= fewest or (named and len(periods) >= _FEWEST_KNOWN)
    return bool(enough) and len(named) + len(periods) >= len(filled) * _HALF and not repeats


def _text(raw: RawTable, place: int, row: int) -> str:
    return " ".join(str(raw.columns[place].data[row].as_py() or "").split())


def _above(raw: RawTable, places: list[int], rows: range) -> Above:
    """Return rows of the table as texts by letter, filled ones only."""
    found: Above = []
    for row in rows:
        texts = {raw.columns[place].letter: _text(raw, place, row) for place in places}
        filled = {letter: text for letter, text in texts.items() if text}
        if filled:
            found.append((int(raw.rows[row]), filled))
    return found
