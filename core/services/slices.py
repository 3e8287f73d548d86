"""A part of a view: what a figure speaks of, as the address of its lines spells it.

A figure's cells are members of dimensions or buckets of the calendar. Members filter; buckets
narrow the period, and the compared period to what stands in their place there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.i18n import N_
from core.models.filters import FilterState, parse_day
from core.models.lines import CELL, ONLY, WITHOUT, Pair, read_pair
from core.models.options import Chosen, Option
from core.models.query import Filter, MetricQuery, Operator, Period, Scope
from core.models.result import ResultTable
from core.services import calendar
from core.services.metric_answer import OTHERS
from core.services.metric_known import get_dimension
from core.services.metric_request import line_up
from core.services.metrics import Metrics, Resolved

_SPELLED = N_("A dimension, a colon and a value, such as country:FR.")
SLICE_OPTIONS = tuple(
    Option(name, label, "text", hint=_SPELLED, in_bar=False, many=True)
    for name, label in ((CELL, N_("Inside")), (ONLY, N_("Only")), (WITHOUT, N_("Without")))
)


@dataclass(frozen=True)
class Slice:
    """A part of a view, ready to be asked about.

    Attributes:
        filters: of the page.
        cells: what the figure speaks of, in the order of the address.
        where: all that filters: the page's, the cell's and what it is restricted to besides.
        resolved: the page's periods, cut to the cell's buckets of the calendar.
    """

    metrics: Metrics
    filters: FilterState
    cells: tuple[Pair, ...]
    where: tuple[Filter, ...]
    resolved: Resolved
    scope: Scope

    def query(
        self, *keys: str, by: tuple[str, ...] = (), order: str | None = None, compare: bool = True
    ) -> MetricQuery:
        """Return the question for metrics by dimensions inside the part."""
        compared = self.resolved.compared if compare else None
        return MetricQuery(
            metrics=keys,
            by=by,
            where=self.where,
            period=self.resolved.period,
            compare=self.filters.compare if compared else None,
            compared=compared,
            order=order,
        )

    def ask(
        self, *keys: str, by: tuple[str, ...] = (), order: str | None = None, compare: bool = True
    ) -> ResultTable:
        """Answer it."""
        return self.metrics.ask(self.query(*keys, by=by, order=order, compare=compare), self.scope)

    def pinned(self) -> dict[str, str]:
        """Return the members that are chosen alone, by their dimensions."""
        single = [f for f in self.where if f.operator is Operator.IN and len(f.values) == 1]
        return {found.dimension: found.values[0] for found in single}


def slice_of(metrics: Metrics, filters: FilterState, chosen: Chosen, scope: Scope) -> Slice:
    """Return the part of a view that `SLICE_OPTIONS` name.

    Raises:
        PicholineError: there is no such dimension, or a day cannot be read.
    """
    known, resolved = metrics.known(), metrics.resolve(filters)
    cells, only, without = (
        tuple(read_pair(text) for text in chosen.listed(name)) for name in (CELL, ONLY, WITHOUT)
    )
    where = list(filters.where())
    for key, value in cells:
        dimension = get_dimension(key, known)
        if value == OTHERS:
            continue
        if dimension.grain:
            resolved = _narrowed(metrics, resolved, filters, key, value)
        else:
            where.append(Filter(key, (value,)))
    where += [*_grouped(only, Operator.IN), *_grouped(without, Operator.NOT_IN)]
    return Slice(metrics, filters, cells, tuple(where), resolved, scope)


def _grouped(pairs: Sequence[Pair], operator: Operator) -> list[Filter]:
    values: dict[str, list[str]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    return [Filter(key, tuple(found), operator) for key, found in values.items()]


def _narrowed(
    metrics: Metrics, resolved: Resolved, filters: FilterState, key: str, value: str
) -> Resolved:
    """Cut both periods to a bucket of the calendar and to what stands in its place."""
    bucket, period = parse_day(value), resolved.period
    if bucket is None or period is None:
        return resolved
    first, compared = metrics.campaign_first_month, None
    dimension = get_dimension(key, metrics.known())
    grain = dimension.grain or "day"
    if resolved.compared and filters.compare:
        line = line_up(dimension, period, resolved.compared, filters.compare, first)
        start = line.back(bucket) if line.how else bucket
        whole = Period(start, calendar.grain_end(start, grain, first))
        compared = _shared(whole, resolved.compared)
    own = Period(bucket, calendar.grain_end(bucket, grain, first))
    return replace(resolved, period=_shared(own, period) or own, compared=compared)


def _shared(one: Period, other: Period) -> Period | None:
    """Return the days two periods share; None where there are none."""
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Period(start, end) if start <= end else None
