"""The columns of lines: what a person sees of each, and the part it has in the metric."""

from collections.abc import Iterator

from core.i18n import N_, Message, msg
from core.models.catalogue import SHIPPED, THEN, Dimension, Linear
from core.models.formats import Format
from core.models.result import Column, Good
from core.repository.sql.lines import LINE_COLUMNS, sum_sql
from core.services.drill_cells import Behind

# Amounts that are summed over all lines, in base currency.
SUMS = (
    "gross_sales",
    "discounts",
    "returns",
    "net_sales",
    "cogs",
    "gross_margin",
    "variable_costs",
)
# A metric that is one part of a line stands under its own key.
_TERMS = "line_"


def own_columns(behind: Behind) -> dict[str, str]:
    """Return what a line adds to the metric, where no column of every line says it.

    A sum has one such column under the metric's key; a ratio has one for its numerator and one
    for its denominator, where they are sums.
    """
    found: dict[str, str] = {}
    for key, term in _terms(behind):
        if key not in LINE_COLUMNS:
            found[key] = sum_sql(term.plus, term.minus)
    return found


def then_columns(behind: Behind) -> dict[str, str]:
    """Return what held on the day of each line, where the cell or the filters speak of it."""
    found: dict[str, str] = {}
    for dimension in _then_dimensions(behind):
        found[dimension.key] = dimension.stored
        if isinstance(dimension.label, str):
            found[f"{dimension.key}_name"] = dimension.label
    return found


def _then_dimensions(behind: Behind) -> list[Dimension]:
    asked = {behind.known.dimensions[f.dimension].stored for f in behind.query.where}
    return [d for d in SHIPPED.dimensions.values() if d.stored in THEN and d.stored in asked]


def _terms(behind: Behind) -> list[tuple[str, Linear]]:
    formula = behind.metric.formula
    if isinstance(formula, Linear):
        return [(behind.metric.key, formula)]
    return [(_key_of(term, behind), term) for term in behind.terms]


def _key_of(term: Linear, behind: Behind) -> str:
    """Return the key of the metric that is this sum, else a name of its own."""
    for metric in behind.known.metrics.values():
        if metric.formula == term:
            return metric.key
    return _TERMS + "_".join((*term.plus, *term.minus))


def columns_of(behind: Behind) -> tuple[Column, ...]:
    """Return the declared columns of the lines of a cell: the metric's own beside the quantity."""
    own = [_amount(k, behind) for k in own_columns(behind) if k in behind.known.metrics]
    stated = {key for key, _term in _terms(behind)}
    first = [c for c in _COLUMNS if c.key in stated] + own
    rest = [c for c in _COLUMNS if c not in first]
    place = next(i for i, column in enumerate(rest) if column.key == "quantity") + 1
    then = next(i for i, column in enumerate(rest) if column.key == "cost_source")
    return (*rest[:place], *first, *rest[place:then], *_then(behind), *rest[then:])


def _then(behind: Behind) -> Iterator[Column]:
    for dimension in _then_dimensions(behind):
        name = Message(dimension.name)
        yield Column(dimension.key, name, dimension.format, "dimension")
        if dimension.label:
            yield Column(f"{dimension.key}_name", name, Format.TEXT, "label")


def _amount(key: str, behind: Behind) -> Column:
    metric = behind.known.metrics[key]
    return Column(key, Message(metric.name), metric.format, "metric", key, metric.good)


def _money(key: str, name: Message, good: Good = "up") -> Column:
    return Column(key, name, Format.MONEY, "metric", key, good)


_COLUMNS = (
    Column("day", msg(N_("Date")), Format.DATE, "dimension"),
    Column("invoice", msg(N_("Invoice")), Format.CODE, "dimension"),
    Column("line_no", msg(N_("Line")), Format.CODE, "flag"),
    Column("product", msg(N_("Product code")), Format.CODE, "dimension"),
    Column("product_name", msg(N_("Product")), Format.TEXT, "label"),
    Column("customer", msg(N_("Customer code")), Format.CODE, "dimension"),
    Column("customer_name", msg(N_("Customer")), Format.TEXT, "label"),
    Column("quantity", msg(N_("Quantity")), Format.NUMBER, "metric"),
    Column("unit_price", msg(N_("Unit price (as invoiced)")), Format.NUMBER, "metric"),
    _money("gross_sales", msg(N_("Gross sales"))),
    _money("discounts", msg(N_("Discounts")), "down"),
    _money("returns", msg(N_("Returns")), "down"),
    _money("net_sales", msg(N_("Net sales"))),
    _money("cogs", msg(N_("Cost of goods sold")), "down"),
    _money("gross_margin", msg(N_("Gross margin"))),
    _money("variable_costs", msg(N_("Variable costs")), "down"),
    Column("country", msg(N_("Country")), Format.COUNTRY, "dimension"),
    Column("channel", msg(N_("Channel")), Format.TEXT, "dimension"),
    Column("supplier", msg(N_("Supplier code")), Format.CODE, "dimension"),
    Column("supplier_name", msg(N_("Supplier")), Format.TEXT, "label"),
    Column("category", msg(N_("Category")), Format.TEXT, "dimension"),
    Column("cost_source", msg(N_("Source of the cost")), Format.TEXT, "dimension"),
    Column("currency", msg(N_("Currency")), Format.TEXT, "dimension"),
    Column("rate", msg(N_("Exchange rate")), Format.SCORE, "flag"),
    Column("line_kind", msg(N_("Kind of line")), Format.TEXT, "dimension"),
    Column("import_id", msg(N_("Import")), Format.CODE, "flag"),
    Column("file", msg(N_("File")), Format.TEXT, "flag"),
    Column("sheet", msg(N_("Sheet")), Format.TEXT, "flag"),
    Column("row", msg(N_("Row")), Format.CODE, "flag"),
)
