"""Blocks put under the declared columns of an answer."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from core.i18n import N_
from core.models.catalogue import Dimension
from core.models.result import LEVEL, Column
from core.models.rfm import name_cells
from core.services import calendar
from core.services.metric_columns import (
    changes,
    compared_columns,
    dimension_columns,
    extra_columns,
    level_column,
    metric_column,
)
from core.services.metric_order import OTHERS
from core.services.metric_rows import Block, Reader
from core.services.metric_windows import Extras


class Sheet:
    """Tables of one answer: the same columns for groups, others, subtotals and totals."""

    def __init__(self, reader: Reader, whole: Block) -> None:
        """Declare the columns.

        Args:
            reader: of the question.
            whole: its groups; the row over all of them is what shares are shares of.
        """
        asked = reader.asked
        self._reader = reader
        self._whole = whole
        self._computed = Extras(reader, whole)
        metrics = {metric.key: metric for metric in asked.metrics}
        self._extras = extra_columns(asked.query.extras, metrics, asked.known.dimensions)

    @property
    def needs_all(self) -> bool:
        """Whether columns depend on groups that are not shown."""
        return bool(self._extras)

    def columns(self) -> tuple[Column, ...]:
        """Return the columns; the pivoted dimension has none of its own."""
        asked = self._reader.asked
        found: list[Column] = []
        for place in asked.rows:
            found += dimension_columns(asked.dimensions[place])
        if asked.query.subtotals:
            found.append(level_column())
        for metric in asked.metrics:
            found.append(metric_column(metric))
            if self._reader.compared:
                found += compared_columns(metric, budget=self._reader.budget is not None)
            found += [column for extra, column in self._extras if extra.metric == metric.key]
        return tuple(found)

    def table(self, block: Block, level: int, others: Collection[int] = ()) -> pa.Table:
        """Return a block's rows with all dimensions, the row over all of them last.

        Args:
            block: what was read; dimensions it is not split by are empty.
            level: how many dimensions split the rows.
            others: dimensions whose value is "all others".
        """
        asked = self._reader.asked
        found: dict[str, pa.Array] = {}
        for place, dimension in enumerate(asked.dimensions):
            found |= self._dimension(block, place, dimension, others)
        found[LEVEL] = pa.array(np.full(len(block) + 1, level, np.int64))
        for metric in asked.metrics:
            now = block.values(metric)
            found[metric.key] = now
            if self._reader.compared:
                names = [column.key for column in compared_columns(metric)]
                then = block.compared(metric)
                found |= dict(zip(names, (then, *changes(metric, now, then)), strict=True))
        for extra, column in self._extras:
            found[column.key] = self._computed.values(extra, block, ranked=not others)
        return pa.table(found)

    def _dimension(
        self, block: Block, place: int, dimension: Dimension, others: Collection[int]
    ) -> dict[str, pa.Array]:
        size = len(block)
        split = place in block.places
        kind = self._whole.key(place).type
        if place in others:
            key = pa.array([OTHERS] * (size + 1), kind)
        elif split:
            key = pa.concat_arrays([block.key(place), pa.nulls(1, kind)])
        else:
            key = pa.nulls(size + 1, kind)
        columns = dimension_columns(dimension)
        if len(columns) == 1:
            return {dimension.key: key}
        names = pa.nulls(size + 1, pa.string())
        if dimension.keyed:
            known = {**name_cells(self._reader.info.rules), **dict(dimension.names)}
            names = _names(key, {**known, OTHERS: N_("Others")})
        elif split and dimension.grain:
            first_month = self._reader.first_month
            named = [d and calendar.period_name(d, first_month) for d in key.to_pylist()]
            names = pa.array(named, pa.string())
        elif split:
            names = pa.concat_arrays([block.label(place).cast(pa.string()), names.slice(size)])
        return {dimension.key: key, columns[1].key: names}


def _names(keys: pa.Array, names: dict[str, str]) -> pa.Array:
    """Return the names of keys; a key without a name is shown itself."""
    found = [names.get(key, key) for key in keys.to_pylist()]
    return pa.array(found, pa.string())
