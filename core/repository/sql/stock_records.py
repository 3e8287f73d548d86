"""What is recorded of stock at all: which days, and which of the products that were sold."""

from dataclasses import replace

from core.models.query import Operator, Period
from core.repository.sql.columns import Group, condition
from core.repository.sql.planner import plan
from core.repository.sql.request import Request
from core.repository.warehouse import Cursor, WarehouseInfo


def recorded_stock(cursor: Cursor) -> Period | None:
    """Return the first and last day with records of stock; None without any."""
    rows = cursor.execute("SELECT min(start_on), max(end_on) FROM inventory").fetchall()
    ((first, last),) = rows
    return Period(first, last) if first else None


def unrecorded_products(cursor: Cursor, info: WarehouseInfo, asked: Request) -> int:
    """Return how many products a request's lines sold of which no stock was ever recorded."""
    request = replace(
        asked,
        groups=(Group("product_id"),),
        measures=("line_count",),
        conditions=(*asked.conditions, condition("line_kind", ["product"], Operator.IN)),
        totals=False,
        investments=False,
        stock=False,
    )
    (statement,) = plan(request, info)
    ((found,),) = cursor.execute(
        f"SELECT count(*) FROM ({statement.sql}) "  # noqa: S608 - a compiled statement
        "WHERE g0::VARCHAR NOT IN (SELECT product_id FROM inventory)",
        dict(statement.values),
    ).fetchall()
    return int(found)
