"""What the pages of products, customers, suppliers and countries show of their members."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n import N_
from core.models.members import MEMBER_PAGES, MemberPage

_NAMES = {
    "product": N_("Products"),
    "customer": N_("Customers"),
    "supplier": N_("Suppliers"),
    "country": N_("Countries"),
    "category": N_("Categories"),
    "channel": N_("Channels"),
    "segment": N_("Customer segments"),
    "salesperson": N_("Salespeople"),
    "warehouse": N_("Warehouses"),
}


@dataclass(frozen=True)
class MemberKind:
    """One of the four.

    Attributes:
        place: its dimension, page and master data.
        title: English name of the list.
        description: one sentence on what the analysis answers.
        listed: metrics of the list.
        kpis: metrics of a member's page.
        splits: dimensions a member is split by, the first one explains changes.
        products_only: postage and fees are no products.
        scores: metrics of its customers that analyses publish.
        stock: metrics of its stock.
        priced: quantity and price by month say something.
        invested: investments are recorded by it.
        together: what is bought in the same orders says something.
    """

    place: MemberPage
    title: str
    description: str
    listed: tuple[str, ...]
    kpis: tuple[str, ...]
    splits: tuple[str, ...]
    products_only: bool = False
    scores: tuple[str, ...] = ()
    stock: tuple[str, ...] = ()
    priced: bool = False
    invested: bool = False
    together: bool = False

    @property
    def dimension(self) -> str:
        """Return the key of its dimension."""
        return self.place.dimension

    @property
    def split_names(self) -> Mapping[str, str]:
        """Return its splits with their English names."""
        return {key: _NAMES[key] for key in self.splits}

    @property
    def buyers(self) -> str:
        """Return whose part in a change is told first."""
        return self.splits[0]


_SALES = ("net_sales", "gross_margin", "margin_rate")
PRODUCTS = MemberKind(
    MEMBER_PAGES["product"],
    N_("Products"),
    N_("Every product with its sales and margin; of one, everything that is known about it."),
    listed=(*_SALES, "units", "orders", "customers", "return_rate"),
    kpis=(*_SALES, "units", "price_per_unit", "orders", "customers", "return_rate"),
    splits=("customer", "country", "channel", "segment", "supplier", "salesperson"),
    products_only=True,
    stock=("average_inventory", "days_of_inventory", "gmroi", "sell_through", "stock_out_rate"),
    priced=True,
    together=True,
)
CUSTOMERS = MemberKind(
    MEMBER_PAGES["customer"],
    N_("Customers"),
    N_("Every customer with its sales and margin; of one, everything that is known about it."),
    listed=(*_SALES, "orders", "aov", "products", "return_rate"),
    kpis=(*_SALES, "orders", "aov", "products", "discounts", "return_rate"),
    splits=("product", "category", "supplier", "channel", "country"),
    scores=("recency", "frequency", "monetary", "p_alive", "churn_probability",
            "expected_orders", "clv"),
)  # fmt: skip
SUPPLIERS = MemberKind(
    MEMBER_PAGES["supplier"],
    N_("Suppliers"),
    N_("Every supplier with what its products sell; of one, everything that is known about it."),
    listed=(*_SALES, "cogs", "products", "orders", "customers"),
    kpis=(*_SALES, "cogs", "products", "orders", "customers", "return_rate"),
    splits=("product", "category", "country", "customer", "channel"),
    stock=("average_inventory", "days_of_inventory", "gmroi", "sell_through", "stock_out_rate"),
)
COUNTRIES = MemberKind(
    MEMBER_PAGES["country"],
    N_("Countries"),
    N_("Every country with its sales and return; of one, everything that is known about it."),
    listed=(*_SALES, "contribution", "investment", "roi", "orders", "customers"),
    kpis=(*_SALES, "contribution", "investment", "roi", "orders", "customers"),
    splits=("customer", "product", "category", "channel", "supplier", "segment"),
    invested=True,
)
KINDS = {kind.place.page: kind for kind in (PRODUCTS, CUSTOMERS, SUPPLIERS, COUNTRIES)}
