"""Whether new segments only add to what stands already.

A delta holds new lines. Where new segments would change lines that are stored (another name of a
product, a rate of a past day, a purchase that came before a sale) only a full build is right.
"""

from collections.abc import Collection, Sequence

import duckdb

from core.repository.warehouse.history import HISTORIES, is_dated, last_sale
from core.repository.warehouse.info import WarehouseInfo
from core.repository.warehouse.lines import SHOWN
from core.repository.warehouse.stage import DIMENSIONS, rated_sql

_KEYS = {target: key for key, target in DIMENSIONS.values()}
_USED = {
    "product": "SELECT product_id FROM was_stored_products UNION "
    "SELECT product_id FROM was_invested WHERE product_id IS NOT NULL",
    "d_customers": "SELECT customer_id FROM was_stored_customers",
    "d_suppliers": "SELECT supplier_id FROM was_product WHERE supplier_id IS NOT NULL",
}


class NotAdditiveError(Exception):
    """New segments change what stands already; says what."""


def check_attributes(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Refuse other attributes of something that lines show already.

    Args:
        connection: of a build, with the parent's rows as `was_<table>`.
        table: one of `SHOWN`, as it is with the new rows.

    Raises:
        NotAdditiveError: lines that stand would change.
    """
    key = _KEYS.get(table, "product_id")
    # A product nobody described yet is sold by the piece.
    columns = [f"{c}, 1" if c == "unit_mask" else f"{c}, NULL" for c in SHOWN[table]]
    now = ", ".join(f"coalesce(n.{c})" for c in columns)
    was = ", ".join(f"coalesce(w.{c})" for c in columns)
    _refuse(
        connection,
        f"SELECT count(*) FROM {table} n LEFT JOIN was_{table} w ON w.{key} = n.{key} "  # noqa: S608
        f"WHERE row({now}) IS DISTINCT FROM row({was}) AND n.{key} IN ({_USED[table]})",
        f"attributes of {table}",
    )


def check_histories(
    connection: duckdb.DuckDBPyConnection, before: WarehouseInfo, renewed: Collection[str]
) -> None:
    """Refuse new rows of what has a history, and days on which other attributes come to hold.

    Args:
        connection: of a build; the new lines and all rows of the renewed tables are loaded.
        before: facts of the parent.
        renewed: tables of products, customers and suppliers that have new rows.

    Raises:
        NotAdditiveError: what lines say of their day, or of today, may change.
    """
    today = last_sale(connection)
    if before.next_change and today and today >= before.next_change:
        raise NotAdditiveError("attributes that hold from a day that has come")
    for table in HISTORIES.keys() & {*renewed}:
        if is_dated(connection, table):
            raise NotAdditiveError(f"dated attributes of {table}")
    if "suppliers" in renewed and "supplier_id" in before.changed:
        raise NotAdditiveError("names of suppliers that products had before")


def check_rates(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse other exchange rates on days that stored lines use.

    Raises:
        NotAdditiveError: amounts that stand would change.
    """
    now = rated_sql("SELECT currency, date FROM was_rate_on")
    _refuse(
        connection,
        f"SELECT count(*) FROM ({now}) n JOIN was_rate_on w USING (currency, date) "  # noqa: S608
        "WHERE n.rate IS DISTINCT FROM w.rate",
        "exchange rates of past days",
    )


def check_costs(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse another moving average cost on days with stored lines that rest on it.

    Raises:
        NotAdditiveError: costs that stand would change.
    """
    connection.execute(
        "CREATE TEMP TABLE average_moved AS SELECT n.product_key, n.date FROM average_on n "
        "LEFT JOIN average_was w ON w.product_key = n.product_key AND w.date = n.date "
        "WHERE n.average IS DISTINCT FROM w.average"
    )
    # What is bought for the first time has no history of its sales to reckon an average from.
    connection.execute(
        "CREATE TEMP TABLE first_bought AS SELECT DISTINCT product_key FROM stock_event "
        "ANTI JOIN was_stock_event USING (product_key) "
        "SEMI JOIN was_stored_products USING (product_key)"
    )
    _refuse(
        connection,
        "SELECT count(*) FROM was_sold WHERE EXISTS (FROM first_bought) "
        "AND line_kind IN ('product', 'sample') "
        "AND product_key IN (SELECT product_key FROM first_bought)",
        "first purchases of products sold before",
    )
    span = connection.execute("SELECT min(date), max(date) FROM average_moved").fetchone()
    if span and span[0] is not None:
        _refuse(
            connection,
            "SELECT count(*) FROM (SELECT product_key, date FROM was_sold "
            "WHERE date BETWEEN $first AND $last AND line_kind = 'product' "
            "AND cost_source <> 'own') l SEMI JOIN average_moved m USING (product_key, date)",
            "average costs of past days",
            {"first": span[0], "last": span[1]},
        )


def averages_moved(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether an average differs on a day that had one, after `check_costs`."""
    ((count,),) = connection.execute(
        "SELECT count(*) FROM average_moved SEMI JOIN average_was USING (product_key, date)"
    ).fetchall()
    return bool(count)


def check_investments(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
    """Refuse a new spread that leaves days or countries without what they had.

    Raises:
        NotAdditiveError: groups that stand would have to vanish.
    """
    names = ", ".join(columns)
    _refuse(
        connection,
        f"SELECT count(*) FROM (SELECT {names} FROM investment_stale "  # noqa: S608 - declared names only
        f"EXCEPT SELECT {names} FROM investment_fresh)",
        "days investments were spread over",
    )


def _refuse(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    what: str,
    values: dict[str, object] | None = None,
) -> None:
    row = connection.execute(sql, values or {}).fetchone()
    if row and row[0]:
        raise NotAdditiveError(what)
