"""Ways to split and to filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from core.i18n import N_, msg, pack
from core.models.catalogue.formulas import NO_SYNONYMS, Synonyms
from core.models.formats import Format

Part: TypeAlias = Literal["weekday", "weekend", "week", "month", "quarter", "half"]
# The values of a part of the date and their names: texts, so that they sort as they follow.
PART_NAMES: Mapping[Part, tuple[tuple[str, str], ...]] = {
    "weekday": (
        ("1", N_("Monday")),
        ("2", N_("Tuesday")),
        ("3", N_("Wednesday")),
        ("4", N_("Thursday")),
        ("5", N_("Friday")),
        ("6", N_("Saturday")),
        ("7", N_("Sunday")),
    ),
    "weekend": (("1", N_("Monday to Friday")), ("2", N_("Weekend"))),
    "week": tuple((f"{n:02}", pack(msg("Week {n}", n=n))) for n in range(1, 54)),
    "month": (
        ("01", N_("January")),
        ("02", N_("February")),
        ("03", N_("March")),
        ("04", N_("April")),
        ("05", N_("May")),
        ("06", N_("June")),
        ("07", N_("July")),
        ("08", N_("August")),
        ("09", N_("September")),
        ("10", N_("October")),
        ("11", N_("November")),
        ("12", N_("December")),
    ),
    "quarter": tuple((str(n), pack(msg("Quarter {n}", n=n))) for n in range(1, 5)),
    "half": (("1", N_("First half-year")), ("2", N_("Second half-year"))),
}
PART_TEXTS: Mapping[str, str] = {
    "weekday": N_("Day of the week, Monday first."),
    "weekend": N_("Monday to Friday, or Saturday and Sunday."),
    "week": N_("Number of the ISO week, 1 to 53, of all years together."),
    "month": N_("Month of the year, of all years together."),
    "quarter": N_("Quarter of the calendar year, of all years together."),
    "half": N_("Half of the calendar year, of all years together."),
}
_DAILY = frozenset({"weekday", "weekend", "week"})


@dataclass(frozen=True)
class Derived:
    """A value made of a column of the lines.

    Attributes:
        part: of the date; None: the column itself.
        groups: names of groups with their members' values (`NO_VALUE`: those without one); a
            member outside all groups keeps its own value, or is one of the rest.
        rest: name of the group of all other members; None: they stand alone.
    """

    part: Part | None = None
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rest: str | None = None

    @property
    def daily(self) -> bool:
        """Whether single days must be known: whole months are not fine enough."""
        return self.part in _DAILY


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
        definition: what its values are, where the name does not tell.
        synonyms: other names people search it by.
        derived: how the values are made of the column's.
        names: of the values, where they are known beforehand, marked or packed texts.
        base: key of the dimension whose members a company's own dimension groups.
        own: defined by the company itself.
    """

    key: str
    name: str
    column: str
    format: Format = Format.TEXT
    label: str | None = None
    unknown: str = N_("unassigned")
    grain: str | None = None
    keyed: bool = False
    definition: str = ""
    synonyms: Synonyms = NO_SYNONYMS
    derived: Derived | None = None
    names: tuple[tuple[str, str], ...] = ()
    base: str | None = None
    own: bool = False


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
