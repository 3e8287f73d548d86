"""What an import would do, shown before anything is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.i18n import Message, msg

from .by_value import trim
from .differences import Differences
from .matching import propose
from .novel import NewValue
from .plain import LONGEST, plain
from .prepare import Prepared, stored_rows
from .quarantine import shown
from .raw import RawColumn, Rows
from .recognise import Sheet
from .splitting import offered

_ROWS = 20
_EXAMPLES = 5
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00(?:\.0+)?$"
_MISSING = "required_missing"  # such a cell is empty indeed
_NOT_RECOGNISED = msg(
    "What this is was not recognised; it is left out unless you say what to import it as."
)


@dataclass(frozen=True)
class ColumnPreview:
    """A column of the file.

    Attributes:
        title: as in the file; empty columns without title are not shown.
        letter: its column in the sheet.
        field: what it is mapped to; None: it is not imported.
        confidence: of a proposed field, 0 to 1; None when stated or remembered.
        proposed: the same where a person stated what would be proposed anyway; else None.
        examples: the first values that differ.
        kind: type of the field.
        missing, distinct, low, high: of its typed values; of its cells where it is not imported.
        problems: cells that are no value, or that a rule sets aside.
        part: which part of another column it is; "" where the file has it.
        split: how it is taken apart; "" where it is not.
        splits: the ways it could be.
    """

    title: str
    letter: str
    field: str | None
    confidence: float | None
    examples: tuple[str, ...]
    kind: str | None = None
    missing: int | None = None
    distinct: int | None = None
    low: str | None = None
    high: str | None = None
    problems: int = 0
    proposed: float | None = None
    part: str = ""
    split: str = ""
    splits: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the column for JSON."""
        listed = {"examples": list(self.examples), "splits": list(self.splits)}
        return {**self.__dict__, **listed}


@dataclass(frozen=True)
class SheetPreview:
    """A sheet and what importing it would do; counts are of all rows, nothing is estimated.

    Attributes:
        mapping: as stated, remembered or proposed, as `Mapping.as_dict` writes it.
        missing: keys of fields the table cannot do without and no column gives.
        ambiguous: titles of columns that would be the same field.
        rows: the first rows as they would be stored; amounts as text, dates as ISO text.
        differences: to what is stored, as `differences.Differences.as_dict` writes them.
        recognised: it is imported unless a person leaves it out; otherwise a person must say
            which table it is.
        crossed: how columns became rows, or could: kind, columns, applied, year, year_missing.
        quality: share of the new rows that would be accepted without warning; None without any.
        refusals: why nothing of the sheet would be imported: code, title, advice.
        texts: what the company's own rules say, by code; see `reasons.reason_of`.
        values: that are new or not recognised, as `novel.NewValue.as_dict` writes them.
    """

    sheet: str
    table: str
    mapping: dict[str, Any]
    columns: tuple[ColumnPreview, ...]
    missing: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    already_there: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    differences: dict[str, Any] | None = None
    recognised: bool = True
    crossed: dict[str, Any] | None = None
    quality: float | None = None
    refusals: tuple[dict[str, str], ...] = ()
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the preview for JSON."""
        plain = {**self.__dict__}
        plain["columns"] = [column.as_dict() for column in self.columns]
        plain["notes"] = [str(note) for note in self.notes]
        plain["missing"], plain["ambiguous"] = list(self.missing), list(self.ambiguous)
        plain["rows"], plain["refusals"] = list(self.rows), list(self.refusals)
        plain["values"] = list(self.values)
        return plain


def preview_sheet(
    sheet: Sheet,
    done: Prepared | None,
    passed_over: Sequence[Message],
    *,
    recognised: bool = True,
    differences: Differences | None = None,
    values: Sequence[NewValue] = (),
) -> SheetPreview:
    """Return the preview of a sheet; `done` is None where a required column is missing."""
    crossed = sheet.raw.crossed
    fields = {header: key for key, header in sheet.mapping.columns.items()}
    sure = _as_proposed(sheet)
    columns = tuple(
        _column(column, fields.get(column.header), sheet, done, sure)
        for column in sheet.raw.columns
    )
    common: dict[str, Any] = {
        "sheet": sheet.raw.sheet,
        "table": sheet.mapping.table,
        "mapping": sheet.mapping.as_dict(),
        "columns": columns,
        "missing": tuple(defined.key for defined in sheet.missing),
        "ambiguous": sheet.ambiguous,
        "recognised": recognised,
        "values": tuple(value.as_dict() for value in values),
        "crossed": crossed and {**crossed.__dict__, "columns": list(crossed.columns)},
    }
    if done is None:
        told = () if recognised or not sheet.missing else (_NOT_RECOGNISED,)
        return SheetPreview(
            **common, read=sheet.raw.height, notes=(*told, *sheet.raw.notes, *passed_over)
        )
    return SheetPreview(
        **common,
        read=done.read,
        accepted=int(done.accepted.sum()),
        quarantined=done.quarantined,
        already_there=int(done.already_there.sum()),
        reasons=done.reasons,
        warnings=done.warnings,
        notes=(*done.raw.notes, *done.table.notes, *passed_over),
        rows=tuple(_first_rows(done)),
        quality=done.quality.get("score"),
        refusals=tuple(refusal.as_dict() for refusal in done.refusals),
        texts=done.texts,
        differences=differences.as_dict() if differences else None,
    )


def _as_proposed(sheet: Sheet) -> Mapping[str, float]:
    """Return the confidence of what a person left as it would be proposed, by field."""
    stated = sheet.options.mapping
    if stated is None:
        return {}
    names = (sheet.raw.sheet, sheet.options.file_name or "")
    best = propose(sheet.raw, names, stated.table)[0]
    columns = sheet.raw.columns
    return {
        match.field: match.confidence
        for match in best.matches
        if stated.columns.get(match.field) == columns[match.column].header
        and not columns[match.column].part  # parts were chosen, whatever their titles say
    }


def _column(
    column: RawColumn,
    key: str | None,
    sheet: Sheet,
    done: Prepared | None,
    sure: Mapping[str, float],
) -> ColumnPreview:
    confidence = sheet.confidence.get(key) if key else None
    examples = tuple(_examples(column))
    split = str(sheet.mapping.layout.get("split", {}).get(column.header, ""))
    apart: dict[str, Any] = {
        "proposed": sure.get(key) if key else None,
        "part": column.part,
        "split": split,
        "splits": (split,) if split else offered(column, sheet.mapping.table, key),
    }
    if done is None or key is None or key not in done.table.columns:
        cells = trim(shown(column.data))
        filled = len(cells) - cells.null_count
        return ColumnPreview(
            column.header,
            column.letter,
            key,
            confidence,
            examples,
            missing=len(cells) - filled,
            distinct=pc.count_distinct(cells, mode="only_valid").as_py(),
            **apart,
        )
    values = done.table.columns[key]
    low_high = _limits(values)
    place = done.table.places.get(key)
    faulty = [p.rows for p in done.table.problems if p.column == place and p.code != _MISSING]
    # A cell that is no value holds something: it is not empty.
    rejected = len(set().union(*(_valueless(values, rows) for rows in faulty)))
    return ColumnPreview(
        column.header,
        column.letter,
        key,
        confidence,
        examples,
        kind=str(values.type),
        missing=values.null_count - rejected,
        distinct=pc.count_distinct(values, mode="only_valid").as_py(),
        low=low_high[0],
        high=low_high[1],
        problems=sum(len(rows) for rows in faulty),
        **apart,
    )


def _valueless(values: pa.Array, rows: Rows) -> set[int]:
    """Return those of some rows that have no value."""
    return set(rows[~np.asarray(values.is_valid())[rows]].tolist())


def _limits(values: pa.Array) -> tuple[str | None, str | None]:
    if pa.types.is_boolean(values.type) or values.null_count == len(values):
        return None, None
    found = pc.min_max(values).as_py()
    return plain(found["min"]), plain(found["max"])


def _examples(column: RawColumn) -> list[str]:
    cells = trim(shown(column.data.slice(0, 2000))).drop_null()
    # Dates between texts are kept as moments.
    head = pc.replace_substring_regex(cells, _MIDNIGHT, r"\1").unique().slice(0, _EXAMPLES)
    return [text[:LONGEST] for text in head.to_pylist()]


def _first_rows(done: Prepared) -> list[dict[str, Any]]:
    first = stored_rows(done).slice(0, _ROWS).to_pylist()
    return [{key: plain(value) for key, value in row.items()} for row in first]
