"""Own formulas over metrics: evaluated on the values of each row, never on means of rows.

Sums and differences of amounts, and amounts times a number, stay exact decimals; what is divided
becomes a float. A row where a part is unknown, or a divisor zero, is unknown.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from core.models.catalogue.formulas import (
    Calculation,
    Formula,
    Linear,
    Metric,
    Node,
    Number,
    Operand,
)

AMOUNT = pa.decimal128(30, 6)  # wide enough for any sum; differences still fit 38 digits
# Nothing recorded means that nothing is to be taken off, not that the result is unknown.
NONE_IS_ZERO = frozenset({"variable_costs", "investment", "overhead"})
_WIDE = pa.decimal256(36, 6)
_FACTOR = pa.decimal256(16, 8)
_PLACES = 6
Value: TypeAlias = Decimal | pa.Array


def leaves(metric: Metric) -> tuple[Metric, ...]:
    """Return the metrics an own formula rests on in the end; any other metric itself, alone."""
    if not isinstance(metric.formula, Formula):
        return (metric,)
    return tuple({leaf.key: leaf for leaf in _leaves(metric.formula.tree)}.values())


def _leaves(node: Node) -> tuple[Metric, ...]:
    if isinstance(node, Number):
        return ()
    if isinstance(node, Operand):
        return leaves(node.metric)
    return (*_leaves(node.left), *_leaves(node.right))


def is_additive(metric: Metric) -> bool:
    """Whether rows of a metric add up to their total: sums of parts, and sums of such sums."""
    formula = metric.formula
    if isinstance(formula, Formula):
        return _is_additive(formula.tree)
    return isinstance(formula, Linear)


def _is_additive(node: Node) -> bool:
    if isinstance(node, Number):
        return not node.value  # a constant would be added once per row
    if isinstance(node, Operand):
        return is_additive(node.metric)
    if node.sign in {"+", "−"}:
        return _is_additive(node.left) and _is_additive(node.right)
    factors = (node.left, node.right)
    if node.sign == "÷":
        return isinstance(node.right, Number) and _is_additive(node.left)
    return any(isinstance(f, Number) for f in factors) and any(_is_additive(f) for f in factors)


def evaluate(metric: Metric, value_of: Callable[[Metric], pa.Array]) -> pa.Array:
    """Return a metric per row.

    Args:
        metric: any; its own formula is worked out, with the formulas of the metrics it names.
        value_of: the values of a metric that is no own formula.
    """
    if not isinstance(metric.formula, Formula):
        return value_of(metric)
    found = _value(metric.formula.tree, value_of)
    if isinstance(found, Decimal):
        raise TypeError(metric.key)  # the parser refuses formulas without a metric
    return found


def _value(node: Node, value_of: Callable[[Metric], pa.Array]) -> Value:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Operand):
        return evaluate(node.metric, value_of)
    left, right = _value(node.left, value_of), _value(node.right, value_of)
    if node.sign in {"+", "−"}:
        return _added(node, left, right)
    if node.sign == "×":
        return _times(left, right)
    return _divided(left, right)


def _added(node: Calculation, left: Value, right: Value) -> Value:
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return left + right if node.sign == "+" else left - right
    first, second = _alike(left, right)
    if not isinstance(left, Decimal) and not isinstance(right, Decimal):
        # Before one side is filled: where nothing at all is known, nothing is.
        first, second = (
            _filled(node.left, first, pc.is_valid(right)),
            _filled(node.right, second, pc.is_valid(left)),
        )
    added = pc.add(first, second) if node.sign == "+" else pc.subtract(first, second)
    return added.cast(first.type)


def _filled(node: Node, values: pa.Array, where: pa.Array) -> pa.Array:
    """Take costs nobody recorded for zero beside an amount that is known, as net margin does."""
    formula = node.metric.formula if isinstance(node, Operand) else None
    if not isinstance(formula, Linear) or not set(formula.plus) <= NONE_IS_ZERO or formula.minus:
        return values
    missing = pc.and_(pc.is_null(values), where)
    return pc.if_else(missing, pa.scalar(0).cast(values.type), values)


def _alike(left: Value, right: Value) -> tuple[pa.Array, pa.Array]:
    """Return both sides as arrays of one kind: whole numbers, amounts or floats."""
    arrays = [side for side in (left, right) if not isinstance(side, Decimal)]
    floats = any(pa.types.is_floating(a.type) for a in arrays)
    whole = all(pa.types.is_integer(a.type) for a in arrays)
    numbers = [side for side in (left, right) if isinstance(side, Decimal)]
    whole = whole and all(n == n.to_integral_value() for n in numbers)
    kind = pa.float64() if floats else pa.int64() if whole else AMOUNT
    size = len(arrays[0])
    first, second = (_as_array(side, kind, size) for side in (left, right))
    return first, second


def _as_array(side: Value, kind: pa.DataType, size: int) -> pa.Array:
    if not isinstance(side, Decimal):
        return side.cast(kind)
    value = float(side) if pa.types.is_floating(kind) else round(side, _PLACES)
    if pa.types.is_integer(kind):
        value = int(side)
    return pa.array([value] * size, kind)


def _times(left: Value, right: Value) -> Value:
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return left * right
    values, factor = (right, left) if isinstance(left, Decimal) else (left, right)
    exact = isinstance(factor, Decimal) and _fits(factor)
    if not isinstance(values, Decimal) and exact and not pa.types.is_floating(values.type):
        wide = pc.multiply(values.cast(AMOUNT).cast(_WIDE), pa.scalar(factor, _FACTOR))
        rounded = pc.round(wide, _PLACES, round_mode="half_towards_infinity")
        return rounded.cast(pa.decimal256(60, _PLACES)).cast(AMOUNT)
    return pc.multiply(_floats(values), _floats(factor))


def _fits(factor: Decimal) -> bool:
    return abs(factor) < 10**8 and factor == round(factor, 8)


def _divided(left: Value, right: Value) -> Value:
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return left / right  # the parser refuses a constant zero
    if isinstance(right, Decimal) and right and _fits(1 / right):
        return _times(left, 1 / right)
    over, under = _floats(left), _floats(right)
    if isinstance(under, float):
        return pc.divide(over, pa.scalar(under or None, pa.float64()))
    return pc.divide(over, pc.if_else(pc.equal(under, 0.0), None, under))


def _floats(side: Value) -> pa.Array | float:
    return float(side) if isinstance(side, Decimal) else side.cast(pa.float64())
