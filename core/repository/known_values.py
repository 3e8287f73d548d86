"""What is stored about codes, texts, prices and days: the evidence suggestions rest on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.repository.visible import StoredTable, stored_table

# Kind of value → the tables and columns it stands in.
PLACES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "product": (("sales", "product_id"), ("products", "product_id"), ("purchases", "product_id")),
    "customer": (("sales", "customer_id"), ("customers", "customer_id")),
    "supplier": (("purchases", "supplier_id"), ("suppliers", "supplier_id"),
                 ("products", "supplier_id")),
    "category": (("products", "category"),),
    "channel": (("sales", "channel"),),
    "country": (("sales", "country"), ("customers", "country")),
    "currency": (("sales", "currency"), ("purchases", "currency")),
    "unit": (("products", "unit"),),
}  # fmt: skip
_NAMED = {"product": ("products", "product_id"), "customer": ("customers", "customer_id"),
          "supplier": ("suppliers", "supplier_id")}  # fmt: skip


class KnownValues:
    """The rows that count, asked for what they know; every call reads them anew."""

    def __init__(
        self, catalogue: Catalogue, segments: SegmentStore, threads: int, memory_mb: int
    ) -> None:
        """Keep where the rows are and the means to read them."""
        self._catalogue = catalogue
        self._segments = segments
        self._config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": f"{memory_mb}MB",
        }

    def counted(self, kind: str) -> dict[str, int]:
        """Return the stored values of a kind (a key of `PLACES`) with how often they occur."""
        parts = [
            f'SELECT "{column}" AS value, count(*) AS times FROM {rows.sql()} GROUP BY 1'  # noqa: S608 - declared columns, own files
            for table, column in PLACES[kind]
            if (rows := self._rows(table))
        ]
        if not parts:
            return {}
        return dict(
            self._ask(
                f"SELECT value, sum(times)::BIGINT FROM ({' UNION ALL '.join(parts)}) "  # noqa: S608
                "WHERE value IS NOT NULL GROUP BY 1 ORDER BY 1"
            )
        )

    def names(self, kind: str) -> dict[str, list[str]]:
        """Return the codes of products, customers or suppliers by their name."""
        table, key = _NAMED[kind]
        rows = self._rows(table)
        if not rows:
            return {}
        found = self._ask(
            f"SELECT name, list(DISTINCT {key}) FROM {rows.sql()} "  # noqa: S608
            f"WHERE name IS NOT NULL AND {key} IS NOT NULL GROUP BY 1"
        )
        return {name: list(codes) for name, codes in found}

    def usual_prices(self, table: str, column: str, products: Iterable[str]) -> dict[str, Decimal]:
        """Return the median of a price per product, in stored amounts; zero prices left out.

        Args:
            table: `sales` or `purchases`.
            column: `unit_price` or `unit_cost`.
            products: their codes.
        """
        rows = self._rows(table)
        wanted = sorted(set(products))
        if not rows or not wanted:
            return {}
        return dict(
            self._ask(
                f"SELECT product_id, quantile_disc({column}, 0.5) FROM {rows.sql()} "  # noqa: S608
                f"SEMI JOIN wanted USING (product_id) WHERE {column} > 0 GROUP BY 1",
                wanted=pa.table({"product_id": pa.array(wanted, pa.string())}),
            )
        )

    def days_of(self, invoices: Sequence[str]) -> dict[str, date]:
        """Return the day of invoices whose stored lines agree on one."""
        rows = self._rows("sales")
        wanted = sorted(set(invoices))
        if not rows or not wanted:
            return {}
        return dict(
            self._ask(
                f"SELECT invoice_id, min(date) FROM {rows.sql()} "  # noqa: S608
                "SEMI JOIN wanted USING (invoice_id) GROUP BY 1 HAVING min(date) = max(date)",
                wanted=pa.table({"invoice_id": pa.array(wanted, pa.string())}),
            )
        )

    def span(self, import_id: int, table: str) -> tuple[date, date] | None:
        """Return the first and last day of an import's own rows; None without any."""
        if table not in {"sales", "purchases", "stock_moves", "payments"}:
            return None
        files = [
            self._segments.path(s.file).as_posix()
            for s in self._catalogue.segments_of(import_id, table)
        ]
        if not files:
            return None
        with duckdb.connect(":memory:", config=self._config) as connection:
            found = connection.execute(
                "SELECT min(date), max(date) FROM read_parquet($files)", {"files": files}
            ).fetchone()
        return (found[0], found[1]) if found and found[0] else None

    def _rows(self, table: str) -> StoredTable:
        return stored_table(self._catalogue, self._segments, table, derived=True)

    def _ask(self, sql: str, wanted: pa.Table | None = None) -> list[tuple[Any, ...]]:
        with duckdb.connect(":memory:", config=self._config) as connection:
            if wanted is not None:
                connection.register("wanted", wanted)
            return connection.execute(sql).fetchall()
