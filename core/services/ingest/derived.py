"""Products and customers as the lines of a sales file describe them."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from core.models.schema import TABLES
from core.repository.intake_sql import most_frequent

from .columns import TypedTable
from .raw import Mask
from .spans import goods
from .targets import ATTRIBUTES

KEYS = {"products": "product_id", "customers": "customer_id"}


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
    for name, lines in lines_about(table, accepted, rows).items():
        key = KEYS[name]
        said = [column for column in lines.column_names if column not in (key, "_row")]
        summary = most_frequent(lines, key, said)
        if summary.num_rows:
            found.append(as_rows(name, summary, sheet))
    return found


def lines_about(table: TypedTable, accepted: Mask, rows: pa.Array) -> dict[str, pa.Table]:
    """Return what the accepted lines say of each dimension table: key, attributes and `_row`."""
    found: dict[str, pa.Table] = {}
    for name, fields in _said(table).items():
        key, kept = KEYS[name], accepted
        if name == "products":
            goods = pc.equal(table.columns["line_kind"], "product")
            kept = accepted & goods.to_numpy(zero_copy_only=False)
        said = {there: table.columns[field] for there, field in fields.items()}
        lines = pa.table({key: table.columns[key], "_row": rows, **said})
        found[name] = lines.filter(pa.array(kept))
    return found


def told_lines(table: TypedTable, stored: pa.Table, accepted: Mask) -> dict[str, pa.Table]:
    """Return what `lines_about` does, with texts as numbers of the different ones.

    Args:
        table: the typed sales lines.
        stored: as they would be stored, texts as numbers.
        accepted: which of them are stored.
    """
    found: dict[str, pa.Table] = {}
    for name, fields in _said(table).items():
        key, kept = KEYS[name], accepted & goods(stored) if name == "products" else accepted
        said = {there: table.coded(field) for there, field in fields.items()}
        lines = pa.table({key: stored[key], "_row": stored["_row"], **said})
        found[name] = lines if kept.all() else lines.filter(pa.array(kept))
    return found


def _said(table: TypedTable) -> dict[str, dict[str, str]]:
    """Return the attributes of each dimension table that the lines tell, and their fields."""
    found: dict[str, dict[str, str]] = {}
    for name, key in KEYS.items():
        said = {
            there: field
            for field, (owner, there) in ATTRIBUTES.items()
            if owner == name and field in table.columns
        }
        if not said or key not in table.columns:
            continue
        if name == "customers" and "country" in table.columns:
            said["country"] = "country"
        found[name] = said
    return found


def as_rows(name: str, summary: pa.Table, sheet: str) -> DerivedRows:
    """Return a summary of lines as rows of its dimension table."""
    schema = TABLES[name].arrow_schema()
    summary = summary.append_column("_sheet", pa.repeat(sheet, summary.num_rows))
    columns = {c: summary[c].cast(schema.field(c).type) for c in summary.column_names}
    return DerivedRows(name, pa.table(columns))
