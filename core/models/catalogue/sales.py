"""Metrics of sales, margins and investments."""

from core.i18n import N_
from core.models.catalogue.formulas import Distinct, Linear, Metric, Ratio
from core.models.formats import Format

_MARGIN = Linear(("covered_net_sales",), ("cogs",))
_CONTRIBUTION = Linear(("covered_net_sales",), ("cogs", "variable_costs"))
_AFTER_INVESTMENT = Linear(("covered_net_sales",), ("cogs", "variable_costs", "investment"))
_NET_MARGIN = Linear(("covered_net_sales",), ("cogs", "variable_costs", "investment", "overhead"))
_NET = Linear(("net_sales",))

SALES = (
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
        N_("Marketing, listing fees, samples, fairs, equipment and staff of the slice."),
        Linear(("investment",)),
        Format.MONEY,
        "none",
    ),
    Metric(
        "overhead",
        N_("Overheads"),
        N_("Overheads of the slice: head office and what else no single business is run with."),
        Linear(("overhead",)),
        Format.MONEY,
        "down",
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
        Ratio(_AFTER_INVESTMENT, Linear(("investment",))),
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
)
