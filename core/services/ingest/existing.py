"""What of a file is already there, by the natural keys of the business schema.

| table | recognised by |
|---|---|
| sales | invoice and line number; without line numbers the invoice, as a multiset of whole rows |
| purchases | the purchase, as a multiset of whole rows |
| payments, stock counts | their key; a stored key with other contents is a change |
| dimensions, rates, budgets | their key; a later row updates, attribute by attribute |
| all others | whole rows, as a multiset: what is stored as often as the file says is there |
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.models.schema import TABLES, TableDef
from core.repository.intake_sql import ROW, Compared, StoredRows, repeated_in_file

from .columns import TypedTable
from .raw import Mask, Rows

_DOCUMENTS = {"sales": ("invoice_id", "line_no"), "purchases": ("purchase_id", None)}
# Columns that follow from rules a person may change in between: they do not make a row another.
_DERIVED = {"sales": frozenset({"line_kind"})}


@dataclass(frozen=True)
class Overlap:
    """Rows of the file that are already there, and those set aside, with the column to name."""

    already_there: Rows
    rejected: list[tuple[str, Rows, str]] = field(default_factory=list)
    repeated: int = 0


def find_overlap(
    table: TypedTable,
    key: str,
    sound: Mask,
    files: Sequence[Path],
    threads: int,
    memory_mb: int,
) -> Overlap:
    """Compare the sound rows of a file with the visible segments, and with each other.

    Args:
        table: the typed rows.
        key: the table they go to.
        sound: rows without a problem.
        files: its visible, stated segments; none when the file replaces them.
        threads: for the comparison.
        memory_mb: for the comparison.
    """
    defined = TABLES[key]
    incoming = _incoming(table, defined, sound)
    same = [f.key for f in defined.fields if f.key not in _DERIVED.get(key, ())]
    stored = StoredRows(files, threads, memory_mb)
    if defined.dimension:
        attributes = [name for name in same if name not in defined.natural_key]
        there = stored.by_latest(incoming, defined.natural_key, attributes)
        repeated = _repeats(incoming, defined.natural_key)
        return Overlap(there, repeated=repeated)
    unique = _unique_key(defined, table)
    equal, different = _empty(), _empty()
    if unique and _repeats(_numbered(incoming, unique), unique):
        equal, different = repeated_in_file(incoming, unique, same)
        incoming = _without(incoming, np.concatenate([equal, different]))
    compared = _compare(stored, incoming, defined, same)
    changed = "invoice_changed" if key in _DOCUMENTS else "row_changed"
    named = defined.natural_key[0] if defined.natural_key else ""
    line = unique[-1] if unique else ""
    return Overlap(
        np.union1d(compared.already_there, equal),
        [("duplicate_key", different, line), (changed, compared.changed, named)],
    )


def _compare(
    stored: StoredRows, incoming: pa.Table, defined: TableDef, same: Sequence[str]
) -> Compared:
    if defined.key in _DOCUMENTS:
        document, line = _DOCUMENTS[defined.key]
        return stored.by_document(incoming, document, line, same)
    if defined.natural_key:
        return stored.by_key(incoming, defined.natural_key, same)
    return stored.by_row(incoming, same)


def _unique_key(defined: TableDef, table: TypedTable) -> tuple[str, ...]:
    """Return the key that no two rows of the file may share; empty where rows may repeat."""
    if defined.key == "sales":
        return defined.natural_key if "line_no" in table.columns else ()
    return () if defined.key in _DOCUMENTS else defined.natural_key


def _incoming(table: TypedTable, defined: TableDef, sound: Mask) -> pa.Table:
    """Return the sound rows with every column of the schema and their number."""
    schema = defined.arrow_schema()
    columns = {
        f.key: table.columns.get(f.key, pa.nulls(table.height, schema.field(f.key).type)).cast(
            schema.field(f.key).type
        )
        for f in defined.fields
    }
    columns[ROW] = pa.array(np.arange(table.height, dtype=np.int64))
    found = pa.table(columns)
    return found if sound.all() else found.filter(pa.array(sound))


def _numbered(incoming: pa.Table, key: Sequence[str]) -> pa.Table:
    """Return the rows whose key is complete."""
    return incoming.select([*key, ROW]).drop_null()


def _repeats(incoming: pa.Table, key: Sequence[str]) -> int:
    """Return how many rows share their key with an earlier one."""
    groups = incoming.group_by(list(key), use_threads=True).aggregate([]).num_rows
    return incoming.num_rows - groups


def _without(incoming: pa.Table, rows: Rows) -> pa.Table:
    return incoming.filter(pc.invert(pc.is_in(incoming[ROW], pa.array(rows))))


def _empty() -> Rows:
    return np.empty(0, dtype=np.int64)
