"""Margin bridge: why the gross margin moved from one period to another, exact to the micro-unit.

Definition: volume = (units_B − units_A) × margin per unit_A at constant mix; mix = effect of the
changed shares at A's unit margins; price = (price_B − price_A) × units_B;
cost = −(cost_B − cost_A) × units_B. New and ended members stand apart.

With q units, S sales, C costs and M = S − C of a member, and Q the units of all members that are
counted in the same unit and sold in both periods:

    volume = M_A × (Q_B ÷ Q_A − 1)                       every member grows as all of them do
    mix    = M_A × (q_B ÷ q_A − Q_B ÷ Q_A)               what its own growth adds to that
    price  = S_B − S_A × q_B ÷ q_A
    cost   = −(C_B − C_A × q_B ÷ q_A)

They add to M_B − M_A. Each of S_A × q_B ÷ q_A, C_A × q_B ÷ q_A and the volume is rounded once and
used on both sides of its subtraction, so that the sum stays exact after rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Literal

EFFECTS = (
    "volume",
    "mix",
    "price",
    "cost",
    "new",
    "ended",
    "unknown_cost",
    "returned",
    "no_unit",
)
Kind = Literal["kept", "new", "ended", "unknown_cost", "returned", "no_unit"]
_ZERO = Decimal(0)
_MICRO = Decimal("0.000001")
_DIGITS = 60  # of an intermediate product of three stored amounts


@dataclass(frozen=True)
class Side:
    """What a member sold in one period, over the lines whose cost is known.

    Attributes:
        quantity: net of returns; None where its lines cannot be added up in one unit.
        sales: net sales; None where no cost is known of what was sold, 0 where nothing was sold.
        cost: cost of these sales, None together with them.
    """

    quantity: Decimal | None
    sales: Decimal | None
    cost: Decimal | None

    @property
    def margin(self) -> Decimal | None:
        """Gross margin, None where the cost is unknown."""
        return None if self.sales is None or self.cost is None else self.sales - self.cost


@dataclass(frozen=True)
class Member:
    """A product, category, … in both periods.

    Attributes:
        pool: members of one pool are counted in the same unit and share one mix; None: nothing
            else is counted in its unit, so that all of its growth is volume.
    """

    before: Side
    after: Side
    pool: str | None = None


@dataclass(frozen=True)
class Moved:
    """By how much a member moved the margin, and through what; the effects add to `change`.

    Attributes:
        kind: kept: sold in both periods. returned: taken back only, in both. no_unit: sold in both
            in kinds of unit that cannot be added up. unknown_cost: known in one period only.
        change: margin after − margin before; None where the cost is unknown in both periods.
    """

    kind: Kind
    change: Decimal | None
    volume: Decimal = _ZERO
    mix: Decimal = _ZERO
    price: Decimal = _ZERO
    cost: Decimal = _ZERO

    def effect(self, key: str) -> Decimal | None:
        """Return one of `EFFECTS`; None where the change is unknown."""
        if self.change is None:
            return None
        if key in ("volume", "mix", "price", "cost"):
            found: Decimal = getattr(self, key)
            return found
        return self.change if key == self.kind else _ZERO


def move(members: Sequence[Member]) -> list[Moved]:
    """Return what each member moved, in the same order."""
    kinds: list[Kind] = [_kind(member) for member in members]
    pools: dict[str, tuple[Decimal, Decimal]] = {}
    for member, kind in zip(members, kinds, strict=True):
        if kind == "kept" and member.pool is not None:
            before, after = pools.get(member.pool, (_ZERO, _ZERO))
            pools[member.pool] = (
                before + _quantity(member.before),
                after + _quantity(member.after),
            )
    with localcontext() as context:
        context.prec = _DIGITS
        return [
            _kept(member, pools) if kind == "kept" else Moved(kind, _change(member))
            for member, kind in zip(members, kinds, strict=True)
        ]


def _kind(member: Member) -> Kind:
    before, after = member.before, member.after
    if before.margin is None or after.margin is None:
        return "unknown_cost"
    if before.quantity is None or after.quantity is None:
        return "no_unit" if _sold(before) and _sold(after) else "new" if _sold(after) else "ended"
    if before.quantity > 0 and after.quantity > 0:
        return "kept"
    if after.quantity > 0:
        return "new"
    return "ended" if before.quantity > 0 else "returned"


def _sold(side: Side) -> bool:
    return side.quantity is None or side.quantity > 0


def _change(member: Member) -> Decimal | None:
    before, after = member.before.margin, member.after.margin
    if before is None and after is None:
        return None
    return (after or _ZERO) - (before or _ZERO)


def _kept(member: Member, pools: dict[str, tuple[Decimal, Decimal]]) -> Moved:
    was, now = _quantity(member.before), _quantity(member.after)
    sales, cost = member.before.sales or _ZERO, member.before.cost or _ZERO
    margin = sales - cost
    all_was, all_now = pools[member.pool] if member.pool is not None else (was, now)
    flexed_sales, flexed_cost = _rounded(sales * now / was), _rounded(cost * now / was)
    grown = flexed_sales - flexed_cost - margin  # volume and mix together
    volume = _rounded(margin * (all_now - all_was) / all_was) if member.pool is not None else grown
    return Moved(
        "kept",
        _change(member),
        volume=volume,
        mix=grown - volume,
        price=(member.after.sales or _ZERO) - flexed_sales,
        cost=flexed_cost - (member.after.cost or _ZERO),
    )


def _quantity(side: Side) -> Decimal:
    return side.quantity or _ZERO


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_MICRO)
