"""Building one warehouse file from the visible segments."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import duckdb

from core.models.query import Period
from core.models.rfm import SegmentRule
from core.repository.warehouse.costs import stage_averages
from core.repository.warehouse.info import LAYOUT, WarehouseInfo, write_info
from core.repository.warehouse.inventory import create_inventory
from core.repository.warehouse.investments import add_investments
from core.repository.warehouse.lines import (
    ORDER_FLAGS,
    create_lines,
    key_counts,
    order_columns,
    stage_buyers,
    stage_keys,
)
from core.repository.warehouse.plans import create_budgets
from core.repository.warehouse.rollups import create_rollups
from core.repository.warehouse.stage import SourceFile, stage
from core.repository.warehouse.texts import value_counts


def build(
    path: Path,
    version: int,
    files: Sequence[SourceFile],
    base_currency: str,
    config: Mapping[str, str | bool | int | float | list[str]],
    rules: Sequence[SegmentRule],
    today: date,
) -> WarehouseInfo:
    """Write a complete warehouse to `path`.

    Args:
        path: a new file; the caller gives it its final name.
        version: the data version it holds.
        files: the segments that count.
        base_currency: three letters; all amounts are converted to it.
        config: DuckDB's options (memory limit, threads, temporary folder).
        rules: of the RFM segments.
        today: the company's present day; sales after it give no customer a score.
    """
    began = perf_counter()
    with duckdb.connect(path, config={**config, "preserve_insertion_order": "false"}) as connection:
        stage(connection, files, base_currency)
        stage_keys(connection, base_currency)
        stage_averages(connection, base_currency)
        lines, span = _extent(connection)
        scored_on = span.reached(today) if span else today
        scales = stage_buyers(connection, rules, scored_on)
        create_lines(connection)
        constant = order_columns(connection)
        add_investments(connection, base_currency)
        create_inventory(connection)
        create_budgets(connection)
        sources = create_rollups(connection)
        info = WarehouseInfo(
            layout=LAYOUT,
            data_version=version,
            base_currency=base_currency,
            lines=lines,
            span=span,
            built_at=datetime.now(UTC),
            build_seconds=round(perf_counter() - began, 3),
            order_columns=constant,
            order_flags=frozenset(ORDER_FLAGS),
            values=value_counts(connection),
            keys=key_counts(connection),
            sources=sources,
            rules=tuple(rules),
            scored_on=scored_on,
            scales=scales,
        )
        write_info(connection, info)
    return info


def _extent(connection: duckdb.DuckDBPyConnection) -> tuple[int, Period | None]:
    """Return the number of sales lines with their first and last day."""
    row = connection.execute("SELECT count(*), min(date), max(date) FROM sale").fetchone()
    if row is None or not row[0]:
        return 0, None
    return row[0], Period(row[1], row[2])
