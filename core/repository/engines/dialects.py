"""Our compiled SQL in the words of another engine, translated once per text.

A statement is translated only where every function in it is known to mean the same there; any
other stays with DuckDB, so that nothing is ever answered by a near miss.
"""

from functools import lru_cache
from typing import Literal

import sqlglot
from sqlglot import exp

from core.repository.engines.publish import LINES

Dialect = Literal["postgres", "clickhouse"]
_KNOWN = (
    exp.AnyValue,
    exp.BitwiseOrAgg,
    exp.Case,
    exp.Cast,
    exp.Coalesce,
    exp.Connector,
    exp.Count,
    exp.Explode,
    exp.Grouping,
    exp.If,
    exp.Sum,
    exp.TimestampTrunc,
)
_MONTHS, _DAYS = ("addMonths", "subtractMonths"), ("addDays", "subtractDays")


@lru_cache(maxsize=512)
def translate(sql: str, dialect: Dialect) -> str | None:
    """Return a statement for another engine; None where it reads or computes what is not there.

    Parameters become `%(name)s` for PostgreSQL and `{name}` for ClickHouse.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    if not _is_known(tree):
        return None
    rewrite = _postgres if dialect == "postgres" else _clickhouse
    for node in reversed(list(tree.walk())):  # from the leaves, so that nested steps are seen
        fresh = rewrite(node)
        if fresh is not node:
            node.replace(fresh)
    if dialect == "postgres":
        _spell_out_groupings(tree)
    return tree.sql(dialect=dialect)


def _is_known(tree: exp.Expr) -> bool:
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    tables = {table.name for table in tree.find_all(exp.Table)}
    if LINES not in tables or not tables <= own | {LINES}:
        return False
    return all(isinstance(call, _KNOWN) or _step(call) for call in tree.find_all(exp.Func))


def _step(node: exp.Expr) -> tuple[tuple[str, str], exp.Expr] | None:
    """Return what a step in months or days is called in ClickHouse, and its size."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "to_months":
        return _MONTHS, node.expressions[0]
    return (_DAYS, node.this) if isinstance(node, exp.ToDays) else None


def _postgres(node: exp.Expr) -> exp.Expr:
    found = _step(node)
    if found:
        zeros = [exp.Literal.number(0)] * (1 if found[0] is _MONTHS else 3)
        size = exp.cast(found[1].copy(), "int")
        return exp.Anonymous(this="make_interval", expressions=[*zeros, size])
    if isinstance(node, exp.IgnoreNulls):
        return node.this  # as every aggregate does
    if isinstance(node, exp.AnyValue):
        return exp.Min(this=node.this)  # older servers have no any_value
    return node


def _clickhouse(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Add | exp.Sub):
        found = _step(node.expression)
        if found:
            name = found[0][isinstance(node, exp.Sub)]
            return exp.Anonymous(this=name, expressions=[node.this, found[1]])
    if isinstance(node, exp.DataType) and node.this is exp.DataType.Type.DATE:
        return exp.DataType.build("Nullable(Date32)", dialect="clickhouse")
    if isinstance(node, exp.Explode):
        return exp.Anonymous(this="arrayJoin", expressions=[node.this])
    if isinstance(node, exp.IgnoreNulls):
        return node.this  # as every aggregate does
    return node


def _spell_out_groupings(tree: exp.Expr) -> None:
    """Put the grouped expression itself into `grouping(…)`: an alias is unknown there."""
    for select in tree.find_all(exp.Select):
        meant = {e.alias: e.this for e in select.expressions if isinstance(e, exp.Alias)}
        for call in select.find_all(exp.Grouping):
            for column in list(call.find_all(exp.Column)):
                column.replace(meant[column.name].copy())
