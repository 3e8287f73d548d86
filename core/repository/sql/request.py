"""What is asked of the line table, before a source is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.models.catalogue import THEN, Derived, Source, columns_of
from core.models.query import Period
from core.repository.sql.columns import Condition, Group
from core.repository.sql.scored import Score
from core.repository.warehouse import WarehouseInfo


@dataclass(frozen=True)
class Request:
    """One period of a question, in terms of the line table.

    Attributes:
        conditions: filters with their values; dates as dates, `NO_VALUE` for unknown.
        period: None for all data.
        compared: days of another period that are answered along, as side 1.
        shifts: days or months each group of the compared period is moved by.
        side: what the rows are marked with where there is no compared period.
        campaign_offset: months between January and the campaign's first month.
        totals: the row over all groups is wanted.
        excluded: columns and tuples of values that are left out.
        scores: of the customers who bought in each group.
        stock: what lay in stock on the days of each group is answered too.
    """

    groups: tuple[Group, ...]
    measures: tuple[str, ...]
    conditions: tuple[tuple[Condition, tuple[Any, ...]], ...] = ()
    period: Period | None = None
    compared: Period | None = None
    side: int = 0
    shifts: tuple[int, ...] = ()
    campaign_offset: int = 0
    totals: bool = True
    investments: bool = False
    excluded: tuple[Source, ...] = ()
    excluded_rows: tuple[tuple[Any, ...], ...] = ()
    scores: tuple[Score, ...] = ()
    stock: bool = False

    def columns(self) -> set[str]:
        """Return the dimension columns that groups and filters use."""
        return {column for source in self.sources() for column in columns_of(source)}

    def sources(self) -> tuple[Source, ...]:
        """Return what groups and filters use: columns, and values made of columns."""
        items = (*self.groups, *(condition for condition, _ in self.conditions))
        labels = (item.label for item in items if item.label)
        return (*(item.column for item in items), *labels, *self.excluded)


def as_stored(request: Request, info: WarehouseInfo) -> Request:
    """Return a request that reads what holds today where nothing else ever held.

    The lines keep what held on their day only where that differs: everywhere else the roll-ups and
    the marks of today's columns answer.
    """
    kept = info.sources[0].columns
    names = {then: now for then, now in THEN.items() if then not in kept}
    if not names.keys() & request.columns():
        return request
    return replace(
        request,
        groups=tuple(
            replace(group, column=_named(group.column, names), label=_label(group.label, names))
            for group in request.groups
        ),
        conditions=tuple(
            (replace(c, column=_named(c.column, names), label=_label(c.label, names)), values)
            for c, values in request.conditions
        ),
        excluded=tuple(_named(source, names) for source in request.excluded),
    )


def _label(source: Source | None, names: Mapping[str, str]) -> Source | None:
    return None if source is None else _named(source, names)


def _named(source: Source, names: Mapping[str, str]) -> Source:
    if isinstance(source, Derived):
        other = source.otherwise and names.get(source.otherwise, source.otherwise)
        return replace(source, column=names.get(source.column, source.column), otherwise=other)
    return names.get(source, source)
