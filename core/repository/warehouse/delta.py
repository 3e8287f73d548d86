"""Building what new segments add to files that stand already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import duckdb

from core.models.query import Period
from core.repository.warehouse.build import Config, Target, create_asked, extent
from core.repository.warehouse.buyers import score_buyers, stage_days
from core.repository.warehouse.changes import (
    averages_moved,
    check_attributes,
    check_costs,
    check_histories,
    check_investments,
    check_rates,
)
from core.repository.warehouse.costs import replay_all, stage_new_averages
from core.repository.warehouse.info import Rollup, WarehouseInfo, write_info
from core.repository.warehouse.inventory import create_inventory
from core.repository.warehouse.investments import (
    INVESTED_AMOUNTS,
    INVESTED_DIMENSIONS,
    renew_investments,
    stage_investments,
)
from core.repository.warehouse.keys import key_counts, number_new_keys
from core.repository.warehouse.lines import (
    create_lines,
    order_columns,
    stage_continued,
    stage_flags,
    stage_sales,
    with_segment,
)
from core.repository.warehouse.plans import create_budgets
from core.repository.warehouse.rollups import create_rollups
from core.repository.warehouse.stage import (
    DIMENSIONS,
    SourceFile,
    latest,
    load,
    product_measures,
    rates,
)
from core.repository.warehouse.texts import text_values, value_counts
from core.repository.warehouse.views import (
    HISTORY_TABLES,
    SEGMENTED,
    Part,
    attach_sql,
    create_views,
    read_part,
)

_ADDED = frozenset({"sales", "purchases"})  # only their new rows are read
_SMALL = frozenset({"investments", "fx_rates"})  # read as a whole every time
_STOCK = ("stock_moves", "stock_counts", "purchases")
_BY_SEGMENT = "rfm_segment"


@dataclass(frozen=True)
class Parent:
    """What a delta is built on: files, the base first, with their facts and segments' ids."""

    paths: tuple[Path, ...]
    info: WarehouseInfo
    segments: frozenset[int]


def build_delta(path: Path, parent: Parent, target: Target, config: Config) -> WarehouseInfo:
    """Write to `path` what new segments add to a parent; the facts are those of both together.

    Args:
        path: a new file; the caller gives it its final name.
        parent: all of its segments are among the target's.
        target: the data version that parent and delta hold together.
        config: DuckDB's options.

    Raises:
        NotAdditiveError: what the parent holds would change.
    """
    began = perf_counter()
    base_currency = target.base_currency
    new = frozenset(file.segment_id for file in target.files) - parent.segments
    with duckdb.connect(path, config={**config, "preserve_insertion_order": "false"}) as connection:
        # A delta is small and soon part of a base: packing its columns costs more than it saves.
        connection.execute("SET force_compression = 'uncompressed'")
        newest = _attach(connection, parent)
        _stage(connection, base_currency, target.files, new, parent.info)
        continued = _lines(connection, parent.info, base_currency)
        _stock(connection, target.files, new)
        stage_investments(connection, base_currency)
        renewed = renew_investments(connection, parent.info.changed)
        added, span = _extent(connection, parent.info)
        scored_on = span.reached(target.today) if span else target.today
        stage_days(connection, parent=True)
        scales = score_buyers(connection, target.rules, scored_on, parent=True)
        sources = _rollups(
            connection, parent.info, newest=newest, renewed=renewed, continued=bool(continued)
        )
        info = replace(
            _both(connection, parent.info),
            data_version=target.version,
            fingerprint=target.fingerprint,
            lines=parent.info.lines + added,
            span=span,
            build_seconds=round(perf_counter() - began, 3),
            order_columns=_constant(connection, parent.info, continued=bool(continued)),
            sources=sources,
            rules=tuple(target.rules),
            scored_on=scored_on,
            scales=scales,
        )
        write_info(connection, info)
    return info


def _lines(connection: duckdb.DuckDBPyConnection, before: WarehouseInfo, currency: str) -> int:
    """Create the new lines; return how many orders of the parent they continue."""
    number_new_keys(connection, before.keys)
    stage_sales(connection, currency)
    continued = stage_continued(connection)
    stage_flags(connection, parent=True)
    stage_new_averages(connection, currency)
    check_costs(connection)
    create_lines(connection, before.changed)
    return continued


def _both(connection: duckdb.DuckDBPyConnection, parent: WarehouseInfo) -> WarehouseInfo:
    """Return the parent's facts with the keys and the numbers of values of both files."""
    counts = key_counts(connection)
    return replace(
        parent,
        built_at=datetime.now(UTC),
        values=_larger(parent.values, value_counts(connection)),
        keys={kind: parent.keys[kind] + counts[kind] for kind in counts},
    )


def _attach(connection: duckdb.DuckDBPyConnection, parent: Parent) -> str:
    """Make the parent's tables known as `was_…`; return the name of its newest file."""
    parts: list[Part] = []
    for number, path in enumerate(parent.paths):
        name = f"parent_{number}"
        connection.execute(attach_sql(path, name))
        parts.append(read_part(connection, name))
    create_views(connection, parts, "was_", temporary=True)
    for table in HISTORY_TABLES & {name for part in parts for name in part.tables}:
        connection.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM was_{table}")  # noqa: S608
    return parts[-1].name


def _stage(
    connection: duckdb.DuckDBPyConnection,
    base_currency: str,
    files: Sequence[SourceFile],
    new: frozenset[int],
    before: WarehouseInfo,
) -> None:
    """Load new lines and purchases; of the other tables all that counts, if anything is new."""
    fresh = {file.table for file in files if file.segment_id in new}
    renewed = fresh & DIMENSIONS.keys()
    whole = renewed | _SMALL
    load(
        connection,
        [
            file
            for file in files
            if (file.segment_id in new if file.table in _ADDED else file.table in whole)
        ],
    )
    check_histories(connection, before, renewed)
    _products(connection, renewed="products" in renewed)
    _customers(connection, renewed="customers" in renewed)
    if "suppliers" in renewed:
        latest(connection, "suppliers")
        check_attributes(connection, "d_suppliers")
    else:
        connection.execute("CREATE TEMP VIEW d_suppliers AS SELECT * FROM was_d_suppliers")
    rates(connection, base_currency)
    if "fx_rates" in fresh:
        check_rates(connection)


def _products(connection: duckdb.DuckDBPyConnection, *, renewed: bool) -> None:
    if not renewed:
        connection.execute("CREATE TEMP VIEW product AS SELECT * FROM was_product")
        return
    latest(connection, "products")
    product_measures(connection)
    check_attributes(connection, "product")


def _customers(connection: duckdb.DuckDBPyConnection, *, renewed: bool) -> None:
    """Create `d_customers` with those the new rows speak of."""
    ids = "SELECT customer_id FROM s_sales"
    if renewed:
        latest(connection, "customers", f"{ids} UNION SELECT customer_id FROM s_customers")  # noqa: S608
        check_attributes(connection, "d_customers")
        return
    connection.execute(
        "CREATE TABLE d_customers AS SELECT w.* FROM was_d_customers w "  # noqa: S608
        f"WHERE customer_id IN ({ids})"
    )


def _stock(
    connection: duckdb.DuckDBPyConnection, files: Sequence[SourceFile], new: frozenset[int]
) -> None:
    """Lay out stock and budgets anew where something they rest on is new."""
    fresh = {file.table for file in files if file.segment_id in new}
    if "budgets" in fresh:
        load(connection, files, ("budgets",))
        create_budgets(connection)
    if fresh.isdisjoint({*_STOCK, "products", "suppliers"}) and not averages_moved(connection):
        return
    load(connection, files, _STOCK)
    replay_all(connection)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW product_keys AS SELECT * FROM was_stored_products "
        "UNION ALL SELECT * FROM stored_products"
    )
    create_inventory(connection)


def _extent(
    connection: duckdb.DuckDBPyConnection, parent: WarehouseInfo
) -> tuple[int, Period | None]:
    added, span = extent(connection)
    if span is None or parent.span is None:
        return added, span or parent.span
    start, end = min(span.start, parent.span.start), max(span.end, parent.span.end)
    return added, Period(start, end)


def _constant(
    connection: duckdb.DuckDBPyConnection, parent: WarehouseInfo, *, continued: bool
) -> frozenset[str]:
    """Return the columns that vary neither inside the parent's orders nor inside new ones."""
    lines = "(SELECT * FROM continued UNION ALL BY NAME SELECT * FROM sold)"
    found = order_columns(connection, lines if continued else "sold")
    return with_segment(parent.order_columns & found)


def _rollups(
    connection: duckdb.DuckDBPyConnection,
    parent: WarehouseInfo,
    *,
    newest: str,
    renewed: bool,
    continued: bool,
) -> tuple[Rollup, ...]:
    """Create the parent's roll-ups of what is added; return the sources of both together."""
    if renewed:
        check_investments(connection, INVESTED_DIMENSIONS)
    create_asked(connection, "sold", _added_investments(renewed=renewed))
    moved = connection.execute(
        "SELECT count(*) FROM buyer_segment n JOIN was_buyer_segment w USING (customer_key) "
        "WHERE n.rfm_segment <> w.rfm_segment"
    ).fetchone()
    kept = [
        source
        for source in parent.sources
        # Rows by segment speak of the customers as they were scored; those of the lines are
        # joined when they are read.
        if not (moved and moved[0]) or not _stored_by_segment(source)
    ]
    known = text_values(connection, newest)
    made = {s.table: s for s in create_rollups(connection, known, like=kept)}
    return tuple(
        replace(
            source,
            rows=source.rows + made[source.table].rows,
            one_per="" if continued else source.one_per,
        )
        for source in kept
    )


def _added_investments(*, renewed: bool) -> str:
    """Return the relation of investment lines to add to roll-ups, negative ones to take off."""
    if not renewed:
        return "(SELECT * FROM was_invested WHERE false)"
    negative = ", ".join(f"-{name} AS {name}" for name in INVESTED_AMOUNTS)
    return (
        "(SELECT * FROM investment_fresh UNION ALL BY NAME "  # noqa: S608 - declared names only
        f"SELECT * REPLACE ({negative}) FROM investment_stale)"
    )


def _stored_by_segment(source: Rollup) -> bool:
    return _BY_SEGMENT in source.columns and not source.table.endswith(SEGMENTED)


def _larger(was: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    return {**was, **{name: max(count, was.get(name, 0)) for name, count in now.items()}}
