"""What of a file is already there, by the natural keys of the business schema.

| table | recognised by |
|---|---|
| sales | invoice and line number; without line numbers the invoice, as a multiset of whole rows |
| purchases | the purchase, as a multiset of whole rows |
| payments, stock counts | their key; a stored key with other contents is a change |
| dimensions, rates, budgets | their key; a later row updates, attribute by attribute |
| all others | whole rows, as a multiset: what is stored as often as the file says is there |

An update by key keeps no row of a stored document that comes with other contents: the file's rows
count instead, all of them or none.

Rows of a product or a customer that are valid from different days have different keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.models.schema import TABLES, TableDef
from core.repository.intake_sql import ROW, Compared, StoredRows, repeated_in_file
from core.repository.staged import Incoming, Staged
from core.repository.visible import StoredTable

from .columns import TypedTable
from .raw import Mask, Rows

_DOCUMENTS = {"sales": ("invoice_id", "line_no"), "purchases": ("purchase_id", None)}
# Columns that follow from rules a person may change in between: they do not make a row another.
DERIVED = {"sales": frozenset({"line_kind"})}


AnyRows = TypeVar("AnyRows", pa.Table, Staged)


def _empty() -> Rows:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Overlap:
    """What a file shares with the store.

    Attributes:
        already_there: rows that are stored already.
        rejected: rows set aside, with their reason and the column to name.
        repeated: rows whose key another one of the file has too.
        replacing: rows of documents that are stored otherwise, and whose lines they replace.
    """

    already_there: Rows
    rejected: list[tuple[str, Rows, str]] = field(default_factory=list)
    repeated: int = 0
    replacing: Rows = field(default_factory=_empty)


def find_overlap(
    table: TypedTable,
    key: str,
    sound: Mask,
    there: StoredTable,
    threads: int,
    memory_mb: int,
    *,
    update: bool = False,
) -> Overlap:
    """Compare the sound rows of a file with the visible segments, and with each other.

    Args:
        table: the typed rows.
        key: the table they go to.
        sound: rows without a problem.
        there: its stated rows that count; none when the file replaces them.
        threads: for the comparison.
        memory_mb: for the comparison.
        update: what is stored differently is replaced, documents as a whole.
    """
    order = np.arange(table.height, dtype=np.int64)
    if table.later is not None:
        order = np.concatenate([np.flatnonzero(~table.later), np.flatnonzero(table.later)])
    place = np.empty(table.height, dtype=np.int64)
    place[order] = np.arange(table.height)
    incoming = incoming_rows(table, key, sound)
    placed = pa.array(place[incoming[ROW].to_numpy()])
    incoming = incoming.set_column(incoming.schema.get_field_index(ROW), ROW, placed)
    found = _overlap(table, key, sound, incoming, StoredRows(there, threads, memory_mb), update)
    return Overlap(
        np.sort(order[found.already_there]),
        [(code, np.sort(order[rows]), column) for code, rows, column in found.rejected],
        found.repeated,
        np.sort(order[found.replacing]),
    )


def find_staged_overlap(table: TypedTable, key: str, rows: Staged, there: StoredTable) -> Overlap:
    """Compare the rows of a large file with the visible segments, and with each other.

    Args:
        table: its columns by name; the rows lie in `rows`, and are known by their numbers.
        key: the table they go to, no dimension table; stored rows are never updated.
        rows: without a problem.
        there: stated rows of the table that count; none when the file replaces them.
    """
    stored = StoredRows(there, rows.threads, rows.memory_mb)
    return _overlap(table, key, np.empty(0, dtype=bool), rows.whole(), stored, False)  # noqa: FBT003


def _overlap(
    table: TypedTable,
    key: str,
    sound: Mask,
    incoming: Incoming,
    stored: StoredRows,
    update: bool,  # noqa: FBT001 - as the caller was told
) -> Overlap:
    """Return what the incoming rows share with the store, by their numbers."""
    defined = TABLES[key]
    same = [f.key for f in defined.fields if f.key not in DERIVED.get(key, ())]
    if defined.dimension and not isinstance(incoming, Staged):
        attributes = [name for name in same if name not in defined.natural_key]
        known = stored.by_latest(incoming, defined.natural_key, attributes)
        repeated = _repeats(incoming, defined.natural_key)
        return Overlap(known, repeated=repeated)
    unique = _unique_key(defined, table)
    incoming, equal, different = without_repeats(incoming, table, key)
    if update and not isinstance(incoming, Staged):
        later = _update(stored, incoming, defined, same, _incomplete(table, key, sound, different))
        rejected = [("duplicate_key", different, unique[-1] if unique else ""), later[1]]
        return Overlap(np.union1d(later[0], equal), rejected, replacing=later[2])
    compared = _compare(stored, incoming, defined, same)
    changed = "invoice_changed" if key in _DOCUMENTS else "row_changed"
    named = defined.natural_key[0] if defined.natural_key else ""
    line = unique[-1] if unique else ""
    return Overlap(
        np.union1d(compared.already_there, equal),
        [("duplicate_key", different, line), (changed, compared.changed, named)],
    )


def _compare(
    stored: StoredRows, incoming: Incoming, defined: TableDef, same: Sequence[str]
) -> Compared:
    if defined.key in _DOCUMENTS:
        document, line = _DOCUMENTS[defined.key]
        return stored.by_document(incoming, document, line, same)
    if defined.natural_key:
        return stored.by_key(incoming, defined.natural_key, same)
    return stored.by_row(incoming, same)


def _incomplete(table: TypedTable, key: str, sound: Mask, repeated: Rows) -> pa.Array:
    """Return the documents that lack a row in the file: it has a problem of its own."""
    if key not in _DOCUMENTS:
        return pa.array([], pa.string())
    lacking = ~sound
    lacking[repeated] = True
    named = table.columns[_DOCUMENTS[key][0]].filter(pa.array(lacking))
    return pc.unique(named.cast(pa.string())).drop_null()


def _update(
    stored: StoredRows,
    incoming: pa.Table,
    defined: TableDef,
    same: Sequence[str],
    incomplete: pa.Array,
) -> tuple[Rows, tuple[str, Rows, str], Rows]:
    """Return rows that are there, those the file does not complete, and those that replace.

    A stored document is replaced as a whole: with rows missing it would lose them silently.
    """
    none = ("document_incomplete", _empty(), "")
    if defined.key not in _DOCUMENTS:
        return stored.by_key(incoming, defined.natural_key, same).already_there, none, _empty()
    document = _DOCUMENTS[defined.key][0]
    partial = pc.is_in(incoming[document], incomplete)
    whole = stored.whole_documents(incoming.filter(pc.invert(partial)), document, same)
    parts = incoming.filter(partial)
    known = stored.whole_documents(parts, document, same) if parts.num_rows else None
    if known is None:
        return whole.already_there, none, whole.changed
    there = stored.by_document(parts, document, None, same).already_there
    waiting = np.setdiff1d(np.union1d(known.already_there, known.changed), there)
    apart = ("document_incomplete", waiting, document)
    return np.union1d(whole.already_there, there), apart, whole.changed


def reject_partial(table: TypedTable, key: str, bad: Mask, replacing: Rows) -> None:
    """Set aside what would replace a stored document while another of its rows was set aside.

    Args:
        table: the typed rows; problems are added.
        key: the table they go to.
        bad: rows set aside so far.
        replacing: rows that replace stored documents as a whole.
    """
    if not len(replacing) or not bad[replacing].any():
        return
    document = _DOCUMENTS[key][0]
    named = table.columns[document].cast(pa.string()).take(pa.array(replacing))
    lacking = pc.unique(named.filter(pa.array(bad[replacing])))
    partial = np.asarray(pc.is_in(named, lacking)) & ~bad[replacing]
    table.reject("document_incomplete", replacing[partial], document)


def _unique_key(defined: TableDef, table: TypedTable) -> tuple[str, ...]:
    """Return the key that no two rows of the file may share; empty where rows may repeat."""
    if defined.key == "sales":
        return defined.natural_key if "line_no" in table.columns else ()
    return () if defined.key in _DOCUMENTS else defined.natural_key


def incoming_rows(table: TypedTable, key: str, sound: Mask) -> pa.Table:
    """Return the sound rows of a table with every column of the schema and their number."""
    defined = TABLES[key]
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


def without_repeats(incoming: AnyRows, table: TypedTable, key: str) -> tuple[AnyRows, Rows, Rows]:
    """Return the first row of every unique key, later ones that equal it, and later others.

    Args:
        incoming: sound rows, as `incoming_rows` returns them.
        table: the typed rows they come from.
        key: the table they go to.
    """
    unique = _unique_key(TABLES[key], table)
    if not unique or not _repeated(incoming, unique):
        return incoming, _empty(), _empty()
    same = [f.key for f in TABLES[key].fields if f.key not in DERIVED.get(key, ())]
    equal, different = repeated_in_file(incoming, unique, same)
    later = np.concatenate([equal, different])
    if isinstance(incoming, Staged):
        return incoming.without(later), equal, different
    rows: Any = incoming  # Arrow has no types of its own
    return rows.filter(pc.invert(pc.is_in(rows[ROW], pa.array(later)))), equal, different


def _repeated(incoming: Incoming, key: Sequence[str]) -> int:
    """Return how many rows share their complete key with an earlier one."""
    if isinstance(incoming, Staged):
        return incoming.repeats(key)
    return _repeats(_numbered(incoming, key), key)


def _numbered(incoming: pa.Table, key: Sequence[str]) -> pa.Table:
    """Return the rows whose key is complete."""
    return incoming.select([*key, ROW]).drop_null()


def _repeats(incoming: pa.Table, key: Sequence[str]) -> int:
    """Return how many rows share their key with an earlier one."""
    groups = incoming.group_by(list(key), use_threads=True).aggregate([]).num_rows
    return incoming.num_rows - groups
