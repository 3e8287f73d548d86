"""What an import does to the headline numbers, worked out before anything is stored."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from core.repository.catalogue import Catalogue
from core.repository.effect_sql import Newcomers, days_between, named_in, newcomers
from core.repository.segments import SegmentStore
from core.repository.visible import PERIOD_DAYS, UPSERT_KEYS, Hiding, StoredTable, hidings
from core.repository.warehouse.prepare import duckdb_config
from core.repository.warehouse.stage import SourceFile
from core.repository.warehouse.trial import MonthSums, affordable, month_sums
from core.settings import Settings

from .derived import derive_dimensions
from .modes import NEXT, Mode
from .plain import plain
from .prepare import Prepared, rows_to_store
from .raw import Mask
from .streamed import Streamed

# Tables the net sales or the margin of a month rest on.
_MOVING = frozenset({"sales", "purchases", "fx_rates", "products"})


@dataclass(frozen=True)
class MonthEffect:
    """The sums of a month without and with the import."""

    month: date
    before: MonthSums
    after: MonthSums


@dataclass(frozen=True)
class Effect:
    """What the headline numbers were and would be.

    Attributes:
        currency: of the amounts.
        months: those that change, the earliest first.
        before, after: their sums together.
        costs: margins were worked out; with very many lines they are not.
        customers, products: that no stored row names; None where the file has no such column.
    """

    currency: str
    months: tuple[MonthEffect, ...]
    before: MonthSums
    after: MonthSums
    costs: bool
    customers: int | None = None
    products: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the effect for JSON; amounts as text."""
        return {
            "currency": self.currency,
            "months": [
                {"month": m.month.isoformat(), "before": _sums(m.before), "after": _sums(m.after)}
                for m in self.months
            ],
            "before": _sums(self.before),
            "after": _sums(self.after),
            "costs": self.costs,
            "customers": self.customers,
            "products": self.products,
        }


@dataclass(frozen=True)
class Planned:
    """Rows of one sheet as they would be stored.

    Attributes:
        prepared: the sheet.
        rows: which of its rows.
        mode: what becomes of earlier rows.
    """

    prepared: Prepared | Streamed
    rows: Mask
    mode: Mode

    @property
    def count(self) -> int:
        """How many rows."""
        one = self.prepared
        return one.accepted_rows if isinstance(one, Streamed) else int(self.rows.sum())

    @property
    def table(self) -> str:
        """Key of its table."""
        return self.prepared.sheet.mapping.table


class Effects:
    """Works out effects in one home folder; nothing is kept of what it writes meanwhile."""

    def __init__(self, settings: Settings, catalogue: Catalogue, segments: SegmentStore) -> None:
        """Keep the parts."""
        self._settings = settings
        self._catalogue = catalogue
        self._segments = segments

    def of(self, planned: Sequence[Planned], instead_of: int = 0) -> Effect | None:
        """Return what storing these rows does; None where no headline number rests on them.

        Args:
            planned: the sheets of one file.
            instead_of: an import that stops counting in the same moment; 0 for none.
        """
        moving = [one for one in planned if one.table in _MOVING and one.count]
        if not moving:
            return None
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(dir=self._scratch()))
            before = self._stored(0)
            after = self._after(moving, SegmentStore(Path(folder)), instead_of)
            span = self._span(moving, before, after, instead_of)
            lines = sum(s.rows for s in self._catalogue.visible_segments("sales"))
            costs = affordable(lines + sum(one.count for one in moving))
            config = duckdb_config(self._settings)
            base = self._settings.base_currency
            was, will = (
                month_sums(files, *span, base, config, costs=costs) for files in (before, after)
            )
            known = self._newcomers(moving, before)
        months = tuple(
            MonthEffect(month, was.get(month, MonthSums()), will.get(month, MonthSums()))
            for month in sorted(was.keys() | will.keys())
            if was.get(month) != will.get(month)
        )
        sums = (_total([m.before for m in months]), _total([m.after for m in months]))
        return Effect(base, months, *sums, costs, known.customers, known.products)

    def _scratch(self) -> Path:
        self._settings.cache.mkdir(parents=True, exist_ok=True)
        return self._settings.cache

    def _stored(self, without: int, replaced: frozenset[str] = frozenset()) -> list[SourceFile]:
        hidden = hidings(self._catalogue, self._segments, without)
        return [
            SourceFile(
                s.table_name, self._segments.path(s.file), s.id or 0, s.import_id, s.derived,
                tuple(h for h in hidden if h.table == s.table_name),
            )
            for s in self._catalogue.visible_segments(without=without)
            if s.table_name not in replaced
        ]  # fmt: skip

    def _after(
        self, planned: Sequence[Planned], scratch: SegmentStore, instead_of: int
    ) -> list[SourceFile]:
        """Return the segments as they are with the import: those that stay, and its own."""
        replaced = frozenset(one.table for one in planned if one.mode is Mode.REPLACE)
        files = self._stored(instead_of, replaced)
        number = max((file.segment_id for file in files), default=0)
        for place, one in enumerate(planned):
            own: list[SourceFile] = []
            for table, path in _written(one, scratch):
                number += 1
                derived = table != one.table
                own.append(SourceFile(table, path, number, NEXT + place, derived))
            if one.mode in (Mode.PERIOD, Mode.UPSERT):
                plan = one.prepared.plan
                keys = () if one.mode is Mode.PERIOD else (own[0].path,)
                days = (plan.first, plan.last) if one.mode is Mode.PERIOD else (None, None)
                hiding = Hiding(NEXT + place, one.table, NEXT, *days, keys)
                files = [
                    replace(f, hidings=(*f.hidings, hiding)) if f.table == one.table else f
                    for f in files
                ]
            files += own
        return files

    def _span(
        self,
        planned: Sequence[Planned],
        before: Sequence[SourceFile],
        after: Sequence[SourceFile],
        instead_of: int,
    ) -> tuple[date, date]:
        """Return the first day of the first and the last of the last month that may change."""
        parts: list[StoredTable] = []
        known = {file.path for file in before}
        for one in planned:
            if one.table not in PERIOD_DAYS or one.mode is Mode.REPLACE or instead_of:
                return date.min, date.max
            new = [f.path for f in after if f.table == one.table and f.path not in known]
            parts.append(StoredTable(one.table, tuple((path, NEXT) for path in new)))
            if one.mode is Mode.UPSERT:
                parts.append(_rows_of(one.table, before).among(UPSERT_KEYS[one.table], new))
        days = [day for part in parts if part for day in days_between(part)]
        plans = [one.prepared.plan for one in planned]
        days += [day for plan in plans for day in (plan.first, plan.last)]
        there = [day for day in days if day is not None]
        if not there:
            return date.min, date.max
        return min(there).replace(day=1), _month_end(max(there))

    def _newcomers(self, planned: Sequence[Planned], before: Sequence[SourceFile]) -> Newcomers:
        """Count the customers and products of sales lines that no stored row names."""
        sales = [one for one in planned if one.table == "sales"]
        if not sales:
            return Newcomers(None, None)
        lines = pa.concat_tables(
            [_named(one).select(["customer_id", "product_id"]) for one in sales]
        )
        stored = {table: _rows_of(table, before) for table in ("sales", "customers", "products")}
        return newcomers(lines, stored)


def _rows_of(table: str, files: Sequence[SourceFile]) -> StoredTable:
    """Return the rows of a table that count."""
    mine = [f for f in files if f.table == table]
    hidden = mine[0].hidings if mine else ()
    return StoredTable(table, tuple((f.path, f.import_id) for f in mine), hidden)


def _written(one: Planned, scratch: SegmentStore) -> list[tuple[str, Path]]:
    """Return the files of the rows a sheet would store, and of what they say about others."""
    ready = one.prepared
    if isinstance(ready, Streamed):
        own = [(one.table, ready.path)] if ready.path else []
        beside = [(derived.table, derived.rows) for derived in ready.derived]
        return [*own, *((table, scratch.path(scratch.write(table, r).file)) for table, r in beside)]
    found = [(one.table, rows_to_store(ready, one.rows))]
    if one.table == "sales":
        raw = ready.raw
        about = derive_dimensions(ready.table, one.rows, raw.sheet, pa.array(raw.rows))
        found += [(derived.table, derived.rows) for derived in about]
    return [(table, scratch.path(scratch.write(table, rows).file)) for table, rows in found]


def _named(one: Planned) -> pa.Table:
    """Return the customers and products of the lines a sheet would store."""
    ready = one.prepared
    if isinstance(ready, Streamed):
        return named_in(ready.path) if ready.path else _filled(pa.table({}))
    return _filled(rows_to_store(ready, one.rows))


def _filled(rows: pa.Table) -> pa.Table:
    for name in ("customer_id", "product_id"):
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
    return rows


def _month_end(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _total(parts: Sequence[MonthSums]) -> MonthSums:
    sales = [part.net_sales for part in parts if part.net_sales is not None]
    earned = [part.gross_margin for part in parts if part.gross_margin is not None]
    return MonthSums(
        sum(part.lines for part in parts),
        sum(sales, Decimal(0)) if sales else None,
        sum(earned, Decimal(0)) if earned else None,
    )


def _sums(found: MonthSums) -> dict[str, Any]:
    return {
        "lines": found.lines,
        "net_sales": plain(found.net_sales),
        "gross_margin": plain(found.gross_margin),
    }
