"""A corrected re-delivery beside what is stored: what it adds, changes and leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.models.schema import TABLES
from core.repository.difference_sql import Differing, StoredDocuments
from core.repository.visible import UPSERT_KEYS, StoredTable

from .existing import DERIVED, incoming_rows, without_repeats
from .modes import Mode
from .plain import plain
from .prepare import Engine, Prepared
from .quarantine import first_problems
from .raw import Mask, Rows

# Which row of a document became which: the same line number, or the same product.
_PAIRS: Mapping[str, tuple[str, ...]] = {
    "sales": ("line_no", "product_id"),
    "purchases": ("product_id", "lot"),
    "payments": (),
    "stock_counts": (),
}
_DOCUMENTS: Mapping[str, str] = {"sales": "invoice_id", "purchases": "purchase_id"}
CHANGED = frozenset({"invoice_changed", "row_changed"})


@dataclass(frozen=True)
class RowDifference:
    """One row that differs.

    Attributes:
        kind: `added`, `changed` or `removed`.
        key: values that name its document, by field.
        row: its number in the sheet; None for a row only the store has.
        changes: field → stored value, new value; all filled fields of an added or removed row.
    """

    kind: str
    key: dict[str, Any]
    row: int | None
    changes: dict[str, tuple[Any, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return the row for JSON; amounts as text, dates as ISO text."""
        changes = {name: [old, new] for name, (old, new) in self.changes.items()}
        return {"kind": self.kind, "key": self.key, "row": self.row, "changes": changes}


@dataclass(frozen=True)
class Differences:
    """How a sheet differs from what is stored under the keys both have.

    Attributes:
        documents: documents (or keys) in the sheet.
        stored: of them, those that are stored.
        differing: of those, the ones with other rows.
        added, changed, removed: rows.
        rows: the first of them.
        taken: rows that count if the new ones are taken; not for JSON.
        effect: what taking them does to the headline numbers, as `effects.Effect.as_dict` writes.
    """

    documents: int
    stored: int
    differing: int
    added: int
    changed: int
    removed: int
    rows: tuple[RowDifference, ...] = ()
    taken: Mask = field(default_factory=lambda: np.empty(0, dtype=bool))
    effect: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the differences for JSON."""
        counts = {name: getattr(self, name) for name in _COUNTS}
        return {**counts, "rows": [row.as_dict() for row in self.rows], "effect": self.effect}


_COUNTS = ("documents", "stored", "differing", "added", "changed", "removed")


def find_differences(prepared: Prepared, stored: StoredTable, engine: Engine) -> Differences | None:
    """Compare a sheet with what is stored; None where its table has no keys, or none is stored.

    Args:
        prepared: the sheet; what was set aside only because it is stored otherwise takes part.
        stored: the rows of the table that count.
        engine: for the comparison.
    """
    key = prepared.sheet.mapping.table
    if key not in UPSERT_KEYS or prepared.plan.mode not in (Mode.APPEND, Mode.UPSERT):
        return None
    table = prepared.table
    others = [p for p in table.problems if p.code not in CHANGED | {"document_incomplete"}]
    _, bad = first_problems(others, table.height)
    names: tuple[str, ...] = UPSERT_KEYS[key]
    pair = _PAIRS[key]
    if key == "sales" and "line_no" in table.columns:
        pair = ("line_no",) if table.columns["line_no"].null_count == 0 else pair
    same = [f.key for f in TABLES[key].fields if f.key not in DERIVED.get(key, ())]
    rows, repeated, _ = without_repeats(incoming_rows(table, key, ~bad), table, key)
    documents = StoredDocuments(stored, engine.threads, engine.memory_mb)
    found = documents.differences(rows, names, pair, same)
    if found is None:
        return None
    numbers = prepared.raw.rows
    listed = tuple(_listed(row, names, numbers) for row in found.rows)
    return Differences(
        found.keys, found.stored, found.changed, found.added, found.altered, found.removed,
        listed, _taken(prepared, found, bad, repeated),
    )  # fmt: skip


def _taken(prepared: Prepared, found: Differing, bad: Mask, repeated: Rows) -> Mask:
    """Return the rows that count if the new ones are taken: whole documents, none in part."""
    key = prepared.sheet.mapping.table
    table = prepared.table
    if key not in _DOCUMENTS:
        changed = np.zeros(table.height, dtype=bool)
        for problem in table.problems:
            if problem.code in CHANGED:
                changed[problem.rows] = True
        return prepared.accepted | (changed & ~bad)
    ids = table.columns[_DOCUMENTS[key]].cast(pa.string())
    partial = pc.unique(ids.filter(pa.array(bad))).drop_null()
    whole = found.ids.filter(pc.invert(pc.is_in(found.ids, partial)))
    taken = np.asarray(pc.is_in(ids, whole)) & ~bad
    taken[repeated] = False
    return prepared.accepted | taken


def _listed(row: dict[str, Any], names: tuple[str, ...], numbers: np.ndarray) -> RowDifference:
    new, old = row["new"], row["old"]
    one = new or old or {}
    fields = [name for name in one if name not in names]
    changes = {
        name: (plain(old[name]) if old else None, plain(new[name]) if new else None)
        for name in fields
        if (old or {}).get(name) != (new or {}).get(name)
    }
    place = row["place"]
    return RowDifference(
        row["kind"],
        {name: plain(one[name]) for name in names},
        None if place is None else int(numbers[place]),
        changes,
    )
