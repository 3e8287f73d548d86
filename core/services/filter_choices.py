"""The values a filter offers under the other filters, as the filter bar shows them."""

from dataclasses import replace

from core.models.catalogue import Known
from core.models.filters import FILTER_DIMENSIONS, FilterState
from core.models.query import Scope
from core.services.metrics import Member, Metrics

MOST = 500


def filter_keys(known: Known) -> tuple[str, ...]:
    """Return the keys of the dimensions the filter bar has lists of, a company's own among them."""
    return (*FILTER_DIMENSIONS, *(dimension.key for dimension in known.own_dimensions()))


def in_force(state: FilterState, known: Known) -> FilterState:
    """Return a state without filters on dimensions that do not exist (any more)."""
    values = {key: chosen for key, chosen in state.values.items() if key in known.dimensions}
    return replace(state, values=values)


def choices(metrics: Metrics, state: FilterState, dimension: str, scope: Scope) -> list[Member]:
    """Return the most frequent values of a dimension under the other filters and the period."""
    where = tuple(f for f in state.where() if f.dimension != dimension)
    period = metrics.resolve(state).period
    return metrics.members(dimension, scope, limit=MOST, where=where, period=period)
