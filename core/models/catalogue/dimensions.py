"""Ways to split and to filter."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n import N_
from core.models.catalogue.derived import PART_NAMES, PART_TEXTS, Derived, Source
from core.models.catalogue.formulas import NO_SYNONYMS, Synonyms
from core.models.formats import Format


@dataclass(frozen=True)
class Dimension:
    """One way to split or filter.

    Attributes:
        column: column of the warehouse's line table, or what is made of one.
        label: column with the readable name of the value, where it differs.
        unknown: what an empty value is called.
        grain: the calendar grain, for date dimensions.
        keyed: the values are keys nobody reads: answers hold their names as texts to be
            translated, in the column `label`.
        definition: what its values are, where the name does not tell.
        synonyms: other names people search it by.
        names: of the values, where they are known beforehand, marked or packed texts.
        base: key of the dimension whose members a company's own dimension groups.
        own: defined by the company itself.
    """

    key: str
    name: str
    column: Source
    format: Format = Format.TEXT
    label: Source | None = None
    unknown: str = N_("unassigned")
    grain: str | None = None
    keyed: bool = False
    definition: str = ""
    synonyms: Synonyms = NO_SYNONYMS
    names: tuple[tuple[str, str], ...] = ()
    base: str | None = None
    own: bool = False

    @property
    def derived(self) -> Derived | None:
        """Return how its values are made; None for plain columns."""
        return None if isinstance(self.column, str) else self.column

    @property
    def in_sequence(self) -> bool:
        """Whether its values follow each other in time, so that they are shown in this order."""
        return self.grain is not None or (self.derived is not None and not self.derived.groups)

    @property
    def stored(self) -> str:
        """Return the column of the lines its values are read or made from."""
        return self.column if isinstance(self.column, str) else self.column.column


# What held on the day of a line → the column of what holds today. Lines keep the first only where
# it was ever another value.
THEN: Mapping[str, str] = {
    "category_then": "category",
    "supplier_id_then": "supplier_id",
    "supplier_name_then": "supplier_name",
    "segment_then": "segment",
}
DIMENSION_LIST = (
    Dimension("day", N_("Day"), "date", Format.DATE, grain="day"),
    Dimension(
        "week",
        N_("Week (ISO)"),
        "date",
        Format.WEEK,
        grain="week",
        definition=N_("ISO weeks from Monday; week 1 holds the first Thursday of the year."),
    ),
    Dimension("month", N_("Month"), "date", Format.MONTH, grain="month"),
    Dimension("quarter", N_("Quarter"), "date", Format.QUARTER, grain="quarter"),
    Dimension(
        "year", N_("Year"), "date", Format.YEAR, grain="year", definition=N_("Calendar year.")
    ),
    Dimension(
        "campaign",
        N_("Campaign"),
        "date",
        Format.CAMPAIGN,
        grain="campaign",
        definition=N_("Twelve months from the first month of the campaign, October by default."),
    ),
    Dimension(
        "period_445",
        N_("Period (4-4-5)"),
        "date",
        Format.DATE,
        grain="period_445",
        definition=N_(
            "Whole ISO weeks: quarters of 4, 4 and 5 weeks from the campaign's first month; a 53rd "
            "week belongs to the last period. Named by its first day."
        ),
    ),
    Dimension(
        "weekday",
        N_("Day of the week"),
        Derived("date", "weekday"),
        Format.CODE,
        "weekday_name",
        keyed=True,
        definition=PART_TEXTS["weekday"],
        names=PART_NAMES["weekday"],
    ),
    Dimension(
        "month_of_year",
        N_("Month of the year"),
        Derived("date", "month"),
        Format.CODE,
        "month_of_year_name",
        keyed=True,
        definition=PART_TEXTS["month"],
        names=PART_NAMES["month"],
    ),
    Dimension(
        "country",
        N_("Country"),
        "country",
        Format.COUNTRY,
        unknown=N_("No country"),
        definition=N_("Country of the line: where the goods go."),
    ),
    Dimension("channel", N_("Channel"), "channel", definition=N_("Way of selling, of the line.")),
    Dimension(
        "category",
        N_("Category"),
        "category",
        unknown=N_("No category"),
        definition=N_("Category of the product today."),
    ),
    Dimension(
        "category_then",
        N_("Category at the time of sale"),
        "category_then",
        unknown=N_("No category"),
        definition=N_("Category of the product on the day of the line."),
    ),
    Dimension("subcategory", N_("Subcategory"), "subcategory", unknown=N_("No subcategory")),
    Dimension("brand", N_("Brand"), "brand", unknown=N_("No brand")),
    Dimension(
        "grade",
        N_("Grade"),
        "grade",
        unknown=N_("No grade"),
        definition=N_("Grade of the oil: extra virgin, virgin, lampante, refined, pomace."),
    ),
    Dimension(
        "origin",
        N_("Origin"),
        "origin",
        Format.COUNTRY,
        unknown=N_("No origin"),
        definition=N_("Country the product comes from."),
    ),
    Dimension("product", N_("Product"), "product_id", Format.CODE, "product_name"),
    Dimension(
        "supplier",
        N_("Supplier"),
        "supplier_id",
        Format.CODE,
        "supplier_name",
        definition=N_("Supplier of the product, as its master data state today."),
    ),
    Dimension(
        "supplier_then",
        N_("Supplier at the time of sale"),
        "supplier_id_then",
        Format.CODE,
        "supplier_name_then",
        definition=N_("Supplier of the product on the day of the line."),
    ),
    Dimension(
        "customer",
        N_("Customer"),
        "customer_id",
        Format.CODE,
        "customer_name",
        unknown=N_("No customer"),
    ),
    Dimension(
        "segment",
        N_("Customer segment"),
        "segment",
        unknown=N_("No segment"),
        definition=N_("Segment of the customer, as its master data state today."),
    ),
    Dimension(
        "segment_then",
        N_("Segment at the time of sale"),
        "segment_then",
        unknown=N_("No segment"),
        definition=N_("Segment of the customer on the day of the line."),
    ),
    Dimension(
        "rfm_segment",
        N_("RFM segment"),
        "rfm_segment",
        Format.CODE,
        "rfm_segment_name",
        unknown=N_("No customer"),
        keyed=True,
        definition=N_(
            "Group of customers by recency, frequency and amount, as of the last day with sales."
        ),
    ),
    Dimension("warehouse", N_("Warehouse"), "warehouse"),
    Dimension("salesperson", N_("Salesperson"), "salesperson"),
    Dimension("promotion", N_("Promotion"), "promotion", unknown=N_("No promotion")),
    Dimension(
        "currency",
        N_("Currency"),
        "currency",
        definition=N_("Currency of the source; amounts are in base currency all the same."),
    ),
    Dimension(
        "line_kind",
        N_("Kind of line"),
        "line_kind",
        definition=N_("Product, postage, fee, adjustment, sample or investment."),
    ),
    Dimension(
        "cost_source",
        N_("Source of the cost"),
        "cost_source",
        definition=N_("Where the cost of a line comes from: the line, purchases, the standard."),
    ),
    Dimension("invoice", N_("Invoice"), "invoice_id", Format.CODE),
)
