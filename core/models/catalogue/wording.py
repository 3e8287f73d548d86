"""Formulas as people read them, in either language."""

from collections.abc import Mapping
from decimal import Decimal

from core.i18n import N_, Message, current_language, msg
from core.models.catalogue.formulas import (
    Calculation,
    Distinct,
    Formula,
    Linear,
    Metric,
    Node,
    Number,
    Ratio,
)

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
    "units": N_("Units sold"),
    "weight_kg": N_("Weight (kg)"),
}
_ENTITIES: Mapping[str, str] = {
    "orders": N_("Distinct orders"),
    "customers": N_("Distinct customers"),
    "products": N_("Distinct products"),
}
_ZERO = Decimal(0)
_WEAK, _STRONG, _WHOLE = 1, 2, 3  # how tightly a formula holds together


def formula_text(metric: Metric) -> str:
    """Return what a metric is computed from, in the current language."""
    formula = metric.formula
    if isinstance(formula, Formula):
        return tree_text(formula.tree)
    if isinstance(formula, Ratio):
        return f"{_grouped(formula.over)} ÷ {_grouped(formula.under)}"
    if isinstance(formula, Linear | Distinct):
        return _term(formula)
    if formula.how == "sum":
        return str(msg("sum over the distinct customers who bought in the slice"))
    return str(msg("mean over the distinct customers who bought in the slice"))


def _term(term: Linear | Distinct) -> str:
    if isinstance(term, Distinct):
        return str(Message(_ENTITIES[term.entity]))
    plus = " + ".join(str(Message(_PARTS[part])) for part in term.plus)
    return plus + "".join(f" − {Message(_PARTS[part])}" for part in term.minus)


def _grouped(term: Linear | Distinct) -> str:
    single = isinstance(term, Distinct) or len(term.plus) + len(term.minus) == 1
    return _term(term) if single else f"({_term(term)})"


def tree_text(node: Node, *, keys: bool = False) -> str:
    """Return an own formula as text.

    Args:
        node: its root.
        keys: with the metrics' keys, as it is stored, instead of their names.
    """
    return _written(node, keys=keys)[0]


def _written(node: Node, *, keys: bool) -> tuple[str, int]:
    if isinstance(node, Number):
        return _number(node, keys=keys), _WHOLE
    if not isinstance(node, Calculation):
        return node.metric.key if keys else str(Message(node.metric.name)), _WHOLE
    own = _WEAK if node.sign in {"+", "−"} else _STRONG
    left, held = _written(node.left, keys=keys)
    right, holds = _written(node.right, keys=keys)
    if held < own:
        left = f"({left})"
    # Subtraction and division do not pass over parentheses; neither does a sum's sign change.
    if holds < own or (holds == own and node.sign in {"−", "÷"}):
        right = f"({right})"
    if node.sign == "−" and node.left == Number(_ZERO):
        return f"−{right}", _WEAK
    return f"{left} {node.sign} {right}", own


def _number(node: Number, *, keys: bool) -> str:
    text = f"{node.value.normalize():f}"
    return text if keys or current_language() == "en" else text.replace(".", ",")
