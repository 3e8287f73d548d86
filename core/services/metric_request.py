"""From a `MetricQuery` to requests on the line table: checked keys, filters, line-up of periods."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

from core.errors import PicholineError
from core.i18n import msg
from core.models.catalogue import SHIPPED, Dimension, Known, Metric
from core.models.query import NO_VALUE, Compare, Filter, MetricQuery, Period, Scope
from core.repository.sql import Condition, Group, Request, condition
from core.services import calendar
from core.services.metric_stock import check_stock
from core.services.metric_values import measures_for, parts_of

_MAX_DIMENSIONS = 4
_NEAREST = 3
_YEAR_MONTHS = 12
BoundCondition = tuple[Condition, tuple[Any, ...]]


@dataclass(frozen=True)
class Lineup:
    """How one dimension's buckets of the compared period take the place of the asked ones."""

    how: str | None = None
    steps: int = 0

    def back(self, bucket: date) -> date:
        """Return the compared period's own bucket for a shown one."""
        if self.how == "days":
            return bucket - timedelta(days=self.steps)
        return calendar.add_months(bucket, -self.steps)


@dataclass(frozen=True)
class Question:
    """A checked query: what it names, as the catalogue knows it."""

    query: MetricQuery
    metrics: tuple[Metric, ...]
    dimensions: tuple[Dimension, ...]
    request: Request
    known: Known = SHIPPED

    @property
    def ranked(self) -> tuple[int, ...]:
        """Places of the dimensions a top list ranks: all but calendar grains, if there are any."""
        plain = tuple(i for i, d in enumerate(self.dimensions) if d.grain is None)
        return plain or tuple(range(len(self.dimensions)))


def question(
    query: MetricQuery, scope: Scope, campaign_first_month: int, known: Known = SHIPPED
) -> Question:
    """Check a query and turn it into the request for its own period.

    Raises:
        PicholineError: a key is unknown, there is no metric, or more dimensions than four.
    """
    metrics = tuple(get_metric(key, known) for key in dict.fromkeys(query.metrics))
    dimensions = tuple(get_dimension(key, known) for key in dict.fromkeys(query.by))
    if not metrics or len(dimensions) > _MAX_DIMENSIONS:
        raise PicholineError(
            "query.shape",
            msg("A question needs at least one metric and at most four dimensions."),
            msg("Name one or more metrics, and no more than four dimensions."),
        )
    ranking = (get_metric(query.top.by, known),) if query.top else ()
    needed = (*metrics, *ranking)
    measures = measures_for(needed)
    request = Request(
        groups=tuple(group_of(d) for d in dimensions),
        measures=measures,
        conditions=conditions((*query.where, *scope.where), campaign_first_month, known),
        period=query.period,
        campaign_offset=campaign_first_month - 1,
        totals=query.totals,
        investments="investment" in measures,
    )
    request = replace(request, stock=check_stock(needed, request, known))
    return Question(query, metrics, dimensions, request, known)


def group_of(dimension: Dimension) -> Group:
    """Return the columns a dimension is grouped by; names of keys are no column of the lines."""
    return Group(dimension.column, dimension.grain, None if dimension.keyed else dimension.label)


def conditions(
    filters: Iterable[Filter], campaign_first_month: int, known: Known = SHIPPED
) -> tuple[BoundCondition, ...]:
    """Return filters as conditions with bound values."""
    found = []
    for chosen in filters:
        dimension = get_dimension(chosen.dimension, known)
        values: Sequence[Any] = chosen.values
        if dimension.grain:
            values = [_bucket(v, dimension.grain, campaign_first_month) for v in values]
        found.append(condition(dimension.column, values, chosen.operator, dimension.grain))
    return tuple(found)


def _bucket(text: str, grain: str, first_month: int) -> date | str:
    if text == NO_VALUE:
        return text
    full = f"{text}-01-01"[: max(len(text), len("2025-01-01"))] if len(text) in {4, 7} else text
    try:
        return calendar.grain_start(date.fromisoformat(full), grain, first_month)
    except ValueError as error:
        raise PicholineError(
            "filter.date",
            msg("“{text}” is not a date.", text=text),
            msg("Write dates as 2025-03-31."),
        ) from error


def with_compared(
    request: Request, line_ups: Sequence[Lineup], period: Period, compared: Period
) -> tuple[Request, ...]:
    """Return the request that answers both periods, or one for each where they share days."""
    groups = tuple(
        replace(group, shifted=line.how)
        for group, line in zip(request.groups, line_ups, strict=True)
    )
    both = replace(
        request, groups=groups, period=period, shifts=tuple(line.steps for line in line_ups)
    )
    if compared.end < period.start or compared.start > period.end:
        return (replace(both, compared=compared),)
    return both, replace(both, period=compared, side=1)


def line_up(
    dimension: Dimension,
    period: Period,
    compared: Period,
    compare: Compare | None,
    first_month: int,
) -> Lineup:
    """Return how a dimension's compared buckets move: the k-th takes the k-th asked one's place."""
    grain = dimension.grain
    if grain is None:
        return Lineup()
    here = calendar.grain_start(period.start, grain, first_month)
    there = calendar.grain_start(compared.start, grain, first_month)
    months = calendar.months_between(there, here)
    if grain == "day":
        if compare is Compare.YEAR and months and months % _YEAR_MONTHS == 0:
            return Lineup("year", months)
        return Lineup("days", (here - there).days)
    if grain == "week":
        return Lineup("days", (here - there).days)
    return Lineup("months", months)


def get_metric(key: str, known: Known = SHIPPED) -> Metric:
    """Return a metric by key.

    Raises:
        PicholineError: there is none; the remedy names the nearest ones.
    """
    found = known.metrics.get(key)
    if found is None:
        raise PicholineError(
            "query.metric",
            msg("There is no metric “{key}”.", key=key),
            msg("Did you mean: {keys}?", keys=_nearest(key, known.metrics)),
        )
    return found


def get_dimension(key: str, known: Known = SHIPPED) -> Dimension:
    """Return a dimension by key.

    Raises:
        PicholineError: there is none; the remedy names the nearest ones.
    """
    found = known.dimensions.get(key)
    if found is None:
        raise PicholineError(
            "query.dimension",
            msg("There is no dimension “{key}”.", key=key),
            msg("Did you mean: {keys}?", keys=_nearest(key, known.dimensions)),
        )
    return found


def _nearest(key: str, known: Iterable[str]) -> str:
    return ", ".join(get_close_matches(key, list(known), _NEAREST, cutoff=0.0))


def order_parts(order: str) -> tuple[str, bool]:
    """Split an order into its column and whether it descends."""
    return order.removeprefix("-"), order.startswith("-")


def uses_cost(metrics: Iterable[Metric]) -> bool:
    """Whether a metric rests on known costs."""
    return any("covered_net_sales" in parts_of(m) or "cogs" in parts_of(m) for m in metrics)
