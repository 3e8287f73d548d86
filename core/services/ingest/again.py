"""Rows of a file that come a second time, with cells a person corrected.

The whole file is read again with its own mapping, so that a corrected row is judged by the same
evidence (decimal signs, order of dates, its invoice's other lines) as when it came first.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import PicholineError
from core.i18n import msg

from .numbers import read_numbers, take_apart
from .options import Mapping as ColumnMapping
from .plausible import DATED, NUMERIC
from .prepare import Prepared
from .quarantine import PLACE, quarantine_table, shown
from .raw import RawColumn, RawTable, Rows
from .recognise import Sheet
from .targets import targets

Edits = Mapping[int, Mapping[str, str]]  # place in the quarantine → title → what is meant


@dataclass(frozen=True)
class Judged:
    """What became of corrected rows, by their place in the quarantine.

    Attributes:
        passed: are accepted.
        known: turned out to be stored already.
        refused: why not, with `PLACE`'s columns but the place; "" as code: the row is empty now.
    """

    passed: Rows
    known: Rows
    refused: dict[int, dict[str, str]]


def enter_edits(sheet: Sheet, quarantined: pa.Table, edits: Edits) -> None:
    """Write corrected cells into a file that was read again; note which rows are asked for.

    Args:
        sheet: as recognised by the mapping of the first import; changed in place.
        quarantined: all rows that import set aside.
        edits: the corrected cells.

    Raises:
        PicholineError: the file no longer holds these rows.
    """
    raw, mapping = sheet.raw, sheet.mapping
    found = _find(raw, quarantined, sorted(edits))
    fields = {title: key for key, title in mapping.columns.items()}
    kinds = {column.header: _kind(fields.get(column.header), mapping.table)
             for column in raw.columns}  # fmt: skip
    typed = NUMERIC | DATED
    raw.sharpen([n for n, column in enumerate(raw.columns) if kinds[column.header] in typed])
    raw.sharpen = _as_it_is
    by_column: dict[str, dict[int, str]] = {}
    for place, cells in edits.items():
        for title, text in cells.items():
            by_column.setdefault(title, {})[found[place]] = text
    for number, column in enumerate(raw.columns):
        name = _quarantine_title(column.header)
        if name in by_column:
            numeric = kinds[column.header] in NUMERIC
            _write(column, by_column[name], numeric=numeric)
            _forget_faults(raw, number, set(by_column[name]))
    raw.faults = [
        fault for fault in raw.faults
        if fault.code != "too_many_cells" or fault.row not in set(found.values())
    ]  # fmt: skip
    raw.asked = np.full(raw.height, -1, dtype=np.int64)
    for place, row in found.items():
        raw.asked[row] = place


def _kind(field: str | None, table: str) -> object:
    return targets(table)[field].kind if field else None


def _as_it_is(_places: object) -> None:
    """Tell nothing more of the cells: those that are known already have been corrected."""


def _quarantine_title(header: str) -> str:
    return f"{header} (2)" if header in PLACE else header


def _find(raw: RawTable, quarantined: pa.Table, places: list[int]) -> dict[int, int]:
    """Return the index of each quarantined row in the file.

    A row's number finds it; where several share one (months as columns), so do its cells.
    """
    numbers = quarantined["_row"].to_numpy(zero_copy_only=False)
    order = np.argsort(raw.rows, kind="stable")
    sorted_rows = raw.rows[order]
    found: dict[int, int] = {}
    for place in places:
        if not 0 <= place < quarantined.num_rows:
            raise _changed(raw)
        start, end = np.searchsorted(sorted_rows, [numbers[place], numbers[place] + 1])
        several = order[start:end]
        if len(several) > 1:
            several = [row for row in several if _same(raw, int(row), quarantined, place)]
        if len(several) == 0:
            raise _changed(raw)
        found[place] = int(several[0])
    return found


def _same(raw: RawTable, row: int, quarantined: pa.Table, place: int) -> bool:
    return all(
        shown(column.data.slice(row, 1))[0].as_py() == quarantined[name][place].as_py()
        for column in raw.columns
        if (name := _quarantine_title(column.header)) in quarantined.column_names
    )


def _changed(raw: RawTable) -> PicholineError:
    return PicholineError(
        "corrections.file",
        msg("The rows of sheet {sheet} are no longer where they were.", sheet=raw.sheet),
        msg("Import the file again: rows that are stored are recognised."),
        status=409,
    )


def _write(column: RawColumn, cells: Mapping[int, str], *, numeric: bool) -> None:
    """Put texts into a column; a number that can be read in one way only becomes a number."""
    data = column.data.combine_chunks()
    if isinstance(data, pa.ChunkedArray):
        data = pa.concat_arrays(data.chunks) if data.num_chunks else pa.nulls(0, data.type)
    filled = data.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_temporal(data.type):
        column.moments = data.cast(pa.timestamp("ms"), safe=False)
    elif not pa.types.is_string(data.type) and not pa.types.is_boolean(data.type):
        column.numbers = filled.copy()
    texts = data.to_pylist() if pa.types.is_string(data.type) else shown(column.data).to_pylist()
    numbers = None if column.numbers is None else column.numbers.copy()
    for row, text in cells.items():
        plain = _number(text) if numeric else None
        texts[row] = text if plain is None else plain
        if plain is not None and numbers is None:
            numbers = np.zeros(len(texts), dtype=bool)
        if numbers is not None:
            numbers[row] = plain is not None
    column.data = pa.chunked_array([pa.array(texts, pa.string())])
    column.numbers = numbers
    if column.moments is not None:
        edited = np.zeros(len(texts), dtype=bool)
        edited[list(cells)] = True
        nothing = pa.scalar(None, column.moments.type)
        column.moments = pc.if_else(pa.array(edited), nothing, column.moments)


def _number(text: str) -> str | None:
    """Return a number written in one way only, with a point; None for everything else."""
    parts = take_apart(pa.array([text.strip()], pa.string()))
    if parts.undecided.any() or parts.percent.any() or parts.missing.any():
        return None
    read = read_numbers(parts, parts.style)
    value = read.values[0].as_py()
    return None if value is None else format(value.normalize(), "f")


def _forget_faults(raw: RawTable, number: int, rows: set[int]) -> None:
    raw.faults = [f for f in raw.faults if f.column != number or f.row not in rows]


def judged(prepared: Prepared, asked: Edits) -> tuple[Prepared, Judged]:
    """Return the import of the asked rows that passed, and what became of each of them.

    Args:
        prepared: the whole file with the corrected cells.
        asked: the rows in question.
    """
    raw, problems = prepared.raw, prepared.table.problems
    places = np.full(raw.height, -1, dtype=np.int64) if raw.asked is None else raw.asked
    mine = places >= 0
    none = len(problems)
    refused = _refused(prepared, np.where(mine, prepared.first, none), places)
    for place in set(asked) - set(places[mine].tolist()):
        refused[place] = {"_code": "", "_column": "", "_value": "", "_reason": "", "_remedy": ""}
    accepted, there = prepared.accepted & mine, prepared.already_there & mine
    kept = replace(
        prepared,
        accepted=accepted,
        already_there=there,
        first=np.full_like(prepared.first, none),
        reasons={},
    )
    return kept, Judged(places[accepted], places[there], refused)


def _refused(prepared: Prepared, first: np.ndarray, places: Rows) -> dict[int, dict[str, str]]:
    problems = prepared.table.problems
    rows = np.flatnonzero(first < len(problems))
    if not len(rows):
        return {}
    said = quarantine_table(prepared.raw, problems, first, prepared.texts).select(
        ["_code", "_column", "_value", "_reason", "_remedy"]
    )
    return {
        int(places[row]): {name: str(text or "") for name, text in verdict.items()}
        for row, verdict in zip(rows, said.to_pylist(), strict=True)
    }


def mapping_of(described: Mapping[str, object]) -> ColumnMapping:
    """Return the mapping an import was read by, from what the catalogue holds about it.

    Raises:
        PicholineError: it says something unknown.
    """
    known = ColumnMapping.__dataclass_fields__
    return ColumnMapping.from_dict({k: v for k, v in described.items() if k in known})


@dataclass(frozen=True)
class Corrected:
    """What checking corrected rows again led to.

    Attributes:
        import_id: the import that holds those that passed; None where none did.
        passed: rows accepted.
        known: rows that turned out to be stored already.
        refused: rows that stay set aside, with their new reasons, by place.
        data_version: after it.
    """

    import_id: int | None
    passed: int
    known: int
    refused: dict[int, dict[str, str]]
    data_version: int


def describe(kept: Prepared, of: int, rows: str) -> dict[str, object]:
    """Return what the catalogue holds about an import of corrections.

    Args:
        kept: its rows.
        of: number of the import they were set aside by.
        rows: name of the file with their places.
    """
    mapping = {**kept.sheet.mapping.as_dict(), "header_row": kept.raw.header_row}
    return {**mapping, "corrects": {"import": of, "rows": rows}}


def corrects(described: Mapping[str, object]) -> int | None:
    """Return the number of the import whose rows an import corrects; None for any other."""
    found = described.get("corrects")
    return int(found["import"]) if isinstance(found, dict) else None


def rows_table(places: Rows, edits: Edits) -> pa.Table:
    """Return which rows were corrected, and how: `_place`, `_cells` (title → text, as JSON)."""
    listed = sorted(int(place) for place in places)
    return pa.table(
        {
            "_place": pa.array(listed, pa.int64()),
            "_cells": pa.array(
                [json.dumps(dict(edits[place]), ensure_ascii=False) for place in listed],
                pa.string(),
            ),
        }
    )


def read_places(folder: Path, described: Mapping[str, object]) -> Rows:
    """Return the places of the rows an import corrects; none where it corrects nothing."""
    found = described.get("corrects")
    if not isinstance(found, dict):
        return np.empty(0, dtype=np.int64)
    table = pq.read_table(folder / Path(str(found["rows"])).name, columns=["_place"])
    return table["_place"].to_numpy()
