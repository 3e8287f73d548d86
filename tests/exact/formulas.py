"""From the sums of a group to its metrics: ratios divide after the sums, unknown stays unknown."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.exact.keys import MICRO, SCORED, Row


def amount(micro: int) -> Decimal:
    """Return millionths as an amount."""
    return Decimal(micro) / MICRO


def ratio(over: Decimal | float | None, under: Decimal | float | None) -> float | None:
    """Divide; nothing comes of an unknown part or of no denominator."""
    return float(over) / float(under) if over is not None and under else None


def metrics(s: Mapping[str, Any], *, inside: bool = True) -> Row:
    """Return the metrics of lines, from their sums (`SUMS`), distinct counts and scores.

    Args:
        s: of a group.
        inside: some of its days lie between the first and the last sale.
    """
    # Money was spent and nothing sold: sums over no lines are zero, and known to be.
    nothing = inside and (s["is_investment"] or s["is_overhead"]) and not s["is_sale"]

    def known(key: str, flag: str) -> Decimal | None:
        return amount(s[key]) if s[flag] or nothing else None

    margin = amount(s["covered"] - s["cogs"]) if s["is_covered"] or nothing else None
    costs = amount(s["costs"]) if s["has_costs"] else None  # what is not recorded is unknown
    spent = amount(s["investment"]) if s["is_investment"] else None
    overhead = amount(s["overhead"]) if s["is_overhead"] else None
    units = amount(s["units"]) if (s["is_product"] and s["kinds"] <= 1) or nothing else None
    net, product_sales = known("net_sales", "is_sale"), known("product_sales", "is_product")

    def left(*, of: Decimal | None, whole: bool) -> Decimal | None:
        """Return the contribution; nothing sold beside money spent is none, not unknown."""
        idle = not s["is_product"] and (spent is not None or (whole and overhead is not None))
        earned = Decimal(0) if idle else of
        return None if earned is None else earned - (costs or 0) - (spent or 0)

    profit = left(of=margin, whole=True)
    profit = None if profit is None else profit - (overhead or 0)
    after = left(of=margin, whole=False)
    return {
        **{k: known(k, "is_sale") for k in ("gross_sales", "discounts", "returns", "net_sales")},
        "variable_costs": costs,
        "units": units,
        "weight_kg": known("weight", "is_product") if not s["unweighed"] else None,
        "orders": s["orders"],
        "customers": s["customers"],
        "products": s["products"],
        "cogs": known("cogs", "is_covered"),
        "gross_margin": margin,
        "contribution": None if margin is None else margin - (costs or 0),
        "investment": spent,
        "overhead": overhead,
        "net_margin": profit,
        "cost_coverage": ratio(known("covered", "is_covered"), product_sales),
        "margin_rate": ratio(margin, amount(s["covered"])),
        "markup_rate": ratio(margin, amount(s["cogs"])),
        "net_margin_rate": ratio(profit, net),
        "roi": ratio(after, spent),
        "return_rate": ratio(
            known("returns", "is_sale"), amount(s["gross_sales"] - s["discounts"])
        ),
        "aov": ratio(net, s["orders"]),
        "price_per_unit": ratio(product_sales, units),
        **{key: s[key] for key in SCORED},
    }


def stock_metrics(s: Mapping[str, Any], days: int, sales: Mapping[str, Any]) -> Row:
    """Return the metrics of stock of a group: its sums, its days with records, its sales."""
    value = amount(s["value"]) if s["level_days"] else None
    average = value / days if value is not None and days else None
    received = s["received"] if s["came"] and s["kinds"] == 1 else None
    return {
        "average_inventory": average,
        "gmroi": ratio(sales.get("gross_margin"), average),
        "days_of_inventory": ratio(value, sales.get("cogs")),
        "sell_through": ratio(sales.get("units"), received),
        "stock_out_rate": ratio(s["out"], s["level_days"]),
    }
