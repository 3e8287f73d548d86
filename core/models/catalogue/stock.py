"""Metrics of stock: what lies in the warehouses at cost, and how quickly it turns."""

from core.i18n import N_
from core.models.catalogue.formulas import Linear, Metric, Ratio, Stocked
from core.models.formats import Format

_RECORDED = N_("Only as good as the counts and movements: days without records are left out.")

STOCK = (
    Metric(
        "average_inventory",
        N_("Average inventory"),
        N_(
            "Stock at cost, the average of the days of the period that have records of stock: "
            "quantity by counts and movements × moving average landed cost of the day."
        ),
        Stocked("stock_value"),
        Format.MONEY,
        "none",
        caveats=(_RECORDED,),
    ),
    Metric(
        "gmroi",
        N_("GMROI"),
        N_("Gross margin ÷ average inventory at cost over the period."),
        Ratio(Linear(("covered_net_sales",), ("cogs",)), Stocked("stock_value")),
        Format.NUMBER,
        caveats=(_RECORDED, N_("A longer period gives a higher value: it is not per year.")),
    ),
    Metric(
        "days_of_inventory",
        N_("Days of inventory"),
        N_("Average inventory ÷ cost of goods sold × days of the period with records of stock."),
        Ratio(Stocked("stock_value_days"), Linear(("cogs",))),
        Format.NUMBER,
        "down",
        caveats=(_RECORDED,),
    ),
    Metric(
        "sell_through",
        N_("Sell-through"),
        N_("Units sold ÷ units received in the same period; unknown where nothing came in."),
        Ratio(Linear(("units",)), Stocked("units_received")),
        Format.PERCENT,
    ),
    Metric(
        "stock_out_rate",
        N_("Stock-out rate"),
        N_("Days without stock ÷ days with records, over the products in each warehouse."),
        Ratio(Stocked("stock_out_days"), Stocked("stock_item_days")),
        Format.PERCENT,
        "down",
        caveats=(_RECORDED,),
    ),
)
