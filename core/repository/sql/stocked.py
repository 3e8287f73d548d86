"""Stock over days: sums of the value and quantity that lay there on each day of a slice.

A stock is added up over products and warehouses, and averaged over days: every row is divided by
the days of its own buckets, the total by the days of the whole period. Only days from the first to
the last record of stock take part.
"""

from functools import lru_cache

from core.models.catalogue import columns_of
from core.repository.sql.columns import Condition, Group, condition_sql, group_sql, source_text
from core.repository.sql.compile import Shape, where_sql

# Columns by which stock can be split and filtered, days included.
STOCK_COLUMNS = frozenset({
    "date", "product_id", "product_name", "category", "subcategory", "brand", "grade", "origin",
    "supplier_id", "supplier_name", "warehouse", "line_kind",
})  # fmt: skip
STOCK_MEASURES = (
    "stock_value",  # at cost, the average of the days
    "stock_value_days",  # at cost, summed over the days
    "stock_days",  # days of the slice with records of stock
    "stock_item_days",  # days × products × warehouses with records
    "stock_out_days",  # of these, without stock
    "stock_unknown_days",  # of these, with stock whose cost is unknown
    "stock_short_days",  # of these, with records that give less than nothing
    "units_received",  # unknown where kinds of unit mix
)


@lru_cache(maxsize=256)
def compile_stock(shape: Shape) -> str:
    """Return the statement: columns as those of `compile_shape`, with `STOCK_MEASURES`.

    Args:
        shape: its groups, conditions, ranges of days, side and totals count; it names no table,
            and its own measures play no part.
    """
    places = range(len(shape.groups))
    calendar = [i for i in places if "date" in columns_of(shape.groups[i].column)]
    named = [i for i in places if shape.groups[i].label]
    joined = "".join(f" AND d.g{i} IS NOT DISTINCT FROM s.g{i}" for i in calendar)
    total = "CASE WHEN s.is_total = 1 THEN t.days ELSE d.days END" if shape.totals else "d.days"
    shown = ["s.side", "s.is_total", *(f"s.g{i}" for i in places), *(f"s.n{i}" for i in named)]
    return f"""
WITH {_days_sql(shape)}, {_summed_sql(shape, named)}, counted AS (
    SELECT {", ".join([_side_sql(shape), *(_key_sql(shape, i) for i in calendar)])},
        count(*) AS days
    FROM day {_where(_calendar_conditions(shape))} GROUP BY ALL
), whole AS (
    SELECT side, sum(days) AS days FROM counted GROUP BY side
)
SELECT {", ".join(shown)},
    (s.value_days::DOUBLE / nullif({total}, 0))::DECIMAL(38, 6) AS stock_value,
    s.value_days::DECIMAL(38, 6) AS stock_value_days,
    ({total})::BIGINT AS stock_days,
    s.item_days::BIGINT AS stock_item_days,
    s.out_days::BIGINT AS stock_out_days,
    s.unknown_days::BIGINT AS stock_unknown_days,
    s.short_days::BIGINT AS stock_short_days,
    CASE WHEN bit_count(coalesce(s.mask, 0)) <= 1 THEN s.received END::DECIMAL(38, 6)
        AS units_received
FROM summed s LEFT JOIN counted d ON d.side = s.side{joined}
    LEFT JOIN whole t ON t.side = s.side"""  # noqa: S608 - declared columns and names only


def _summed_sql(shape: Shape, named: list[int]) -> str:
    """Return the relations of every item's days and receipts, and their sums by group."""
    keys = [_key_sql(shape, i) for i in range(len(shape.groups))]
    texts = [(i, shape.groups[i].label) for i in named]
    labels = [f"any_value({source_text(label)}) AS n{i}" for i, label in texts if label]
    grouping = "grouping(g0)" if shape.totals else "0"
    return f"""line AS (
    SELECT d.date, i.* EXCLUDE (start_on, end_on), NULL::DECIMAL(18, 6) AS received
    FROM inventory i JOIN day d ON d.date BETWEEN i.start_on AND i.end_on
    UNION ALL BY NAME
    SELECT * EXCLUDE (quantity), quantity AS received FROM stock_receipts
), summed AS (
    SELECT {", ".join([_side_sql(shape), f"{grouping}::BIGINT AS is_total", *keys, *labels])},
        sum(value) AS value_days,
        count(quantity) AS item_days,
        count(*) FILTER (quantity = 0) AS out_days,
        count(*) FILTER (quantity > 0 AND value IS NULL) AS unknown_days,
        count(*) FILTER (is_short) AS short_days,
        sum(received) AS received,
        bit_or(unit_mask) FILTER (received IS NOT NULL) AS mask
    FROM line {_where(where_sql(shape))}
    {_group_by(shape)}
)"""  # noqa: S608 - declared columns and names only


def _key_sql(shape: Shape, place: int) -> str:
    return f"{group_sql(shape.groups[place], place, shape.side)} AS g{place}"


def _side_sql(shape: Shape) -> str:
    both = "(date BETWEEN $compared_start AND $compared_end)::INTEGER"
    return f"{both if shape.side == 'both' else shape.side}::BIGINT AS side"


def _days_sql(shape: Shape) -> str:
    """Return the relations of the days in question that have records of stock."""
    ends = ("known.first_on", "known.last_on")
    if shape.ranges:
        first, last = ("$r0_start", "$r0_end") if shape.ranges == 1 else ("$r_first", "$r_last")
        ends = (f"greatest({ends[0]}, {first})", f"least({ends[1]}, {last})")
    return f"""known AS (
    SELECT min(start_on) AS first_on, max(end_on) AS last_on FROM inventory
), span AS (
    SELECT unnest(generate_series({ends[0]}, {ends[1]}, INTERVAL 1 DAY))::DATE AS date FROM known
), day AS (
    SELECT date FROM span {_where(_ranges(shape))}
)"""  # noqa: S608 - names of values only


def _ranges(shape: Shape) -> list[str]:
    parts = [f"date BETWEEN $r{i}_start AND $r{i}_end" for i in range(shape.ranges)]
    return [f"({' OR '.join(parts)})"] if len(parts) > 1 else []


def _calendar_conditions(shape: Shape) -> list[str]:
    numbered: list[tuple[int, Condition]] = list(enumerate(shape.conditions))
    return [condition_sql(c, i) for i, c in numbered if "date" in columns_of(c.column)]


def _where(conditions: list[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _group_by(shape: Shape) -> str:
    groups: tuple[Group, ...] = shape.groups
    sides = ["side"] if shape.side == "both" else []
    names = ", ".join([*sides, *(f"g{i}" for i in range(len(groups)))])
    if shape.totals:
        return f"GROUP BY GROUPING SETS (({names}), ({', '.join(sides)}))"
    return f"GROUP BY {names}" if names else ""
