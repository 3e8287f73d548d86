"""What lay in stock on every day, at cost: from counts, movements and the moving average.

Rules, item by item (a product in a warehouse):

- A count sets the stock at the end of its day; the movements of that day are in it. Movements
  after it add up to it. Before the first count the stock is that count less the movements up to
  it; without any count it is the sum of the movements.
- An item holds nothing before its first record. The last record of any item is the end of what is
  known of stock at all; every item keeps its stock until then.
- A stock below zero is an error of the records: it counts as nothing, and is said.
- The value is the quantity × the product's moving average landed cost of the day (the one that
  values the sales), otherwise its standard cost, otherwise unknown.

`inventory` holds one row per item and stretch of days with the same stock and cost. It depends on
counts, movements, products, suppliers, and on every purchase, sale and rate that moves an average.
"""

import duckdb

ATTRIBUTES = (
    "product_id",
    "product_name",
    "category",
    "subcategory",
    "brand",
    "grade",
    "origin",
    "supplier_id",
    "supplier_name",
    "warehouse",
    "line_kind",
)
_EVENTS = """
CREATE TEMP TABLE stock_level AS
WITH counted AS (
    SELECT warehouse, product_id, date, arg_max(quantity, ord) AS counted
    FROM s_stock_counts GROUP BY ALL
), moved AS (
    SELECT warehouse, product_id, date, sum(quantity) AS moved FROM s_stock_moves GROUP BY ALL
), event AS (
    SELECT *, sum(coalesce(moved, 0)) OVER (
        PARTITION BY warehouse, product_id ORDER BY date) AS run
    FROM counted FULL JOIN moved USING (warehouse, product_id, date)
), based AS (
    SELECT *, coalesce(
        last_value(counted - run IGNORE NULLS) OVER (
            item ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        first_value(counted - run IGNORE NULLS) OVER (
            item ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING), 0) AS base
    FROM event WINDOW item AS (PARTITION BY warehouse, product_id ORDER BY date)
)
SELECT warehouse, product_id, date, (base + run)::DECIMAL(18, 6) AS quantity FROM based
"""
_COSTS = """
CREATE TEMP TABLE stock_cost AS
SELECT product_id, date, average FROM (
    SELECT k.product_id, a.date, a.average,
        lag(a.average) OVER (PARTITION BY a.product_key ORDER BY a.date) AS before
    FROM average_on a JOIN product_keys k USING (product_key)
) WHERE before IS DISTINCT FROM average
"""
_INVENTORY = """
CREATE TABLE inventory AS
WITH item AS (
    SELECT warehouse, product_id, min(date) AS first_on FROM stock_level GROUP BY ALL
), known AS (
    SELECT max(date) AS last_on FROM stock_level
), point AS (
    SELECT warehouse, product_id, date FROM stock_level
    UNION
    SELECT i.warehouse, i.product_id, c.date
    FROM item i JOIN stock_cost c USING (product_id), known
    WHERE c.date BETWEEN i.first_on AND known.last_on
), held AS (
    SELECT p.warehouse, p.product_id, p.date AS start_on,
        coalesce(lead(p.date) OVER (PARTITION BY p.warehouse, p.product_id ORDER BY p.date) - 1,
            known.last_on) AS end_on, l.quantity
    FROM point p ASOF JOIN stock_level l ON l.warehouse = p.warehouse
        AND l.product_id = p.product_id AND l.date <= p.date, known
), priced AS (
    SELECT h.*, c.average FROM held h ASOF LEFT JOIN stock_cost c
        ON c.product_id = h.product_id AND c.date <= h.start_on
)
SELECT h.start_on, h.end_on, h.product_id, p.name AS product_name, p.category, p.subcategory,
    p.brand, p.grade, p.origin, p.supplier_id, u.name AS supplier_name, h.warehouse,
    'product' AS line_kind, coalesce(p.unit_mask, 1) AS unit_mask,
    greatest(h.quantity, 0)::DECIMAL(18, 6) AS quantity,
    CASE WHEN h.quantity <= 0 THEN 0
        WHEN h.average IS NOT NULL
            THEN TRY_CAST(h.quantity::DOUBLE * h.average AS DECIMAL(18, 6))
        ELSE TRY_CAST(h.quantity::DECIMAL(36, 6) * p.standard_cost AS DECIMAL(18, 6))
    END::DECIMAL(18, 6) AS value,
    h.quantity < 0 AS is_short
FROM priced h LEFT JOIN product p USING (product_id)
    LEFT JOIN d_suppliers u ON u.supplier_id = p.supplier_id
ORDER BY start_on, product_id, warehouse
"""
# Purchases stand in where no movement says what came in; they name no warehouse.
_RECEIPTS = """
CREATE TABLE stock_receipts AS
WITH moved AS (
    SELECT date, warehouse, product_id, quantity FROM s_stock_moves
    WHERE lower(trim(kind)) IN ('receipt', 'réception', 'reception', 'entrée', 'entree')
), received AS (
    FROM moved
    UNION ALL BY NAME
    SELECT coalesce(received_on, date) AS date, NULL::VARCHAR AS warehouse, product_id, quantity
    FROM s_purchases WHERE NOT EXISTS (FROM moved)
)
SELECT r.date, r.product_id, p.name AS product_name, p.category, p.subcategory, p.brand, p.grade,
    p.origin, p.supplier_id, u.name AS supplier_name, r.warehouse, 'product' AS line_kind,
    coalesce(p.unit_mask, 1) AS unit_mask, sum(r.quantity)::DECIMAL(18, 6) AS quantity
FROM received r LEFT JOIN product p USING (product_id)
    LEFT JOIN d_suppliers u ON u.supplier_id = p.supplier_id
GROUP BY ALL ORDER BY r.date
"""


def create_inventory(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `inventory` (stretches of days) and `stock_receipts` (days) from the staged tables.

    Needs the working tables of `stage`, `stage_keys` and `stage_averages`.
    """
    for statement in (_EVENTS, _COSTS, _INVENTORY, _RECEIPTS):
        connection.execute(statement)
