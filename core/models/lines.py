"""Which lines a page shows: a cell of an answer, in the one spelling of its address."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from core.models.filters import FilterState, parse_filters
from core.models.query import NO_VALUE, Filter, MetricQuery, Operator, Period
from core.models.schema import TABLES

Side: TypeAlias = Literal["asked", "compared"]
Pair: TypeAlias = tuple[str, str]
DEFAULT_METRIC = "net_sales"
CELL, ONLY, WITHOUT, METRIC, SIDE = "cell", "only", "without", "metric", "side"
OF, TABLE = "of", "table"
LINES_NAMES = (CELL, ONLY, WITHOUT, METRIC, SIDE, OF, TABLE)  # of the URL's pairs
FIRST, AGE = "first", "age"  # of a group of customers: their first purchase, periods after it


@dataclass(frozen=True)
class LinesState:
    """The lines behind a cell: the page's filters, the cell's values and its metric.

    Attributes:
        filters: period, comparison and chosen values.
        metric: whose lines; those of another metric may be fewer.
        side: "compared" for the lines of the compared period.
        cell: the row's value of each dimension; `NO_VALUE` for lines without one.
        only: further values, of which one must hold, by dimension.
        without: values that must not hold.
        of: what the lines' customers did, by which a group of them is told
            (`core.services.customer_sets`).
        table: rows of another table of the schema instead of lines; "": lines.
    """

    filters: FilterState = field(default_factory=FilterState)
    metric: str = DEFAULT_METRIC
    side: Side = "asked"
    cell: tuple[Pair, ...] = ()
    only: tuple[Pair, ...] = ()
    without: tuple[Pair, ...] = ()
    of: tuple[Pair, ...] = ()
    table: str = ""

    def to_pairs(self) -> list[Pair]:
        """Return the URL's query pairs; defaults are left out."""
        pairs = self.filters.to_pairs()
        if self.metric != DEFAULT_METRIC:
            pairs.append((METRIC, self.metric))
        if self.side != "asked":
            pairs.append((SIDE, self.side))
        if self.table:
            pairs.append((TABLE, self.table))
        for name in (CELL, ONLY, WITHOUT, OF):
            pairs += [(name, spelled(pair)) for pair in getattr(self, name)]
        return pairs

    def where(self) -> tuple[Filter, ...]:
        """Return all that is chosen beside the cell."""
        return (
            *self.filters.where(),
            *_filters(self.only, Operator.IN),
            *_filters(self.without, Operator.NOT_IN),
        )

    def query(self, period: Period | None, compared: Period | None) -> MetricQuery:
        """Return the question the cell belongs to, with its resolved periods."""
        return MetricQuery(
            metrics=(self.metric,),
            where=self.where(),
            period=period,
            compare=self.filters.compare if compared else None,
            compared=compared,
        )


def spelled(pair: Pair) -> str:
    """Return a dimension and a value as one text; lines without a value have an empty one."""
    dimension, value = pair
    return f"{dimension}:{'' if value == NO_VALUE else value}"


def parse_lines(pairs: Iterable[Pair]) -> LinesState:
    """Read which lines are meant from URL pairs; unknown names are ignored.

    Raises:
        PicholineError: a period, comparison or date cannot be read.
    """
    stated = list(pairs)
    single = dict(stated)
    return LinesState(
        filters=parse_filters(stated),
        metric=single.get(METRIC) or DEFAULT_METRIC,
        side="compared" if single.get(SIDE) == "compared" else "asked",
        cell=_read(stated, CELL),
        only=_read(stated, ONLY),
        without=_read(stated, WITHOUT),
        of=_read(stated, OF),
        table=single.get(TABLE, "") if single.get(TABLE) in TABLES else "",
    )


def read_pair(text: str) -> Pair:
    """Read a dimension and a value; nothing behind the colon means lines without a value."""
    dimension, _sign, value = text.partition(":")
    return dimension.strip(), value or NO_VALUE


def _read(stated: Iterable[Pair], name: str) -> tuple[Pair, ...]:
    return tuple(dict.fromkeys(read_pair(text) for key, text in stated if key == name))


def _filters(pairs: Iterable[Pair], operator: Operator) -> Iterable[Filter]:
    values: dict[str, list[str]] = {}
    for dimension, value in pairs:
        values.setdefault(dimension, []).append(value)
    return (Filter(key, tuple(found), operator) for key, found in values.items())
