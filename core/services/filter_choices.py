"""The values a filter offers under the other filters, as the filter bar shows them."""

from core.models.filters import FilterState
from core.models.query import Scope
from core.services.metrics import Member, Metrics

MOST = 500


def choices(metrics: Metrics, state: FilterState, dimension: str, scope: Scope) -> list[Member]:
    """Return the most frequent values of a dimension under the other filters and the period."""
    where = tuple(f for f in state.where() if f.dimension != dimension)
    period = metrics.resolve(state).period
    return metrics.members(dimension, scope, limit=MOST, where=where, period=period)
