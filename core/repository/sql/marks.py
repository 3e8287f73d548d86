"""Counting distinct orders by marks of lines: which mark is exact for a question."""

from collections.abc import Iterable

from core.models.query import Operator
from core.repository.sql.columns import Condition, Group
from core.repository.warehouse import ORDER_FLAGS, PRODUCT_COLUMNS, WarehouseInfo

_OF_SUPPLIER = frozenset({"supplier_id", "supplier_name"})
_OF_PRODUCT = frozenset(PRODUCT_COLUMNS)


def order_mark(
    groups: Iterable[Group],
    conditions: Iterable[Condition],
    used: frozenset[str],
    info: WarehouseInfo,
) -> str:
    """Return the mark whose sum counts the orders of each group; "" where none is exact.

    A mark stands on one sold line for each order and value of its columns. Its sum counts orders
    if every group holds one such value, and if groups and filters keep or drop all lines of an
    order with the same value: they look at columns of the order and at what the value decides.

    Args:
        groups: the columns the answer is split by.
        conditions: the filters.
        used: every column that decides which lines are counted, `date` among them.
        info: of the warehouse.
    """
    split = used - info.order_columns
    if not split <= _OF_PRODUCT:
        return ""
    pinned = {g.column for g in groups if isinstance(g.column, str)} | pinned_by(conditions)
    fixed = _decided(pinned & _OF_PRODUCT)
    for mark, columns in ORDER_FLAGS.items():
        exact = mark in info.order_flags
        if exact and split <= _decided(columns) and {*columns} <= fixed:
            return mark
    return ""


def pinned_by(conditions: Iterable[Condition]) -> set[str]:
    """Return the columns that filters hold to a single value."""
    return {c.column for c in conditions if isinstance(c.column, str) and _is_single(c)}


def _is_single(condition: Condition) -> bool:
    """Whether a filter keeps a single value of its column."""
    one = condition.values + condition.unknown == 1
    return condition.operator is Operator.IN and one and not condition.listed


def _decided(columns: Iterable[str]) -> frozenset[str]:
    """Return the columns that have one value where these have one."""
    found = frozenset(columns)
    if "product_id" in found:
        return _OF_PRODUCT
    return found | _OF_SUPPLIER if "supplier_id" in found else found
