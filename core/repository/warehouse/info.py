"""What a warehouse file says about itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

import duckdb

from core.models.query import Period
from core.models.rfm import SegmentRule
from core.repository.warehouse.rfm import Scales

Cursor: TypeAlias = duckdb.DuckDBPyConnection
LAYOUT = 8  # raised when the tables change, so that older files are built anew


@dataclass(frozen=True)
class Rollup:
    """A stored table that answers questions about `columns` (or the base table of lines).

    Attributes:
        table: its name.
        columns: dimension columns it keeps; the base table keeps them all.
        monthly: its `date` is the first day of the month.
        rows: its size, which is what a scan costs.
        measures: the additive columns it keeps; None: all of the base table's.
        together: the columns whose rows of a value lie together, so that filters on them read only
            what they choose.
        one_per: the columns that no two rows share, if there are such, with commas between.
        asked: how often questions had wished for it before it was made; 0 for those always made.
        undated: its rows are sums over all days with sales, and know no day.
    """

    table: str
    columns: frozenset[str]
    monthly: bool
    rows: int
    measures: frozenset[str] | None = None
    together: tuple[str, ...] = ("date",)
    one_per: str = ""
    asked: int = 0
    undated: bool = False

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Rollup":
        """Read JSON values."""
        measures = stored["measures"]
        return cls(
            stored["table"],
            frozenset(stored["columns"]),
            stored["monthly"],
            stored["rows"],
            None if measures is None else frozenset(measures),
            tuple(stored["together"]),
            stored["one_per"],
            stored.get("asked", 0),
            stored.get("undated", False),
        )


@dataclass(frozen=True)
class WarehouseInfo:
    """The facts the planner and the status page need.

    Attributes:
        fingerprint: of the segments, rules and settings it was made of: equal data have equal
            ones, whatever their version.
        span: first and last day with sales lines; None without any.
        lines: sales lines, investments not counted.
        order_columns: columns that are the same on all lines of every order, so that the flag of
            an order's first line counts orders exactly under any split or filter by them.
        order_flags: the flags of `lines.ORDER_FLAGS` that are exact.
        values: number of values of text columns, for estimates.
        keys: number of distinct orders, customers and products; their keys run from 1.
        sources: the base table first, then the roll-ups.
        rules: the segments' rules `rfm_segment` was made with.
        scored_on: the day the customers' RFM scores speak of.
        scales: how many levels the scores have.
        changed: attribute of products or customers that was not always what it is today → number
            of those that had several values; lines keep what held on their day beside it.
        next_change: the first day after the last one with sales from which another value holds.
    """

    layout: int
    data_version: int
    fingerprint: str
    base_currency: str
    lines: int
    span: Period | None
    built_at: datetime
    build_seconds: float
    order_columns: frozenset[str]
    order_flags: frozenset[str]
    values: dict[str, int]
    keys: dict[str, int]
    sources: tuple[Rollup, ...]
    rules: tuple[SegmentRule, ...]
    scored_on: date
    scales: Scales
    changed: dict[str, int] = field(default_factory=dict)
    next_change: date | None = None


def write_info(connection: duckdb.DuckDBPyConnection, info: WarehouseInfo) -> None:
    """Store the facts in the warehouse itself."""
    text = json.dumps(asdict(info), default=_plain)
    connection.execute("CREATE TABLE info AS SELECT CAST($text AS VARCHAR) AS text", {"text": text})


def read_info(connection: duckdb.DuckDBPyConnection, name: str) -> WarehouseInfo | None:
    """Return the facts of an attached file by its name, or None when another layout wrote it."""
    try:
        row = connection.execute(f"SELECT text FROM {name}.main.info").fetchone()  # noqa: S608
    except duckdb.CatalogException:
        return None
    stored = json.loads(row[0]) if row else {}
    if stored.get("layout") != LAYOUT:
        return None
    span = stored["span"]
    return WarehouseInfo(
        layout=stored["layout"],
        data_version=stored["data_version"],
        fingerprint=stored["fingerprint"],
        base_currency=stored["base_currency"],
        lines=stored["lines"],
        span=Period(*(date.fromisoformat(span[k]) for k in ("start", "end"))) if span else None,
        built_at=datetime.fromisoformat(stored["built_at"]),
        build_seconds=stored["build_seconds"],
        order_columns=frozenset(stored["order_columns"]),
        order_flags=frozenset(stored["order_flags"]),
        values=stored["values"],
        keys=stored["keys"],
        sources=tuple(Rollup.from_dict(s) for s in stored["sources"]),
        rules=tuple(SegmentRule.from_dict(rule) for rule in stored["rules"]),
        scored_on=date.fromisoformat(stored["scored_on"]),
        scales=Scales.from_dict(stored["scales"]),
        changed=stored.get("changed", {}),
        next_change=_day(stored.get("next_change")),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value.isoformat()  # type: ignore[attr-defined]
