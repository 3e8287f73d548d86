"""Building a whole warehouse file from the visible segments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import duckdb

from core.models.query import Period
from core.models.rfm import SegmentRule
from core.repository.warehouse.buyers import score_buyers, stage_days
from core.repository.warehouse.costs import stage_averages
from core.repository.warehouse.info import LAYOUT, WarehouseInfo, write_info
from core.repository.warehouse.inventory import create_inventory
from core.repository.warehouse.investments import create_investments, stage_investments
from core.repository.warehouse.keys import key_counts, number_keys
from core.repository.warehouse.lines import (
    ORDER_FLAGS,
    create_lines,
    order_columns,
    stage_flags,
    stage_sales,
    with_segment,
)
from core.repository.warehouse.observed import Wish
from core.repository.warehouse.plans import create_budgets
from core.repository.warehouse.rollups import create_rollups
from core.repository.warehouse.stage import SourceFile, stage
from core.repository.warehouse.texts import value_counts
from core.repository.warehouse.views import lines_sql, segmented_sql

Config = Mapping[str, str | bool | int | float | list[str]]


@dataclass(frozen=True)
class Target:
    """What a file is to hold.

    Attributes:
        version: the data version.
        fingerprint: of what it is made of.
        files: the segments that count.
        base_currency: three letters; all amounts are converted to it.
        rules: of the RFM segments.
        today: the company's present day; sales after it give no customer a score.
        wishes: costly readings that roll-ups are to be made for.
    """

    version: int
    fingerprint: str
    files: Sequence[SourceFile]
    base_currency: str
    rules: Sequence[SegmentRule]
    today: date
    wishes: Sequence[Wish] = ()


def build(path: Path, target: Target, config: Config) -> WarehouseInfo:
    """Write a complete warehouse to `path`.

    Args:
        path: a new file; the caller gives it its final name.
        target: what it is to hold.
        config: DuckDB's options (memory limit, threads, temporary folder).
    """
    began = perf_counter()
    with duckdb.connect(path, config={**config, "preserve_insertion_order": "false"}) as connection:
        base_currency = target.base_currency
        histories = stage(connection, target.files, base_currency)
        number_keys(connection)
        stage_sales(connection, base_currency)
        stage_flags(connection, parent=False)
        stage_averages(connection, base_currency)
        lines, span = extent(connection)
        scored_on = span.reached(target.today) if span else target.today
        stage_days(connection, parent=False)
        scales = score_buyers(connection, target.rules, scored_on, parent=False)
        create_lines(connection, histories.changed)
        constant = with_segment(order_columns(connection))
        stage_investments(connection, base_currency)
        create_investments(connection, histories.changed)
        create_inventory(connection)
        create_budgets(connection)
        create_asked(connection, "sold", "invested")
        sources = create_rollups(connection, wishes=target.wishes)
        info = WarehouseInfo(
            layout=LAYOUT,
            data_version=target.version,
            fingerprint=target.fingerprint,
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
            rules=tuple(target.rules),
            scored_on=scored_on,
            scales=scales,
            changed=histories.changed,
            next_change=histories.next_change,
        )
        write_info(connection, info)
    return info


def create_asked(connection: duckdb.DuckDBPyConnection, sold: str, invested: str) -> None:
    """Create the working views `lines` and `lines_segmented` that roll-ups are built from."""
    connection.execute(f"CREATE TEMP VIEW lines AS {lines_sql(sold, invested)}")
    connection.execute(
        f"CREATE TEMP VIEW lines_segmented AS {segmented_sql('lines', 'buyer_segment')}"
    )


def extent(connection: duckdb.DuckDBPyConnection) -> tuple[int, Period | None]:
    """Return the number of sales lines of `sale` with their first and last day."""
    row = connection.execute("SELECT count(*), min(date), max(date) FROM sale").fetchone()
    if row is None or not row[0]:
        return 0, None
    return row[0], Period(row[1], row[2])
