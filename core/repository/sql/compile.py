"""From the shape of a question to SQL text. Values never appear in it, only their names.

The base table and every roll-up carry the same additive columns, so one text serves them all.
"""

from dataclasses import dataclass
from functools import lru_cache

from core.models.catalogue import PARTS, Source, columns_of
from core.repository.sql.columns import Condition, Group, condition_sql, group_sql, source_text

DISTINCT_KEYS = {"orders": "order_key", "customers": "customer_key", "products": "product_key"}
_COUNTERS = ("weight_missing", "unknown_amount", "line_count")


@dataclass(frozen=True)
class Shape:
    """All that decides a statement's text.

    Attributes:
        table: base table or roll-up.
        ranges: number of ranges of days read from it; 0 for all data.
        edges: table for the days outside the whole months of a monthly roll-up.
        edge_ranges: number of ranges of days read from `edges`.
        measures: additive columns, counters, `unit_mask`, or keys of `DISTINCT_KEYS`.
        order_mark: mark of lines whose sum counts the orders of a group; "" to compare keys.
        total_mark: the one that counts them over all groups.
        side: "both" when days of the compared period are read along, otherwise "0" or "1".
        totals: also the rows over all groups, with `is_total` 1.
        bitmaps: distinct counts taken from bitmaps of so many keys: quicker than sets of keys,
            and those of the groups merge into the total's.
        investments: investment lines take part.
        excluded: columns of the tuples of values to leave out.
        excluded_rows: number of these tuples.
        more: columns that are read besides those of groups, conditions and measures.
    """

    table: str
    groups: tuple[Group, ...]
    measures: tuple[str, ...]
    conditions: tuple[Condition, ...]
    order_mark: str = ""
    total_mark: str = ""
    side: str = "0"
    ranges: int = 0
    edges: str | None = None
    edge_ranges: int = 0
    totals: bool = False
    bitmaps: tuple[tuple[str, int], ...] = ()
    investments: bool = False
    excluded: tuple[Source, ...] = ()
    excluded_rows: int = 0
    more: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def compile_shape(shape: Shape) -> str:
    """Return the statement: columns side, is_total, g0…, n0… (labels), then the measures.

    `side` is 1 for the compared period, whose buckets stand in the place of the asked ones.
    """
    both = shape.side == "both"
    side = "(date BETWEEN $compared_start AND $compared_end)::INTEGER" if both else shape.side
    grouping = "grouping(g0)" if _by_sets(shape) else "0"
    columns = [f"{side}::BIGINT AS side", f"{grouping}::BIGINT AS is_total"]
    columns += [f"{group_sql(g, i, shape.side)} AS g{i}" for i, g in enumerate(shape.groups)]
    columns += [
        f"any_value({source_text(g.label)}) AS n{i}" for i, g in enumerate(shape.groups) if g.label
    ]
    columns += [f"{_measure_sql(name, shape)} AS {name}" for name in shape.measures]
    parts = ["SELECT " + ", ".join(columns), "FROM " + source_sql(shape)]
    conditions = where_sql(shape)
    if conditions:
        parts.append("WHERE " + " AND ".join(conditions))
    sides = ["side"] if both else []
    names = ", ".join([*sides, *(f"g{i}" for i in range(len(shape.groups)))])
    if _by_sets(shape):
        parts.append(f"GROUP BY GROUPING SETS (({names}), ({', '.join(sides)}))")
    elif names:
        parts.append(f"GROUP BY {names}")
    text = "\n".join(parts)
    return _counted_bits(shape, text) if shape.bitmaps else text


def _by_sets(shape: Shape) -> bool:
    return shape.totals and not shape.bitmaps


def _counted_bits(shape: Shape, grouped: str) -> str:
    """Count the groups' bitmaps, and merge the groups into totals where they are asked for."""
    bits = {name for name, _ in shape.bitmaps}
    keys = [f"g{i}" for i in range(len(shape.groups))]
    labels = [f"n{i}" for i, group in enumerate(shape.groups) if group.label]
    counts = [_bit_count(m) if m in bits else m for m in shape.measures]
    text = (
        f"WITH grouped AS (\n{grouped}\n)\n"
        f"SELECT {', '.join(['side', 'is_total', *keys, *labels, *counts])} FROM grouped"
    )
    if not shape.totals:
        return text
    merged = [_bit_count(m, f"bit_or({m})") if m in bits else _merged(m) for m in shape.measures]
    empty = [f"NULL AS {name}" for name in [*keys, *labels]]
    columns = ", ".join(["side", "1", *empty, *merged])
    return f"{text}\nUNION ALL SELECT {columns} FROM grouped GROUP BY side"  # noqa: S608


def _bit_count(name: str, bits: str = "") -> str:
    return f"coalesce(bit_count({bits or name}), 0)::BIGINT AS {name}"


def _merged(name: str) -> str:
    if name == "unit_mask":
        return "bit_or(unit_mask) AS unit_mask"
    return f"sum({name})::{'DECIMAL(38, 6)' if name in PARTS else 'BIGINT'} AS {name}"


def _measure_sql(name: str, shape: Shape) -> str:
    if name in PARTS:
        return f"sum({name})"
    if name in _COUNTERS:
        return f"sum({name})::BIGINT"
    if name == "unit_mask":
        return "bit_or(unit_mask)::BIGINT"
    if name == "orders" and shape.order_mark:
        return _marked_sql(shape)
    key = f"CASE WHEN {_counted(name)} THEN {DISTINCT_KEYS[name]} END"
    size = dict(shape.bitmaps).get(name)
    return f"bitstring_agg({key}, 1, {size})" if size else f"count(DISTINCT {key})"


def _marked_sql(shape: Shape) -> str:
    own = f"coalesce(sum({shape.order_mark}), 0)::BIGINT"
    if shape.total_mark == shape.order_mark or not _by_sets(shape):
        return own
    total = f"coalesce(sum({shape.total_mark}), 0)::BIGINT"
    return f"CASE WHEN grouping(g0) = 1 THEN {total} ELSE {own} END"


def _counted(entity: str) -> str:
    # Samples and postage are sold to someone in some order, but are not products.
    return "sold_lines > 0 AND line_kind = 'product'" if entity == "products" else "sold_lines > 0"


def where_sql(shape: Shape) -> list[str]:
    """Return the conditions on the lines."""
    found = [] if shape.edges else _days_sql("r", shape.ranges)
    if not shape.investments:
        found.append("line_kind <> 'investment'")
    found += [condition_sql(condition, i) for i, condition in enumerate(shape.conditions)]
    if shape.excluded_rows:
        found.append(_excluded_sql(shape))
    return found


def _excluded_sql(shape: Shape) -> str:
    rows = (
        " AND ".join(
            f"{source_text(column)} IS NOT DISTINCT FROM $x{row}_{i}"
            for i, column in enumerate(shape.excluded)
        )
        for row in range(shape.excluded_rows)
    )
    return "NOT (" + " OR ".join(f"({row})" for row in rows) + ")"


def _days_sql(name: str, ranges: int) -> list[str]:
    """Return the condition on days; several ranges also name their hull, to skip whole blocks."""
    parts = [f"date BETWEEN ${name}{i}_start AND ${name}{i}_end" for i in range(ranges)]
    if len(parts) < 2:  # noqa: PLR2004
        return parts
    return [f"date BETWEEN ${name}_first AND ${name}_last", f"({' OR '.join(parts)})"]


def source_sql(shape: Shape) -> str:
    """Return the relation that is read: a table, or whole months with the days around them."""
    if not shape.edges:
        return shape.table
    columns = ", ".join(sorted(_columns(shape)))
    parts = [
        f"SELECT {columns} FROM {table} WHERE " + " AND ".join(_days_sql(name, ranges))  # noqa: S608
        for table, name, ranges in (
            (shape.table, "r", shape.ranges),
            (shape.edges, "e", shape.edge_ranges),
        )
        if ranges
    ]
    return "(" + " UNION ALL ".join(parts) + ") AS parts"


def sources_of(shape: Shape) -> tuple[Source, ...]:
    """Return the columns that groups and filters use, or what they are made of."""
    items = (*shape.groups, *shape.conditions)
    labels = (item.label for item in items if item.label)
    return (*(item.column for item in items), *labels, *shape.excluded)


def _columns(shape: Shape) -> set[str]:
    found = {
        "date",
        "line_kind",
        *shape.more,
        *(c for source in sources_of(shape) for c in columns_of(source)),
    }
    for name in shape.measures:
        if name == "orders" and shape.order_mark:
            found |= {shape.order_mark, shape.total_mark}
        elif name in DISTINCT_KEYS:
            found |= {DISTINCT_KEYS[name], "sold_lines"}
        else:
            found.add(name)
    return found
