"""From a recognised sheet to rows that are accepted, set aside or already there."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.schema import TABLES
from core.repository.segments import conform
from core.repository.visible import StoredTable
from core.services.quality import score
from core.services.quality.judge import Judge

from .amounts import derive_purchases, derive_sales
from .checks import check_required, doubted_cells
from .columns import TypedTable, places_of, type_columns
from .existing import find_overlap, reject_partial
from .furniture import pass_over_furniture
from .journal_notes import note_compared, note_rules, note_typed
from .judging import Refusal, Verdict, apply_rules
from .kinds import set_line_kinds
from .modes import APPENDING, Mode, Plan, outside_note, plan
from .options import Mapping
from .plausible import NUMERIC
from .quarantine import count_reasons, first_problems
from .raw import Mask, RawTable, name_list
from .recognise import Sheet
from .targets import targets
from .titles import fill_merged
from .totals import check_controls
from .typed import Context

Stored = Callable[[str], StoredTable]


@dataclass(frozen=True)
class Engine:
    """Means for comparing: threads and megabytes."""

    threads: int
    memory_mb: int


@dataclass(frozen=True)
class Prepared:
    """A sheet ready to be stored.

    Attributes:
        sheet: as recognised.
        table: its typed rows.
        accepted: rows to store.
        already_there: rows that are stored already.
        first: per row, the place of its first problem in `table.problems`.
        reasons: rows set aside, by first reason.
        refusals: why the sheet is not imported at all.
        texts: words of reasons and warnings that are not among the shipped ones, by code.
        quality: score of the rows, as it is kept with the import.
        plan: what becomes of earlier rows.
    """

    sheet: Sheet
    table: TypedTable
    accepted: Mask
    already_there: Mask
    first: np.ndarray
    reasons: dict[str, int]
    refusals: tuple[Refusal, ...] = ()
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    quality: dict[str, Any] = field(default_factory=dict)
    plan: Plan = APPENDING

    @property
    def raw(self) -> RawTable:
        """The cells as read."""
        return self.sheet.raw

    @property
    def read(self) -> int:
        """Rows read; blank rows, totals and repeated titles are none."""
        return self.table.height

    @property
    def accepted_rows(self) -> int:
        """Rows to store."""
        return int(self.accepted.sum())

    @property
    def known_rows(self) -> int:
        """Rows that are stored already."""
        return int(self.already_there.sum())

    @property
    def notes(self) -> tuple[Message, ...]:
        """What a person should know about this import."""
        return (*self.raw.notes, *self.table.notes)

    @property
    def quarantined(self) -> int:
        """Rows set aside."""
        return sum(self.reasons.values())

    @property
    def warnings(self) -> dict[str, int]:
        """Counts by warning, those of the reading included."""
        return {**self.raw.warnings, **self.table.warnings}


def prepare(
    sheet: Sheet, context: Context, stored: Stored, engine: Engine, judge: Judge | None = None
) -> Prepared:
    """Type, derive, check and compare the rows of a sheet.

    Args:
        sheet: as recognised.
        context: zone and day.
        stored: returns the rows of a table that count, for the comparison.
        engine: for the comparison.
        judge: the data-quality rules; None: the rows are not judged.

    Raises:
        PicholineError: the mapping does not fit the sheet.
    """
    raw, mapping = sheet.raw, sheet.mapping
    if raw.date_1904:
        context = replace(context, epoch_1904=True)
    _fill_merged(raw, mapping)
    table = type_columns(raw, mapping, context)
    told = len(table.notes)
    lines = pass_over_furniture(raw, table, mapping.table)
    if not lines.all():
        passed_over = {
            code: count
            for code, count in table.warnings.items()
            if code in {"total_rows", "total_differs", "repeated_headers", "example_rows"}
        }
        notes = table.notes[told:]
        raw.keep(lines)
        table = type_columns(raw, mapping, context)
        table.warnings.update(passed_over)
        table.notes += notes
    note_typed(raw, table, len(lines) - int(lines.sum()))
    controls = check_controls(raw, table, mapping, sheet.options.control_total)
    _warn_empty_columns(raw, table)
    if mapping.table == "sales":
        derive_sales(table, mapping, raw)
        set_line_kinds(table)
    elif mapping.table == "purchases":
        derive_purchases(table)
    check_required(table, mapping.table)
    table.later = None if raw.asked is None else raw.asked >= 0
    return _compare(sheet, table, stored, engine, judge, controls)


def _fill_merged(raw: RawTable, mapping: Mapping) -> None:
    """Let merged keys and texts count for all their rows; amounts would count several times."""
    if not raw.merges:
        return
    kinds = targets(mapping.table)
    places = [
        place for key, place in places_of(raw, mapping).items() if kinds[key].kind not in NUMERIC
    ]
    filled = fill_merged(raw, places)
    if filled:
        raw.warnings["merged_cells"] = sum(filled.values())
        raw.notes.append(
            msg("Merged cells count for every row they cover: {names}.", names=name_list([*filled]))
        )


def _warn_empty_columns(raw: RawTable, table: TypedTable) -> None:
    """A titled column without any value may be a formula nobody calculated."""
    faulty = {fault.column for fault in raw.faults}
    empty = [
        place
        for place in set(table.places.values())
        if place not in faulty and raw.height and _is_empty(raw, place)
    ]
    table.warn("empty_columns", len(empty))


def _is_empty(raw: RawTable, place: int) -> bool:
    data = raw.columns[place].data
    if data.null_count == len(data):
        return True
    return (
        pa.types.is_string(data.type) and data.null_count == 0 and data.unique().to_pylist() == [""]
    )


def _compare(
    sheet: Sheet,
    table: TypedTable,
    stored: Stored,
    engine: Engine,
    judge: Judge | None,
    controls: list[Refusal],
) -> Prepared:
    key = sheet.mapping.table
    _, bad = first_problems(table.problems, table.height)
    planned, refusals = _planned(sheet, table, ~bad)
    beside = planned.against(stored(key))
    means = (engine.threads, engine.memory_mb)
    found = find_overlap(table, key, ~bad, beside, *means, update=planned.mode is Mode.UPSERT)
    for code, rows, column in found.rejected:
        table.reject(code, rows, column)
    table.warn("repeated_key", found.repeated)
    there = np.zeros(table.height, dtype=bool)
    there[found.already_there] = True
    note_compared(sheet.raw, there)
    _, bad = first_problems(table.problems, table.height)
    # Rows that are stored already were judged when they came.
    numbers, alone = sheet.raw.rows, sheet.options.replace
    verdict = apply_rules(table, key, ~bad & ~there, judge, numbers, alone=alone)
    _, bad = first_problems(table.problems, table.height)
    reject_partial(table, key, bad, found.replacing)
    first, bad = first_problems(table.problems, table.height)
    accepted = ~bad & ~there
    if note := outside_note(planned, key, table, accepted):
        table.notes.append(note)
    reasons = count_reasons(table.problems, first)
    counted = int(accepted.sum()) + sum(reasons.values()) + int(there.sum())
    if counted != table.height or (bad & there).any():
        message = f"{table.height} rows were read, {counted} are accounted for"
        raise AssertionError(message)
    doubted = _doubted(table, verdict)
    note_rules(sheet.raw, bad, accepted & doubted)
    clean = int((accepted & ~doubted).sum())
    revision = judge.revision if judge else 0
    done = Prepared(
        sheet, table, accepted, there, first, reasons,
        (*controls, *refusals, *verdict.refusals), verdict.texts,
        score.stored(clean, table.height, int(there.sum()), revision), planned,
    )  # fmt: skip
    if judge is not None and TABLES[key].dimension:
        judge.learn(key, conform(stored_rows(done), TABLES[key].arrow_schema()))
    return done


def _planned(sheet: Sheet, table: TypedTable, sound: Mask) -> tuple[Plan, list[Refusal]]:
    """Return what becomes of earlier rows; a mode that cannot be meant refuses the sheet."""
    try:
        return plan(sheet.options, sheet.mapping.table, table, sound), []
    except PicholineError as error:
        return APPENDING, [Refusal(error.code, error.title, error.remedy)]


def _doubted(table: TypedTable, verdict: Verdict) -> Mask:
    """Return the rows some warning is about: of a rule, or of one of their cells."""
    return verdict.doubted | doubted_cells(table)


def stored_rows(prepared: Prepared) -> pa.Table:
    """Return the accepted rows as they will be stored, with their sheet and row."""
    return rows_to_store(prepared, prepared.accepted)


def rows_to_store(prepared: Prepared, chosen: Mask) -> pa.Table:
    """Return some rows of a sheet as they would be stored."""
    defined = TABLES[prepared.sheet.mapping.table]
    schema = defined.arrow_schema()
    table, raw = prepared.table, prepared.raw
    columns = {
        field.key: table.columns[field.key].cast(schema.field(field.key).type)
        for field in defined.fields
        if field.key in table.columns
    }
    columns["_sheet"] = pa.repeat(raw.sheet, raw.height)
    columns["_row"] = pa.array(raw.rows)
    rows = pa.table(columns)
    return rows if chosen.all() else rows.filter(pa.array(chosen))
