"""How metrics are made: sums of additive parts, distinct counts, ratios, scores, own formulas."""

from dataclasses import dataclass
from typing import Literal

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
    "units",  # product lines; unknown where kinds of unit mix
    "weight_kg",  # product lines, converted; unknown where a content is missing
)
Entity = Literal["orders", "customers", "products"]


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
class Ratio:
    """Numerator ÷ denominator, divided after the sums; unknown where the denominator is 0."""

    over: Linear | Distinct
    under: Linear | Distinct


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
class Metric:
    """One metric of `docs`' definitions page."""

    key: str
    name: str
    definition: str
    formula: Linear | Distinct | Ratio | Scored
    format: Format
    good: Good = "up"
