"""Products and customers as the lines of a sales file describe them."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from core.models.schema import TABLES
from core.repository.intake_sql import most_frequent

from .columns import TypedTable
from .raw import Mask
from .targets import ATTRIBUTES

_KEYS = {"products": "product_id", "customers": "customer_id"}


@dataclass(frozen=True)
class DerivedRows:
    """Rows for a dimension table, read out of sales lines."""

    table: str
    rows: pa.Table


def derive_dimensions(
    table: TypedTable, accepted: Mask, sheet: str, rows: pa.Array
) -> list[DerivedRows]:
    """Return one row per product and per customer, with what the accepted lines say most often.

    Args:
        table: the typed sales lines.
        accepted: which of them are stored.
        sheet: where they stand.
        rows: their row numbers there.
    """
    found = []
    for name, key in _KEYS.items():
        said = {
            there: table.columns[field]
            for field, (owner, there) in ATTRIBUTES.items()
            if owner == name and field in table.columns and field in table.places
        }
        if not said or key not in table.columns:
            continue
        columns = {key: table.columns[key], "_row": rows, **said}
        if name == "customers" and "country" in table.columns:
            columns["country"] = table.columns["country"]
            said["country"] = table.columns["country"]
        kept = accepted
        if name == "products":
            goods = pc.equal(table.columns["line_kind"], "product")
            kept = accepted & goods.to_numpy(zero_copy_only=False)
        lines = pa.table(columns).filter(pa.array(kept))
        summary = most_frequent(lines, key, list(said))
        if summary.num_rows:
            summary = summary.append_column("_sheet", pa.repeat(sheet, summary.num_rows))
            found.append(DerivedRows(name, _typed(name, summary)))
    return found


def _typed(name: str, rows: pa.Table) -> pa.Table:
    schema = TABLES[name].arrow_schema()
    return pa.table(
        {column: rows[column].cast(schema.field(column).type) for column in rows.column_names}
    )
