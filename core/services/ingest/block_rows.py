"""The rows of one block of a large file: typed, derived and checked as those of a whole sheet."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from core.i18n import Message, msg
from core.models.schema import TABLES
from core.repository.staged import Span
from core.services.quality.judge import Gathering

from .amounts import derive_purchases, derive_sales
from .arrange import titles_again
from .blocks import Block, NotPlain, fit_block, read_block
from .by_value import trim
from .checks import check_required, doubted_cells
from .columns import TypedTable, type_columns
from .derived import told_lines
from .evidence import Decided, Evidence, Reading
from .furniture import leave_out_notes, pass_over_furniture
from .kinds import set_line_kinds
from .options import Mapping
from .prints import Prints, prints_of
from .quarantine import count_reasons, first_problems, quarantine_table
from .raw import Mask, RawColumn, RawTable, Rows
from .recognise import Sheet
from .spans import goods, spans_of
from .textfiles import TextFormat
from .typed import Context

_MOST_CUTS = 64
MISSING = "required_missing"
_FEWEST_LAST = 62  # rows: notes under a table are looked for among the last sixty


@dataclass(frozen=True)
class Layout:
    """What every block of a file is read by.

    Attributes:
        form: how the text is written.
        sheet: as recognised by the first rows.
        letters, titles: of its columns.
        context: zone and day.
        look: the rows are shown to a person, and not stored.
        gathering: what rules will ask of all rows together.
    """

    form: TextFormat
    sheet: Sheet
    letters: list[str]
    titles: list[str]
    context: Context
    look: bool = False
    gathering: Gathering = field(default_factory=Gathering)

    @property
    def mapping(self) -> Mapping:
        """How columns become fields."""
        return self.sheet.mapping


@dataclass(frozen=True)
class BlockRows:
    """What became of the rows of a block.

    Attributes:
        read: rows; blank ones and repeated titles are none.
        last: number of the last one.
        sound: rows without a problem as they would be stored, with their sheet and row.
        about: what they say about products and customers, by table.
        doubted: numbers of the sound rows with a warning about themselves.
        reasons: rows set aside, by first reason.
        quarantine: these rows; None where there are none.
        warnings, notes: as of a whole sheet.
        empty: places of mapped columns without any value.
        places: field → place of its column.
        given: columns of the table the file has.
        seen: every column by its letter, for a preview: values of mapped ones, texts of others.
        valued: letters of the columns that are shown by their values.
        problems: cells by letter of their column that are no value.
        valueless: rows by letter of the column whose cell is no value.
        evidence: of the cells.
        prints: of the sound rows; None where no rule compares them.
        spans: of the sound rows.
    """

    read: int
    last: int
    sound: pa.Table
    about: dict[str, pa.Table]
    doubted: Rows
    reasons: dict[str, int]
    quarantine: pa.Table | None
    warnings: dict[str, int]
    notes: list[Message]
    empty: set[int]
    places: dict[str, int]
    given: tuple[str, ...]
    seen: pa.Table | None = None
    valued: frozenset[str] = frozenset()
    problems: dict[str, int] = field(default_factory=dict)
    valueless: dict[str, int] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    prints: Prints | None = None
    spans: dict[Span, pa.Table | None] = field(default_factory=dict)


def raw_block(block: Block, layout: Layout) -> RawTable:
    """Return the cells of a block under the titles of the file.

    Raises:
        NotPlain: the block has not the shape of one plain table.
    """
    raw = read_block(block, layout.form, layout.sheet.raw.sheet)
    fit_block(raw, layout.letters, layout.titles)
    if titles_again(raw, first=block.place == 0):
        raise NotPlain(msg("further titles below the table"))
    if block.last:
        if raw.height < _FEWEST_LAST and block.place:
            raise NotPlain(msg("too few rows at its end"))
        leave_out_notes(raw)
    return raw


def type_block(block: Block, layout: Layout, decided: Decided | None) -> BlockRows:
    """Read, type, derive and check the rows of a block.

    Args:
        block: the records.
        layout: of the file.
        decided: over its whole columns; None: what these rows decide.

    Raises:
        NotPlain: the block has not the shape of one plain table.
    """
    raw = raw_block(block, layout)
    reading = Reading(decided)
    table = _typed(raw, layout, reading, first=block.place == 0)
    empty = {place for place in {*table.places.values()} if _is_empty(raw.columns[place])}
    faulty = {fault.column for fault in raw.faults}
    key = layout.mapping.table
    if key == "sales":
        derive_sales(table, layout.mapping, raw)
        set_line_kinds(table)
    elif key == "purchases":
        derive_purchases(table)
    check_required(table, key)
    first, bad = first_problems(table.problems, table.height)
    doubted = doubted_cells(table) & ~bad
    stored = _stored(raw, table, key)
    return BlockRows(
        table.height,
        int(raw.rows[-1]) if raw.height else block.first,
        _only(stored, ~bad),
        told_lines(table, stored, ~bad) if key == "sales" else {},
        raw.rows[doubted],
        count_reasons(table.problems, first),
        quarantine_table(raw, table.problems, first, {}) if bad.any() else None,
        {**raw.warnings, **table.warnings},
        [*raw.notes, *table.notes],
        empty - faulty,
        table.places,
        tuple(field.key for field in TABLES[key].fields if field.key in table.columns),
        evidence=reading.evidence,
        **_gathered(stored, layout, ~bad),
        **(_seen(raw, table) if layout.look else {}),
    )


def _is_empty(column: RawColumn) -> bool:
    """Return whether no cell of a column holds anything."""
    return bool(column.empty().all()) and column.data.unique().to_pylist() in ([], [""])


def _typed(raw: RawTable, layout: Layout, reading: Reading, *, first: bool) -> TypedTable:
    """Return the typed values without repeated titles and examples; totals are not plain."""
    mapping, context = layout.mapping, layout.context
    table = type_columns(raw, mapping, context, reading)
    lines = pass_over_furniture(raw, table, mapping.table, examples=first)
    if "total_rows" in table.warnings:
        raise NotPlain(msg("rows of totals"))
    if lines.all():
        return table
    passed_over = {code: table.warnings[code] for code in ("repeated_headers", "example_rows")
                   if code in table.warnings}  # fmt: skip
    raw.keep(lines)
    reading.evidence = Evidence()
    table = type_columns(raw, mapping, context, reading)
    table.warnings.update(passed_over)
    return table


def _gathered(stored: pa.Table, layout: Layout, sound: Mask) -> dict[str, Any]:
    """Return what rules ask of all rows together, as attributes of `BlockRows`."""
    gathering, key = layout.gathering, layout.mapping.table
    asked = sound & goods(stored) if gathering.spans and key == "sales" else sound
    spans = {span: spans_of(stored, asked, span) for span in gathering.spans}
    if gathering.besides is None:
        return {"spans": spans}
    prints = prints_of(stored, {*gathering.besides, "_sheet", "_row"})
    return {"spans": spans, "prints": prints[sound]}


def _stored(raw: RawTable, table: TypedTable, key: str) -> pa.Table:
    """Return the rows as they would be stored, with every column of the schema.

    Texts are numbers of the different ones: so they are written without being compared again.
    """
    schema = TABLES[key].arrow_schema()
    columns: dict[str, pa.Array] = {}
    for name in schema.names:
        kind = schema.field(name).type
        values = table.columns.get(name)
        if values is None:
            columns[name] = pa.nulls(table.height, kind)
        elif pa.types.is_string(kind):
            columns[name] = table.coded(name)
        else:
            columns[name] = values.cast(kind)
    nought = pa.array(np.zeros(raw.height, dtype=np.int32))
    columns["_sheet"] = pa.DictionaryArray.from_arrays(nought, [raw.sheet])
    columns["_row"] = pa.array(raw.rows)
    return pa.table(columns)


def _only(rows: pa.Table, sound: Mask) -> pa.Table:
    """Return the sound rows; nothing is copied where few are not."""
    odd = np.flatnonzero(~sound)
    if not len(odd) or len(odd) > _MOST_CUTS:
        return rows if not len(odd) else rows.filter(pa.array(sound))
    starts, ends = [0, *(odd + 1).tolist()], [*odd.tolist(), rows.num_rows]
    return pa.concat_tables([rows.slice(a, b - a) for a, b in zip(starts, ends, strict=True)])


def _seen(raw: RawTable, table: TypedTable) -> dict[str, Any]:
    """Return what a preview shows of every column, as attributes of `BlockRows`."""
    fields = {place: key for key, place in table.places.items() if key in table.columns}
    cells = {
        column.letter: table.columns[fields[place]]
        if place in fields
        else trim(column.data.combine_chunks())
        for place, column in enumerate(raw.columns)
    }
    problems: dict[str, int] = {}
    valueless: dict[str, int] = {}
    for place in fields:
        letter = raw.columns[place].letter
        faulty = [p.rows for p in table.problems if p.column == place and p.code != MISSING]
        if faulty:
            rows = np.unique(np.concatenate(faulty))
            problems[letter] = sum(len(found) for found in faulty)
            valueless[letter] = int((~np.asarray(cells[letter].is_valid())[rows]).sum())
    cells["_row"] = pa.array(raw.rows)
    valued = frozenset(raw.columns[place].letter for place in fields)
    return {"seen": pa.table(cells), "valued": valued, "problems": problems,
            "valueless": valueless}  # fmt: skip


def decide_by(block: Block, layout: Layout) -> Decided:
    """Return what the first block decides: what the others are read by until all have spoken."""
    found = type_block(block, layout, None).evidence
    return found.decide(layout.mapping, layout.form.decimal_hint, layout.context)
