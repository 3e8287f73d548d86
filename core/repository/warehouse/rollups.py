"""Roll-ups: the same additive columns as the lines, summed over fewer dimensions.

Three kinds of tables answer what the lines would answer: sums by day or month over some dimensions;
the lines once more, with few columns and sorted by product, for what only single lines know under
filters on the assortment; and one row per order, for what orders are worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from core.models.catalogue import PARTS, THEN
from core.repository.warehouse.info import Rollup
from core.repository.warehouse.ladder import bin_sql
from core.repository.warehouse.lines import ORDER_FLAGS
from core.repository.warehouse.observed import Wish
from core.repository.warehouse.texts import create_types
from core.repository.warehouse.views import SEGMENTED

# A roll-up that keeps more than this share of the lines costs more to store than it saves.
_WORTH_KEEPING = 0.5
_WORTH_WISHING = 0.1
_WISHED = "wished_"
_JOINED = 3  # scans that cost what joining the segments does
COUNTERS = ("weight_missing", "sold_lines", "unknown_amount", "line_count")
_MARKET = ("country", "channel", "segment")
_SUPPLIER = ("supplier_id", "supplier_name")
_ASSORTMENT = ("category", "subcategory", *_SUPPLIER)
PRODUCT_COLUMNS = (
    "product_id", "product_name", "product_key", "brand", "grade", "origin", *_ASSORTMENT,
)  # fmt: skip
_BUYER = ("customer_id", "customer_name", "customer_key")
_NARROW, _WIDE = ("DECIMAL(18, 6)", "INTEGER"), ("DECIMAL(38, 6)", "BIGINT")


@dataclass(frozen=True)
class _Plan:
    """A roll-up to build, out of the smallest source that has its columns."""

    table: str
    columns: tuple[str, ...]
    monthly: bool = True


# Finer ones first, so that coarser ones are built out of them.
_PLANS = (
    _Plan("day_all", (*_MARKET, *_ASSORTMENT, "line_kind"), monthly=False),
    _Plan("day_market", (*_MARKET, "line_kind"), monthly=False),
    _Plan("day_assortment", (*_ASSORTMENT, "line_kind"), monthly=False),
    # Segments of customers have a roll-up of their own: in the others they would multiply the rows
    # of every question. Those without them are quickly built out of it.
    _Plan("month_rfm", ("rfm_segment", *PRODUCT_COLUMNS, *_MARKET, "line_kind")),
    _Plan("month_product_market", (*PRODUCT_COLUMNS, *_MARKET, "line_kind")),
    # What customers bought of a category: without it their numbers are counted on the lines.
    _Plan("month_customer_category", (*_BUYER, *_MARKET, "category", "line_kind")),
    _Plan("month_customer", (*_BUYER, *_MARKET, "line_kind")),
    _Plan("month_all", (*_MARKET, *_ASSORTMENT, "line_kind")),
    _Plan("month_product", (*PRODUCT_COLUMNS, "line_kind")),
    _Plan("month_country_category", ("country", "category", "subcategory", "line_kind")),
    _Plan("month_channel_category", ("channel", "category", "subcategory", "line_kind")),
    _Plan("month_market", (*_MARKET, "line_kind")),
)
_THEN = "month_then"
# What customers bought over all days: in fifty million lines they have a thirtieth of the rows of
# their months.
_EVER, _EVER_OF = "ever_customer", "month_customer"
_OF_SALES = frozenset({*PARTS, *COUNTERS, *ORDER_FLAGS, "unit_mask"}) - {"investment", "overhead"}
# The lines by product: what is summed or counted there, and what follows from the stored columns.
# Quarters first, so that both a period and a filter on the assortment leave out whole blocks.
_QUARTER = "date_trunc('quarter', date)"
_LINE_SORT = (
    _QUARTER, "category", "subcategory", "supplier_id", "product_id", "date",
)  # fmt: skip
_LINE_COLUMNS = (*PRODUCT_COLUMNS, *_MARKET, *_BUYER, "line_kind", "order_key")
_LINE_STORED = ("net_sales", "cogs", "variable_costs")
_LINE_DERIVED = {
    "product_net_sales": ("DECIMAL(18, 6)", "CASE WHEN line_kind = 'product' THEN net_sales END"),
    "covered_net_sales": ("DECIMAL(18, 6)", "CASE WHEN cogs IS NOT NULL THEN net_sales END"),
}
_LINE_COUNTS = ("sold_lines", "unknown_amount", "line_count", *ORDER_FLAGS)
_ORDER_COLUMNS = (*_MARKET, *_BUYER, "order_key")
_ORDER_VALUES: Mapping[str, tuple[str, ...]] = {
    "order_values": (),
    "order_category_values": ("category",),
    "order_supplier_values": ("supplier_id",),
}


def create_rollups(
    connection: duckdb.DuckDBPyConnection,
    known: Mapping[str, Sequence[str]] | None = None,
    like: Sequence[Rollup] | None = None,
    wishes: Sequence[Wish] = (),
) -> tuple[Rollup, ...]:
    """Build the roll-ups that are worth it; return the base table and them as sources.

    Args:
        connection: of a file with `lines`, and `lines_segmented` with the customers' segments.
        known: values of text columns that another file's roll-ups hold, see `texts.text_values`.
        like: the sources of that other file: the same are built, worth it or not.
        wishes: costly readings, the costliest first; a roll-up is made for each if it is small.
    """
    columns = [row[0] for row in connection.execute("DESCRIBE lines").fetchall()]
    base = Rollup("lines", frozenset(columns), monthly=False, rows=_count(connection, "lines"))
    types = create_types(connection, known or {})
    sources = [base, _segmented(base)]
    wanted = None if like is None else {source.table for source in like}
    for plan in (*_PLANS, *_then_plans(columns)):
        if wanted is not None and plan.table not in wanted:
            continue
        origin = min(_able(plan, sources), key=lambda source: source.rows)
        _create(connection, plan, origin.table, types)
        rows = _count(connection, plan.table)
        if wanted is None and rows > _WORTH_KEEPING * base.rows:
            connection.execute(f"DROP TABLE {plan.table}")
        else:
            sources.append(Rollup(plan.table, frozenset(plan.columns), plan.monthly, rows))
    sources += (
        _wished(connection, sources, wishes, types)
        if like is None
        else _again(connection, sources, like, types)
    )
    sources.append(_lines_by_product(connection, types, _kept(columns)))
    sources += [_order_values(connection, *one) for one in _ORDER_VALUES.items()]
    sources += _over_all_days(connection, sources, wanted)
    with_customers = [s for s in sources[2:] if "customer_key" in s.columns]
    return (*sources, *(_segmented(source) for source in with_customers))


def _then_plans(columns: Sequence[str]) -> tuple[_Plan, ...]:
    """Return a roll-up by what held on the day of a line, where lines keep that."""
    kept = _kept(columns)
    return (_Plan(_THEN, (*_MARKET, *_ASSORTMENT, *kept, "line_kind")),) if kept else ()


def _kept(columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(column for column in THEN if column in columns)


def _wished(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Rollup],
    wishes: Sequence[Wish],
    types: Mapping[str, str],
) -> list[Rollup]:
    """Build what questions have wished for, unless another roll-up serves as well."""
    base, found = sources[0], list[Rollup]()
    for wish in wishes:
        columns = tuple(sorted({*wish.columns, "line_kind"}))
        plan = _Plan(f"{_WISHED}{len(found) + 1}", columns, wish.monthly)
        able = _able(plan, [*sources, *found])
        if not able:
            continue  # the columns of an earlier layout
        origin = min(able, key=lambda source: source.rows)
        _create(connection, plan, origin.table, types)
        rows = _count(connection, plan.table)
        # Daily lines asked by months are worth a roll-up, a slightly smaller copy is not.
        if rows > _WORTH_WISHING * min(base.rows, 2 * origin.rows):
            connection.execute(f"DROP TABLE {plan.table}")
            continue
        found.append(Rollup(plan.table, frozenset(columns), plan.monthly, rows, asked=wish.times))
    return found


def _again(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Rollup],
    like: Sequence[Rollup],
    types: Mapping[str, str],
) -> list[Rollup]:
    """Build the wished roll-ups of another file."""
    found: list[Rollup] = []
    for source in like:
        if not source.asked:
            continue
        plan = _Plan(source.table, tuple(sorted(source.columns)), source.monthly)
        origin = min(_able(plan, sources), key=lambda able: able.rows)
        _create(connection, plan, origin.table, types)
        found.append(replace(source, rows=_count(connection, plan.table)))
    return found


def _over_all_days(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Rollup], wanted: set[str] | None
) -> list[Rollup]:
    """Write `ever_customer` out of the customers' months; investments have days of their own.

    Args:
        connection: of a build.
        sources: what was built.
        wanted: the tables of another file; None: whatever is worth it.
    """
    months = next((source for source in sources if source.table == _EVER_OF), None)
    if months is None or (wanted is not None and _EVER not in wanted):
        return []
    columns = (*_BUYER, *_MARKET, "line_kind")
    sums = ", ".join(
        f"{'bit_or' if name == 'unit_mask' else 'sum'}({name}) AS {name}"
        for name in sorted(_OF_SALES)
    )
    connection.execute(
        f"CREATE TABLE {_EVER} AS SELECT {', '.join(columns)}, {sums} FROM {_EVER_OF} "  # noqa: S608
        "WHERE line_kind <> 'investment' GROUP BY ALL ORDER BY customer_key"
    )
    rows = _count(connection, _EVER)
    if wanted is None and rows > _WORTH_KEEPING * months.rows:
        connection.execute(f"DROP TABLE {_EVER}")
        return []
    made = Rollup(_EVER, frozenset(columns), monthly=False, rows=rows, measures=_OF_SALES)
    return [replace(made, together=(), undated=True)]


def _able(plan: _Plan, sources: Sequence[Rollup]) -> list[Rollup]:
    wanted = set(plan.columns)
    return [
        s for s in sources if wanted <= s.columns and s.monthly <= plan.monthly and not s.measures
    ]


def _segmented(source: Rollup) -> Rollup:
    """Return the view that has each customer's segment beside a source's rows."""
    table, columns = source.table + SEGMENTED, source.columns | {"rfm_segment"}
    return replace(source, table=table, columns=columns, rows=_JOINED * source.rows, asked=0)


def _create(
    connection: duckdb.DuckDBPyConnection, plan: _Plan, origin: str, types: Mapping[str, str]
) -> None:
    """Write one roll-up; its numbers are stored in half the room where they fit."""
    day = "date_trunc('month', date)::DATE" if plan.monthly else "date"
    columns = ", ".join(_typed(column, types) for column in plan.columns)
    for amount, count in (_NARROW, _WIDE):
        sums = ", ".join(f"sum({part})::{amount} AS {part}" for part in PARTS)
        counts = ", ".join(f"sum({name})::{count} AS {name}" for name in (*COUNTERS, *ORDER_FLAGS))
        try:
            connection.execute(
                f"CREATE TABLE {plan.table} AS SELECT {day} AS date, {columns}, {sums}, {counts}, "  # noqa: S608
                f"bit_or(unit_mask) AS unit_mask FROM {origin} GROUP BY ALL ORDER BY 1"
            )
        except (duckdb.ConversionException, duckdb.OutOfRangeException):
            if amount == _WIDE[0]:
                raise
        else:
            return


def _typed(column: str, types: Mapping[str, str]) -> str:
    return f"{column}::{types[column]} AS {column}" if column in types else column


def _lines_by_product(
    connection: duckdb.DuckDBPyConnection, types: Mapping[str, str], kept: Sequence[str]
) -> Rollup:
    """Write `product_lines`: a filter on the assortment reads its products' rows only.

    Args:
        connection: `lines` stands.
        types: of texts.
        kept: columns of what held on the day of a line.
    """
    stated = (*_LINE_COLUMNS, *kept)
    columns = [f"{c} {types.get(c, _kind(c))}" for c in stated]
    stored = [f"{part} DECIMAL(18, 6)" for part in _LINE_STORED]
    counts = [f"{name} TINYINT" for name in _LINE_COUNTS]
    derived = [f"{n} {kind} AS ({text})" for n, (kind, text) in _LINE_DERIVED.items()]
    declared = ", ".join(["date DATE", *columns, *stored, *counts, *derived])
    names = ", ".join(["date", *stated, *_LINE_STORED, *_LINE_COUNTS])
    typed = [_typed(column, types) for column in stated]
    read = ", ".join(["date", *typed, *_LINE_STORED, *_LINE_COUNTS])
    connection.execute(f"CREATE TABLE product_lines ({declared})")
    # Typed before they are sorted: numbers instead of texts are compared and moved.
    connection.execute(
        f"INSERT INTO product_lines ({names}) SELECT {names} FROM ("  # noqa: S608
        f"SELECT {read} FROM lines WHERE line_kind <> 'investment') "
        f"ORDER BY {', '.join(_LINE_SORT)}"
    )
    return Rollup(
        "product_lines",
        frozenset(stated),
        monthly=False,
        rows=_count(connection, "product_lines"),
        measures=frozenset({*_LINE_STORED, *_LINE_DERIVED, *_LINE_COUNTS}),
        together=("date", *PRODUCT_COLUMNS),
    )


def _order_values(
    connection: duckdb.DuckDBPyConnection, table: str, within: tuple[str, ...]
) -> Rollup:
    """Write what every order was worth as it was sold: one row per order and value of a column.

    There are more rows only where the sold lines of an order differ in another column.

    Args:
        connection: `product_lines` stands.
        table: its name.
        within: columns of lines that split orders.
    """
    names = (*_ORDER_COLUMNS, *within)
    columns = ", ".join(("date", *names))
    connection.execute(
        f"CREATE TABLE {table} AS SELECT *, {bin_sql('net_sales')} AS bin FROM ("  # noqa: S608
        f"SELECT {columns}, sum(sold_lines)::INTEGER AS sold_lines, "
        "CASE WHEN sum(unknown_amount) = 0 THEN sum(net_sales) END::DECIMAL(18, 6) AS net_sales "
        "FROM product_lines WHERE sold_lines <> 0 GROUP BY ALL) "
        # As the lines by product: a filter reads its rows only.
        f"ORDER BY {', '.join((_QUARTER, *within, 'date'))}"
    )
    keys = ", ".join(("order_key", *within))
    rows = _count(connection, table)
    alone = rows == _count(connection, f"(SELECT DISTINCT {keys} FROM {table})")  # noqa: S608
    return Rollup(
        table,
        frozenset(names),
        monthly=False,
        rows=rows,
        measures=frozenset({"order_value"}),
        together=("date", *within),
        one_per=keys if alone else "",
    )


def _kind(column: str) -> str:
    return "INTEGER" if column.endswith("_key") else "VARCHAR"


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return int(row[0]) if row else 0
