"""Which groups of an answer are shown: those over a threshold, the first by a metric."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import PicholineError
from core.i18n import msg
from core.services.metric_cells import Places
from core.services.metric_known import get_metric
from core.services.metric_order import places_by_value
from core.services.metric_rows import Block, Flags, Reader, in_range


class Selection:
    """The shown groups of a question.

    Thresholds come first, the top list is taken among what they leave; others are all the rest,
    groups under a threshold included.

    Attributes:
        hidden: number of groups that thresholds hide.
        rows: places of the shown groups in their block.
    """

    def __init__(self, reader: Reader, main: Block) -> None:
        """Choose among the groups of a block, those of the question's rows.

        Raises:
            PicholineError: a top list of calendar periods is to have others.
        """
        self._reader = reader
        self._main = main
        self._asked = reader.asked
        fits = self._over_thresholds()
        self.hidden = len(main) - int(fits.sum())
        top = self._asked.query.top
        if top and self._asked.dimensions and not self.of_columns:
            self.rows = self._top_rows(fits)
        else:
            self.rows = np.flatnonzero(fits).astype(np.int64)
        if self.has_others and any(self._asked.dimensions[i].grain for i in self._asked.ranked):
            raise PicholineError(
                "query.others",
                msg("A top list of calendar periods has no row of others."),
                msg("Leave the others out, or rank another dimension."),
            )

    @property
    def of_columns(self) -> bool:
        """Whether the top list keeps columns of a pivot, not rows."""
        return bool(self._asked.pivoted) and self._asked.ranked == self._asked.pivoted

    @property
    def has_others(self) -> bool:
        """Whether what is left over is one more row, or column."""
        top = self._asked.query.top
        return bool(top and top.others and self._asked.dimensions and len(self._kept[0]))

    def left_over(self, places: Sequence[int]) -> Block:
        """Read the others from the lines: their counts and ratios are their own."""
        rest = [place for place in places if place not in self._asked.ranked]
        rows = list(zip(*(key.to_pylist() for key in self._kept), strict=True))
        return self._reader.block(rest, excluded=self._asked.ranked, rows=rows)

    def prefixes(self, level: Block) -> Places:
        """Return the places of the subtotals that have a shown group."""
        shown = set(
            zip(
                *(self._main.key(p).take(pa.array(self.rows)).to_pylist() for p in level.places),
                strict=True,
            )
        )
        names = zip(*(key.to_pylist() for key in level.keys), strict=True)
        return np.array([i for i, name in enumerate(names) if name in shown], np.int64)

    def columns(self, heads: Block) -> Places:
        """Return the places of the shown values of the pivoted dimension."""
        if not (self._asked.query.top and self.of_columns):
            return np.arange(len(heads))
        return _among(heads, self._asked.ranked, self._kept)

    def _over_thresholds(self) -> Flags:
        fits = np.ones(len(self._main), bool)
        for limit in self._asked.query.having:
            values = self._main.values(get_metric(limit.metric, self._asked.known))
            fits &= in_range(values.slice(0, len(self._main)), limit.low, limit.high)
        self._fits = fits
        return fits

    def _top_rows(self, fits: Flags) -> Places:
        if self._asked.ranked == self._main.places:
            return self._first(self._main, fits)
        found = _among(self._main, self._asked.ranked, self._kept)
        return found[fits[found]]

    @cached_property
    def _kept(self) -> tuple[pa.Array, ...]:
        """The keys of the first groups; those of the compared period alone come last."""
        ranked = self._asked.ranked
        if ranked == self._main.places:
            block, fits = self._main, self._fits
        else:
            # Ranked over all calendar buckets, or over all columns together.
            block = self._reader.level(ranked)
            fits = np.ones(len(block), bool)
        wanted = pa.array(self._first(block, fits))
        return tuple(key.take(wanted) for key in block.keys)

    def _first(self, block: Block, fits: Flags) -> Places:
        top = self._asked.query.top
        if top is None:
            return np.arange(len(block))
        metric = get_metric(top.by, self._asked.known)
        here = block.now[:-1] >= 0
        now = block.raw(metric).slice(0, len(block))
        if block.then is not None and not here.all():
            then = block.raw(metric, compared=True).slice(0, len(block))
            now = _where(here, now, then)
        order = places_by_value(block.keys, now, first=pa.array(here), lowest=False)
        return order[fits[order]][: top.n]


def _where(flags: Flags, first: pa.Array, second: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(flags), first, second)


def _among(block: Block, places: Sequence[int], kept: Sequence[pa.Array]) -> Places:
    """Return the groups whose keys are among others."""
    wanted = set(zip(*(key.to_pylist() for key in kept), strict=True))
    names = zip(*(block.key(place).to_pylist() for place in places), strict=True)
    return np.array([i for i, name in enumerate(names) if name in wanted], np.int64)


def rows_of_others(block: Block) -> Places:
    """Return the places of the left-over rows: the row over all where nothing else splits them."""
    if block.places:
        return np.arange(len(block))
    then = -1 if block.then is None else block.then[-1]
    return np.arange(int(block.now[-1] >= 0 or then >= 0))
