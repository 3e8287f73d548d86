"""How far the values of every group reach, gathered while a large file is read.

Only a group whose largest value is far from its smallest can hold an outlier: of the others no row
is asked again.
"""

import numpy as np
import pyarrow as pa

from core.repository.staged import SPAN, Span

from .prints import words
from .raw import Mask

_MOST_GROUPS = 4_000_000  # possible ones of a block
_MOST_ROWS = 250_000  # groups of a file; beyond, the segment is asked
_MERGED_FROM = 500_000
_MILLION = 1e6
_GOODS = "product"


def spans_of(rows: pa.Table, asked: Mask, span: Span) -> pa.Table | None:
    """Return groups with the count, smallest and largest of their values; None: too many.

    Args:
        rows: stored values in one piece, texts as numbers of the different ones.
        asked: which rows are looked at.
        span: the column of values, and the columns that make a group.
    """
    column, per = span
    if not rows.num_rows or not pa.types.is_decimal(rows[column].type):
        return None
    values = np.abs(words(rows[column].chunk(0))) / _MILLION
    place = np.zeros(len(values), dtype=np.int64)
    groups, kept = 1, asked & np.asarray(rows[column].is_valid()) & (values > 0)
    for name in per:
        texts = _texts(rows, name)
        size = len(texts.dictionary) + 1
        groups *= size
        if groups > _MOST_GROUPS:
            return None
        place = place * size + texts.indices.fill_null(size - 1).to_numpy()
    place, values = place[kept], values[kept]
    low, high = np.full(groups, np.inf), np.zeros(groups)
    np.minimum.at(low, place, values)
    np.maximum.at(high, place, values)
    counts = np.bincount(place, minlength=groups)
    found = np.flatnonzero(counts)
    return pa.table(
        [*_named(rows, per, found), pa.array(counts[found]), pa.array(low[found]),
         pa.array(high[found])],
        [*per, *SPAN],
    )  # fmt: skip


def goods(rows: pa.Table) -> Mask:
    """Return which sales lines are about goods."""
    kinds = _texts(rows, "line_kind")
    place = kinds.dictionary.index(_GOODS).as_py()
    return kinds.indices.fill_null(place).to_numpy() == place


def _texts(rows: pa.Table, name: str) -> pa.DictionaryArray:
    texts = rows[name].chunk(0)
    return texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()


def _named(rows: pa.Table, per: tuple[str, ...], places: np.ndarray) -> list[pa.Array]:
    """Return the values of the columns that make the groups, by the groups' places."""
    columns: list[pa.Array] = []
    for name in reversed(per):
        texts = _texts(rows, name).dictionary
        places, own = np.divmod(places, len(texts) + 1)
        columns.append(texts.take(pa.array(own, mask=own == len(texts))))
    return columns[::-1]


class Spans:
    """The groups of a file, gathered block by block."""

    def __init__(self) -> None:
        """Begin with no group."""
        self._parts: dict[Span, list[pa.Table]] = {}
        self._many: set[Span] = set()

    def add(self, found: dict[Span, pa.Table | None]) -> None:
        """Add the groups of a block."""
        for span, groups in found.items():
            if groups is None:
                self._many.add(span)
            if groups is None or span in self._many:
                self._parts.pop(span, None)
                continue
            parts = self._parts.setdefault(span, [])
            parts.append(groups)
            if sum(part.num_rows for part in parts) > _MERGED_FROM:
                merged = _merged(parts, span)
                self._parts[span] = [merged]
                if merged.num_rows > _MOST_ROWS:
                    self._many.add(span)
                    del self._parts[span]

    def found(self) -> dict[Span, pa.Table]:
        """Return the groups of every column that was gathered to the end."""
        return {span: _merged(parts, span) for span, parts in self._parts.items()}


def _merged(parts: list[pa.Table], span: Span) -> pa.Table:
    both = pa.concat_tables(parts)
    if len(parts) == 1:
        return both
    kinds = zip(SPAN, ("sum", "min", "max"), strict=True)
    grouped = both.group_by(list(span[1])).aggregate([(name, kind) for name, kind in kinds])
    return grouped.rename_columns([name.rsplit("_", 1)[0] if name not in span[1] else name
                                   for name in grouped.column_names])  # fmt: skip
