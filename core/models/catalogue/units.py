"""Units of metrics: amounts, counts, kilograms and what dividing them gives.

A unit is a tuple of base units with their powers, so that an amount per order is
`(("money", 1), ("orders", -1))`; shares have none. Own formulas are checked with them: an amount
cannot be added to a count.
"""

from collections.abc import Mapping

from core.i18n import N_, Message, msg
from core.models.catalogue.formulas import (
    Calculation,
    Distinct,
    Formula,
    Metric,
    Node,
    Number,
    Operand,
    Ratio,
    Scored,
    Stocked,
    Term,
    Unit,
)
from core.models.formats import Format

SHARE: Unit = ()
MONEY: Unit = (("money", 1),)
DAYS: Unit = (("days", 1),)
_PARTS: Mapping[str, Unit] = {"units": (("units", 1),), "weight_kg": (("kilograms", 1),)}
_STOCK: Mapping[str, Unit] = {
    "stock_value": MONEY,
    "stock_value_days": (("days", 1), ("money", 1)),
    "stock_days": DAYS,
    "stock_item_days": DAYS,
    "stock_out_days": DAYS,
    "units_received": (("units", 1),),
}
# Base unit → several of it, one of it (after “per”).
_NAMES: Mapping[str, tuple[str, str]] = {
    "money": (N_("base currency"), N_("unit of currency")),
    "orders": (N_("orders"), N_("order")),
    "customers": (N_("customers"), N_("customer")),
    "products": (N_("products"), N_("product")),
    "units": (N_("units"), N_("unit")),
    "kilograms": (N_("kilograms"), N_("kilogram")),
    "days": (N_("days"), N_("day")),
    "months": (N_("months"), N_("month")),
    "purchase_days": (N_("purchase days"), N_("purchase day")),
}


class UnitsDifferError(ValueError):
    """Two units that cannot be added."""

    def __init__(self, left: Unit, right: Unit) -> None:
        """Keep the units, for the message a person gets."""
        super().__init__(f"{left} and {right}")
        self.left = left
        self.right = right


def unit_of(metric: Metric) -> Unit:
    """Return the unit of a metric's values.

    Raises:
        UnitsDifferError: an own formula adds what cannot be added.
    """
    formula = metric.formula
    if metric.unit is not None:
        return metric.unit
    if isinstance(formula, Formula):
        return unit_of_tree(formula.tree) or SHARE
    if isinstance(formula, Ratio):
        return combined(_term(formula.over), _term(formula.under), -1)
    return SHARE if isinstance(formula, Scored) else _term(formula)


def unit_of_tree(node: Node) -> Unit | None:
    """Return the unit of a formula; None for a bare number, which takes any.

    Raises:
        UnitsDifferError: it adds what cannot be added.
    """
    if isinstance(node, Number):
        return None
    if isinstance(node, Operand):
        return unit_of(node.metric)
    left, right = unit_of_tree(node.left), unit_of_tree(node.right)
    return _calculated(node, left, right)


def _calculated(node: Calculation, left: Unit | None, right: Unit | None) -> Unit | None:
    if node.sign in {"+", "−"}:
        if left is not None and right is not None and left != right:
            raise UnitsDifferError(left, right)
        return right if left is None else left
    if left is None and right is None:
        return None
    return combined(left or SHARE, right or SHARE, 1 if node.sign == "×" else -1)


def combined(left: Unit, right: Unit, sign: int) -> Unit:
    """Return the unit of a product (sign 1) or a quotient (sign −1)."""
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _term(term: Term) -> Unit:
    if isinstance(term, Stocked):
        return _STOCK[term.part]
    if isinstance(term, Distinct):
        return ((term.entity, 1),)
    return _PARTS.get(term.plus[0], MONEY)


def unit_text(unit: Unit, form: Format | None = None) -> Message:
    """Return a unit in words, such as “base currency per order”.

    Args:
        unit: to be named.
        form: how the values are shown; tells percentages from plain numbers.
    """
    over = [_NAMES[name][0] for name, power in unit for _ in range(max(power, 0))]
    under = [_NAMES[name][1] for name, power in unit for _ in range(max(-power, 0))]
    if not unit:
        return msg("number") if form in {Format.NUMBER, Format.SCORE} else msg("percent")
    found = Message(over[0]) if over else msg("number")
    for name in over[1:]:
        found = msg("{unit} × {other}", unit=found, other=Message(name))
    for name in under:
        found = msg("{unit} per {other}", unit=found, other=Message(name))
    return found


def format_of(unit: Unit) -> Format:
    """Return the format that suits a unit: amounts, prices per unit, shares, counts, numbers."""
    if not unit:
        return Format.PERCENT
    if unit == MONEY:
        return Format.MONEY
    if dict(unit).get("money") == 1:
        small = {"units", "kilograms"} & {name for name, power in unit if power < 0}
        return Format.PRICE if small else Format.MONEY
    whole = len(unit) == 1 and unit[0][1] == 1
    if whole and unit[0][0] in {"orders", "customers", "products"}:
        return Format.INTEGER
    return Format.QUANTITY if whole else Format.NUMBER
