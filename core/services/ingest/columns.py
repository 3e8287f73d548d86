"""Every mapped column of a table typed together: one column's evidence decides another's cells."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.schema import Kind

from . import dated
from .by_value import Distinct
from .dates import DateText
from .evidence import Decided, Reading, meant_note, order_note, style_note
from .meanings import meant
from .options import Mapping
from .plausible import DATED, NUMERIC
from .raw import Mask, RawColumn, RawTable, Rows, name_list
from .targets import targets
from .typed import (
    SIMPLE,
    Context,
    Problem,
    TextCells,
    Typed,
    day_limits,
    text_cells,
    type_number,
    within_days,
)
from .vocabulary import plain_header


@dataclass
class TypedTable:
    """The values of a table.

    Attributes:
        columns: field → values, one per row.
        places: field → place of its column in the raw table; constants have none.
        problems: cells that are no value.
        warnings: counts by warning.
        notes: what was assumed, with the names of the columns.
        doubts: rows that some warning is about, for the quality score.
        spread: field → values that are conversions of distinct texts, as in `Typed`.
        later: rows that come after all others when rows are compared: those that were set aside
            and come again; None: every row has its own place.
    """

    columns: dict[str, pa.Array]
    places: dict[str, int]
    height: int
    problems: list[Problem] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    notes: list[Message] = field(default_factory=list)
    doubts: list[Rows] = field(default_factory=list)
    spread: dict[str, tuple[pa.Array, Distinct, pa.Array]] = field(default_factory=dict)
    later: Mask | None = None

    def coded(self, key: str) -> pa.DictionaryArray:
        """Return the texts of a field as numbers of the different ones."""
        values = self.columns[key]
        known = self.spread.get(key)
        if known is None or known[0] is not values:  # made of other columns, or changed since
            return pc.dictionary_encode(values)
        return known[1].coded(known[2])

    def reject(self, code: str, rows: Rows, column: str) -> None:
        """Set rows aside for what stands, or lacks, in the column of a field."""
        if len(rows):
            self.problems.append(Problem(code, rows, self.places.get(column, -1)))

    def warn(self, code: str, count: int) -> None:
        """Count rows that are kept, with a warning."""
        if count:
            self.warnings[code] = self.warnings.get(code, 0) + count

    def warn_rows(self, code: str, rows: Rows) -> None:
        """Count rows that are kept, with a warning about each of them."""
        self.warn(code, len(rows))
        if len(rows):
            self.doubts.append(rows)


def places_of(raw: RawTable, mapping: Mapping) -> dict[str, int]:
    """Return the place of the column of every mapped field.

    Raises:
        PicholineError: the sheet has no such column.
    """
    exact = {header: place for place, header in reversed(list(enumerate(raw.headers)))}
    near = {plain_header(h): place for place, h in reversed(list(enumerate(raw.headers)))}
    letters = {column.letter: place for place, column in enumerate(raw.columns)}
    found: dict[str, int] = {}
    for key, header in mapping.columns.items():
        place = exact.get(header, near.get(plain_header(header), letters.get(header)))
        if place is None:
            raise PicholineError(
                "mapping.column",
                msg("Sheet {sheet} has no column “{name}”.", sheet=raw.sheet, name=header),
                msg("Its columns are: {names}.", names=name_list(raw.headers)),
            )
        found[key] = place
    return found


def type_columns(
    raw: RawTable, mapping: Mapping, context: Context, reading: Reading | None = None
) -> TypedTable:
    """Return the typed values of every mapped field.

    Args:
        raw: the cells as read.
        mapping: how its columns become fields.
        context: zone and day.
        reading: of rows that are part of a larger file, what was decided over its whole columns;
            gets their evidence.

    Raises:
        PicholineError: the mapping names a column that is not there, or a constant is no value.
    """
    places = places_of(raw, mapping)
    kinds = {key: targets(mapping.table)[key].kind for key in places}
    typing = [key for key, kind in kinds.items() if kind in NUMERIC | DATED]
    raw.sharpen([places[key] for key in typing])
    texts = [key for key in typing if raw.columns[places[key]].is_text]
    cells = {key: text_cells(raw.columns[places[key]]) for key in texts}
    table = TypedTable({}, places, raw.height)
    numeric = {key: found for key, found in cells.items() if kinds[key] in NUMERIC}
    decided = _note_numbers(numeric, reading) if reading else None
    styles = decided.styles if decided else _styles(raw, mapping, numeric, table)
    dated_parts = _dated_parts(cells, kinds, context, reading)
    order = (
        decided.order if decided
        else _order(raw, mapping, dated_parts, places, context, table)
    )  # fmt: skip
    for key, place in places.items():
        column, kind = raw.columns[place], kinds[key]
        if kind in NUMERIC:
            rate = key in decided.hundredths if decided else None
            typed = type_number(column, kind, cells.get(key), styles.get(key), rate)
            if reading:
                reading.evidence.note_high(key, typed.high)
        elif kind in DATED:
            typed = dated.type_date(column, dated_parts.get(key), cells.get(key), order, context)
            within_days(typed, day_limits(targets(mapping.table)[key], context))
            if kind is Kind.MONTH:
                dated.first_of_month(typed)
        else:
            typed = SIMPLE[kind](_meant(column, key, mapping, context, table, reading))
        _collect(table, key, typed)
    _constants(table, mapping, context)
    _faults(raw, table)
    return table


def _dated_parts(
    cells: dict[str, TextCells], kinds: dict[str, Kind], context: Context, reading: Reading | None
) -> dict[str, DateText]:
    """Return the texts of dates taken apart; of a part of a file, their evidence is noted."""
    found = {
        key: dated.take_apart(texts, context, months=kinds[key] is Kind.MONTH)
        for key, texts in cells.items()
        if kinds[key] in DATED
    }
    if reading:
        for key, parts in found.items():
            reading.evidence.note_dates(key, cells[key].texts.values, parts)
    return found


def _meant(
    column: RawColumn,
    key: str,
    mapping: Mapping,
    context: Context,
    table: TypedTable,
    reading: Reading | None,
) -> RawColumn:
    """Return a column with what its spellings mean, and say how many there were."""
    found, cells = meant(column, key, mapping.values.get(key, {}), context.meanings)
    if cells and reading:
        reading.evidence.meant[key] = cells
    elif cells:
        table.notes.append(meant_note(column.header, cells))
    return found


def _note_numbers(cells: dict[str, TextCells], reading: Reading) -> Decided | None:
    """Note what numbers prove; return what was decided by all of them, once it is."""
    for key, found in cells.items():
        parts = found.numbers
        reading.evidence.note_numbers(key, parts, len(found.texts.rows_of(parts.undecided)))
    return reading.decided


def _collect(table: TypedTable, key: str, typed: Typed) -> None:
    table.columns[key] = typed.values
    if typed.spread is not None:
        table.spread[key] = typed.spread
    for code, rows in typed.problems.items():
        table.reject(code, rows, key)
    for code, count in typed.warnings.items():
        table.warn(code, count)


def _styles(
    raw: RawTable, mapping: Mapping, cells: dict[str, TextCells], table: TypedTable
) -> dict[str, str | None]:
    """Return the decimal sign of every text column: stated, proven, or that of the file."""
    parts = {key: found.numbers for key, found in cells.items()}
    if mapping.decimal:
        return dict.fromkeys(parts, mapping.decimal)
    proven = {found.style for found in parts.values() if found.style}
    shared = proven.pop() if len(proven) == 1 else None
    if not proven and shared is None:
        shared = raw.decimal_hint
    styles: dict[str, str | None] = {}
    for key, found in parts.items():
        both = bool(found.comma.any()) and bool(found.point.any())
        style = styles[key] = found.style or (None if both else shared)
        if found.undecided.any() and found.style is None and style:
            rows = cells[key].texts.rows_of(found.undecided)
            table.warn("number_style_assumed", len(rows))
            table.notes.append(style_note(raw.headers[table.places[key]], style))
    return styles


def _order(
    raw: RawTable,
    mapping: Mapping,
    parts: dict[str, DateText],
    places: dict[str, int],
    context: Context,
    table: TypedTable,
) -> str | None:
    today = (context.today - date(1970, 1, 1)).days
    turns = [part for key, part in parts.items() if key == "valid_from"]
    order, assumed = dated.decide_order(list(parts.values()), mapping.date_order, today, turns)
    if assumed:
        counted = max((int(p.numeric.sum()) for p in parts.values()), default=0)
        table.warn("date_order_assumed", counted)
        written = [raw.headers[places[key]] for key, part in parts.items() if part.numeric.any()]
        table.notes.append(order_note(written, order))
    return order


def _constants(table: TypedTable, mapping: Mapping, context: Context) -> None:
    """Give every row the values stated for the whole file, where its own cell is empty."""
    stated = dict(mapping.constants)
    if mapping.currency and "currency" in targets(mapping.table):
        stated.setdefault("currency", mapping.currency)
    for key, text in stated.items():
        defined = targets(mapping.table)[key]
        column = RawColumn(key, "", pa.chunked_array([pa.array([text], pa.string())]))
        if defined.kind in NUMERIC:
            typed = type_number(column, defined.kind, text_cells(column), mapping.decimal or ".")
        elif defined.kind in DATED:
            cells = text_cells(column)
            parts = dated.take_apart(cells, context, months=True)
            typed = dated.type_date(column, parts, cells, mapping.date_order or "dmy", context)
        else:
            typed = SIMPLE[defined.kind](column)
        if typed.problems or typed.values.null_count:
            raise PicholineError(
                "mapping.constant",
                msg(
                    "“{value}” cannot be the value of “{name}”.",
                    value=text,
                    name=Message(defined.label),
                ),
                msg("Correct the value that is stated for every row."),
            )
        whole = pa.repeat(typed.values[0], table.height)
        own = table.columns.get(key)
        table.columns[key] = whole if own is None else own.fill_null(typed.values[0])


def _faults(raw: RawTable, table: TypedTable) -> None:
    """Set rows aside whose cell in a mapped column is an error, or that have cells too many."""
    mapped = set(table.places.values())
    by_code: dict[tuple[str, int], list[int]] = {}
    for fault in raw.faults:
        if fault.column in mapped or fault.code == "too_many_cells":
            by_code.setdefault((fault.code, fault.column), []).append(fault.row)
    for (code, column), rows in by_code.items():
        table.problems.append(Problem(code, np.array(sorted(rows), dtype=np.int64), column))
