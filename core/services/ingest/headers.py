"""Where a table begins: the row with the titles, below logos, titles and blank rows."""

from collections.abc import Sequence
from functools import cache

from .periods import period_of
from .vocabulary import plain_header, titles

LOOKED_AT = 60
_FEWEST_KNOWN = 2
_WIDE_ENOUGH = 0.6
Grid = Sequence[Sequence[str | None]]


@cache
def known_titles() -> frozenset[str]:
    """Return every known title; restarted processes pick up edits, as the detection is broad."""
    return frozenset(
        plain_header(title)
        for fields in titles().values()
        for listed in fields.values()
        for title in listed
    )


def is_number_like(text: str) -> bool:
    """Return whether a text is made of digits, signs and spaces only."""
    bare = text.strip()
    return any(sign.isdigit() for sign in bare) and not any(
        sign.isalpha() for sign in bare.replace("e", "").replace("E", "")
    )


def find_header(grid: Grid) -> int | None:
    """Return the index of the row with the titles; None when no row looks like one.

    Args:
        grid: the first rows of a sheet as text, None for empty cells.
    """
    known = known_titles()
    best, best_hits = None, 0
    for index, row in enumerate(grid):
        cells = [cell for cell in row if cell and cell.strip()]
        hits = len({plain_header(cell) for cell in cells} & known)
        if hits > best_hits and not any(map(is_number_like, cells[:1])):
            best, best_hits = index, hits
    width = max((sum(bool(cell) for cell in row) for row in grid), default=0)
    if best is not None and best_hits >= min(_FEWEST_KNOWN, width):
        return best
    return _first_full_row(grid, width) if best is None or width > 1 else best


def _first_full_row(grid: Grid, width: int) -> int | None:
    """Return the first row of distinct texts that is about as wide as the table."""
    for index, row in enumerate(grid[:-1]):
        cells = [cell for cell in row if cell and cell.strip()]
        # Months and years may be titles, beside at least one that is no number.
        texts = not any(is_number_like(cell) and period_of(cell) is None for cell in cells)
        texts &= not all(map(is_number_like, cells))
        distinct = len(set(cells)) == len(cells)
        if cells and texts and distinct and len(cells) >= max(width * _WIDE_ENOUGH, 1):
            return index
    return None
