"""Investments as lines of their own, spread over days (and countries) to the exact micro-unit."""

import logging
from collections.abc import Collection

import duckdb

from core import log
from core.repository.warehouse.history import then_sql
from core.repository.warehouse.lines import ORDER_FLAGS

INVESTED_AMOUNTS = ("investment", "overhead", "unknown_amount", "line_count")
INVESTED_DIMENSIONS = (
    "date", "country", "channel", "category", "subcategory", "brand", "grade", "origin",
    "product_id", "product_name", "supplier_id", "supplier_name", "currency",
)  # fmt: skip
# An amount in millionths is shared as whole numbers: everyone gets the rounded-down share, the
# largest remainders get one more, so that the parts sum to the amount exactly.
_PREPARE = """
CREATE TEMP TABLE investment_row AS
WITH dated AS (
    SELECT rowid AS id, *, coalesce(from_date, date, to_date) AS a,
        coalesce(to_date, date, from_date) AS b, coalesce(currency, $base) AS money
    FROM s_investments
), converted AS (
    SELECT d.*, least(a, b) AS start_on, greatest(a, b) AS end_on,
        CASE WHEN d.money = $base THEN d.amount
            ELSE TRY_CAST(d.amount::DECIMAL(36, 6) * r.rate AS DECIMAL(18, 6)) END AS base_amount,
        CASE WHEN d.money = $base THEN 1::DECIMAL(18, 9) ELSE r.rate END AS rate
    FROM dated d LEFT JOIN rate_on r ON r.currency = d.money AND r.date = d.a
    WHERE d.a IS NOT NULL
)
SELECT * EXCLUDE (a, b), sign(base_amount)::INTEGER AS direction,
    (abs(base_amount)::DECIMAL(38, 6) * 1000000)::HUGEINT AS micro,
    CASE WHEN base_amount IS NULL THEN 1 ELSE end_on - start_on + 1 END AS days,
    regexp_matches(strip_accents(lower(trim(coalesce(kind, '')))),
        '^(overheads?|frais generaux|frais de structure)( |$)') AS is_overhead
FROM converted
"""
_MATCHES = """s.date BETWEEN v.start_on AND v.end_on
        AND (v.country IS NULL OR s.country = v.country)
        AND (v.channel IS NULL OR s.channel = v.channel)
        AND (v.product_id IS NULL OR s.product_id = v.product_id)
        AND (v.category IS NULL OR s.category = v.category)
    WHERE v.spread = 'net_sales' AND v.base_amount IS NOT NULL"""
_WEIGHTS = f"""
CREATE TEMP TABLE investment_weight AS
WITH slice AS (
    SELECT {{slice}}, sum(net_sales) AS net_sales FROM {{sold}} GROUP BY ALL
), matched AS (
    SELECT v.id, s.date, s.country, greatest(sum(s.net_sales) * 1000000, 0)::HUGEINT AS weight
    FROM investment_row v JOIN slice s ON {_MATCHES}
    GROUP BY ALL
)
SELECT *, sum(weight) OVER (PARTITION BY id) AS total FROM matched
"""  # noqa: S608 - put together from this module's own texts
_SHARES = """
CREATE TEMP TABLE investment_share AS
WITH by_sales AS (
    SELECT v.id, w.date, w.country, v.micro, v.direction,
        (v.micro * w.weight) // w.total AS share, (v.micro * w.weight) % w.total AS remainder
    FROM investment_row v JOIN investment_weight w USING (id) WHERE w.weight > 0
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY id ORDER BY remainder DESC, date, country) AS place,
        micro - sum(share) OVER (PARTITION BY id) AS left_over
    FROM by_sales
), by_days AS (
    SELECT v.id, v.start_on + i::INTEGER AS date, v.country, v.direction,
        v.micro // v.days + (i < v.micro % v.days)::INTEGER AS share
    FROM investment_row v, unnest(range(v.days)) AS d(i)
    WHERE v.id NOT IN (SELECT id FROM by_sales)
)
SELECT id, date, country, direction, share + (place <= left_over)::INTEGER AS micro FROM ranked
UNION ALL
SELECT id, date, country, direction, share FROM by_days
"""
# `micro` counts millionths; units and fraction are put together apart, since a division of the
# whole would pass through a binary fraction.
_LINES = f"""
SELECT h.date, coalesce(h.country, v.country) AS country, v.channel,
    coalesce(v.category, p.category) AS category, p.subcategory, p.brand, p.grade, p.origin,
    v.product_id, p.name AS product_name, p.supplier_id, u.name AS supplier_name,
    v.money AS currency, 'investment' AS line_kind, v.rate,{{then}}
    CASE WHEN NOT v.is_overhead THEN h.amount END AS investment,
    CASE WHEN v.is_overhead THEN h.amount END AS overhead,
    0 AS weight_missing, 0 AS sold_lines, {", ".join(f"0 AS {name}" for name in ORDER_FLAGS)},
    (h.micro IS NULL)::INTEGER AS unknown_amount, 1 AS line_count,
    v.import_id, v._sheet AS sheet, v._row AS row
FROM (
    SELECT *, (direction * ((micro // 1000000)::DECIMAL(18, 6)
        + ((micro % 1000000)::DOUBLE / 1000000)::DECIMAL(18, 6)))::DECIMAL(18, 6) AS amount
    FROM investment_share
) h JOIN investment_row v USING (id)
LEFT JOIN product p ON p.product_id = v.product_id
LEFT JOIN d_suppliers u ON u.supplier_id = p.supplier_id
{{then_joins}}
"""  # noqa: S608 - declared names only
# An investment is known by its row in the file it came from.
_SAME_ROW = (
    "w.import_id = v.import_id AND w.sheet IS NOT DISTINCT FROM v._sheet "
    "AND w.row IS NOT DISTINCT FROM v._row"
)
_UNTOUCHED = f"""
DELETE FROM investment_row WHERE id NOT IN (
    SELECT v.id FROM investment_row v ANTI JOIN was_invested w ON {_SAME_ROW}
    UNION SELECT v.id FROM investment_row v JOIN sold s ON {_MATCHES}
)
"""  # noqa: S608 - put together from this module's own texts
_STALE = f"""
CREATE TEMP TABLE investment_stale AS
SELECT w.* FROM was_invested w SEMI JOIN investment_row v ON {_SAME_ROW}
"""  # noqa: S608 - put together from this module's own texts
_KEPT = f"""
CREATE TABLE invested AS
SELECT w.* FROM was_invested w ANTI JOIN investment_row v ON {_SAME_ROW}
UNION ALL BY NAME SELECT * FROM investment_fresh
"""  # noqa: S608 - put together from this module's own texts
_SLICED = ("channel", "product_id", "category")
_SPAN = """
SELECT min(start_on), max(end_on) FROM investment_row
WHERE spread = 'net_sales' AND base_amount IS NOT NULL
"""


def stage_investments(connection: duckdb.DuckDBPyConnection, base_currency: str) -> None:
    """Create `investment_row`, the investments in base currency with their days."""
    connection.execute(_PREPARE, {"base": base_currency})


def create_investments(connection: duckdb.DuckDBPyConnection, changed: Collection[str]) -> None:
    """Create `invested`, the lines of all investments, after `stage_investments`.

    An amount is spread evenly over its days, or by the net sales of its slice over days and
    countries. Where that slice sold nothing it is spread over days, which the log states.
    """
    _spread(connection, "sold")
    connection.execute(f"CREATE TABLE invested AS {_lines_sql(changed)} ORDER BY date")


def _lines_sql(changed: Collection[str]) -> str:
    """Return the lines; `changed` are the attributes that were not always what they are today."""
    columns, joins, _kept = then_sql(changed, "v", "h.date", stated={"category": "v.category"})
    return _LINES.format(then=columns, then_joins=joins)


def renew_investments(connection: duckdb.DuckDBPyConnection, changed: Collection[str]) -> bool:
    """Create `invested` again where new lines or rows change it; return whether they do.

    `investment_fresh` are the lines that come, `investment_stale` those that go.

    Investments that are spread by the net sales of a slice with new lines are spread anew, those
    of the parent (`was_invested`, `was_sold`) that nothing touches are taken over.
    """
    connection.execute(_UNTOUCHED)
    row = connection.execute("SELECT count(*) FROM investment_row").fetchone()
    if not row or not row[0]:
        return False
    _spread(connection, "(SELECT * FROM was_sold UNION ALL BY NAME SELECT * FROM sold)")
    fresh = f"CREATE TEMP TABLE investment_fresh AS {_lines_sql(changed)}"
    for statement in (fresh, _STALE, _KEPT):
        connection.execute(statement)
    return True


def _spread(connection: duckdb.DuckDBPyConnection, sold: str) -> None:
    relation, sliced = _within_span(connection, sold), _slice(connection)
    connection.execute(_WEIGHTS.format(sold=relation, slice=sliced))
    connection.execute(_SHARES)
    row = connection.execute(
        "SELECT count(*) FROM investment_row WHERE spread = 'net_sales' AND id NOT IN "
        "(SELECT id FROM investment_weight WHERE weight > 0)"
    ).fetchone()
    if row and row[0]:
        log.event("warehouse.spread_by_days", level=logging.WARNING, investments=row[0])


def _slice(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the columns sales are added up by: those that some investment is limited to."""
    counts = ", ".join(f"count({column})" for column in _SLICED)
    row = connection.execute(
        f"SELECT {counts} FROM investment_row WHERE spread = 'net_sales'"  # noqa: S608
    ).fetchone()
    limited = zip(_SLICED, row or (), strict=True)
    others = [c if count else f"NULL::VARCHAR AS {c}" for c, count in limited]
    return ", ".join(["date", "country", *others])


def _within_span(connection: duckdb.DuckDBPyConnection, sold: str) -> str:
    """Return the lines on the days investments are spread over by sales, as a relation."""
    first, last = connection.execute(_SPAN).fetchone() or (None, None)
    if first is None:
        return f"(SELECT * FROM {sold} WHERE false)"  # noqa: S608
    return f"(SELECT * FROM {sold} WHERE date BETWEEN '{first}' AND '{last}')"  # noqa: S608
