"""A home with hand-made tables: rows are committed as the intake would commit them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.models.schema import TABLES
from core.models.tables import Import, ImportStatus, Segment
from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentFile, SegmentStore
from core.repository.warehouse import Warehouse
from core.services.metrics import Metrics
from core.settings import Settings, load_settings

Row = Mapping[str, Any]


class Storehouse:
    """One home folder with its catalogue, segments, warehouse and metrics."""

    def __init__(self, home: Path, **overrides: Any) -> None:
        self.settings: Settings = load_settings(home, threads=2, **overrides)
        self.settings.create_home()
        self.catalogue = Catalogue(self.settings.catalogue_url)
        self.catalogue.create()
        self.segments = SegmentStore(self.settings.segments)
        self.warehouse = Warehouse(self.settings, self.catalogue, self.segments)
        self.metrics = Metrics(self.settings, self.catalogue, self.warehouse)

    def add(
        self,
        table: str,
        rows: Sequence[Row] | pa.Table,
        *,
        derived: bool = False,
        replace: bool = False,
        demo: bool = False,
    ) -> int:
        """Commit rows of one table; return the import's number."""
        data = rows if isinstance(rows, pa.Table) else as_table(table, rows)
        return self._commit(table, self.segments.write(table, data), derived, replace, demo)

    def add_batches(self, table: str, batches: Iterable[pa.Table]) -> int:
        """Commit batches of one table as one segment; return the import's number."""
        return self._commit(table, self.segments.write(table, batches), False, False, True)

    def _commit(
        self, table: str, written: SegmentFile, derived: bool, replace: bool, demo: bool
    ) -> int:
        record = Import(
            file_name=f"{table}.csv",
            sha256="0" * 64,
            table_name=table,
            replace=replace,
            demo=demo,
            read=written.rows,
            accepted=written.rows,
            quarantined=0,
            already_there=0,
        )
        segment = Segment(
            import_id=0,
            table_name=table,
            file=written.file,
            rows=written.rows,
            bytes=written.bytes,
            derived=derived,
        )
        return self.catalogue.commit(record, [segment]).id or 0

    def undo(self, import_id: int) -> None:
        self.catalogue.set_status(import_id, ImportStatus.UNDONE)

    def redo(self, import_id: int) -> None:
        self.catalogue.set_status(import_id, ImportStatus.COMMITTED)

    def close(self) -> None:
        self.warehouse.close()
        self.catalogue.engine.dispose()


def as_table(table: str, rows: Sequence[Row]) -> pa.Table:
    """Return rows as the stored columns; numbers become exact decimals."""
    schema = TABLES[table].arrow_schema()
    columns = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        if field.name == "_row":
            values = list(range(2, len(rows) + 2))
        elif field.name == "_sheet":
            values = ["Sheet1"] * len(rows)
        elif pa.types.is_decimal(field.type):
            values = [None if v is None else Decimal(str(v)) for v in values]
        columns.append(pa.array(values, field.type))
    return pa.table(columns, schema=schema)


def sale(invoice: str, day: str, product: str, quantity: float, price: float, **more: Any) -> Row:
    """Return one sales line."""
    return {
        "invoice_id": invoice,
        "date": date.fromisoformat(day),
        "product_id": product,
        "quantity": quantity,
        "unit_price": price,
        **more,
    }
