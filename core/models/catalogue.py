"""The metric and dimension catalogue: every number and split, declared once.

Pages, help, workbooks' "Definitions" sheet, the command line and the SQL compiler read it.
Formulas are built from additive *parts* (sums over lines); ratios divide after the sums.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.i18n import N_
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


@dataclass(frozen=True)
class Dimension:
    """One way to split or filter.

    Attributes:
        column: column of the warehouse's line table.
        label: column with the readable name of the value, where it differs.
        unknown: what an empty value is called.
        grain: the calendar grain, for date dimensions.
        keyed: the values are keys nobody reads: answers hold their names as texts to be
            translated, in the column `label`.
    """

    key: str
    name: str
    column: str
    format: Format = Format.TEXT
    label: str | None = None
    unknown: str = N_("unassigned")
    grain: str | None = None
    keyed: bool = False


_MARGIN = Linear(("covered_net_sales",), ("cogs",))
_CONTRIBUTION = Linear(("covered_net_sales",), ("cogs", "variable_costs"))
_NET_MARGIN = Linear(("covered_net_sales",), ("cogs", "variable_costs", "investment"))
_NET = Linear(("net_sales",))

_METRICS = (
    Metric(
        "gross_sales",
        N_("Gross sales"),
        N_(
            "Quantity × unit price over lines with a positive quantity, "
            "before discounts, excl. VAT."
        ),
        Linear(("gross_sales",)),
        Format.MONEY,
    ),
    Metric(
        "discounts",
        N_("Discounts"),
        N_("Discount amounts on lines with a positive quantity."),
        Linear(("discounts",)),
        Format.MONEY,
        "down",
    ),
    Metric(
        "returns",
        N_("Returns"),
        N_("Quantity taken back × unit price, net of discount, on the date of the return."),
        Linear(("returns",)),
        Format.MONEY,
        "down",
    ),
    Metric(
        "net_sales",
        N_("Net sales"),
        N_("Gross sales − discounts − returns, postage and other non-product lines included."),
        _NET,
        Format.MONEY,
    ),
    Metric(
        "units",
        N_("Units sold"),
        N_("Quantity of product lines, returns negative; unknown where kinds of unit would mix."),
        Linear(("units",)),
        Format.QUANTITY,
    ),
    Metric(
        "weight_kg",
        N_("Weight (kg)"),
        N_("Quantity of product lines converted to kilograms (0.916 kg per litre of olive oil)."),
        Linear(("weight_kg",)),
        Format.QUANTITY,
    ),
    Metric(
        "cogs",
        N_("Cost of goods sold"),
        N_("Quantity × unit cost over product lines whose cost is known."),
        Linear(("cogs",)),
        Format.MONEY,
        "down",
    ),
    Metric(
        "cost_coverage",
        N_("Cost coverage"),
        N_("Share of the net sales of product lines whose cost is known."),
        Ratio(Linear(("covered_net_sales",)), Linear(("product_net_sales",))),
        Format.PERCENT,
    ),
    Metric(
        "gross_margin",
        N_("Gross margin"),
        N_("Net sales − cost of goods sold, over product lines whose cost is known."),
        _MARGIN,
        Format.MONEY,
    ),
    Metric(
        "margin_rate",
        N_("Margin on sales"),
        N_("Gross margin ÷ net sales, over product lines whose cost is known."),
        Ratio(_MARGIN, Linear(("covered_net_sales",))),
        Format.PERCENT,
    ),
    Metric(
        "markup_rate",
        N_("Markup on cost"),
        N_("Gross margin ÷ cost of goods sold."),
        Ratio(_MARGIN, Linear(("cogs",))),
        Format.PERCENT,
    ),
    Metric(
        "variable_costs",
        N_("Variable costs"),
        N_("Freight out, payment fees and commissions on the lines."),
        Linear(("variable_costs",)),
        Format.MONEY,
        "down",
    ),
    Metric(
        "contribution",
        N_("Contribution"),
        N_("Gross margin − variable costs."),
        _CONTRIBUTION,
        Format.MONEY,
    ),
    Metric(
        "investment",
        N_("Investment"),
        N_("Marketing, listing fees, samples, fairs, equipment, staff and overheads of the slice."),
        Linear(("investment",)),
        Format.MONEY,
        "none",
    ),
    Metric(
        "net_margin",
        N_("Net margin"),
        N_("Contribution − investments and overheads assigned to the same slice and period."),
        _NET_MARGIN,
        Format.MONEY,
    ),
    Metric(
        "net_margin_rate",
        N_("Net margin rate"),
        N_("Net margin ÷ net sales."),
        Ratio(_NET_MARGIN, _NET),
        Format.PERCENT,
    ),
    Metric(
        "roi",
        N_("Return on investment"),
        N_("(Contribution − investment) ÷ investment; unknown where no investment is recorded."),
        Ratio(_NET_MARGIN, Linear(("investment",))),
        Format.PERCENT,
    ),
    Metric(
        "return_rate",
        N_("Return rate"),
        N_("Returns ÷ (gross sales − discounts)."),
        Ratio(Linear(("returns",)), Linear(("gross_sales",), ("discounts",))),
        Format.PERCENT,
        "down",
    ),
    Metric(
        "orders",
        N_("Orders"),
        N_("Distinct orders (or invoices) with a positive quantity."),
        Distinct("orders"),
        Format.INTEGER,
    ),
    Metric(
        "customers",
        N_("Active customers"),
        N_(
            "Distinct customers with a positive quantity; lines without a customer are not counted."
        ),
        Distinct("customers"),
        Format.INTEGER,
    ),
    Metric(
        "products",
        N_("Products sold"),
        N_("Distinct products with a positive quantity."),
        Distinct("products"),
        Format.INTEGER,
    ),
    Metric(
        "aov",
        N_("Average order value"),
        N_("Net sales ÷ orders."),
        Ratio(_NET, Distinct("orders")),
        Format.MONEY,
    ),
    Metric(
        "price_per_unit",
        N_("Average net price"),
        N_("Net sales of product lines ÷ units sold; unknown where kinds of unit would mix."),
        Ratio(Linear(("product_net_sales",)), Linear(("units",))),
        Format.PRICE,
        "none",
    ),
    Metric(
        "clv",
        N_("Customer lifetime value"),
        N_(
            "Expected margin of the next 12 months at 10% a year, summed over the distinct "
            "customers who bought in the slice; from the latest run of the page “Lifetime value” "
            "with its default settings and without filters."
        ),
        Scored("clv", "sum", N_("Lifetime value")),
        Format.MONEY,
    ),
    Metric(
        "p_alive",
        N_("Probability of being active"),
        N_(
            "Probability that a customer still buys, the mean over the distinct customers who "
            "bought in the slice; from the latest run of the page “Lifetime value” with its "
            "default settings and without filters."
        ),
        Scored("p_alive", "mean", N_("Lifetime value")),
        Format.PERCENT,
    ),
    Metric(
        "churn_probability",
        N_("Churn probability"),
        N_(
            "Probability that a customer buys nothing in the next 90 days, the mean over the "
            "distinct customers who bought in the slice; from the latest run of the page “Churn” "
            "with its default settings and without filters."
        ),
        Scored("churn_probability", "mean", N_("Churn")),
        Format.PERCENT,
        "down",
    ),
)
METRICS: dict[str, Metric] = {metric.key: metric for metric in _METRICS}

_DIMENSIONS = (
    Dimension("day", N_("Day"), "date", Format.DATE, grain="day"),
    Dimension("week", N_("Week (ISO)"), "date", Format.WEEK, grain="week"),
    Dimension("month", N_("Month"), "date", Format.MONTH, grain="month"),
    Dimension("quarter", N_("Quarter"), "date", Format.QUARTER, grain="quarter"),
    Dimension("year", N_("Year"), "date", Format.YEAR, grain="year"),
    Dimension("campaign", N_("Campaign"), "date", Format.CAMPAIGN, grain="campaign"),
    Dimension("country", N_("Country"), "country", Format.COUNTRY, unknown=N_("No country")),
    Dimension("channel", N_("Channel"), "channel"),
    Dimension("category", N_("Category"), "category", unknown=N_("No category")),
    Dimension("subcategory", N_("Subcategory"), "subcategory", unknown=N_("No subcategory")),
    Dimension("brand", N_("Brand"), "brand", unknown=N_("No brand")),
    Dimension("grade", N_("Grade"), "grade", unknown=N_("No grade")),
    Dimension("origin", N_("Origin"), "origin", Format.COUNTRY, unknown=N_("No origin")),
    Dimension("product", N_("Product"), "product_id", Format.CODE, "product_name"),
    Dimension("supplier", N_("Supplier"), "supplier_id", Format.CODE, "supplier_name"),
    Dimension(
        "customer",
        N_("Customer"),
        "customer_id",
        Format.CODE,
        "customer_name",
        unknown=N_("No customer"),
    ),
    Dimension("segment", N_("Customer segment"), "segment", unknown=N_("No segment")),
    Dimension(
        "rfm_segment",
        N_("RFM segment"),
        "rfm_segment",
        Format.CODE,
        "rfm_segment_name",
        unknown=N_("No customer"),
        keyed=True,
    ),
    Dimension("warehouse", N_("Warehouse"), "warehouse"),
    Dimension("salesperson", N_("Salesperson"), "salesperson"),
    Dimension("promotion", N_("Promotion"), "promotion", unknown=N_("No promotion")),
    Dimension("currency", N_("Currency"), "currency"),
    Dimension("line_kind", N_("Kind of line"), "line_kind"),
    Dimension("cost_source", N_("Source of the cost"), "cost_source"),
    Dimension("invoice", N_("Invoice"), "invoice_id", Format.CODE),
)
DIMENSIONS: dict[str, Dimension] = {dimension.key: dimension for dimension in _DIMENSIONS}


@dataclass(frozen=True)
class Known:
    """All that can be asked for: what ships, and what this company has defined itself.

    Attributes:
        metrics: by key.
        dimensions: by key.
        version: raised with every change of the company's own definitions; part of cache keys.
    """

    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, Dimension]
    version: int = 0


SHIPPED = Known(METRICS, DIMENSIONS)
