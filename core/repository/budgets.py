"""Budgets: what was planned by month, country, category and channel, and the sums of it.

A budget that states no country (category, channel) is nobody's: it stands in the total and in a
row without a country, and a filter on countries leaves it out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

import pyarrow as pa

from core.models.query import Period
from core.repository.sql import Request, Shape, run
from core.repository.sql.columns import group_sql
from core.repository.sql.compile import where_sql
from core.repository.sql.planner import on_lines
from core.repository.sql.sources import whole_months
from core.repository.warehouse import Cursor, WarehouseInfo

BUDGET_COLUMNS = frozenset({"date", "country", "category", "channel"})
__all__ = ["BUDGET_COLUMNS", "planned", "stated_metrics", "unstated_columns", "whole_months"]


def stated_metrics(cursor: Cursor) -> frozenset[str]:
    """Return how the budgets name their metrics, folded."""
    rows = cursor.execute("SELECT DISTINCT metric FROM budgets").fetchall()
    return frozenset(name for (name,) in rows)


def planned(
    cursor: Cursor, info: WarehouseInfo, request: Request, spellings: Mapping[str, Iterable[str]]
) -> pa.Table:
    """Return the budgets of a request's groups and filters, over its period.

    Args:
        cursor: on a warehouse file.
        info: its facts.
        request: its groups and conditions name columns of `BUDGET_COLUMNS` only.
        spellings: key of a metric → its folded names in the budgets.

    Returns:
        Columns is_total, g0… and `plan_<key>` per metric.
    """
    texts, keys = _listed(spellings)
    shape, values = on_lines(replace(request, measures=(), investments=True), info, ())
    shape = replace(shape, totals=request.totals and bool(request.groups))
    bound = {f"key{i}": key for i, key in enumerate(spellings)}
    sql = _compiled(shape, len(bound))
    found = run(cursor, sql, {**values, **bound, "texts": texts, "keys": keys})
    names = [f"plan_{key}" for key in spellings]
    return found.rename_columns([*found.column_names[: -len(names)], *names])


def unstated_columns(
    cursor: Cursor, period: Period, spellings: Mapping[str, Iterable[str]]
) -> frozenset[str]:
    """Return the columns that some budgets of these metrics and days do not state."""
    columns = sorted(BUDGET_COLUMNS - {"date"})
    counts = ", ".join(f"coalesce(bool_or({column} IS NULL), false)" for column in columns)
    (row,) = cursor.execute(
        f"SELECT {counts} FROM budgets WHERE list_contains($texts, metric) "  # noqa: S608
        "AND date BETWEEN $start AND $end",
        {"texts": _listed(spellings)[0], "start": period.start, "end": period.end},
    ).fetchall()
    return frozenset(c for c, unstated in zip(columns, row, strict=True) if unstated)


def _listed(spellings: Mapping[str, Iterable[str]]) -> tuple[list[str], list[str]]:
    """Return every name beside its metric's key."""
    pairs = [(text, key) for key, texts in spellings.items() for text in texts]
    return [text for text, _ in pairs], [key for _, key in pairs]


@lru_cache(maxsize=128)
def _compiled(shape: Shape, metrics: int) -> str:
    keys = [f"{group_sql(group, i, '0')} AS g{i}" for i, group in enumerate(shape.groups)]
    grouping = "grouping(g0)" if shape.totals else "0" if shape.groups else "1"
    sums = [f"sum(value) FILTER (key = $key{i})::DECIMAL(30, 6) AS p{i}" for i in range(metrics)]
    conditions = where_sql(shape)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    names = ", ".join(f"g{i}" for i in range(len(shape.groups)))
    groups = f"GROUP BY GROUPING SETS (({names}), ())" if shape.totals else ""
    if names and not shape.totals:
        groups = f"GROUP BY {names}"
    return f"""
WITH spelled AS (
    SELECT unnest($texts::VARCHAR[]) AS metric, unnest($keys::VARCHAR[]) AS key
), stated AS (
    SELECT date, country, category, channel, key, arg_max(value, ord) AS value
    FROM budgets JOIN spelled USING (metric) GROUP BY ALL
)
SELECT {", ".join([f"{grouping}::BIGINT AS is_total", *keys, *sums])}
FROM stated {where} {groups}"""  # noqa: S608 - declared columns and names only
