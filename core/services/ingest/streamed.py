"""Large text files, ready to be stored as a sheet of ordinary size is, without being held.

The titles, the mapping and the shape are found on the first rows by the ordinary reader; what
cells mean is decided by the evidence of the whole file; checks and rules ask the written segment.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.schema import TABLES
from core.repository.segments import SegmentFile, SegmentStore
from core.repository.staged import Staged, Summary, summaries, valueless
from core.repository.told import most_frequent_of
from core.repository.visible import PERIOD_DAYS, StoredTable
from core.services.quality import score
from core.services.quality.judge import Judge

from .block_rows import Layout, decide_by, raw_block
from .blocks import NotPlain, blocks
from .columns import TypedTable
from .derived import KEYS, DerivedRows, as_rows
from .evidence import Decided
from .existing import Overlap, find_staged_overlap
from .files import file_hash
from .judging import Refusal, Verdict, apply_rules
from .modes import APPENDING, Mode, Plan, days_note, plan
from .quarantine import count_reasons, first_problems, quarantine_table
from .raw import RawTable, Rows
from .recognise import Sheet
from .staging import Staging, added, all_doubted, stage
from .typed import Problem

SHOWN = 20  # rows of a preview
_TRIES = 2
_MOST_MEMORY_MB = 1_000


@dataclass(frozen=True)
class Means:
    """What a large file is read with.

    Attributes:
        store: gets its segments.
        scratch: folder for what is written on the way.
        threads: blocks that are read side by side.
        memory_mb: of the query engine.
        block: bytes of a block.
    """

    store: SegmentStore
    scratch: Path
    threads: int
    memory_mb: int
    block: int


@dataclass(frozen=True)
class Seen:
    """What a preview shows of every column of a large file.

    Attributes:
        summaries: of the columns, by letter.
        problems: cells by letter that are no value, or that a rule sets aside.
        valueless: those of them without a value, each row once.
        kinds: types of the columns that have values, by letter.
        first: the first accepted rows.
    """

    summaries: dict[str, Summary]
    problems: dict[str, int]
    valueless: dict[str, int]
    kinds: dict[str, str]
    first: list[dict[str, Any]]


@dataclass(frozen=True)
class Streamed:
    """A large text file ready to be stored: what `Prepared` is for a sheet of ordinary size.

    Attributes:
        sheet: as recognised by its first rows.
        segment: the accepted rows; None where there are none.
        derived: what they say about products and customers.
        read, accepted_rows, known_rows: rows read, accepted, there already.
        quarantine: the rows set aside; None where there are none.
        reasons: of these rows, by first reason.
        warnings, notes, refusals, texts, quality, plan: as in `Prepared`.
        doubted: accepted rows with a warning about themselves.
        path: of the segment.
        seen: what a preview shows of every column; None where the rows are to be stored.
        sha256: of the file; "" where the rows are only looked at.
    """

    sheet: Sheet
    segment: SegmentFile | None
    derived: tuple[DerivedRows, ...]
    read: int
    accepted_rows: int
    known_rows: int
    quarantine: pa.Table | None
    reasons: dict[str, int]
    warnings: dict[str, int]
    notes: tuple[Message, ...]
    refusals: tuple[Refusal, ...]
    texts: dict[str, tuple[str, str]]
    quality: dict[str, Any]
    plan: Plan
    doubted: int
    path: Path | None = None
    seen: Seen | None = None
    sha256: str = ""

    @property
    def raw(self) -> RawTable:
        """The first rows as read."""
        return self.sheet.raw

    @property
    def quarantined(self) -> int:
        """Rows set aside."""
        return sum(self.reasons.values())

    def discard(self, store: SegmentStore) -> None:
        """Delete what was written, where it is not stored after all."""
        if self.segment is not None:
            store.path(self.segment.file).unlink(missing_ok=True)


def prepare_streamed(
    path: Path,
    layout: Layout,
    stored: Callable[[str], StoredTable],
    judge: Judge | None,
    means: Means,
    told: Callable[[float], None],
) -> Streamed:
    """Type, derive, check and compare the rows of a large file.

    Args:
        path: the file.
        layout: as recognised by its first rows.
        stored: returns the rows of a table that count.
        judge: the data-quality rules; None: the rows are not judged.
        means: store, memory and threads.
        told: is called with the part that is done, 0 to 1.

    Raises:
        NotPlain: the file has not the shape of one plain table.
    """
    means.scratch.mkdir(parents=True, exist_ok=True)
    if judge is not None:
        layout = replace(layout, gathering=judge.gathering(layout.mapping.table))
    with TemporaryDirectory(dir=means.scratch) as name, ThreadPoolExecutor(1) as beside:
        folder = Path(name)
        sha256 = None if layout.look else beside.submit(file_hash, path)
        found = _staged(path, layout, means, folder, told)
        file = means.store.path(found.segment.file)
        try:
            ready = _judged(path, layout, found, stored, judge, means, folder)
            return replace(ready, sha256=sha256.result()) if sha256 else ready
        except BaseException:
            file.unlink(missing_ok=True)
            raise


def _staged(
    path: Path, layout: Layout, means: Means, folder: Path, told: Callable[[float], None]
) -> Staging:
    """Read the file by what its first block decides; again, where the whole decides otherwise."""
    total = max(path.stat().st_size, 1)
    decided = decide_by(next(blocks(path, layout.form, means.block)), layout)
    for _try in range(_TRIES):
        found = stage(
            path, layout, decided, means.store, folder, means.block, means.threads,
            lambda done: told(min(done / total, 1.0) * 0.7),
        )  # fmt: skip
        said = found.evidence.decide(layout.mapping, layout.form.decimal_hint, layout.context)
        if found.evidence.agrees(decided, said):
            _tell(found, layout, said)
            return found
        means.store.path(found.segment.file).unlink(missing_ok=True)
        decided = said
    raise NotPlain(msg("columns that read differently each time"))


def _tell(found: Staging, layout: Layout, decided: Decided) -> None:
    """Add what was assumed about whole columns."""
    titles = {key: layout.titles[place] for key, place in found.places.items()
              if place < len(layout.titles)}  # fmt: skip
    warnings, notes = found.evidence.said(decided, layout.mapping, layout.context, titles)
    added(found.warnings, warnings)
    found.notes += notes
    if found.empty:
        found.warnings["empty_columns"] = len(found.empty)


def _judged(
    path: Path,
    layout: Layout,
    found: Staging,
    stored: Callable[[str], StoredTable],
    judge: Judge | None,
    means: Means,
    folder: Path,
) -> Streamed:
    key, sheet = layout.mapping.table, layout.sheet
    rows = Staged(
        key, means.store.path(found.segment.file), found.segment.rows, frozenset(found.filled),
        found.given, folder / "spill", means.threads, min(means.memory_mb, _MOST_MEMORY_MB),
        spans=found.spans.found(), besides=layout.gathering.besides, twice=found.twice.found(),
    )  # fmt: skip
    height = found.last + 1
    table = TypedTable(
        dict.fromkeys(found.given, pa.nulls(0)), found.places, height, warnings=found.warnings,
        notes=found.notes,
    )  # fmt: skip
    planned, refusals = _planned(sheet, rows)
    beside = planned.against(stored(key))
    overlap = find_staged_overlap(table, key, rows, beside)
    _, bad = first_problems(_overlapping(table, overlap), height)
    asked = rows.without(np.union1d(overlap.already_there, np.flatnonzero(bad)))
    verdict = _ruled(table, sheet, asked, judge)
    first, bad = first_problems(table.problems, height)
    rejected = np.flatnonzero(bad)
    left = rows.without(np.union1d(overlap.already_there, rejected))
    parts = [*found.quarantine]
    if len(rejected):
        parts += _set_aside(path, layout, means, table.problems, rejected, verdict)
        added(found.reasons, count_reasons(table.problems, first))
    if note := _outside(planned, left):
        table.notes.append(note)
    known = len(overlap.already_there)
    _counted(left, found, known)
    doubted = _doubted(verdict, found, left)
    revision = judge.revision if judge else 0
    seen = _seen(rows, found, left, table.problems, layout.letters)
    derived = _derived(left, found, sheet)
    segment = _final(left, found, means)
    return Streamed(
        sheet, segment, derived, found.read, left.rows,
        known, _ordered(parts), found.reasons, found.warnings, tuple(table.notes),
        (*refusals, *verdict.refusals), verdict.texts,
        score.stored(left.rows - doubted, found.read, known, revision), planned, doubted,
        means.store.path(segment.file) if segment else None, seen,
    )  # fmt: skip


def _overlapping(table: TypedTable, overlap: Overlap) -> list[Problem]:
    """Note what the stored rows say of these; return all that is wrong with them."""
    for code, numbers, column in overlap.rejected:
        table.reject(code, numbers, column)
    table.warn("repeated_key", overlap.repeated)
    return table.problems


def _counted(left: Staged, found: Staging, known: int) -> None:
    """Refuse to go on where the counts do not add up to the rows that were read."""
    counted = left.rows + sum(found.reasons.values()) + known
    if counted != found.read:
        message = f"{found.read} rows were read, {counted} are accounted for"
        raise AssertionError(message)


def _doubted(verdict: Verdict, found: Staging, left: Staged) -> int:
    """Return how many of the rows that are left carry a warning of typing or of a rule."""
    verdict.doubted[all_doubted(found)] = True
    verdict.doubted[left.gone] = False
    return int(verdict.doubted.sum())


def _planned(sheet: Sheet, rows: Staged) -> tuple[Plan, list[Refusal]]:
    """Return what becomes of earlier rows; a mode that cannot be meant refuses the sheet."""
    key = rows.table
    days: dict[str, pa.Array] = {}
    if Mode(sheet.options.mode) is Mode.PERIOD and key in PERIOD_DAYS:
        days = {PERIOD_DAYS[key][0]: rows.days()}
    height = max((len(values) for values in days.values()), default=0)
    table = TypedTable(days, {}, height)
    try:
        return plan(sheet.options, key, table, np.ones(height, dtype=bool)), []
    except PicholineError as error:
        return APPENDING, [Refusal(error.code, error.title, error.remedy)]


def _outside(planned: Plan, left: Staged) -> Message | None:
    if planned.mode is not Mode.PERIOD or planned.first is None or planned.last is None:
        return None
    outside = left.rows - left.within(planned.first, planned.last)
    return days_note(planned.first, planned.last, outside)


def _ruled(table: TypedTable, sheet: Sheet, asked: Staged, judge: Judge | None) -> Verdict:
    return apply_rules(
        table, asked.table, np.array([asked.rows > 0]), judge,
        np.arange(table.height, dtype=np.int64), alone=sheet.options.replace, rows=asked,
    )  # fmt: skip


def _set_aside(
    path: Path,
    layout: Layout,
    means: Means,
    problems: Sequence[Problem],
    rejected: Rows,
    verdict: Verdict,
) -> list[pa.Table]:
    """Read the cells of rows again that were set aside after they were written."""
    found: list[pa.Table] = []
    for block in blocks(path, layout.form, means.block):
        low, high = np.searchsorted(rejected, [block.first, block.first + block.lines])
        if low == high:
            continue
        raw = raw_block(block, layout)
        places = np.flatnonzero(np.isin(raw.rows, rejected[low:high]))
        columns = [column.take(places) for column in raw.columns]
        few = RawTable(raw.sheet, columns, raw.rows[places], raw.header_row)
        mine = [
            Problem(p.code, np.flatnonzero(np.isin(few.rows, p.rows)), p.column) for p in problems
        ]
        first, _ = first_problems(mine, few.height)
        found.append(quarantine_table(few, mine, first, verdict.texts))
    return found


def _ordered(parts: Sequence[pa.Table]) -> pa.Table | None:
    return pa.concat_tables(parts).sort_by("_row") if parts else None


def _final(left: Staged, found: Staging, means: Means) -> SegmentFile | None:
    """Return the segment of the accepted rows, written anew where some are gone."""
    if not len(left.gone) and left.rows:
        return found.segment
    written = means.store.write(left.table, left.batches()) if left.rows else None
    left.path.unlink(missing_ok=True)
    return written


def _derived(left: Staged, found: Staging, sheet: Sheet) -> tuple[DerivedRows, ...]:
    """Return what the accepted rows say about products and customers."""
    derived: list[DerivedRows] = []
    for name, path in found.about.items():
        key = KEYS[name]
        said = [field.key for field in TABLES[name].fields if field.key != key]
        summary = most_frequent_of(left, path, key, said)
        if summary.num_rows:
            derived.append(as_rows(name, summary, sheet.raw.sheet))
    return tuple(derived)


def _seen(
    rows: Staged, found: Staging, left: Staged, later: list[Problem], letters: list[str]
) -> Seen | None:
    """Return what a preview shows of every column."""
    if found.seen is None:
        return None
    problems, nothing = {**found.problems}, {**found.valueless}
    for problem in later:
        if 0 <= problem.column < len(letters):
            letter = letters[problem.column]
            added(problems, {letter: len(problem.rows)})
            added(nothing, {letter: valueless(found.seen, letter, problem.rows)})
    import pyarrow.parquet as pq

    schema = pq.read_schema(found.seen)
    kinds = {letter: str(schema.field(letter).type) for letter in found.valued}
    first = next(iter(left.batches()), None) if left.rows else None
    shown = (
        []
        if first is None
        else first.select([*found.given, "_sheet", "_row"]).slice(0, SHOWN).to_pylist()
    )
    return Seen(summaries(rows, found.seen), problems, nothing, kinds, shown)
