"""Titles over several rows: group titles stand once and hold for the columns to their right."""

import re

import numpy as np
import pyarrow as pa

from core.i18n import msg

from .cutting import indices
from .headers import is_number_like, known_titles
from .periods import period_of
from .raw import RawTable, column_index, unique_headers
from .vocabulary import plain_header

JOINED = " / "
_NUMBERED = re.compile(r" \(\d+\)$")
_ENOUGH = 0.5
_MOST_ROWS = 3  # of titles


def bare_titles(raw: RawTable) -> list[str]:
    """Return the titles as written: empty where there is none, repeated ones alike."""
    headers = raw.headers
    found: list[str] = []
    for column in raw.columns:
        bare = _NUMBERED.sub("", column.header)
        title = bare if bare in headers else column.header
        found.append("" if column.header == column.letter else title)
    return found


def join_titles(raw: RawTable) -> None:
    """Put titles that stand in several rows together: `2025 / Jan / Net sales`."""
    if not raw.header_row:
        return
    top = raw.header_row
    rows = [(top, bare_titles(raw)), *_rows_below(raw)]
    joined = rows[-1][1]
    for row, upper in reversed(rows[:-1]):
        joined = _joined(raw, upper, joined, row)
    raw.header_row, count = rows[-1][0], len(rows)
    raw.keep(np.arange(raw.height) >= count - 1)
    while raw.above and raw.above[-1][0] == top - 1 and count < _MOST_ROWS:
        row, texts = raw.above[-1]
        upper = [texts.get(column.letter, "").strip() for column in raw.columns]
        if not _groups(raw, upper, joined, row):
            break
        joined = _joined(raw, upper, joined, row)
        raw.above.pop()
        top, count = row, count + 1
    if count > 1:
        _rename(raw, joined, count)


def _rows_below(raw: RawTable) -> list[tuple[int, list[str]]]:
    """Return number and texts of the rows below the titles that hold titles too."""
    found: list[tuple[int, list[str]]] = []
    upper = bare_titles(raw)
    # Cells merged down from the row of the titles say how many rows the titles take.
    deep = max(
        (m.last for m in raw.merges if m.first == raw.header_row and m.last > m.first), default=0
    )
    while len(found) < min(_MOST_ROWS - 1, raw.height - 1):
        row = raw.header_row + len(found) + 1
        texts = _texts(raw, len(found)) if raw.rows[len(found)] == row else None
        if texts is None or not (_no_numbers(texts) if row <= deep else _names_more(texts, upper)):
            break
        found.append((row, texts))
        upper = [title or text for title, text in zip(upper, texts, strict=True)]
    return found


def _texts(raw: RawTable, place: int) -> list[str] | None:
    """Return the texts of a row; None where it holds values."""
    texts: list[str] = []
    for column in raw.columns:
        cell = column.data[place].as_py()
        if cell is not None and not isinstance(cell, str):
            return None
        texts.append(" ".join((cell or "").split()))
    return texts


def _names_more(texts: list[str], upper: list[str]) -> bool:
    """Whether a row names columns that the rows above leave without a title."""
    if not any(text and not title for text, title in zip(texts, upper, strict=True)):
        return False
    return _names(texts)


def _names(texts: list[str]) -> bool:
    """Whether a row holds titles, most of them known ones."""
    filled = [text for text in texts if text]
    titled = [text for text in filled if _is_title(text)]
    return _no_numbers(texts) and len(titled) >= max(len(filled) * _ENOUGH, 1)


def _no_numbers(texts: list[str]) -> bool:
    """Whether a row holds texts and no numbers; years and months name columns."""
    filled = [text for text in texts if text]
    return bool(filled) and not any(is_number_like(t) and period_of(t) is None for t in filled)


def _is_title(text: str) -> bool:
    return period_of(text) is not None or plain_header(text) in known_titles()


def _groups(raw: RawTable, upper: list[str], lower: list[str], row: int) -> bool:
    """Whether a row above the titles groups columns, and is no title of the whole table."""
    labels = [text for text in upper if text]
    wide = [m for m in raw.merges if m.first <= row <= m.last and m.right > m.left]
    if not labels or (len(labels) == 1 and not wide):
        return False
    whole = len(labels) == 1 and wide[0].right - wide[0].left + 1 >= len(raw.columns)
    repeated = len({*filter(None, lower)}) < len([*filter(None, lower)])
    periods = all(period_of(label) for label in labels)
    return not whole and (repeated or periods or (bool(wide) and len(labels) > 1))


def _joined(raw: RawTable, upper: list[str], lower: list[str], row: int) -> list[str]:
    """Return the titles of two rows put together.

    Args:
        raw: the table.
        upper: group titles, empty where there is none.
        lower: titles below them.
        row: number of the upper row.
    """
    covering = _spread(raw, upper, lower, row)
    written = [*filter(None, lower)]
    joined: list[str] = []
    for group, title in zip(covering, lower, strict=True):
        if not group or not title:
            joined.append(title or group)
            continue
        plain = plain_header(title) in known_titles() and written.count(title) == 1
        decorative = plain and period_of(group) is None and period_of(title) is None
        joined.append(title if decorative else f"{group}{JOINED}{title}")
    return joined


def _rename(raw: RawTable, joined: list[str], count: int) -> None:
    """Give the columns their titles out of so many rows, and say so."""
    letters = [column.letter for column in raw.columns]
    named = [title or letter for title, letter in zip(joined, letters, strict=True)]
    for column, title in zip(raw.columns, unique_headers(named), strict=True):
        column.header = title
    example = max(joined, key=lambda title: title.count(JOINED))
    if JOINED in example:
        raw.notes.append(
            msg("The titles stand in two rows and were put together, as in “{title}”.",
                title=example)
            if count == 2  # noqa: PLR2004
            else msg("The titles stand in {count} rows and were put together, as in “{title}”.",
                     count=count, title=example)
        )  # fmt: skip


def _spread(raw: RawTable, upper: list[str], lower: list[str], row: int) -> list[str]:
    """Return, per column, the group title that holds for it."""
    at = indices(raw)
    merged = {m.left: m.right for m in raw.merges if m.first <= row <= m.last}
    covering: list[str] = []
    current, until = "", -1
    for place, (text, title) in enumerate(zip(upper, lower, strict=True)):
        if text:
            current = text
            # A lone cell over a titled column holds for it alone where others are merged.
            until = merged.get(at[place], at[place] if merged else at[-1])
            if not title and not merged:
                until = at[place]
        covering.append(current if at[place] <= until else "")
    return covering


def letters_to_places(raw: RawTable) -> dict[str, int]:
    """Return the place of every column by its letter."""
    return {column.letter: place for place, column in enumerate(raw.columns)}


def fill_merged(raw: RawTable, places: list[int]) -> dict[str, int]:
    """Give every row a merged cell covers its value, in the given columns.

    Returns:
        How many cells were filled, by title.
    """
    wanted = {column_index(raw.columns[place].letter): place for place in places}
    filled: dict[int, int] = {}
    moved: dict[int, np.ndarray] = {}
    for merge in raw.merges:
        place = wanted.get(merge.left)
        if place is None or merge.last == merge.first:
            continue
        low, high = np.searchsorted(raw.rows, [merge.first, merge.last + 1])
        if high - low < 2 or raw.rows[low] != merge.first:  # noqa: PLR2004
            continue
        order = moved.setdefault(place, np.arange(raw.height))
        order[low + 1 : high] = low
        filled[place] = filled.get(place, 0) + int(high - low - 1)
    for place, order in moved.items():
        column, taken = raw.columns[place], pa.array(order)
        column.data = column.data.take(taken)
        column.numbers = None if column.numbers is None else column.numbers[order]
        column.moments = None if column.moments is None else column.moments.take(taken)
    return {raw.columns[place].header: count for place, count in filled.items()}
