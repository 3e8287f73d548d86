"""What a column may be mapped to: a table's own fields and those that are turned into them."""

from functools import cache

from core.i18n import N_
from core.models.schema import TABLES, FieldDef, Kind

_SALES_EXTRA = (
    FieldDef("unit_price_incl_vat", Kind.AMOUNT, N_("Unit price incl. VAT")),
    FieldDef("line_amount", Kind.AMOUNT, N_("Line amount after discount, excl. VAT")),
    FieldDef("line_amount_incl_vat", Kind.AMOUNT, N_("Line amount after discount, incl. VAT")),
    FieldDef("discount", Kind.AMOUNT, N_("Discount (rate or amount, by its values)")),
    FieldDef("line_cost", Kind.AMOUNT, N_("Cost of the line")),
    FieldDef("profit", Kind.AMOUNT, N_("Margin of the line")),
)
_PURCHASES_EXTRA = (FieldDef("line_cost", Kind.AMOUNT, N_("Cost of the line")),)
# Attributes of products and customers that stand in a sales file: field → (table, field there).
ATTRIBUTES: dict[str, tuple[str, str]] = {
    "product_name": ("products", "name"),
    "category": ("products", "category"),
    "subcategory": ("products", "subcategory"),
    "brand": ("products", "brand"),
    "supplier_id": ("products", "supplier_id"),
    "unit": ("products", "unit"),
    "customer_name": ("customers", "name"),
    "segment": ("customers", "segment"),
    "city": ("customers", "city"),
    "postcode": ("customers", "postcode"),
}
# Instead of a required field, one of these will do.
INSTEAD: dict[str, dict[str, tuple[str, ...]]] = {
    "sales": {
        "unit_price": ("unit_price_incl_vat", "line_amount", "line_amount_incl_vat"),
        "invoice_id": ("order_id",),
    },
    "purchases": {"unit_cost": ("line_cost",)},
}
# One of each group must be there, though no single one is required.
ONE_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "investments": (("date", "from_date"),),
    "competitor_prices": (("product_id", "grade"),),
}


def _attribute(key: str) -> FieldDef:
    table, name = ATTRIBUTES[key]
    known = TABLES[table].field(name)
    return FieldDef(key, known.kind, known.label)


@cache
def targets(table: str) -> dict[str, FieldDef]:
    """Return every field a column of this table's file may be mapped to, by key."""
    found = {field.key: field for field in TABLES[table].fields}
    if table == "sales":
        found |= {field.key: field for field in _SALES_EXTRA}
        found |= {key: _attribute(key) for key in ATTRIBUTES}
    if table == "purchases":
        found |= {field.key: field for field in _PURCHASES_EXTRA}
    return found


def missing_fields(table: str, mapped: set[str]) -> list[FieldDef]:
    """Return what the table cannot do without and nothing was mapped to."""
    instead = INSTEAD.get(table, {})
    fields = TABLES[table].fields
    missing = [
        field
        for field in fields
        if field.required
        and field.key not in mapped
        and not mapped.intersection(instead.get(field.key, ()))
    ]
    missing.extend(
        TABLES[table].field(group[0])
        for group in ONE_OF.get(table, ())
        if not mapped.intersection(group)
    )
    return missing
