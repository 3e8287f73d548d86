"""From a `MetricQuery` to requests on the line table: checked keys, filters, line-up of periods."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from core.errors import PicholineError
from core.i18n import msg
from core.models.catalogue import SHIPPED, Dimension, Known, Metric
from core.models.query import Compare, MetricQuery, Period, Scope
from core.models.rfm import SegmentRule
from core.repository.sql import Group, Request
from core.services import calendar
from core.services.metric_filters import BoundCondition, conditions
from core.services.metric_known import get_dimension, get_metric
from core.services.metric_stock import check_stock
from core.services.metric_values import measures_for, parts_of

_MAX_DIMENSIONS = 4
_YEAR_MONTHS = 12
# From the finest; the finest one of a split is what running totals go along.
_GRAINS = ("day", "week", "period_445", "month", "quarter", "year", "campaign")


@dataclass(frozen=True)
class Lineup:
    """How one dimension's buckets of the compared period take the place of the asked ones."""

    how: str | None = None
    steps: int = 0
    first_month: int = 1

    def back(self, bucket: date) -> date:
        """Return the compared period's own bucket for a shown one."""
        if self.how == "days":
            return bucket - timedelta(days=self.steps)
        if self.how == "periods":
            number = calendar.period_number(bucket, self.first_month)
            return calendar.period_start(number - self.steps, self.first_month)
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
        """Places of the dimensions a top list ranks.

        All but calendar grains and the one whose values become columns, if there are any.
        """
        plain = tuple(i for i, d in enumerate(self.dimensions) if d.grain is None)
        rows = tuple(i for i in plain if i not in self.pivoted)
        return rows or plain or self.rows or self.all

    @property
    def all(self) -> tuple[int, ...]:
        """Places of all dimensions."""
        return tuple(range(len(self.dimensions)))

    @property
    def pivoted(self) -> tuple[int, ...]:
        """Place of the dimension whose values become columns, if there is one."""
        return self.places((self.query.pivot,)) if self.query.pivot else ()

    @property
    def rows(self) -> tuple[int, ...]:
        """Places of the dimensions that split the rows."""
        return tuple(i for i in self.all if i not in self.pivoted)

    def places(self, keys: Iterable[str]) -> tuple[int, ...]:
        """Return the places of dimensions; those the question is not split by are left out."""
        known = {dimension.key: place for place, dimension in enumerate(self.dimensions)}
        return tuple(known[key] for key in dict.fromkeys(keys) if key in known)


def axis_of(asked: Question, places: Iterable[int]) -> int | None:
    """Return the place of the finest calendar dimension among some; None if there is none."""
    found = [place for place in places if asked.dimensions[place].grain]
    return min(
        found, key=lambda place: _GRAINS.index(asked.dimensions[place].grain or ""), default=None
    )


def question(
    query: MetricQuery,
    scope: Scope,
    campaign_first_month: int,
    known: Known = SHIPPED,
    rules: Sequence[SegmentRule] = (),
    members: Sequence[BoundCondition] = (),
) -> Question:
    """Check a query and turn it into the request for its own period.

    Args:
        query: what is asked.
        scope: its filters hold for every line.
        campaign_first_month: 1–12.
        known: what can be asked for.
        rules: the segments' rules, whose names filters search.
        members: the members that the query's `members` have picked, as conditions.

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
    deciding = [*([query.top.by] if query.top else []), *(t.metric for t in query.having)]
    needed = (*metrics, *(get_metric(key, known) for key in deciding))
    measures = measures_for(needed)
    # Rights are read by the shipped definitions: nobody's own one can change what they open.
    rights = conditions(scope.where, campaign_first_month, SHIPPED, rules)
    where = conditions(query.where, campaign_first_month, known, rules)
    request = Request(
        groups=tuple(group_of(d) for d in dimensions),
        measures=measures,
        conditions=(*where, *rights, *members),
        period=query.period,
        campaign_offset=campaign_first_month - 1,
        totals=query.totals,
        investments=not {"investment", "overhead"}.isdisjoint(measures),
    )
    request = replace(request, stock=check_stock(needed, request, known))
    return Question(query, metrics, dimensions, request, known)


def group_of(dimension: Dimension) -> Group:
    """Return the columns a dimension is grouped by; names of keys are no column of the lines."""
    return Group(dimension.column, dimension.grain, None if dimension.keyed else dimension.label)


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
    if grain == "period_445":
        return _line_up_periods(period, compared, compare, first_month)
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


def _line_up_periods(
    period: Period, compared: Period, compare: Compare | None, first_month: int
) -> Lineup:
    """A year before is the 4-4-5 period of the same number, whatever the years' weeks."""
    here = calendar.period_number(period.start, first_month)
    there = calendar.period_number(compared.start, first_month)
    steps = here - there
    if compare is Compare.YEAR:
        # The days of a year before may fall just outside the period of the same number.
        steps = round(steps / _YEAR_MONTHS) * _YEAR_MONTHS
    return Lineup("periods", steps, first_month)


def order_parts(order: str) -> tuple[str, bool]:
    """Split an order into its column and whether it descends."""
    return order.removeprefix("-"), order.startswith("-")


def uses_cost(metrics: Iterable[Metric]) -> bool:
    """Whether a metric rests on known costs."""
    return any("covered_net_sales" in parts_of(m) or "cogs" in parts_of(m) for m in metrics)
