"""The steps of an import in words, for its log."""

from collections.abc import Sequence

import numpy as np

from core.i18n import Message, msg
from core.models.schema import TABLES
from core.models.tables import Import, Segment

from .columns import TypedTable
from .journal import counted, imported, note
from .quarantine import first_problems
from .raw import RawTable
from .recognise import Recognised, Sheet
from .streamed import Streamed

_BYTES_OF_A_KILOBYTE = 1000


def note_sheets(found: Recognised) -> None:
    """Tell what was read, where the titles stand, and what the columns mean."""
    for sheet in found.sheets:
        raw = sheet.raw
        note(
            "read",
            msg(
                "Sheet {sheet}: rows read: {rows}; columns: {columns}.",
                sheet=raw.sheet, rows=counted(raw.height), columns=counted(len(raw.columns)),
            ),
        )  # fmt: skip
        titles = msg("Sheet {sheet}: no row holds titles.", sheet=raw.sheet)
        if raw.header_row:
            titles = msg("Sheet {sheet}: row {row} holds the titles.", sheet=raw.sheet,
                         row=counted(raw.header_row))  # fmt: skip
        note("header", titles)
        note_mapped(sheet)
    for said in found.passed_over:
        note("passed", said)


def _how(sheet: Sheet) -> Message:
    if sheet.options.mapping is not None:
        return msg("as stated")
    return msg("found by names and values") if sheet.confidence else msg("as remembered")


def note_mapped(sheet: Sheet) -> None:
    """Tell what the columns of a sheet mean; of a large file that is known before its rows."""
    raw, mapping = sheet.raw, sheet.mapping
    note(
        "mapped",
        msg(
            "Sheet {sheet} becomes the table {table}; columns with a meaning: {used} of "
            "{all}, {how}.",
            sheet=raw.sheet,
            table=Message(TABLES[mapping.table].label),
            used=counted(len(mapping.columns)),
            all=counted(len(raw.columns)),
            how=_how(sheet),
        ),
    )


def note_not_plain(why: Message) -> None:
    """Tell why a large file is read as a whole."""
    note("whole", msg("The file is large, and is read as a whole because of {why}.", why=why))


def note_streamed(ready: Streamed) -> None:
    """Tell what became of the rows of a large file."""
    raw = ready.raw
    note(
        "typed",
        msg("Sheet {sheet}: {rows} rows were read block by block.", sheet=raw.sheet,
            rows=counted(ready.read)),
    )  # fmt: skip
    note_compared(raw, np.array([ready.known_rows]))
    note_rules(raw, np.array([ready.quarantined]), np.array([ready.doubted]))


def note_typed(raw: RawTable, table: TypedTable, left_out: int) -> None:
    """Tell how many cells became values, and what was no row of the table."""
    _, faulty = first_problems(table.problems, table.height)
    note(
        "typed",
        msg(
            "Sheet {sheet}: rows read as values: {rows}; with a cell that is none: {bad}; totals "
            "and repeated titles left out: {totals}.",
            sheet=raw.sheet,
            rows=counted(table.height),
            bad=counted(int(faulty.sum())),
            totals=counted(left_out),
        ),
    )


def note_compared(raw: RawTable, there: np.ndarray) -> None:
    """Tell how many rows are stored already."""
    note(
        "compared",
        msg("Sheet {sheet}: rows that are stored already: {n}.", sheet=raw.sheet,
            n=counted(int(there.sum()))),
    )  # fmt: skip


def note_rules(raw: RawTable, bad: np.ndarray, doubted: np.ndarray) -> None:
    """Tell what the checks and rules left."""
    note(
        "rules",
        msg(
            "Sheet {sheet}: rows set aside: {bad}; kept with a remark: {doubted}.",
            sheet=raw.sheet,
            bad=counted(int(bad.sum())),
            doubted=counted(int(doubted.sum())),
        ),
    )


def note_stored(imports: Sequence[tuple[Import, Sequence[Segment]]]) -> None:
    """Tell what was written."""
    segments = [segment for _, held in imports for segment in held]
    note(
        "stored",
        msg(
            "Rows written: {rows}; files: {files}, {size} kB; rows set aside: {aside}.",
            rows=counted(sum(record.accepted for record, _ in imports)),
            size=counted(-(-sum(s.bytes for s in segments) // _BYTES_OF_A_KILOBYTE)),
            files=counted(len(segments)),
            aside=counted(sum(record.quarantined for record, _ in imports)),
        ),
    )


def note_committed(records: Sequence[Import], sha256: str) -> None:
    """Tell that the imports count now."""
    imported([record.id or 0 for record in records], sha256)
    for record in records:
        note(
            "committed",
            msg("Import {id} counts with data version {version}.", id=record.id,
                version=record.data_version),
        )  # fmt: skip
