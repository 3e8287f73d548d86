"""From a cell of an answer to the question its lines answer: filters, period, metric."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from core.errors import PicholineError
from core.i18n import msg
from core.models.catalogue import Dimension, Known, Linear, Metric, Ratio
from core.models.query import (
    NO_VALUE,
    Compare,
    Filter,
    MetricQuery,
    Operator,
    Period,
    Scope,
)
from core.repository.sql.lines import are_summed
from core.services import calendar
from core.services.metric_answer import OTHERS
from core.services.metric_known import get_dimension, get_metric
from core.services.metric_request import Lineup, line_up
from core.services.metric_values import parts_of
from core.services.metrics import Metrics

Cell: TypeAlias = Mapping[str, str | None]
Side: TypeAlias = Literal["asked", "compared"]
_NEAR_DAYS = 3  # where days of a leap year fall together


@dataclass(frozen=True)
class Behind:
    """The question whose lines stand behind a cell.

    Attributes:
        query: one metric under the filters, the cell's values and the cell's period.
        metric: as the catalogue knows it.
        known: the catalogue.
        edition: of the catalogue.
        excluded: combinations of values that are left out, by their dimensions: the members a top
            list shows by name, where the cell is its row of others.
    """

    query: MetricQuery
    metric: Metric
    known: Known = field(compare=False)
    edition: int = 0
    excluded_by: tuple[str, ...] = ()
    excluded: tuple[tuple[str | None, ...], ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Parts the metric is summed from or counts; scores are those of the buyers."""
        return line_parts(self.metric)

    @property
    def terms(self) -> tuple[Linear, ...]:
        """Sums the metric is made of, which a single line has its part in."""
        formula = self.metric.formula
        found = (formula.over, formula.under) if isinstance(formula, Ratio) else (formula,)
        return tuple(term for term in found if isinstance(term, Linear))


def behind(
    metrics: Metrics, query: MetricQuery, cell: Cell, scope: Scope, side: Side = "asked"
) -> Behind:
    """Return the question whose lines stand behind a cell of an answer.

    Args:
        metrics: answers the question itself, where the cell depends on its other rows.
        query: the question; its first metric is the cell's.
        cell: the row's values by dimension: calendar buckets by their first day, None for lines
            without a value, `OTHERS` for the row of others; dimensions that are missing are summed
            over, as on subtotals and totals.
        scope: who asks.
        side: "compared" for the column of the compared period.

    Raises:
        PicholineError: something is unknown, or the cell has no lines of its own.
    """
    known = metrics.known()
    metric = get_metric(query.metrics[0] if query.metrics else "", known)
    dimensions = [get_dimension(key, known) for key in cell]
    plain = replace(
        query,
        metrics=(metric.key,),
        by=(),
        compare=None,
        compared=None,
        top=None,
        order=None,
        members=(),
        having=(),
        extras=(),
        subtotals=False,
        pivot=None,
    )
    period, lines_up = query.period, [Lineup()] * len(dimensions)
    if side == "compared":
        period, lines_up = _compared(metrics, query, dimensions, scope)
    filters = [
        _filter(dimension, cell[dimension.key], line)
        for dimension, line in zip(dimensions, lines_up, strict=True)
        if cell[dimension.key] != OTHERS
    ]
    # Members are picked under the question's own filters and period, never under the cell's.
    members = metrics.picked(query, scope) if query.members else ()
    where = (*query.where, *members, *filters)
    plain = replace(plain, where=where, period=period)
    found = Behind(plain, metric, known, known.version)
    others = [d for d in dimensions if cell[d.key] == OTHERS]
    return _without_shown(metrics, query, found, others, scope) if others else found


def _compared(
    metrics: Metrics, query: MetricQuery, dimensions: list[Dimension], scope: Scope
) -> tuple[Period, list[Lineup]]:
    """Return the compared period, and how its calendar buckets stand in the asked ones' place."""
    if query.compare is Compare.BUDGET:
        raise PicholineError(
            "drill.budget",
            msg("A budget has no lines: it was planned, not sold."),
            msg("Show the lines of the period itself."),
        )
    asked = replace(query, by=(), top=None, order=None, having=(), extras=(), pivot=None)
    compared = metrics.ask(replace(asked, subtotals=False), scope).compared
    period = query.period or metrics.span()
    if compared is None or period is None:
        raise PicholineError(
            "drill.compared",
            msg("There is no compared period, and no lines of one."),
            msg("Choose a comparison, or show the lines of the period itself."),
        )
    first = metrics.campaign_first_month
    return compared, [line_up(d, period, compared, query.compare, first) for d in dimensions]


def _filter(dimension: Dimension, value: str | None, line: Lineup) -> Filter:
    if value is None or value == NO_VALUE:
        return Filter(dimension.key, (NO_VALUE,))
    if not dimension.grain or line.how is None:
        return Filter(dimension.key, (value,))
    return Filter(dimension.key, tuple(day.isoformat() for day in _own(_day(value), line)))


def _own(bucket: date, line: Lineup) -> Iterator[date]:
    """Yield the compared period's own buckets that stand in the place of a shown one."""
    if line.how != "year":
        yield line.back(bucket)
        return
    # 29 February stands with the 28th of a common year; nothing stands on a 29th of its own.
    near = line.back(bucket)
    for days in range(-_NEAR_DAYS, _NEAR_DAYS + 1):
        day = near + timedelta(days=days)
        if calendar.add_months(day, line.steps) == bucket:
            yield day


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PicholineError(
            "filter.date",
            msg("“{text}” is not a date.", text=text),
            msg("Write dates as 2025-03-31."),
        ) from error


def _without_shown(
    metrics: Metrics, query: MetricQuery, found: Behind, others: list[Dimension], scope: Scope
) -> Behind:
    """Leave out the members that the answer shows by name."""
    if query.top is None:
        raise PicholineError(
            "drill.others",
            msg("Only a top list has a row of others."),
            msg("Name the members, or ask for a top list."),
        )
    asked = replace(query, having=(), extras=(), subtotals=False, pivot=None)
    table = metrics.ask(asked, scope)
    columns = [table.data.column(d.key).to_pylist() for d in others]
    shown = dict.fromkeys(row for row in zip(*columns, strict=True) if OTHERS not in row)
    if len(others) > 1:
        keys = tuple(d.key for d in others)
        return replace(found, excluded_by=keys, excluded=tuple(shown))
    values = tuple(NO_VALUE if value is None else str(value) for (value,) in shown)
    kept = Filter(others[0].key, values, Operator.NOT_IN)
    return replace(found, query=replace(found.query, where=(*found.query.where, kept)))


def rests_on_lines(metric: Metric) -> bool:
    """Whether lines stand behind a metric; stock, for example, is counted in other tables."""
    return are_summed(line_parts(metric))


def line_parts(metric: Metric) -> tuple[str, ...]:
    """Return the parts a metric is summed from or counts; scores are those of the buyers."""
    return parts_of(metric) or ("customers",)
