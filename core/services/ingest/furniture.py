"""Rows that are no lines: totals, repeated titles, notes under the table. Left out and listed."""

import numpy as np
import pyarrow as pa

from core.i18n import msg

from .by_value import distinct
from .columns import TypedTable
from .examples import pass_over_examples
from .headers import is_number_like
from .raw import Mask, RawTable, Rows, empty_cells, row_list
from .targets import missing_fields
from .totals import compare_totals
from .vocabulary import plain, words

_LABELLED = (pa.types.is_string, pa.types.is_date)
_LOOKED_AT = 60
_NARROWEST = 3  # columns a table must have before a lone text under it can be told from a row
_SHOWN = 160
_MARKS = ("*", "(", "source", "note", "nb ", "n.b", "remark", "remarque", "legend", "légende")
_LISTED = 6


def leave_out_notes(raw: RawTable) -> None:
    """Leave out texts that stand alone under the last row, and list them."""
    if len(raw.columns) < _NARROWEST or raw.height < 2:  # noqa: PLR2004
        return
    first = max(raw.height - _LOOKED_AT, 1)
    tail = [column.data.slice(first) for column in raw.columns]
    filled = np.vstack([~empty_cells(data) for data in tail])
    faulty = {fault.row for fault in raw.faults}
    gone: list[tuple[int, str]] = []
    for row in range(raw.height - first - 1, -1, -1):
        places = np.flatnonzero(filled[:, row])
        if len(places) != 1 or first + row in faulty:
            break
        text = str(tail[places[0]][row].as_py()).strip()
        if not _is_note(text):
            break
        gone.append((first + row, text))
    if not gone:
        return
    kept = np.ones(raw.height, dtype=bool)
    kept[[row for row, _ in gone]] = False
    for row, text in list(reversed(gone))[:_LISTED]:
        raw.notes.append(
            msg("Left out under the table, row {row}: “{text}”.", row=int(raw.rows[row]),
                text=text[:_SHOWN])
        )  # fmt: skip
    raw.warnings["notes_under_table"] = len(gone)
    raw.keep(kept)


def _is_note(text: str) -> bool:
    """Whether a lone text is a sentence or marked as a note; a code or a total is none."""
    lowered = text.lower()
    if is_number_like(text) or is_total(plain(text)):
        return False
    return lowered.startswith(_MARKS) or " " in text


def is_total(said: str) -> bool:
    """Return whether a plain text starts or ends with a word for a total."""
    return any(
        said == word or said.startswith(f"{word} ") or said.endswith(f" {word}")
        for word in words("rows")
    )


def leave_out_crossed_totals(raw: RawTable, labels: list[int]) -> None:
    """Leave out the total rows and repeated titles of a cross-tab, before it becomes rows.

    Args:
        raw: the cross-tab.
        labels: places of the columns that name its rows.
    """
    lines = np.ones(raw.height, dtype=bool)
    texts = [raw.columns[place].data.cast(pa.string()).to_pylist() for place in labels]
    titles = [raw.columns[place].header for place in labels]
    totals: list[int] = []
    repeated = 0
    for row in range(raw.height):
        cells = [(column[row] or "").strip() for column in texts]
        if any(is_total(plain(cell)) for cell in cells if cell):
            totals.append(row)
        elif cells == titles:
            repeated += 1
            lines[row] = False
    _list_totals(raw, np.array(totals, dtype=np.int64))
    lines[totals] = False
    if totals:
        raw.warnings["total_rows"] = len(totals)
    if repeated:
        raw.warnings["repeated_headers"] = repeated
    if not lines.all():
        raw.keep(lines)


def _list_totals(raw: RawTable, totals: np.ndarray) -> None:
    if len(totals):
        raw.notes.append(
            msg("Total rows were left out: row {rows}.", rows=row_list(raw.rows[totals]))
        )


def pass_over_furniture(
    raw: RawTable, table: TypedTable, key: str, *, examples: bool = True
) -> Mask:
    """Return which rows are lines; total rows and repeated titles are counted and left out.

    A total row bears a word for it, and lacks a value every line needs or names nothing else: no
    other text, code or date.

    Args:
        raw: the cells as read.
        table: their typed values.
        key: of the table they go to.
        examples: the rows begin right below the titles, where a template has its example.
    """
    lines = np.ones(table.height, dtype=bool)
    if examples:
        pass_over_examples(raw, table, lines)
    labels = {
        field: table.columns[field]
        for field in table.places
        if field in table.columns and any(is_(table.columns[field].type) for is_ in _LABELLED)
    }
    if not labels:
        return lines
    filled = sum(np.asarray(values.is_valid()).astype(np.uint8) for values in labels.values())
    lacking = _lacking(table, labels, key)
    totals = _mark_totals(raw, labels, (np.asarray(filled) <= 1) | lacking, lines, table)
    _mark_headers(raw, table, lines)
    if len(totals):
        compare_totals(raw, table, key, totals, lines)
    return lines


def _lacking(table: TypedTable, labels: dict[str, pa.Array], key: str) -> Mask:
    """Return which rows lack a text, code or date that every line needs."""
    needed = [field for field in missing_fields(key, set()) if field.key in labels]
    lacking = np.zeros(table.height, dtype=bool)
    for field in needed:
        lacking |= np.asarray(labels[field.key].is_null())
    return lacking


def _mark_totals(
    raw: RawTable, labels: dict[str, pa.Array], candidates: Mask, lines: Mask, table: TypedTable
) -> Rows:
    """Leave out total rows; return which they are."""
    known = {table.places[field] for field in labels}
    others = [c for place, c in enumerate(raw.columns) if place not in known and c.is_text]
    rows = np.flatnonzero(candidates)
    if not len(rows):
        return rows
    found = np.zeros(len(rows), dtype=bool)
    unnamed = np.ones(len(rows), dtype=bool)
    for values in labels.values():
        if pa.types.is_string(values.type):
            found |= _says_total(values.take(pa.array(rows)))
        unnamed &= np.asarray(values.take(pa.array(rows)).is_null())
    for column in others if unnamed.any() else ():
        found |= unnamed & _says_total(column.take(rows).data)
    totals = rows[found]
    lines[totals] = False
    _list_totals(raw, totals)
    table.warn("total_rows", len(totals))
    return totals


def _says_total(values: pa.Array | pa.ChunkedArray) -> Mask:
    """Return which texts bear a word for a total."""
    texts = distinct(values)
    said = np.array([is_total(plain(text)) for text in texts.values.to_pylist()], dtype=bool)
    marked = np.zeros(len(values), dtype=bool)
    marked[texts.rows_of(said)] = True
    return marked


def _mark_headers(raw: RawTable, table: TypedTable, lines: Mask) -> None:
    """Leave out rows that repeat the titles, as exports with page breaks have."""
    repeated: Mask | None = None
    for place in table.places.values():
        column = raw.columns[place]
        if not column.is_text or column.header == column.letter:
            continue
        same = column.says(column.header)
        repeated = same if repeated is None else repeated & same
        if not repeated.any():
            return
    if repeated is not None and repeated.any():
        lines[repeated] = False
        table.warn("repeated_headers", int(repeated.sum()))
