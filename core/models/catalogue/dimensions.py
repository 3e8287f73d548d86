"""Ways to split and to filter."""

from dataclasses import dataclass

from core.i18n import N_
from core.models.formats import Format


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


DIMENSION_LIST = (
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
