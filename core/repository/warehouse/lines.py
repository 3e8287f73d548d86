"""The base table: one row per sales line in base currency, with its dimensions and its cost."""

from collections.abc import Collection, Mapping

import duckdb

from core.repository.warehouse.history import then_sql, value_then

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
_FLAG_COLUMNS = frozenset(column for columns in ORDER_FLAGS.values() for column in columns)


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

# Attributes a line shows: where one of them changes, lines that stand already change with it.
SHOWN = {
    "product": (
        "name", "category", "subcategory", "brand", "grade", "origin", "supplier_id",
        "standard_cost", "kg_per_unit", "unit_mask",
    ),
    "d_customers": ("name", "segment", "country", "salesperson"),
    "d_suppliers": ("name",),
}  # fmt: skip


def stage_sales(connection: duckdb.DuckDBPyConnection, base_currency: str) -> None:
    """Create `sale`, the sales lines with their amounts in base currency."""
    connection.execute(_SALE, {"base": base_currency})


def stage_flags(connection: duckdb.DuckDBPyConnection, *, parent: bool) -> None:
    """Create `marked`: the rows of `sale` that have any of `ORDER_FLAGS`, each flag a column.

    One joined table, because a join may spill to disk and a test for membership may not.

    Args:
        connection: of a build; `sale` stands.
        parent: orders may have lines in an earlier file, which are marked there (`continued`).
    """
    firsts: list[str] = []
    for place, columns in enumerate(ORDER_FLAGS.values()):
        product = "LEFT JOIN product p USING (product_id)" if {*columns} - {"product_id"} else ""
        keys = ", ".join(["order_key", *columns])
        same = " AND ".join(
            f"c.{column} IS NOT DISTINCT FROM f.{column}" for column in ("order_key", *columns)
        )
        earlier = f"WHERE NOT EXISTS (SELECT 1 FROM continued c WHERE {same})"  # noqa: S608
        firsts.append(
            f"SELECT id, {1 << place}::UTINYINT AS flag FROM ("  # noqa: S608 - declared names only
            f"SELECT min(s.rowid) AS id, {keys} FROM sale s {product} "
            f"WHERE quantity > 0 GROUP BY {keys}) f {earlier if parent else ''}"
        )
    connection.execute("CREATE TEMP TABLE first_lines (id BIGINT, flag UTINYINT)")
    for first in firsts:  # one after the other: each of them needs room to group
        connection.execute(f"INSERT INTO first_lines {first}")
    connection.execute(
        "CREATE TEMP TABLE marked AS SELECT id, bit_or(flag) AS flags FROM first_lines GROUP BY id"
    )
    connection.execute("DROP TABLE first_lines")


def stage_continued(connection: duckdb.DuckDBPyConnection) -> int:
    """Create `continued`, the sold lines of earlier files whose order has new ones too.

    Returns:
        The number of orders with lines in both.
    """
    row = connection.execute("SELECT count(*) FROM known_orders").fetchone()
    count = int(row[0]) if row else 0
    columns = sorted({"sold_lines", "order_key", *ORDER_COLUMNS, *_FLAG_COLUMNS})
    connection.execute(
        f"CREATE TEMP TABLE continued AS SELECT {', '.join(columns)} FROM was_sold w "  # noqa: S608
        + (
            "WHERE sold_lines > 0 AND order_key IN (SELECT order_key FROM known_orders)"
            if count
            else "LIMIT 0"
        )
    )
    return count


def create_lines(connection: duckdb.DuckDBPyConnection, changed: Collection[str]) -> None:
    """Create `sold`, the sales lines as they are asked, sorted by date.

    Amounts are NULL where the currency has no rate on that day (or where they are too large to
    be kept); `unknown_amount` counts those lines. Costs are NULL where no source knows them.
    A country or salesperson the line does not state is the customer's on the day of the line.

    Args:
        connection: of a build.
        changed: attributes that were not always what they are today: what held on the day of the
            line is kept beside it.
    """
    columns, joins, kept = then_sql(changed, "s", "s.date")
    text = _LINES.format(
        then=columns, then_joins=joins, then_kept=kept,
        customer_country=value_then("country", changed),
        customer_salesperson=value_then("salesperson", changed),
    )  # fmt: skip
    connection.execute("CREATE TABLE sold AS " + text)


_FLAGS = ", ".join(
    f"(coalesce(m.flags, 0) >> {place} & 1)::INTEGER AS {name}"
    for place, name in enumerate(ORDER_FLAGS)
)
_LINES = f"""
WITH joined AS (
    SELECT s.*, {_FLAGS},
        p.name AS product_name, p.category, p.subcategory, p.brand, p.grade, p.origin,
        p.supplier_id, u.name AS supplier_name, p.standard_cost, p.kg_per_unit,
        coalesce(p.unit_mask, {_UNIT_EACH}) AS unit_bit,
        c.name AS customer_name, c.segment,{{then}}
        coalesce(s.country, {{customer_country}}) AS sold_to,
        coalesce(s.salesperson, {{customer_salesperson}}) AS sold_by,
        b.customer_key, pk.product_key, a.average
    FROM sale s
    LEFT JOIN marked m ON m.id = s.rowid
    LEFT JOIN d_customers c USING (customer_id)
    LEFT JOIN customer_keys b USING (customer_id)
    LEFT JOIN product p ON p.product_id = s.product_id
    LEFT JOIN product_keys pk ON pk.product_id = s.product_id
    LEFT JOIN d_suppliers u ON u.supplier_id = p.supplier_id
    LEFT JOIN average_on a ON a.product_key = pk.product_key AND a.date = s.date
    {{then_joins}}
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
    sold_to AS country, channel, warehouse, sold_by AS salesperson, promotion,
    money AS currency, kind AS line_kind, CASE WHEN is_product THEN source END AS cost_source,
    customer_key, product_key, quantity, unit_price, rate,{{then_kept}}
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


def order_columns(connection: duckdb.DuckDBPyConnection, lines: str = "sold") -> frozenset[str]:
    """Return the columns of `ORDER_COLUMNS` that never vary inside an order of a relation."""
    # Hashes let empty values count as values and keep the comparison on integers.
    spread = ", ".join(f"min(hash({c})) = max(hash({c})) AS {c}" for c in ORDER_COLUMNS)
    same = ", ".join(f"coalesce(bool_and({c}), true)" for c in ORDER_COLUMNS)
    row = connection.execute(
        f"SELECT {same} FROM (SELECT {spread} FROM {lines} "  # noqa: S608
        "WHERE sold_lines > 0 GROUP BY order_key)"
    ).fetchone()
    return frozenset(c for c, constant in zip(ORDER_COLUMNS, row or (), strict=True) if constant)


def with_segment(columns: frozenset[str]) -> frozenset[str]:
    """Return columns that are constant in an order: one customer is in one segment on a day."""
    found = columns | {"rfm_segment"} if "customer_id" in columns else columns
    return found | {"segment_then"} if {"customer_id", "date"} <= columns else found
