"""Members that have a page of their own: products, customers, suppliers and countries."""

from dataclasses import dataclass

from core.models.filters import FILTER_DIMENSIONS, OWN

MEMBER, SEARCH, SORT, SPLIT = "member", "q", "sort", "split"  # of the URL's pairs


@dataclass(frozen=True)
class MemberPage:
    """Where the members of a dimension have their pages.

    Attributes:
        dimension: its key.
        page: key of the page with the list, and with each member behind it.
        table: of the business schema that holds their master data; "" where there is none.
    """

    dimension: str
    page: str
    table: str = ""

    @property
    def filter_name(self) -> str:
        """Return the name in a URL that filters every page to one of the members."""
        return self.dimension if self.dimension in FILTER_DIMENSIONS else OWN + self.dimension


MEMBER_PAGES = {
    found.dimension: found
    for found in (
        MemberPage("product", "products", "products"),
        MemberPage("customer", "customers", "customers"),
        MemberPage("supplier", "suppliers", "suppliers"),
        MemberPage("country", "countries"),
    )
}
# Columns of answers that speak of such a member → the dimension.
MEMBER_COLUMNS = {column: key for key in MEMBER_PAGES for column in (key, f"{key}_name")} | {
    "supplier_then": "supplier",
    "supplier_then_name": "supplier",
}
