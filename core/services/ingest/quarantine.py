"""Rows set aside: written beside the import, each with its place, value, reason and cells."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .raw import Mask, RawTable, Rows
from .reasons import REASONS, reason_of
from .typed import Problem

# What stands before the row's own cells. `_reason` and `_remedy` are marked English texts.
PLACE = ("_sheet", "_row", "_column", "_value", "_reason", "_remedy", "_code", "_also")
_LONGEST = 200


def first_problems(problems: list[Problem], height: int) -> tuple[np.ndarray, Mask]:
    """Return, per row, the place in `problems` of its first one, and which rows have any."""
    first = np.full(height, len(problems), dtype=np.int32)
    for place in range(len(problems) - 1, -1, -1):
        first[problems[place].rows] = place
    return first, first < len(problems)


def count_reasons(problems: list[Problem], first: np.ndarray) -> dict[str, int]:
    """Return how many rows have each reason as their first; together they are all of them."""
    counts = np.bincount(first, minlength=len(problems) + 1)
    reasons: dict[str, int] = {}
    for place, problem in enumerate(problems):
        if counts[place]:
            reasons[problem.code] = reasons.get(problem.code, 0) + int(counts[place])
    return reasons


def quarantine_table(
    raw: RawTable,
    problems: list[Problem],
    first: np.ndarray,
    texts: Mapping[str, Sequence[str]] | None = None,
) -> pa.Table:
    """Return the rows set aside, one line each, as they go to the quarantine file.

    Args:
        raw: the sheet.
        problems: of its rows.
        first: per row, the place of its first problem.
        texts: words of reasons that are not among the shipped ones, see `reasons.reason_of`.
    """
    rows: Rows = np.flatnonzero(first < len(problems))
    cells = {column.header: shown(column.take(rows).data) for column in raw.columns}
    faults = {(fault.row, fault.column): fault.text for fault in raw.faults}
    others = _others(raw, problems, first, set(rows.tolist()))
    place_of = {int(row): index for index, row in enumerate(rows)}
    columns, values, codes = [], [], []
    for row in rows.tolist():
        problem = problems[first[row]]
        known = 0 <= problem.column < len(raw.columns)
        columns.append(_name(raw, problem.column) if known else None)
        value = cells[raw.columns[problem.column].header][place_of[row]].as_py() if known else None
        values.append(faults.get((row, problem.column), value))
        codes.append(problem.code)
    said = {code: reason_of(code, texts) or REASONS[code] for code in set(codes)}
    fixed = {
        "_sheet": pa.repeat(raw.sheet, len(rows)),
        "_row": pa.array(raw.rows[rows]),
        "_column": pa.array(columns, pa.string()),
        "_value": _shortened(pa.array(values, pa.string())),
        "_reason": pa.array([said[code].text for code in codes], pa.string()),
        "_remedy": pa.array([said[code].remedy for code in codes], pa.string()),
        "_code": pa.array(codes, pa.string()),
        "_also": pa.array([others.get(row) for row in rows.tolist()], pa.string()),
    }
    originals = {name if name not in fixed else f"{name} (2)": data for name, data in cells.items()}
    return pa.table({**fixed, **originals})


def _others(
    raw: RawTable, problems: list[Problem], first: np.ndarray, wanted: set[int]
) -> dict[int, str]:
    """Return the further problems of a row as `column: code`, for rows with several."""
    found: dict[int, list[str]] = {}
    for place, problem in enumerate(problems):
        for row in problem.rows.tolist():
            if row in wanted and first[row] != place:
                known = 0 <= problem.column < len(raw.columns)
                name = _name(raw, problem.column) if known else ""
                found.setdefault(row, []).append(f"{name}: {problem.code}".lstrip(": "))
    return {row: "; ".join(texts) for row, texts in found.items()}


def _name(raw: RawTable, place: int) -> str:
    column = raw.columns[place]
    bare = column.letter in ("", column.header)  # crossed columns have no letter of their own
    return column.header if bare else f"{column.header} ({column.letter})"


def shown(data: pa.ChunkedArray) -> pa.Array:
    """Return native cells as a person reads them: 12 instead of 12.0, dates without midnight."""
    if isinstance(data, pa.ChunkedArray):
        data = data.combine_chunks()
    if pa.types.is_timestamp(data.type):
        return pc.replace_substring_regex(data.cast(pa.string()), r"[ T]00:00:00(\.0+)?$", "")
    if pa.types.is_floating(data.type):
        return pc.replace_substring_regex(data.cast(pa.string()), r"\.0$", "")
    return data.cast(pa.string())


def _shortened(texts: pa.Array) -> pa.Array:
    cut = pc.utf8_slice_codeunits(texts, 0, _LONGEST)
    long = pc.greater(pc.utf8_length(texts), _LONGEST)
    return pc.if_else(long, pc.binary_join_element_wise(cut, "…", ""), texts)


def write_quarantine(folder: Path, rows: pa.Table) -> str:
    """Write the rows and flush them; return the file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{uuid4().hex}.parquet"
    part = folder / f"{name}.part"
    pq.write_table(rows, part, compression="zstd")
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(folder / name)
    return name


def read_quarantine(folder: Path, name: str | None) -> pa.Table:
    """Return the rows of a quarantine file; an empty table when there is none."""
    if name and (folder / Path(name).name).is_file():
        return pq.read_table(folder / Path(name).name)
    types = {"_row": pa.int64()}
    return pa.table({key: pa.array([], types.get(key, pa.string())) for key in PLACE})
