"""Which metrics and dimensions are recomputed, and how closely an answer has to agree."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

MICRO = 1_000_000
CENT = MICRO // 100
CALENDAR = (
    "day", "week", "month", "quarter", "year", "campaign", "period_445", "weekday",
    "month_of_year",
)  # fmt: skip
PRODUCT = ("category", "subcategory", "brand", "grade", "origin", "product", "supplier")
STOCK_DIMENSIONS = (*CALENDAR, *PRODUCT, "warehouse")
DIMENSIONS = (
    *STOCK_DIMENSIONS, "country", "channel", "customer", "segment", "salesperson", "promotion",
    "currency", "line_kind", "cost_source", "invoice", "rfm_segment", "category_then",
    "supplier_then", "segment_then",
)  # fmt: skip
SCORED_SUMS = ("clv", "expected_orders")
SCORED_MEANS = (
    "p_alive", "churn_probability", "expected_margin", "recency", "frequency", "monetary",
)  # fmt: skip
SCORED = (*SCORED_SUMS, *SCORED_MEANS)
# Amounts and quantities are decimals of six places, counts are whole: equal to the last digit.
EXACT = (
    "gross_sales", "discounts", "returns", "net_sales", "cogs", "gross_margin", "variable_costs",
    "contribution", "investment", "overhead", "net_margin", "units", "weight_kg", "orders",
    "customers", "products", *SCORED_SUMS,
)  # fmt: skip
RATIOS = (
    "cost_coverage", "margin_rate", "markup_rate", "net_margin_rate", "roi", "return_rate", "aov",
    "price_per_unit", *SCORED_MEANS,
)  # fmt: skip
KEYS = (*EXACT, *RATIOS)
STOCK_KEYS = (
    "average_inventory", "gmroi", "days_of_inventory", "sell_through", "stock_out_rate",
)  # fmt: skip
# A quotient: both exact amounts become binary numbers (each within a unit in the last place, some
# 2.2e-16), and their division is rounded once more.
RELATIVE = 1e-15
# An average of stock over days is a quotient that is shown with six places.
HALF_PLACE = Decimal("0.0000005000001")  # and what the binary quotient itself may be off
Key = tuple[Any, ...]
Row = dict[str, Any]


def differences(found: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metrics that differ, with both values; see `EXACT` and `RELATIVE`."""
    wrong = {}
    for key, wanted in expected.items():
        value = found[key]
        if value is None or wanted is None:
            same = value is wanted
        elif key in _EXACT:
            same = value == wanted
        elif key == "average_inventory":
            same = abs(value - wanted) <= HALF_PLACE
        else:
            same = abs(value - wanted) <= abs(wanted) * _relative(key, expected)
        if not same:
            wrong[key] = (value, wanted)
    return wrong


_EXACT = frozenset(EXACT)


def _relative(key: str, expected: Mapping[str, Any]) -> float:
    """Return how far a quotient may be off; one by an average carries that one's last place."""
    if key != "gmroi":
        return RELATIVE
    return RELATIVE + float(HALF_PLACE / expected["average_inventory"])
