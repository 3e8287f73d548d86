"""The business schema: what a spreadsheet's columns are mapped to, declared once.

Amounts are decimals with six places (exact to the cent or better), identifiers are text.
Every stored row also carries its sheet and row (`LINEAGE`); its import is known by its segment.
"""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from core.i18n import N_


class Kind(StrEnum):
    """Type of a field."""

    ID = "id"
    TEXT = "text"
    DATE = "date"
    MONTH = "month"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    FRACTION = "fraction"  # 0.2 = 20 %
    RATE = "rate"  # currency rates, nine places
    INTEGER = "integer"
    CURRENCY = "currency"
    COUNTRY = "country"
    BOOLEAN = "boolean"


AMOUNT_TYPE = pa.decimal128(18, 6)
RATE_TYPE = pa.decimal128(18, 9)
ARROW_TYPES: dict[Kind, pa.DataType] = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.MONTH: pa.date32(),
    Kind.AMOUNT: AMOUNT_TYPE,
    Kind.QUANTITY: AMOUNT_TYPE,
    Kind.FRACTION: AMOUNT_TYPE,
    Kind.RATE: RATE_TYPE,
    Kind.INTEGER: pa.int64(),
    Kind.CURRENCY: pa.string(),
    Kind.COUNTRY: pa.string(),
    Kind.BOOLEAN: pa.bool_(),
}
LINEAGE = (
    pa.field("_sheet", pa.string()),
    pa.field("_row", pa.int64()),
)


@dataclass(frozen=True)
class FieldDef:
    """One field: key, type, English label, whether a row cannot do without it."""

    key: str
    kind: Kind
    label: str
    required: bool = False


@dataclass(frozen=True)
class TableDef:
    """One table of the schema.

    Attributes:
        natural_key: what recognises a row that is already there; empty: the whole row.
        dimension: a later row updates the earlier one of the same key.
        added: fields that came later: segments written before lack their columns.
    """

    key: str
    label: str
    fields: tuple[FieldDef, ...]
    natural_key: tuple[str, ...]
    dimension: bool = False
    added: tuple[str, ...] = ()

    def field(self, key: str) -> FieldDef:
        """Return a field by key; KeyError if there is none."""
        for found in self.fields:
            if found.key == key:
                return found
        raise KeyError(key)

    def arrow_schema(self) -> pa.Schema:
        """Return the stored columns with their lineage."""
        own = [pa.field(f.key, ARROW_TYPES[f.kind]) for f in self.fields]
        return pa.schema([*own, *LINEAGE])


def _f(key: str, kind: Kind, label: str, *, required: bool = False) -> FieldDef:
    return FieldDef(key, kind, label, required)


_SALES = TableDef(
    "sales",
    N_("Sales lines"),
    (
        _f("invoice_id", Kind.ID, N_("Invoice"), required=True),
        _f("line_no", Kind.INTEGER, N_("Line number")),
        _f("date", Kind.DATE, N_("Date"), required=True),
        _f("product_id", Kind.ID, N_("Product code"), required=True),
        _f("quantity", Kind.QUANTITY, N_("Quantity"), required=True),
        _f("unit_price", Kind.AMOUNT, N_("Unit price excl. VAT"), required=True),
        _f("discount_rate", Kind.FRACTION, N_("Discount rate")),
        _f("discount_amount", Kind.AMOUNT, N_("Discount amount")),
        _f("vat_rate", Kind.FRACTION, N_("VAT rate")),
        _f("currency", Kind.CURRENCY, N_("Currency")),
        _f("customer_id", Kind.ID, N_("Customer code")),
        _f("country", Kind.COUNTRY, N_("Country")),
        _f("channel", Kind.TEXT, N_("Channel")),
        _f("warehouse", Kind.TEXT, N_("Warehouse")),
        _f("salesperson", Kind.TEXT, N_("Salesperson")),
        _f("promotion", Kind.TEXT, N_("Promotion")),
        _f("unit_cost", Kind.AMOUNT, N_("Unit cost (landed)")),
        _f("freight_out", Kind.AMOUNT, N_("Freight out")),
        _f("fees", Kind.AMOUNT, N_("Fees and commissions")),
        _f("order_id", Kind.ID, N_("Order")),
        _f("line_kind", Kind.TEXT, N_("Kind of line")),
    ),
    natural_key=("invoice_id", "line_no"),
)
_PRODUCTS = TableDef(
    "products",
    N_("Products"),
    (
        _f("product_id", Kind.ID, N_("Product code"), required=True),
        _f("name", Kind.TEXT, N_("Product name")),
        _f("category", Kind.TEXT, N_("Category")),
        _f("subcategory", Kind.TEXT, N_("Subcategory")),
        _f("brand", Kind.TEXT, N_("Brand")),
        _f("supplier_id", Kind.ID, N_("Supplier code")),
        _f("unit", Kind.TEXT, N_("Unit (kg, L, each)")),
        _f("content", Kind.QUANTITY, N_("Content per piece")),
        _f("standard_cost", Kind.AMOUNT, N_("Standard cost")),
        _f("list_price", Kind.AMOUNT, N_("List price")),
        _f("launched_on", Kind.DATE, N_("Launched on")),
        _f("ended_on", Kind.DATE, N_("Ended on")),
        _f("grade", Kind.TEXT, N_("Grade")),
        _f("origin", Kind.TEXT, N_("Origin")),
        _f("pdo", Kind.TEXT, N_("PDO")),
        _f("campaign", Kind.TEXT, N_("Campaign")),
        _f("best_before_months", Kind.INTEGER, N_("Best before (months)")),
        _f("valid_from", Kind.DATE, N_("Valid from")),
    ),
    natural_key=("product_id", "valid_from"),
    dimension=True,
    added=("valid_from",),
)
_CUSTOMERS = TableDef(
    "customers",
    N_("Customers"),
    (
        _f("customer_id", Kind.ID, N_("Customer code"), required=True),
        _f("name", Kind.TEXT, N_("Customer name")),
        _f("segment", Kind.TEXT, N_("Customer segment")),
        _f("country", Kind.COUNTRY, N_("Country")),
        _f("city", Kind.TEXT, N_("City")),
        _f("postcode", Kind.TEXT, N_("Postcode")),
        _f("since", Kind.DATE, N_("Customer since")),
        _f("salesperson", Kind.TEXT, N_("Salesperson")),
        _f("consent", Kind.BOOLEAN, N_("Consent")),
        _f("valid_from", Kind.DATE, N_("Valid from")),
    ),
    natural_key=("customer_id", "valid_from"),
    dimension=True,
    added=("valid_from",),
)
_SUPPLIERS = TableDef(
    "suppliers",
    N_("Suppliers"),
    (
        _f("supplier_id", Kind.ID, N_("Supplier code"), required=True),
        _f("name", Kind.TEXT, N_("Supplier name")),
        _f("country", Kind.COUNTRY, N_("Country")),
        _f("lead_time_days", Kind.INTEGER, N_("Lead time (days)")),
        _f("minimum_order", Kind.QUANTITY, N_("Minimum order")),
    ),
    natural_key=("supplier_id",),
    dimension=True,
)
_PURCHASES = TableDef(
    "purchases",
    N_("Purchases"),
    (
        _f("purchase_id", Kind.ID, N_("Purchase"), required=True),
        _f("date", Kind.DATE, N_("Date"), required=True),
        _f("supplier_id", Kind.ID, N_("Supplier code"), required=True),
        _f("product_id", Kind.ID, N_("Product code"), required=True),
        _f("quantity", Kind.QUANTITY, N_("Quantity"), required=True),
        _f("unit_cost", Kind.AMOUNT, N_("Unit cost"), required=True),
        _f("currency", Kind.CURRENCY, N_("Currency")),
        _f("freight_in", Kind.AMOUNT, N_("Freight in")),
        _f("duty", Kind.AMOUNT, N_("Duty")),
        _f("lot", Kind.ID, N_("Lot")),
        _f("due_on", Kind.DATE, N_("Due on")),
        _f("received_on", Kind.DATE, N_("Received on")),
    ),
    natural_key=("purchase_id", "product_id", "lot"),
)
_STOCK_MOVES = TableDef(
    "stock_moves",
    N_("Stock movements"),
    (
        _f("date", Kind.DATE, N_("Date"), required=True),
        _f("warehouse", Kind.TEXT, N_("Warehouse"), required=True),
        _f("product_id", Kind.ID, N_("Product code"), required=True),
        _f("quantity", Kind.QUANTITY, N_("Quantity"), required=True),
        _f("kind", Kind.TEXT, N_("Kind of movement")),
        _f("lot", Kind.ID, N_("Lot")),
    ),
    natural_key=(),
)
_STOCK_COUNTS = TableDef(
    "stock_counts",
    N_("Stock counts"),
    (
        _f("date", Kind.DATE, N_("Date"), required=True),
        _f("warehouse", Kind.TEXT, N_("Warehouse"), required=True),
        _f("product_id", Kind.ID, N_("Product code"), required=True),
        _f("quantity", Kind.QUANTITY, N_("Quantity"), required=True),
    ),
    natural_key=("date", "warehouse", "product_id"),
)
_INVESTMENTS = TableDef(
    "investments",
    N_("Investments"),
    (
        _f("date", Kind.DATE, N_("Date")),
        _f("from_date", Kind.DATE, N_("From")),
        _f("to_date", Kind.DATE, N_("To")),
        _f("amount", Kind.AMOUNT, N_("Amount"), required=True),
        _f("currency", Kind.CURRENCY, N_("Currency")),
        _f("kind", Kind.TEXT, N_("Kind of investment")),
        _f("country", Kind.COUNTRY, N_("Country")),
        _f("channel", Kind.TEXT, N_("Channel")),
        _f("product_id", Kind.ID, N_("Product code")),
        _f("category", Kind.TEXT, N_("Category")),
        _f("campaign", Kind.TEXT, N_("Campaign")),
        _f("spread", Kind.TEXT, N_("Spread (days, net_sales)")),
    ),
    natural_key=(),
)
_FX_RATES = TableDef(
    "fx_rates",
    N_("Currency rates"),
    (
        _f("date", Kind.DATE, N_("Date"), required=True),
        _f("currency", Kind.CURRENCY, N_("Currency"), required=True),
        _f("rate_to_base", Kind.RATE, N_("Rate to base currency"), required=True),
    ),
    natural_key=("date", "currency"),
    dimension=True,
)
_BUDGETS = TableDef(
    "budgets",
    N_("Budgets"),
    (
        _f("month", Kind.MONTH, N_("Month"), required=True),
        _f("metric", Kind.TEXT, N_("Metric"), required=True),
        _f("value", Kind.AMOUNT, N_("Value"), required=True),
        _f("country", Kind.COUNTRY, N_("Country")),
        _f("category", Kind.TEXT, N_("Category")),
        _f("channel", Kind.TEXT, N_("Channel")),
    ),
    natural_key=("month", "metric", "country", "category", "channel"),
    dimension=True,
)
_REVIEWS = TableDef(
    "reviews",
    N_("Reviews"),
    (
        _f("date", Kind.DATE, N_("Date"), required=True),
        _f("product_id", Kind.ID, N_("Product code"), required=True),
        _f("rating", Kind.QUANTITY, N_("Rating")),
        _f("text", Kind.TEXT, N_("Text")),
        _f("language", Kind.TEXT, N_("Language")),
        _f("customer_id", Kind.ID, N_("Customer code")),
    ),
    natural_key=(),
)
_PAYMENTS = TableDef(
    "payments",
    N_("Payments"),
    (
        _f("payment_id", Kind.ID, N_("Payment"), required=True),
        _f("date", Kind.DATE, N_("Date"), required=True),
        _f("customer_id", Kind.ID, N_("Customer code")),
        _f("amount", Kind.AMOUNT, N_("Amount"), required=True),
        _f("currency", Kind.CURRENCY, N_("Currency")),
        _f("method", Kind.TEXT, N_("Method")),
        _f("country", Kind.COUNTRY, N_("Country")),
        _f("status", Kind.TEXT, N_("Status")),
        _f("label", Kind.TEXT, N_("Label")),
    ),
    natural_key=("payment_id",),
)
_COMPETITOR_PRICES = TableDef(
    "competitor_prices",
    N_("Competitor prices"),
    (
        _f("date", Kind.DATE, N_("Date"), required=True),
        _f("competitor", Kind.TEXT, N_("Competitor"), required=True),
        _f("product_id", Kind.ID, N_("Product code")),
        _f("grade", Kind.TEXT, N_("Grade")),
        _f("price", Kind.AMOUNT, N_("Price"), required=True),
        _f("currency", Kind.CURRENCY, N_("Currency")),
        _f("market", Kind.TEXT, N_("Market")),
    ),
    natural_key=(),
)
TABLES: dict[str, TableDef] = {
    table.key: table
    for table in (
        _SALES,
        _PRODUCTS,
        _CUSTOMERS,
        _SUPPLIERS,
        _PURCHASES,
        _STOCK_MOVES,
        _STOCK_COUNTS,
        _INVESTMENTS,
        _FX_RATES,
        _BUDGETS,
        _REVIEWS,
        _PAYMENTS,
        _COMPETITOR_PRICES,
    )
}
LINE_KINDS = ("product", "postage", "fee", "adjustment", "sample")
