"""Random questions to the random company, and how their answers differ from the recomputation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

import numpy as np

from core.models.query import Filter, MetricQuery, Operator, Period
from tests import random_company as company
from tests.exact.keys import (
    DIMENSIONS,
    KEYS,
    STOCK_DIMENSIONS,
    STOCK_KEYS,
    Key,
    differences,
)
from tests.exact.recomputed import Recomputed
from tests.storehouse import Storehouse


@dataclass(frozen=True)
class Compared:
    """How many values were compared, and those that differ: question, group, metric → both.

    Attributes:
        values: how many there were.
        known: how many of them are not empty.
        wrong: what differs.
    """

    values: int = 0
    known: int = 0
    wrong: tuple[tuple[MetricQuery, Key, Mapping[str, Any]], ...] = ()

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        return replace(
            self,
            values=self.values + other.values,
            known=self.known + other.known,
            wrong=(*self.wrong, *other.wrong),
        )


def open_company(house: Storehouse, lines: int) -> Recomputed:
    """Fill a home with the random company and recompute it."""
    sales = company.sales(lines)
    company.fill(house, sales)
    rows = house.metrics.ask(MetricQuery(("orders",), ("customer", "rfm_segment"))).rows()
    segments = {row["customer"]: row["rfm_segment"] for row in rows if row["customer"]}
    return Recomputed(sales, segments)


def random_question(
    chance: np.random.Generator, recomputed: Recomputed, by: tuple[str, ...], *, stock: bool
) -> MetricQuery:
    """Return all metrics (of sales or of stock) by these dimensions, under random filters."""
    usable = STOCK_DIMENSIONS if stock else DIMENSIONS
    where = []
    for key in chance.choice(usable, int(chance.integers(0, 4)), replace=False).tolist():
        values = recomputed.values(key)
        size = min(len(values), int(chance.integers(1, 6)))
        chosen = chance.choice(values, size, replace=False).tolist()
        kept = chance.random() < 0.5
        where.append(Filter(key, tuple(chosen), Operator.IN if kept else Operator.NOT_IN))
    keys = STOCK_KEYS if stock else KEYS
    return MetricQuery(keys, by, tuple(where), _random_period(chance))


def _random_period(chance: np.random.Generator) -> Period | None:
    kind = int(chance.integers(0, 3))
    if kind == 0:
        return None
    start = company.FIRST + timedelta(days=int(chance.integers(-20, company.DAYS - 20)))
    end = start + timedelta(days=int(chance.integers(0, 400)))
    if kind == 1:  # whole months, which other tables answer
        start = start.replace(day=1)
        end = max((end.replace(day=1) - timedelta(days=1)), (start + timedelta(days=27)))
    return Period(start, end)


def compare(house: Storehouse, recomputed: Recomputed, query: MetricQuery) -> Compared:
    """Ask a question and recompute it: every row, every metric, the total."""
    stock = query.metrics == STOCK_KEYS
    computed = recomputed.stocked if stock else recomputed.answers
    answer = house.metrics.ask(query, cached=False)
    none = dict.fromkeys(query.metrics)
    found = {tuple(row[key] for key in query.by): row for row in answer.rows()}
    expected = computed(query.by, query.where, query.period)
    whole = computed((), query.where, query.period).get((), none)
    wrong = [(query, ("total",), d) for d in [differences(answer.total or none, whole)] if d]
    if query.by and not stock and found.keys() != expected.keys():
        groups = {"groups": (found.keys() - expected.keys(), expected.keys() - found.keys())}
        wrong.append((query, ("groups",), groups))
    # A question about stock has rows for what was sold without any stock, too.
    for key in {*found, *expected}:
        seen = differences(found.get(key, none), expected.get(key, none))
        wrong += [(query, key, seen)] if seen else []
    rows = [whole, *expected.values()]
    known = sum(value is not None for row in rows for value in row.values())
    return Compared((len(found) + 1) * len(query.metrics), known, tuple(wrong))


def every_dimension(
    house: Storehouse, recomputed: Recomputed, each: int, seed: int
) -> Iterator[tuple[tuple[str, bool], Compared]]:
    """Ask for every metric by every dimension, under `each` random filters, sales and stock."""
    chance = np.random.default_rng(seed)
    for key, stock in _splits():
        total = Compared()
        for _ in range(each):
            query = random_question(chance, recomputed, (key,), stock=stock)
            total += compare(house, recomputed, query)
        yield (key, stock), total


def _splits() -> Sequence[tuple[str, bool]]:
    return [*((key, False) for key in DIMENSIONS), *((key, True) for key in STOCK_DIMENSIONS)]
