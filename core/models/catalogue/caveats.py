"""When not to believe a metric of sales: what its formula implies, and what it leaves out."""

from collections.abc import Mapping

from core.i18n import N_

_COVERED = N_("Covers only product lines whose cost is known; look at the cost coverage beside it.")
_RETURNS = N_("Returns count on their own date, not on that of the sale they take back.")
_DISTINCT = N_("Never add it up over groups: what is counted in two of them counts once in all.")
_INVESTED = N_("Investments that name no country, channel or product stand apart when split by it.")
_MIXED = N_("Unknown wherever pieces, kilograms and litres would mix.")
_FEW = N_("With few orders or units a single one moves it a lot.")

CAVEATS: Mapping[str, tuple[str, ...]] = {
    "gross_sales": (N_("Before discounts and returns: no measure of what was earned."),),
    "discounts": (N_("Only what the lines state; rebates granted later are missing."),),
    "returns": (_RETURNS,),
    "net_sales": (
        _RETURNS,
        N_("Lines without a rate for their currency are in no sum; the answer counts them."),
    ),
    "units": (_MIXED,),
    "weight_kg": (N_("Unknown wherever a product states no content."),),
    "cogs": (_COVERED,),
    "cost_coverage": (N_("A high share can still lack the products that lose money."),),
    "gross_margin": (_COVERED, _RETURNS),
    "margin_rate": (_COVERED, N_("Not the markup on cost: the same margin gives two rates.")),
    "markup_rate": (_COVERED, N_("Not the margin on sales: the same margin gives two rates.")),
    "variable_costs": (N_("Only what the lines state; costs booked elsewhere are missing."),),
    "contribution": (_COVERED,),
    "investment": (_INVESTED,),
    "overhead": (N_("Overheads that name no slice stand apart when split by it."),),
    "sell_through": (N_("What was received before the period and sold in it raises it."),),
    "net_margin": (_COVERED, _INVESTED),
    "net_margin_rate": (_COVERED, _INVESTED),
    "roi": (
        _COVERED,
        _INVESTED,
        N_("Sets the margin of the slice against its investments: it proves no cause."),
    ),
    "return_rate": (
        _RETURNS,
        N_("A period with few sales and late returns can show more than 100%."),
    ),
    "orders": (_DISTINCT,),
    "customers": (_DISTINCT, N_("Lines without a customer are not counted.")),
    "products": (_DISTINCT,),
    "aov": (_FEW, _RETURNS),
    "price_per_unit": (_MIXED, N_("Moves with the mix of products as well as with prices.")),
}
