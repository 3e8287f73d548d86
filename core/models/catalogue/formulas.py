"""How metrics are made: sums of additive parts, distinct counts, ratios, scores, own formulas."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from core.models.formats import Format
from core.models.result import Good

# Additive parts: columns of the warehouse's line table, in base currency, summed.
PARTS = (
    "gross_sales",
    "discounts",
    "returns",
    "net_sales",
    "product_net_sales",  # product lines only
    "covered_net_sales",  # product lines whose cost is known
    "cogs",  # covered product lines
    "variable_costs",
    "investment",
    "overhead",
    "units",  # product lines; unknown where kinds of unit mix
    "weight_kg",  # product lines, converted; unknown where a content is missing
)
Entity = Literal["orders", "customers", "products"]
Unit: TypeAlias = tuple[tuple[str, int], ...]  # base units with their powers, in order


@dataclass(frozen=True)
class Linear:
    """A signed sum of parts, e.g. covered net sales − cogs."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()


@dataclass(frozen=True)
class Distinct:
    """Number of distinct orders, customers or products over lines with quantity > 0."""

    entity: Entity


@dataclass(frozen=True)
class Stocked:
    """What lay in stock on the days of the slice, or came in: `core.repository.sql.stocked`."""

    part: str


Term: TypeAlias = Linear | Distinct | Stocked


@dataclass(frozen=True)
class Ratio:
    """Numerator ÷ denominator, divided after the sums; unknown where the denominator is 0."""

    over: Term
    under: Term


@dataclass(frozen=True)
class Scored:
    """A score of the distinct customers who bought in the slice, from the latest published run.

    Attributes:
        column: of the published scores.
        how: the sum or the mean over the customers; those without a score are left out.
        page: English title of the page that computes it.
    """

    column: str
    how: Literal["sum", "mean"]
    page: str


@dataclass(frozen=True)
class Number:
    """A number in somebody's own formula."""

    value: Decimal


@dataclass(frozen=True)
class Operand:
    """A metric in somebody's own formula."""

    metric: "Metric"


@dataclass(frozen=True)
class Calculation:
    """Two parts of somebody's own formula, put together."""

    sign: Literal["+", "−", "×", "÷"]
    left: "Node"
    right: "Node"


Node: TypeAlias = Number | Operand | Calculation


@dataclass(frozen=True)
class Formula:
    """A company's own formula over other metrics.

    Each of them is evaluated at the level shown, then the formula is: a ratio is the ratio of the
    totals. Unknown where a part of it is unknown, or where something is divided by zero.
    """

    tree: Node


@dataclass(frozen=True)
class Synonyms:
    """Other words people use for the same thing."""

    en: tuple[str, ...] = ()
    fr: tuple[str, ...] = ()

    def all(self) -> tuple[str, ...]:
        """Return the words of both languages."""
        return (*self.en, *self.fr)


NO_SYNONYMS = Synonyms()


@dataclass(frozen=True)
class Metric:
    """One metric of `docs`' definitions page.

    Attributes:
        key: what is typed and stored.
        name: English, translated when shown; a company's own in a packed message.
        definition: what it means, like the name.
        formula: what it is computed from.
        format: how its values are shown.
        good: whether more is better.
        caveats: when not to believe it, marked English texts.
        synonyms: other names people search it by.
        unit: powers of base units, for formulas that do not tell theirs; see `units`.
        own: defined by the company itself.
    """

    key: str
    name: str
    definition: str
    formula: Term | Ratio | Scored | Formula
    format: Format
    good: Good = "up"
    caveats: tuple[str, ...] = ()
    synonyms: Synonyms = NO_SYNONYMS
    unit: Unit | None = None
    own: bool = False
