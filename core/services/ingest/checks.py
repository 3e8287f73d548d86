"""Checks of typed rows: what sets a row aside, and what is kept with a warning."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.models.schema import AMOUNT_TYPE, TABLES

from .columns import TypedTable
from .raw import Mask, RawTable
from .targets import ONE_OF
from .vocabulary import plain, words

_ZERO = pa.scalar("0").cast(AMOUNT_TYPE)
_LABELLED = (pa.types.is_string, pa.types.is_date)


def pass_over_furniture(raw: RawTable, table: TypedTable) -> Mask:
    """Return which rows are lines; total rows and repeated headers are counted and left out.

    A total row starts with a word for it and names nothing else: no other text, code or date.
    """
    lines = np.ones(table.height, dtype=bool)
    labels = {
        key: table.columns[key]
        for key in table.places
        if key in table.columns and any(is_(table.columns[key].type) for is_ in _LABELLED)
    }
    if not labels:
        return lines
    filled = sum(np.asarray(values.is_valid()).astype(np.int64) for values in labels.values())
    _mark_totals(labels, np.asarray(filled) <= 1, lines, table)
    _mark_headers(raw, table, lines)
    return lines


def _mark_totals(
    labels: dict[str, pa.Array], candidates: Mask, lines: Mask, table: TypedTable
) -> None:
    starts = tuple(words("rows"))
    totals = 0
    for row in np.flatnonzero(candidates):
        texts = [values[int(row)].as_py() for values in labels.values()]
        said = next((plain(str(text)) for text in texts if text is not None), "")
        if any(said == word or said.startswith(f"{word} ") for word in starts):
            lines[row] = False
            totals += 1
    table.warn("total_rows", totals)


def _mark_headers(raw: RawTable, table: TypedTable, lines: Mask) -> None:
    """Leave out rows that repeat the titles, as exports with page breaks have."""
    repeated: Mask | None = None
    for place in table.places.values():
        column = raw.columns[place]
        if not pa.types.is_string(column.data.type) or column.header == column.letter:
            continue
        same = np.asarray(pc.equal(column.data, column.header).fill_null(False))  # noqa: FBT003
        repeated = same if repeated is None else repeated & same
        if not repeated.any():
            return
    if repeated is not None and repeated.any():
        lines[repeated] = False
        table.warn("repeated_headers", int(repeated.sum()))


def check_required(table: TypedTable, key: str) -> None:
    """Reject rows that lack a required value."""
    for field in TABLES[key].fields:
        if field.required:
            values = table.columns.get(field.key)
            missing = (
                np.arange(table.height)
                if values is None
                else np.flatnonzero(np.asarray(values.is_null()))
            )
            told = [p.rows for p in table.problems if p.column == table.places.get(field.key)]
            for rows in told:  # a cell that is no value is not also missing
                missing = np.setdiff1d(missing, rows)
            table.reject("required_missing", missing, field.key)
    for group in ONE_OF.get(key, ()):
        empty = np.ones(table.height, dtype=bool)
        for name in group:
            if name in table.columns:
                empty &= np.asarray(table.columns[name].is_null())
        table.reject("required_missing", np.flatnonzero(empty), group[0])


def warn_sales(table: TypedTable, kept: Mask) -> None:
    """Count what is unusual in the sales lines that are kept."""
    columns = table.columns
    price, quantity = columns["unit_price"], columns["quantity"]
    table.warn("zero_price", _count(pc.equal(price, _ZERO), kept))
    table.warn("negative_price", _count(pc.less(price, _ZERO), kept))
    table.warn("zero_quantity", _count(pc.equal(quantity, _ZERO), kept))
    if "customer_id" in columns:
        table.warn("missing_customer", _count(columns["customer_id"].is_null(), kept))
    else:
        table.warn("missing_customer", int(kept.sum()))


def _count(mask: pa.Array, kept: Mask) -> int:
    found = mask.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003
    return int((found & kept).sum())
