"""Under which address an answer is kept: the data, the definitions, the rights, the question.

Two spellings of one question have one address: the order of filters and of their values,
duplicates, and what is the default anyway make no difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from core.models.catalogue import DIMENSIONS, METRICS, Known
from core.models.query import Compare, Filter, MetricQuery, Operator, Period, Scope
from core.repository.warehouse import WarehouseInfo

EDITION = 2  # raised when the same question is answered differently from the same data
_BYTES = 16
_UNORDERED = frozenset(
    {Operator.IN, Operator.NOT_IN, Operator.CONTAINS, Operator.NOT_CONTAINS}
)  # BETWEEN names its ends in order


@dataclass(frozen=True)
class Address:
    """Where an answer is kept.

    Attributes:
        state: of the data it rests on; answers of a state go together.
        key: everything the answer depends on, the state among it.
    """

    state: str
    key: str


def state_of(info: WarehouseInfo, campaign_first_month: int) -> str:
    """Return what stands for a state of the data and all that answers take from it.

    Not for its version: an undo brings an earlier state back, with its answers.
    """
    return _digest(
        EDITION,
        _shipped(),
        info.layout,
        info.fingerprint,
        info.base_currency,
        campaign_first_month,
        info.rules,
        info.scored_on,
    )


def question_address(
    state: str, known: Known, scope: Scope, query: MetricQuery, *depends: object
) -> Address:
    """Return the address of a question.

    Args:
        state: of the data.
        known: what can be asked; its version counts.
        scope: who asks; only the visible rows matter, not the name.
        query: the question.
        depends: other things this answer depends on, such as the present day.
    """
    rights = filters_key(scope.where)
    asked = normalised(query, known)
    return Address(state, _digest("question", state, known.version, rights, asked, depends))


def members_address(
    state: str,
    known: Known,
    scope: Scope,
    dimension: str,
    where: Sequence[Filter],
    period: Period | None,
    *how: object,
) -> Address:
    """Return the address of a dimension's list of values."""
    rights, chosen = filters_key(scope.where), filters_key(where)
    parts = ("members", state, known.version, rights, dimension, chosen, period, how)
    return Address(state, _digest(*parts))


def normalised(query: MetricQuery, known: Known) -> MetricQuery:
    """Return a question in its one spelling; its answer is the same, column by column."""
    by = tuple(dict.fromkeys(query.by))
    metrics = tuple(dict.fromkeys(query.metrics))
    return replace(
        query,
        metrics=metrics,
        by=by,
        where=filters_key(query.where),
        members=tuple(sorted(dict.fromkeys(query.members), key=repr)),
        having=tuple(sorted(dict.fromkeys(query.having), key=repr)),
        extras=tuple(dict.fromkeys(query.extras)),
        order=_order(query, metrics, by, known),
        subtotals=query.subtotals and len(by) > 1,
    )


def _order(
    query: MetricQuery, metrics: tuple[str, ...], by: tuple[str, ...], known: Known
) -> str | None:
    """Leave out an order that would be taken anyway."""
    first = known.dimensions.get(by[0]) if by else None
    if query.top or first is None or not metrics:
        return query.order
    default = first.key if first.grain else f"-{metrics[0]}"
    return None if query.order == default else query.order


def filters_key(filters: Sequence[Filter]) -> tuple[Filter, ...]:
    """Return filters that must all hold, in one order and without repetitions."""
    return tuple(sorted({_filter_key(f) for f in filters}, key=repr))


def _filter_key(chosen: Filter) -> Filter:
    if chosen.operator not in _UNORDERED:
        return chosen
    return replace(chosen, values=tuple(sorted(set(chosen.values))))


def uses_today(query: MetricQuery) -> bool:
    """Return whether the present day plays a part: a comparison is resolved up to it."""
    resolved = query.compared is not None and query.compare is not Compare.BUDGET
    return query.compare is not None and not resolved


@lru_cache(maxsize=1)
def _shipped() -> str:
    """Return a digest of the shipped definitions: another release may define a metric anew."""
    return _digest(METRICS, DIMENSIONS)


def _digest(*parts: Any) -> str:
    return blake2b(repr(parts).encode(), digest_size=_BYTES).hexdigest()
