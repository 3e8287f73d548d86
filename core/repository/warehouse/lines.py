"""The base table: one row per sales line in base currency, with its dimensions and its cost."""

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb

from core.models.rfm import NO_PURCHASE, SegmentRule
from core.repository.warehouse.rfm import Scales, read_scales, score_values, scores_sql

# Columns that describe an order rather than a line. Those that turn out to be the same on all of
# an order's lines let a flag on its first line count orders under any split by them.
ORDER_COLUMNS = (
    "date",
    "country",
    "channel",
    "customer_id",
    "segment",
    "warehouse",
    "salesperson",
    "currency",
    "invoice_id",
)
_UNIT_EACH = 1
# Marks of lines: of all sold lines of an order that share these columns, exactly one has the mark.
# Their sums count distinct orders wherever groups and filters pin those columns to one value.
ORDER_FLAGS: Mapping[str, tuple[str, ...]] = {
    "first_of_order": (),
    "first_of_category": ("category",),
    "first_of_supplier": ("supplier_id",),
    "first_of_category_supplier": ("category", "supplier_id"),
    "first_of_product": ("product_id",),
}


# Products of two stored amounts need more room than DuckDB gives them by itself, hence the
# first factor's 36 digits; the result is kept only if it fits 18 digits.
def _times(a: str, b: str) -> str:
    return f"TRY_CAST({a}::DECIMAL(36, 6) * {b} AS DECIMAL(18, 6))"


def _converted(amount: str) -> str:
    return f"CASE WHEN rate = 1 THEN {amount} ELSE {_times(amount, 'rate')} END"


# Every sales line with its amounts in base currency: computed once, since they are needed for the
# customers' scores before the lines are written. NULL where an amount is unknown.
_SALE = f"""
CREATE TEMP TABLE sale AS
WITH named AS (
    SELECT s.*, o.order_key, coalesce(s.line_kind, 'product') AS kind,
        coalesce(s.currency, $base) AS money
    FROM s_sales s JOIN order_keys o ON o.order_id = coalesce(s.order_id, s.invoice_id)
), priced AS (
    SELECT n.*, CASE WHEN n.money = $base THEN 1::DECIMAL(18, 9) ELSE r.rate END AS rate,
        {_times("abs(n.quantity)", "n.unit_price")} AS gross
    FROM named n LEFT JOIN rate_on r ON r.currency = n.money AND r.date = n.date
), discounted AS (
    SELECT *, coalesce(
        CASE WHEN quantity < 0 THEN abs(discount_amount) ELSE discount_amount END,
        {_times("gross", "discount_rate")}, 0)::DECIMAL(18, 6) AS discount
    FROM priced
), converted AS (
    SELECT * EXCLUDE (gross, discount, discount_amount, discount_rate, vat_rate, currency,
            line_kind, order_id, ord),
        {_converted("gross")} AS gross_base, {_converted("discount")} AS discount_base
    FROM discounted
), valued AS (
    SELECT *,
        TRY_CAST(gross_base::DECIMAL(36, 6) - discount_base AS DECIMAL(18, 6)) AS amount
    FROM converted
)
SELECT * EXCLUDE (amount), CASE WHEN amount IS NULL THEN NULL WHEN quantity > 0 THEN amount
        WHEN quantity < 0 THEN -amount ELSE 0 END::DECIMAL(18, 6) AS net_sales
FROM valued
"""  # noqa: S608 - put together from this module's own texts
_PURCHASE_DAYS = """
CREATE TEMP TABLE purchase_day AS
WITH day AS (
    SELECT customer_id, date, sum(net_sales) AS net_sales FROM sale
    WHERE customer_id IS NOT NULL GROUP BY customer_id, date HAVING max(quantity) > 0
)
SELECT k.customer_key, d.date, d.net_sales FROM day d JOIN customer_keys k USING (customer_id)
"""

_KEYS = """
CREATE TEMP TABLE {name}_keys AS
SELECT {id}, row_number() OVER (ORDER BY {id})::INTEGER AS {name}_key FROM ({source})
"""


def stage_keys(connection: duckdb.DuckDBPyConnection, base_currency: str) -> None:
    """Number orders, customers and products, so that distinct counts compare integers.

    `sale` gets the amounts of the lines, one table for each of `ORDER_FLAGS` its marked rows.
    """
    sources = {
        ("order", "order_id"): "SELECT DISTINCT coalesce(order_id, invoice_id) AS order_id "
        "FROM s_sales",
        ("customer", "customer_id"): "SELECT DISTINCT customer_id FROM s_sales "
        "WHERE customer_id IS NOT NULL",
        ("product", "product_id"): "SELECT product_id FROM s_sales UNION "
        "SELECT product_id FROM s_purchases",
    }
    for (name, key), source in sources.items():
        connection.execute(_KEYS.format(name=name, id=key, source=source))
    connection.execute(_SALE, {"base": base_currency})
    _stage_flags(connection)


def _stage_flags(connection: duckdb.DuckDBPyConnection) -> None:
    for name, columns in ORDER_FLAGS.items():
        product = "LEFT JOIN product p USING (product_id)" if {*columns} - {"product_id"} else ""
        keys = ", ".join(["order_key", *columns])
        connection.execute(
            f"CREATE TEMP TABLE {name}_line AS "  # noqa: S608 - declared names only
            f"SELECT min(s.rowid) AS id FROM sale s {product} WHERE quantity > 0 GROUP BY {keys}"
        )


def key_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the number of keys of each kind."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM order_keys), (SELECT count(*) FROM customer_keys), "
        "(SELECT count(*) FROM product_keys)"
    ).fetchone()
    return dict(zip(("orders", "customers", "products"), row or (0, 0, 0), strict=True))


def stage_buyers(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[SegmentRule], scored_on: date
) -> Scales:
    """Create `buyer`: every customer's key and RFM segment on a day; return the scores' scales."""
    connection.execute(_PURCHASE_DAYS)
    connection.execute(
        "CREATE TEMP TABLE rfm AS " + scores_sql("purchase_day"), score_values(rules, scored_on)
    )
    connection.execute(
        "CREATE TEMP TABLE buyer AS SELECT k.customer_id, k.customer_key, "
        "coalesce(r.rfm_segment, $nothing) AS rfm_segment "
        "FROM customer_keys k LEFT JOIN rfm r USING (customer_key)",
        {"nothing": NO_PURCHASE},
    )
    return read_scales(connection, "rfm")


def create_lines(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `lines`, sorted by date.

    Amounts are NULL where the currency has no rate on that day (or where they are too large to
    be kept); `unknown_amount` counts those lines. Costs are NULL where no source knows them.
    """
    connection.execute("CREATE TABLE lines AS " + _LINES)


_FLAGS = ", ".join(
    f"(s.rowid IN (SELECT id FROM {name}_line))::INTEGER AS {name}"  # noqa: S608 - declared names
    for name in ORDER_FLAGS
)
_LINES = f"""
WITH joined AS (
    SELECT s.*, {_FLAGS},
        p.name AS product_name, p.category, p.subcategory, p.brand, p.grade, p.origin,
        p.supplier_id, u.name AS supplier_name, p.standard_cost, p.kg_per_unit,
        coalesce(p.unit_mask, {_UNIT_EACH}) AS unit_bit,
        c.name AS customer_name, c.segment,
        coalesce(s.country, c.country) AS sold_to,
        coalesce(s.salesperson, c.salesperson) AS sold_by,
        b.customer_key, b.rfm_segment, pk.product_key, a.average
    FROM sale s
    LEFT JOIN d_customers c USING (customer_id)
    LEFT JOIN buyer b USING (customer_id)
    LEFT JOIN product p ON p.product_id = s.product_id
    LEFT JOIN product_keys pk ON pk.product_id = s.product_id
    LEFT JOIN d_suppliers u ON u.supplier_id = p.supplier_id
    LEFT JOIN average_on a ON a.product_key = pk.product_key AND a.date = s.date
), spent AS (
    SELECT *,
        {_converted(_times("quantity", "unit_cost"))} AS own_cost,
        TRY_CAST(quantity::DOUBLE * average AS DECIMAL(18, 6)) AS average_cost,
        {_times("quantity", "standard_cost")} AS standard_cost_total,
        TRY_CAST({_converted("freight_out")} AS DECIMAL(36, 6)) AS freight_base,
        TRY_CAST({_converted("fees")} AS DECIMAL(36, 6)) AS fees_base
    FROM joined
), measured AS (
    SELECT *,
        TRY_CAST(CASE WHEN coalesce(freight_base, fees_base) IS NOT NULL
            THEN coalesce(freight_base, 0) + coalesce(fees_base, 0) END AS DECIMAL(18, 6))
            AS costs_base,
        CASE WHEN net_sales IS NULL THEN NULL WHEN quantity > 0 THEN gross_base ELSE 0
            END::DECIMAL(18, 6) AS gross_sales,
        CASE WHEN net_sales IS NULL THEN NULL WHEN quantity > 0 THEN discount_base ELSE 0
            END::DECIMAL(18, 6) AS discounts,
        CASE WHEN net_sales IS NULL THEN NULL WHEN quantity < 0 THEN -net_sales ELSE 0
            END::DECIMAL(18, 6) AS returns,
        coalesce(own_cost, average_cost, standard_cost_total) AS cost,
        CASE WHEN own_cost IS NOT NULL THEN 'own' WHEN average_cost IS NOT NULL THEN 'average'
            WHEN standard_cost_total IS NOT NULL THEN 'standard' ELSE 'unknown' END AS source,
        kind = 'product' AS is_product
    FROM spent
)
SELECT date, invoice_id, line_no, order_key, product_id, product_name, category, subcategory,
    brand, grade, origin, supplier_id, supplier_name, customer_id, customer_name, segment,
    rfm_segment, sold_to AS country, channel, warehouse, sold_by AS salesperson, promotion,
    money AS currency, kind AS line_kind, CASE WHEN is_product THEN source END AS cost_source,
    customer_key, product_key, quantity, unit_price, rate,
    gross_sales, discounts, returns, net_sales,
    CASE WHEN is_product THEN net_sales END AS product_net_sales,
    CASE WHEN is_product AND cost IS NOT NULL THEN net_sales END AS covered_net_sales,
    CASE WHEN is_product AND net_sales IS NOT NULL THEN cost END AS cogs,
    CASE WHEN net_sales IS NOT NULL THEN costs_base END AS variable_costs,
    NULL::DECIMAL(18, 6) AS investment, NULL::DECIMAL(18, 6) AS overhead,
    CASE WHEN is_product THEN quantity END AS units,
    CASE WHEN is_product THEN {_times("quantity", "kg_per_unit")} END AS weight_kg,
    CASE WHEN is_product AND quantity <> 0 THEN unit_bit END::INTEGER AS unit_mask,
    (is_product AND kg_per_unit IS NULL)::INTEGER AS weight_missing,
    (quantity > 0)::INTEGER AS sold_lines,
    {", ".join(ORDER_FLAGS)},
    (net_sales IS NULL)::INTEGER AS unknown_amount,
    1::INTEGER AS line_count,
    import_id, _sheet AS sheet, _row AS row
FROM measured ORDER BY date
"""  # noqa: S608 - put together from this module's own texts


def order_columns(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the columns of `ORDER_COLUMNS` that never vary inside an order."""
    # Hashes let empty values count as values and keep the comparison on integers.
    spread = ", ".join(f"min(hash({c})) = max(hash({c})) AS {c}" for c in ORDER_COLUMNS)
    same = ", ".join(f"coalesce(bool_and({c}), true)" for c in ORDER_COLUMNS)
    row = connection.execute(
        f"SELECT {same} FROM (SELECT {spread} FROM lines "  # noqa: S608
        "WHERE sold_lines > 0 GROUP BY order_key)"
    ).fetchone()
    found = frozenset(c for c, constant in zip(ORDER_COLUMNS, row or (), strict=True) if constant)
    # One customer is in one segment.
    return found | {"rfm_segment"} if "customer_id" in found else found
