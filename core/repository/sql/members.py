"""The values of a dimension with their numbers of lines."""

import unicodedata
from typing import Any

import duckdb

from core.models.catalogue import Dimension
from core.models.query import Period
from core.repository.sql.columns import Condition, Group
from core.repository.sql.planner import plan
from core.repository.sql.request import Request
from core.repository.warehouse import WarehouseInfo


def folded(text: str) -> str:
    """Return a text without accents and case, as it is searched."""
    split = unicodedata.normalize("NFKD", text)
    return "".join(c for c in split if not unicodedata.combining(c)).casefold()


def members(
    cursor: duckdb.DuckDBPyConnection,
    info: WarehouseInfo,
    dimension: Dimension,
    conditions: tuple[tuple[Condition, tuple[Any, ...]], ...],
    period: Period | None,
    campaign_offset: int,
    search: str,
    limit: int | None,
) -> list[tuple[str | None, str | None, int]]:
    """Return (value, name, lines), the most frequent first.

    Args:
        cursor: on a warehouse file.
        info: the file's facts.
        dimension: what to list.
        conditions: filters with their values.
        period: only lines of these days.
        campaign_offset: months between January and the campaign's first month.
        search: part of value or name; "" for all.
        limit: at most so many; None for all.
    """
    label = None if dimension.keyed else dimension.label
    request = Request(
        groups=(Group(dimension.column, dimension.grain, label),),
        measures=("line_count",),
        conditions=conditions,
        period=period,
        campaign_offset=campaign_offset,
        totals=False,
    )
    (statement,) = plan(request, info)
    name = "n0" if label else "NULL"
    sql = f"SELECT g0::VARCHAR AS value, {name} AS name, line_count FROM ({statement.sql})"  # noqa: S608
    values = dict(statement.values)
    if search:
        sql += (
            " WHERE contains(strip_accents(lower(concat_ws(' ', value, name))),"
            " strip_accents(lower($search)))"
        )
        values["search"] = search
    sql += " ORDER BY line_count DESC, value"
    if limit is not None:
        sql += " LIMIT $limit"
        values["limit"] = limit
    return cursor.execute(sql, values).fetchall()
