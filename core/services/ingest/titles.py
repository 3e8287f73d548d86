"""Titles over two rows: group titles stand once and hold for the columns to their right."""

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
    """Put titles that stand in two rows together: `2025 / Net sales`."""
    if not raw.header_row:
        return
    below = _second_row(raw)
    if below is not None:
        _join(raw, bare_titles(raw), below, raw.header_row)
        raw.header_row += 1
        kept = np.ones(raw.height, dtype=bool)
        kept[0] = False
        raw.keep(kept)
        return
    if not raw.above or raw.above[-1][0] != raw.header_row - 1:
        return
    row, texts = raw.above[-1]
    upper = [texts.get(column.letter, "").strip() for column in raw.columns]
    lower = bare_titles(raw)
    if _groups(raw, upper, lower, row):
        _join(raw, upper, lower, row)
        raw.above.pop()


def _second_row(raw: RawTable) -> list[str] | None:
    """Return the texts of the first row where it holds titles; None where it holds values."""
    upper = bare_titles(raw)
    if raw.height < 2 or raw.rows[0] != raw.header_row + 1 or all(upper):  # noqa: PLR2004
        return None
    texts: list[str] = []
    for column in raw.columns:
        cell = column.data[0].as_py()
        if cell is not None and not isinstance(cell, str):
            return None
        texts.append(" ".join((cell or "").split()))
    filled = [text for text in texts if text]
    if not any(text and not title for text, title in zip(texts, upper, strict=True)):
        return None
    titled = [text for text in filled if _is_title(text)]
    numbers = [text for text in filled if is_number_like(text) and period_of(text) is None]
    return texts if not numbers and len(titled) >= max(len(filled) * _ENOUGH, 1) else None


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


def _join(raw: RawTable, upper: list[str], lower: list[str], row: int) -> None:
    """Rename the columns by both rows of titles.

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
    letters = [column.letter for column in raw.columns]
    named = [title or letter for title, letter in zip(joined, letters, strict=True)]
    for column, title in zip(raw.columns, unique_headers(named), strict=True):
        column.header = title
    examples = [title for title in joined if JOINED in title]
    if examples:
        raw.notes.append(
            msg("The titles stand in two rows and were put together, as in “{title}”.",
                title=examples[0])
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
