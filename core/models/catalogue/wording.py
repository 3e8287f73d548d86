"""Formulas as people read them, in either language."""

from collections.abc import Mapping
from decimal import Decimal

from core.i18n import N_, Message, Shown, msg
from core.models.catalogue.formulas import (
    Calculation,
    Distinct,
    Formula,
    Linear,
    Metric,
    Node,
    Number,
    Ratio,
    Scored,
    Stocked,
    Term,
)
from core.models.formats import Format

_PARTS: Mapping[str, str] = {
    "gross_sales": N_("Gross sales"),
    "discounts": N_("Discounts"),
    "returns": N_("Returns"),
    "net_sales": N_("Net sales"),
    "product_net_sales": N_("Net sales of product lines"),
    "covered_net_sales": N_("Net sales of product lines with known cost"),
    "cogs": N_("Cost of goods sold"),
    "variable_costs": N_("Variable costs"),
    "investment": N_("Investment"),
    "overhead": N_("Overheads"),
    "units": N_("Units sold"),
    "weight_kg": N_("Weight (kg)"),
}
_ENTITIES: Mapping[str, str] = {
    "orders": N_("Distinct orders"),
    "customers": N_("Distinct customers"),
    "products": N_("Distinct products"),
}
_STOCK: Mapping[str, str] = {
    "stock_value": N_("Average inventory"),
    "stock_value_days": N_("Average inventory × days"),
    "stock_out_days": N_("Days without stock"),
    "stock_item_days": N_("Days with records of stock"),
    "units_received": N_("Units received"),
}
_ZERO = Decimal(0)
_WEAK, _STRONG, _WHOLE = 1, 2, 3  # how tightly a formula holds together


def formula_text(metric: Metric) -> Message:
    """Return what a metric is computed from."""
    formula = metric.formula
    if isinstance(formula, Formula):
        return tree_text(formula.tree)
    if isinstance(formula, Ratio):
        return _joined("÷", _grouped(formula.over), _grouped(formula.under))
    if not isinstance(formula, Scored):
        return _term(formula)
    if formula.how == "sum":
        return msg("sum over the distinct customers who bought in the slice")
    return msg("mean over the distinct customers who bought in the slice")


def _term(term: Term) -> Message:
    if isinstance(term, Stocked):
        return Message(_STOCK[term.part])
    if isinstance(term, Distinct):
        return Message(_ENTITIES[term.entity])
    found = Message(_PARTS[term.plus[0]])
    for part in term.plus[1:]:
        found = _joined("+", found, Message(_PARTS[part]))
    for part in term.minus:
        found = _joined("−", found, Message(_PARTS[part]))
    return found


def _grouped(term: Term) -> Message:
    single = not isinstance(term, Linear) or len(term.plus) + len(term.minus) == 1
    return _term(term) if single else _held(_term(term))


def _joined(sign: str, left: Message, right: Message) -> Message:
    return Message(f"{{left}} {sign} {{right}}", {"left": left, "right": right})


def _held(inner: Message) -> Message:
    return Message("({inner})", {"inner": inner})


def tree_text(node: Node, *, keys: bool = False) -> Message:
    """Return an own formula as text.

    Args:
        node: its root.
        keys: with the metrics' keys, as it is stored, instead of their names.
    """
    return _written(node, keys=keys)[0]


def _written(node: Node, *, keys: bool) -> tuple[Message, int]:
    if isinstance(node, Number):
        return _number(node.value, keys=keys), _WHOLE
    if not isinstance(node, Calculation):
        named = node.metric.key if keys else Message(node.metric.name)
        return Message("{name}", {"name": named}), _WHOLE
    own = _WEAK if node.sign in {"+", "−"} else _STRONG
    left, held = _written(node.left, keys=keys)
    right, holds = _written(node.right, keys=keys)
    if held < own:
        left = _held(left)
    # What follows a minus or a division sign stays together.
    if holds < own or (holds == own and node.sign in {"−", "÷"}):
        right = _held(right)
    if node.sign == "−" and node.left == Number(_ZERO):
        return Message("−{right}", {"right": right}), _WEAK
    return _joined(node.sign, left, right), own


def _number(value: Decimal, *, keys: bool) -> Message:
    text = f"{value.normalize():f}"
    if keys:
        return Message("{n}", {"n": text})
    digits = len(text.partition(".")[2])
    return Message("{n}", {"n": Shown(float(value), Format.NUMBER.value, {"digits": digits})})
