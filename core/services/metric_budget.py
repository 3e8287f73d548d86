"""Comparison with the budget: which months, which metrics, and what cannot be compared.

Budgets are by month. They are set against the same whole, finished months of what was sold: a part
of a month is never set against a part of its budget.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pyarrow as pa

from core.errors import PicholineError
from core.formats import shown
from core.i18n import Message, msg
from core.models.catalogue import Known, Linear, Metric, Ratio, columns_of
from core.models.formats import Format
from core.models.query import Compare, MetricQuery, Period
from core.repository.budgets import (
    BUDGET_COLUMNS,
    planned,
    stated_metrics,
    unstated_columns,
    whole_months,
)
from core.repository.sql import Request
from core.repository.warehouse import Cursor, WarehouseInfo
from core.services import calendar
from core.services.metric_cells import Cells
from core.services.metric_formula import AMOUNT, leaves
from core.services.metric_request import Question
from core.services.metric_values import Evaluator, ratio
from core.services.vocabulary import words_of

PLAN = "plan_"  # begins the columns of budgets among the measures of an answer
_FINE = frozenset({"day", "week", "period_445"})
# A plan knows all its costs: its margin is set against all of its sales.
_STANDS_FOR = {
    Linear(("covered_net_sales",)): "net_sales",
    Linear(("product_net_sales",)): "net_sales",
}


def budget_period(period: Period | None, span: Period | None, today: date) -> Period | None:
    """Return the whole finished months of a period that have data; None if there is none."""
    if span is None:
        return None
    now = calendar.as_of(span, today)
    finished = now if now == calendar.month_end(now) else now.replace(day=1) - timedelta(days=1)
    asked = period or span
    start = max(asked.start, span.start.replace(day=1))
    if asked.start <= span.start:
        start = span.start.replace(day=1)  # a company that opened on the 3rd has a first month
    end = min(asked.end, finished)
    return whole_months(Period(start, end)) if start <= end else None


def budget_caveat(period: Period) -> Message:
    """Say which months are compared."""
    return msg(
        "Budgets are by month: shown and compared are the finished months from {start} to {end}.",
        start=shown(period.start, Format.DATE),
        end=shown(period.end, Format.DATE),
    )


def no_budgets_caveat() -> Message:
    """Say that nothing was planned."""
    return msg("There are no budgets to compare with: import a table of budgets.")


def no_month_caveat() -> Message:
    """Say that there is nothing to compare."""
    return msg("Budgets are by month: the period holds no whole, finished month to compare.")


def with_months(query: MetricQuery, info: WarehouseInfo, today: date) -> MetricQuery:
    """Return a question about budgets over the months it can be answered for.

    Without any it is asked as it is, without a comparison.
    """
    if query.compare is not Compare.BUDGET:
        return query
    period = budget_period(query.period, info.span, today)
    if period is None:
        return replace(query, compare=None, compared=None)
    return replace(query, period=period, compared=None)


@dataclass(frozen=True)
class Budget:
    """The budgets a question is compared with.

    Attributes:
        spellings: key of each metric that has a budget → how the budgets name it.
        missing: asked metrics that nothing was planned for.
        unstated: columns that some of these budgets do not state.
    """

    spellings: Mapping[str, tuple[str, ...]]
    missing: tuple[Metric, ...]
    unstated: frozenset[str]

    @classmethod
    def of(cls, asked: Question, cursor: Cursor) -> "Budget | None":
        """Return the budgets of a question; None where it does not ask for any.

        Raises:
            PicholineError: it is split or filtered by what budgets do not state, or there is no
                budget for any of its metrics.
        """
        if asked.query.compare is not Compare.BUDGET or asked.query.period is None:
            return None
        _check(asked)
        known = budgeted(asked.known, cursor)
        wanted = {key for m in asked.metrics for key in plans_of(m, asked.known) or ()}
        spellings = {key: known[key] for key in sorted(wanted) if key in known}
        missing = tuple(m for m in asked.metrics if not _is_planned(m, asked.known, spellings))
        if len(missing) == len(asked.metrics):
            raise _no_budget(asked, tuple(known))
        return cls(spellings, missing, unstated_columns(cursor, asked.query.period, spellings))

    def beside(self, cells: Cells, request: Request, cursor: Cursor, info: WarehouseInfo) -> Cells:
        """Return fetched groups with the budgets as rows of the compared side."""
        plans = planned(cursor, info, request, self.spellings)
        size = plans.num_rows
        ones = {"side": 1, "line_count": 0}
        arrays: list[pa.ChunkedArray | pa.Array] = []
        for field in cells.table.schema:
            if field.name in plans.column_names:
                arrays.append(plans.column(field.name).cast(field.type))
            elif field.name in ones:
                arrays.append(pa.array([ones[field.name]] * size, field.type))
            else:
                arrays.append(pa.nulls(size, field.type))
        other = pa.table(arrays, schema=cells.table.schema)
        both = pa.concat_tables([cells.table, other]).combine_chunks()
        for key in self.spellings:
            name = f"{PLAN}{key}"
            values = pa.concat_arrays(
                [pa.nulls(cells.table.num_rows, AMOUNT), _whole(plans.column(name)).cast(AMOUNT)]
            )
            both = both.append_column(name, values)
        return replace(cells, table=both)

    def caveats(self, asked: Question) -> Iterator[Message]:
        """Say what is compared with what."""
        if asked.query.period:
            yield budget_caveat(asked.query.period)
        if self.missing:
            yield msg("There is no budget for: {metrics}.", metrics=_listed(self.missing))
        filtered = {c for chosen, _ in asked.request.conditions for c in columns_of(chosen.column)}
        for dimension in asked.known.dimensions.values():
            if dimension.key not in BUDGET_COLUMNS or dimension.key not in self.unstated:
                continue
            if dimension.key in {d.key for d in asked.dimensions}:
                yield msg(
                    "Some budgets state no value for “{dimension}” and stand apart.",
                    dimension=Message(dimension.name),
                )
            elif dimension.key in filtered:
                yield msg(
                    "Budgets that state no value for “{dimension}” are left out.",
                    dimension=Message(dimension.name),
                )


class Planned(Evaluator):
    """Budgets of metrics: stated sums as they are, ratios out of the sums they divide."""

    def __init__(self, measures: Mapping[str, pa.Array], known: Known) -> None:
        """Take the measures, budgets among them."""
        super().__init__(measures)
        self._plans = measures
        self._known = known

    def values(self, metric: Metric) -> pa.Array:
        """Return a metric's budget per row; unknown where none is stated."""
        keys = plans_of(metric, self._known) or ()
        found = [self._plans.get(f"{PLAN}{key}") for key in keys]
        kind = pa.float64() if isinstance(metric.formula, Ratio) else AMOUNT
        if not found or any(plan is None for plan in found):
            return pa.nulls(len(self._plans["line_count"]), kind)
        return ratio(found[0], found[1]) if isinstance(metric.formula, Ratio) else found[0]


def has_plans(measures: Mapping[str, pa.Array]) -> bool:
    """Whether budgets are among measures."""
    return any(name.startswith(PLAN) for name in measures)


def budgeted(known: Known, cursor: Cursor) -> dict[str, tuple[str, ...]]:
    """Return the metrics that have a budget, with the names the budgets give them."""
    stated = stated_metrics(cursor)
    found: dict[str, tuple[str, ...]] = {}
    for key, metric in known.metrics.items():
        names = tuple(word for word in words_of(metric) if word in stated)
        if names and isinstance(metric.formula, Linear):
            found[key] = names
    return found


def plans_of(metric: Metric, known: Known) -> tuple[str, ...] | None:
    """Return the metrics whose budgets make a metric's: itself, or what it divides; or none."""
    formula = metric.formula
    if isinstance(formula, Linear):
        return (metric.key,)
    if not isinstance(formula, Ratio):
        own = leaves(metric)
        if own == (metric,):
            return None
        parts = [plans_of(leaf, known) for leaf in own]
        return tuple(k for part in parts for k in part or ()) if all(parts) else None
    sums = {m.formula: key for key, m in known.metrics.items() if isinstance(m.formula, Linear)}
    both = [
        sums.get(t) or _STANDS_FOR.get(t)
        for t in (formula.over, formula.under)
        if isinstance(t, Linear)
    ]
    stated = tuple(key for key in both if key)
    return stated if len(stated) == 2 else None  # noqa: PLR2004 - a numerator and a denominator


def _is_planned(metric: Metric, known: Known, spellings: Mapping[str, tuple[str, ...]]) -> bool:
    keys = plans_of(metric, known)
    return bool(keys) and all(key in spellings for key in keys)


def can_be_split(asked: Question) -> bool:
    """Whether budgets state everything a question is split and filtered by."""
    return not _strange(asked)


def _strange(asked: Question) -> list[str]:
    groups = [(columns_of(g.column), g.grain) for g in asked.request.groups]
    conditions = [(columns_of(c.column), c.grain) for c, _ in asked.request.conditions]
    return [
        next(iter(sorted(columns)))
        for columns, grain in (*groups, *conditions)
        if not columns <= BUDGET_COLUMNS or grain in _FINE or ("date" in columns and not grain)
    ]


def _check(asked: Question) -> None:
    strange = _strange(asked)
    if not strange:
        return
    column = strange[0]
    named = next((d for d in asked.dimensions if columns_of(d.column) >= {column}), None)
    named = named or next((d for d in asked.known.dimensions.values() if d.column == column), None)
    raise PicholineError(
        "query.budget",
        msg(
            "Budgets do not state “{dimension}”.",
            dimension=Message(named.name) if named else column,
        ),
        msg(
            "Split or filter by: {keys}; or compare with another period.",
            keys="month, quarter, year, campaign, country, category, channel",
        ),
    )


def _no_budget(asked: Question, known: tuple[str, ...]) -> PicholineError:
    if not known:
        return PicholineError(
            "query.no_budget",
            msg("There are no budgets."),
            msg("Import a table of budgets: month, metric, value; country, category and channel."),
        )
    return PicholineError(
        "query.no_budget",
        msg("There is no budget for: {metrics}.", metrics=_listed(asked.metrics)),
        msg("Budgets are known for: {keys}.", keys=", ".join(known)),
    )


def _listed(metrics: tuple[Metric, ...]) -> Message:
    found = Message(metrics[0].name)
    for metric in metrics[1:]:
        found = msg("{list}, {one}", list=found, one=Message(metric.name))
    return found


def _whole(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found
