"""Which rows of a large file may repeat another, found without comparing them.

Every row gets a number of its values, its print. Rows that are equal have the same print; of the
few others that share one, the comparison itself decides.
"""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .raw import Mask, Rows

Prints = NDArray[np.uint64]
_ODD = np.uint64(0x9E3779B97F4A7C15)
_BASE = 0x100000001B3
_NOTHING = np.uint64(0x2545F4914F6CDD1D)
_SHIFT = np.uint64(29)
_BUCKETS = 1 << 16


def prints_of(rows: pa.Table, besides: Collection[str]) -> Prints:
    """Return the print of every row.

    Args:
        rows: stored values in one piece, texts as numbers of the different ones.
        besides: columns that do not count.
    """
    found = np.zeros(rows.num_rows, dtype=np.uint64)
    for name in rows.column_names:
        values = rows[name].chunk(0) if name not in besides and rows.num_rows else None
        if values is None or values.null_count == len(values):
            continue
        found ^= _of_column(values)
        found *= _ODD
        found ^= found >> _SHIFT
    return found


def _of_column(values: pa.Array) -> Prints:
    if pa.types.is_dictionary(values.type):
        known = np.append(_of_texts(values.dictionary), _NOTHING)
        return known[values.indices.fill_null(len(values.dictionary)).to_numpy()]
    if pa.types.is_decimal(values.type):
        numbers = words(values).astype(np.uint64) * _ODD
    else:
        whole = values.cast(pa.int32()) if pa.types.is_date(values.type) else values
        numbers = whole.cast(pa.int64()).fill_null(0).to_numpy().astype(np.uint64) * _ODD
    if values.null_count:
        numbers[np.asarray(values.is_null())] = _NOTHING
    return numbers


def words(values: pa.Array) -> NDArray[np.int64]:
    """Return decimals of at most 18 digits as whole numbers of their last place."""
    held = np.frombuffer(values.buffers()[1], dtype=np.int64)
    return held[2 * values.offset : 2 * (values.offset + len(values)) : 2]


def _of_texts(texts: pa.Array) -> Prints:
    """Return a number of every text: the sum of its bytes, each weighed by its place."""
    if not len(texts):
        return np.empty(0, dtype=np.uint64)
    ends = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset :][: len(texts) + 1]
    data = texts.buffers()[2]
    first, last = int(ends[0]), int(ends[-1])
    held = np.frombuffer(data, dtype=np.uint8)[first:last] if data and last else np.empty(0, "u1")
    starts = ends[:-1].astype(np.int64) - first
    lengths = np.diff(ends)
    weights = np.full(max(int(lengths.max()), 1), _BASE, dtype=np.uint64).cumprod()
    places = np.arange(len(held)) - np.repeat(starts, lengths)
    parts = np.append((held.astype(np.uint64) + np.uint64(1)) * weights[places], np.uint64(0))
    found = np.add.reduceat(parts, starts)
    found[lengths == 0] = 0
    return found * _ODD


class Twice:
    """Gathers the prints of a file block by block."""

    def __init__(self) -> None:
        """Begin with no row."""
        self._prints: list[Prints] = []
        self._rows: list[NDArray[np.uint32]] = []

    def add(self, prints: Prints, rows: Rows) -> None:
        """Add the prints of some rows and their numbers."""
        self._prints.append(prints)
        self._rows.append(rows.astype(np.uint32))

    def found(self) -> Rows:
        """Return the numbers of the rows whose print another row has as well."""
        if not self._prints:
            return np.empty(0, dtype=np.int64)
        every = np.concatenate(self._prints)
        every.sort()
        shared = np.unique(every[1:][every[1:] == every[:-1]])
        del every
        marked: Mask = np.zeros(_BUCKETS, dtype=bool)
        low = np.uint64(_BUCKETS - 1)
        marked[shared & low] = True
        rows: list[Rows] = []
        for prints, numbers in zip(self._prints, self._rows, strict=True):
            near = np.flatnonzero(marked[prints & low])
            rows.append(numbers[near[np.isin(prints[near], shared)]].astype(np.int64))
        return np.sort(np.concatenate(rows))
