"""Columns beside a metric: share, running total, moving average, rank.

Sums along the calendar are sums of parts, evaluated afterwards: the running margin rate of June is
the margin rate from the first month to June, never a mean of rates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import accumulate
from operator import or_

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.models.catalogue import Distinct, Metric
from core.models.query import Extra
from core.services import calendar
from core.services.metric_cells import Places, align, take
from core.services.metric_formula import AMOUNT, is_additive
from core.services.metric_request import axis_of, get_metric
from core.services.metric_rows import Block, Flags, Reader
from core.services.metric_values import Evaluator, ratio

_MASK = "unit_mask"


class Extras:
    """Computes the extra columns of a question's blocks."""

    def __init__(self, reader: Reader, main: Block) -> None:
        """Take the block of all groups, whose last row is the total."""
        self._reader = reader
        self._main = main

    def values(self, extra: Extra, block: Block, *, ranked: bool = True) -> pa.Array:
        """Return an extra column, the row over all groups last.

        Args:
            extra: what is asked.
            block: the groups; where they are not split by a dimension of `within`, the values are
                unknown.
            ranked: False for rows that have no rank among others.
        """
        metric = get_metric(extra.metric, self._reader.asked.known)
        within = self._reader.asked.places(extra.within)
        if extra.kind == "share":
            return self._share(metric, block, within)
        if not set(within) <= set(block.places) or (extra.kind == "rank" and not ranked):
            return pa.nulls(len(block) + 1, pa.int64() if extra.kind == "rank" else pa.float64())
        if extra.kind == "rank":
            return _ranks(block.values(metric), [block.key(place) for place in within])
        return self._along(extra, metric, block)

    def _share(self, metric: Metric, block: Block, within: Sequence[int]) -> pa.Array:
        values = block.values(metric)
        if not within:
            total = self._main.values(metric)[len(self._main)]
            return ratio(values, pa.array([total.as_py()] * len(values), values.type))
        if not set(within) <= set(block.places):
            return pa.nulls(len(values), pa.float64())
        whole = self._reader.level(tuple(within))
        keys = [block.key(place) for place in within]
        places = align(keys, whole.keys)[2][: len(block)]
        under = take(whole.values(metric), np.r_[places, -1])
        return ratio(values, under)

    def _along(self, extra: Extra, metric: Metric, block: Block) -> pa.Array:
        """Return a running total or a moving average, of the rows the data know of."""
        axis = axis_of(self._reader.asked, block.places)
        within = self._reader.within
        if axis is None or within is None or not len(block):
            return pa.nulls(len(block) + 1, pa.float64())
        line = _Line.of(self._reader, block, axis, extra)
        average = extra.kind == "average"
        starts = line.windows(extra.window) if average else line.parts
        found = Evaluator(_summed(block.measures, line.order, starts)).values(metric)
        known = block.known[0][:-1][line.order]
        if average:
            if is_additive(metric) or isinstance(metric.formula, Distinct):
                found = pc.divide(found.cast(pa.float64()), float(extra.window))
            known &= line.full(extra.window)
        found = pc.if_else(pa.array(known), found, None)
        back = np.empty(len(block), np.int64)
        back[line.order] = np.arange(len(block))
        return take(found, np.r_[back, -1])


@dataclass(frozen=True)
class _Line:
    """Rows in the order of the calendar, inside their own part.

    Attributes:
        order: place of each row in the block.
        numbers: of the rows' buckets.
        parts: where the part of each row begins.
        firsts: number of the first bucket the part knows of.
    """

    order: Places
    numbers: Places
    parts: Places
    firsts: Places

    @classmethod
    def of(cls, reader: Reader, block: Block, axis: int, extra: Extra) -> "_Line":
        """Part the rows by all but calendar dimensions, and by those of `within`."""
        dimensions, first_month = reader.asked.dimensions, reader.first_month
        days = block.key(axis).to_pylist()
        grain = dimensions[axis].grain or ""
        known = reader.within or reader.period
        start = known.start if known else days[0]
        numbers = np.array([calendar.bucket_number(d, grain, first_month) for d in days], np.int64)
        firsts = np.full(len(days), calendar.bucket_number(start, grain, first_month), np.int64)
        keys: list[Sequence[object]] = [
            block.key(place).to_pylist() for place in block.places if not dimensions[place].grain
        ]
        for key in extra.within:
            coarse = reader.asked.known.dimensions[key].grain
            if coarse is None:
                continue
            begins = [calendar.grain_start(day, coarse, first_month) for day in days]
            keys.append(begins)
            opened = [calendar.bucket_number(max(b, start), grain, first_month) for b in begins]
            firsts = np.maximum(firsts, np.array(opened, np.int64))
        names = {key: code for code, key in enumerate(dict.fromkeys(_rows(keys, len(days))))}
        codes = np.array([names[key] for key in _rows(keys, len(days))], np.int64)
        order = np.lexsort((numbers, codes)).astype(np.int64)
        return cls(order, numbers[order], _group_starts(codes[order]), firsts[order])

    def windows(self, size: int) -> Places:
        """Return where the window of each row begins: so many buckets, its own the last."""
        found = np.arange(len(self.order))
        for row, (number, part) in enumerate(zip(self.numbers, self.parts, strict=True)):
            inside = np.searchsorted(self.numbers[part : row + 1], number - size + 1)
            found[row] = part + inside
        return found

    def full(self, size: int) -> Flags:
        """Whether all buckets of a row's window lie inside what its part knows of."""
        return self.numbers - size + 1 >= self.firsts


def _rows(keys: Sequence[Sequence[object]], size: int) -> list[tuple[object, ...]]:
    return list(zip(*keys, strict=True)) if keys else [()] * size


def _group_starts(codes: Places) -> Places:
    """Return for each row of sorted groups where its group begins."""
    new = np.r_[True, codes[1:] != codes[:-1]]
    return np.maximum.accumulate(np.where(new, np.arange(len(codes)), 0)).astype(np.int64)


def _summed(measures: Mapping[str, pa.Array], order: Places, starts: Places) -> dict[str, pa.Array]:
    """Return each measure summed from a row's start to itself; unknown values are no part of it."""
    found: dict[str, pa.Array] = {}
    for name, values in measures.items():
        cells = take(values, order).to_pylist()
        if name == _MASK:
            found[name] = pa.array(_masks(cells, starts), pa.int64())
        else:
            found[name] = _sums(cells, starts, values.type)
    return found


def _masks(cells: Sequence[int | None], starts: Places) -> list[int]:
    """Return the bits of a window put together; a window that only grows keeps those it has."""
    found: list[int] = []
    for row, start in enumerate(starts):
        grown = row and start == starts[row - 1]
        window = cells[row : row + 1] if grown else cells[int(start) : row + 1]
        found.append(reduce(or_, (bits or 0 for bits in window), found[-1] if grown else 0))
    return found


def _sums(cells: Sequence[Decimal | int | None], starts: Places, kind: pa.DataType) -> pa.Array:
    """Return exact sums over windows; unknown where no value of the window is known."""
    sums = [Decimal(0), *accumulate(Decimal(cell or 0) for cell in cells)]
    counts = np.r_[0, np.cumsum([cell is not None for cell in cells])]
    rows: npt.NDArray[np.int64] = np.arange(len(cells)) + 1
    some = counts[rows] > counts[starts]
    wide = kind if pa.types.is_integer(kind) else AMOUNT
    found = [
        sums[row] - sums[start] if known else None
        for row, start, known in zip(rows, starts, some, strict=True)
    ]
    if pa.types.is_integer(kind):
        return pa.array([None if value is None else int(value) for value in found], wide)
    return pa.array(found, wide)


def _ranks(values: pa.Array, keys: Sequence[pa.Array]) -> pa.Array:
    """Return ranks from the highest: 1, 2, 2, 4; an unknown value has none."""
    size = len(values) - 1
    values = values.slice(0, size)
    if not size:
        return pa.nulls(1, pa.int64())
    parts = {key: code for code, key in enumerate(dict.fromkeys(_keys_of(keys, size)))}
    codes = np.array([parts[key] for key in _keys_of(keys, size)], np.int64)
    known = pc.is_valid(values).to_numpy(zero_copy_only=False)
    table = pa.table({"code": pa.array(codes), "value": values})
    order = pc.sort_indices(
        table, [("code", "ascending", "at_end"), ("value", "descending", "at_end")]
    )
    rows = order.to_numpy().astype(np.int64)
    ordered = values.take(order)
    same = pc.fill_null(pc.equal(ordered.slice(1), ordered.slice(0, size - 1)), False)  # noqa: FBT003
    starts = _group_starts(codes[rows])
    new = np.r_[True, ~same.to_numpy(zero_copy_only=False)] | (starts == np.arange(size))
    firsts = np.maximum.accumulate(np.where(new, np.arange(size), 0))
    ranks = np.empty(size, np.int64)
    ranks[rows] = firsts - starts + 1
    return pa.array(np.r_[ranks, 0], mask=np.r_[~known, True])


def _keys_of(keys: Sequence[pa.Array], size: int) -> list[tuple[object, ...]]:
    return _rows([key.to_pylist() for key in keys], size)
