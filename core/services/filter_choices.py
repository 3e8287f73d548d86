"""The values a filter offers under the other filters, as the filter bar shows them."""

from collections.abc import Container

from core.models.catalogue import SHIPPED, THEN, Dimension, Known
from core.models.filters import FILTER_DIMENSIONS, FilterState
from core.models.query import Scope
from core.services.metrics import Member, Metrics

MOST = 500
_FEW_VALUES = "channel"  # every line has one value of it, "" counted, and there are few
_ALL = 100_000


def offered(metrics: Metrics) -> tuple[Dimension, ...]:
    """Return the dimensions that pages filter and split by beside the usual ones.

    What held on the day of a sale, where it was ever anything else than today, and the company's
    own.
    """
    known, changed = metrics.known(), metrics.warehouse.info().changed
    then = (d for d in SHIPPED.dimensions.values() if THEN.get(d.stored) in changed)
    return (*then, *known.own_dimensions())


def offered_beside(metrics: Metrics, shown: Container[str]) -> tuple[Dimension, ...]:
    """Return those of `offered` that split what is split by some dimensions already.

    Args:
        metrics: the door to the numbers.
        shown: keys of these dimensions; what held on the day stands beside what holds today.
    """
    today = {d.column for d in SHIPPED.dimensions.values() if d.key in shown}
    return tuple(d for d in offered(metrics) if d.own or THEN[d.stored] in today)


def filter_keys(metrics: Metrics) -> tuple[str, ...]:
    """Return the keys of the dimensions the filter bar has lists of."""
    return (*FILTER_DIMENSIONS, *(dimension.key for dimension in offered(metrics)))


def in_force(state: FilterState, known: Known) -> FilterState:
    """Return a state without filters on dimensions that do not exist (any more)."""
    return state.changed(lambda key, chosen: chosen if key in known.dimensions else ())


def choices(metrics: Metrics, state: FilterState, dimension: str, scope: Scope) -> list[Member]:
    """Return the most frequent values of a dimension under the other filters and the period."""
    where = tuple(f for f in state.where() if f.dimension != dimension)
    period = metrics.resolve(state).period
    return metrics.members(dimension, scope, limit=MOST, where=where, period=period)


def lines_behind(metrics: Metrics, state: FilterState, scope: Scope) -> int:
    """Return how many sales lines the filters and the period leave, within the reader's rights."""
    period = metrics.resolve(state).period
    where = in_force(state, metrics.known()).where()
    found = metrics.members(_FEW_VALUES, scope, limit=_ALL, where=where, period=period)
    return sum(member.lines for member in found)
