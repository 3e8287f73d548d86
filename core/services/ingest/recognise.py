"""Which sheets of a file are imported, into which tables, by which mapping."""

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import PicholineError
from core.i18n import Message, msg, translate
from core.models.schema import TABLES, FieldDef

from .crosstab import shaped
from .examples import NOTES_SHEET
from .matching import Proposal, propose, signature
from .options import ImportOptions, Mapping
from .planned import planned_metric
from .raw import RawTable, name_list
from .sources import Source
from .splitting import split_columns
from .targets import missing_fields

_NUMBERED = re.compile(r" \(table \d+\)$")
Remembered = Callable[[str], dict[str, object] | None]


@dataclass(frozen=True)
class Sheet:
    """A sheet that was recognised.

    Attributes:
        raw: its table.
        mapping: how its columns become fields.
        confidence: of proposed columns, by field; empty when stated or remembered.
        missing: what the table cannot do without and no column gives.
        ambiguous: titles of columns that would be the same field.
        options: what was stated for it.
    """

    raw: RawTable
    mapping: Mapping
    confidence: dict[str, float]
    missing: tuple[FieldDef, ...]
    ambiguous: tuple[str, ...]
    options: ImportOptions

    @property
    def year_missing(self) -> bool:
        """Months stand as columns, and nothing says of which year."""
        return self.raw.crossed is not None and self.raw.crossed.year_missing

    @property
    def doubtful(self) -> bool:
        """A person must say more before the rows can be read."""
        return bool(self.missing or self.ambiguous or self.year_missing)


@dataclass(frozen=True)
class Recognised:
    """What a file holds.

    Attributes:
        sheets: those to import.
        passed_over: what is no table, in words.
        weak: sheets with cells that no table was recognised in; a person may say which it is.
        source: the opened file, which must live until the last sheet has been read.
    """

    sheets: list[Sheet]
    passed_over: list[Message]
    weak: list[Sheet]
    source: Source


def recognise(
    source: Source,
    name: str,
    stated: Sequence[ImportOptions],
    remembered: Remembered,
    *,
    strict: bool,
) -> Recognised:
    """Read the sheets and decide what each is.

    Args:
        source: the opened file.
        name: its name.
        stated: options; with several, each names its sheet.
        remembered: returns the mapping remembered for a header signature.
        strict: raise where a table lacks a required column; otherwise return it as it is.

    Raises:
        PicholineError: no sheet holds a table, or a stated one does not fit.
    """
    found = Recognised([], [*source.passed_over], [], source)
    reader = TableReader(source)
    for options, sheet_name in _wanted(source, stated):
        tables = reader.tables(sheet_name, options)
        if not tables:
            found.passed_over.append(msg("Sheet “{name}” is empty.", name=sheet_name))
        alone = len(source.sheet_names) == 1 and len(tables) == 1
        for raw in tables:
            sheet = _sheet(raw, name, options, remembered)
            chosen = bool(options.sheet or options.mapping or alone)
            if sheet.doubtful and not chosen:
                found.weak.extend([sheet] if raw.sheet != NOTES_SHEET else [])
            else:
                found.sheets.append(sheet)
    return _settled(found, name, strict=strict)


def _settled(found: Recognised, name: str, *, strict: bool) -> Recognised:
    """Pass over sheets without a table, unless they are all there is."""
    weak = found.weak
    if not found.sheets:
        if not weak:
            raise PicholineError(
                "sheet.none",
                msg("The file {name} holds no table: its sheets are empty.", name=name),
                msg("Check that the rows are in the file; charts and pictures cannot be read."),
            )
        best = max(weak, key=lambda sheet: len(sheet.mapping.columns) - len(sheet.missing))
        found.sheets.append(best)
        weak[:] = [sheet for sheet in weak if sheet is not best]
    found.passed_over.extend(
        _why_left_out(sheet) for sheet in weak if strict or not _may_be_a_table(sheet.raw)
    )
    weak[:] = [sheet for sheet in weak if _may_be_a_table(sheet.raw)]
    if strict:
        for sheet in found.sheets:
            _refuse_incomplete(sheet)
    return found


def _why_left_out(sheet: Sheet) -> Message:
    if sheet.year_missing and not sheet.missing:
        return msg("Sheet “{name}” was left out: its months name no year.", name=sheet.raw.sheet)
    return msg("Sheet “{name}” holds no table that could be recognised.", name=sheet.raw.sheet)


def _may_be_a_table(raw: RawTable) -> bool:
    """Whether a sheet that was not recognised is worth asking about; notes and lists are not."""
    return len(raw.columns) > 1 and raw.height > 0 and "hidden_sheet" not in raw.warnings


class TableReader:
    """Reads every sheet of a file once, however many of its tables are asked for."""

    def __init__(self, source: Source) -> None:
        """Keep the file; nothing is read yet."""
        self._source = source
        self._found: dict[str, list[RawTable]] = {}

    def tables(self, name: str, options: ImportOptions) -> list[RawTable]:
        """Return the tables a person asked for.

        Args:
            name: of the sheet, or of one table in it.
            options: may state the row of the titles.

        Raises:
            PicholineError: the sheet has no such table.
        """
        base = name if name in self._source.sheet_names else _base(name)
        header_row = options.mapping.header_row if options.mapping else None
        if base not in self._found and header_row != 0:
            self._found[base] = self._source.tables(base)
        found = self._found.get(base, [])
        if options.sheet is not None:
            found = [raw for raw in found if raw.sheet == name]
        if header_row is not None and all(raw.header_row != header_row for raw in found):
            found = self._source.tables(base, header_row)
            for raw in found[:1]:
                raw.sheet = name
        elif options.sheet is not None and not found and base != name:
            raise _unknown_sheet(name, [raw.sheet for raw in self._found.get(base, [])])
        return found


def _base(name: str) -> str:
    """Return the sheet a table's name belongs to."""
    return _NUMBERED.sub("", name)


def _unknown_sheet(name: str, names: Sequence[str]) -> PicholineError:
    return PicholineError(
        "sheet.unknown",
        msg("There is no sheet “{name}”.", name=name),
        msg("The file has: {names}.", names=name_list(names)),
        status=404,
    )


def _wanted(source: Source, stated: Sequence[ImportOptions]) -> list[tuple[ImportOptions, str]]:
    wanted: list[tuple[ImportOptions, str]] = []
    for options in stated:
        sheet = options.sheet or (options.mapping.sheet if options.mapping else None)
        if sheet is None:
            wanted += [(options, name) for name in source.sheet_names]
            continue
        if sheet not in source.sheet_names and _base(sheet) not in source.sheet_names:
            raise _unknown_sheet(sheet, source.sheet_names)
        wanted.append((replace(options, sheet=sheet), sheet))
    return wanted


def _sheet(raw: RawTable, name: str, options: ImportOptions, remembered: Remembered) -> Sheet:
    layout = options.layout or (options.mapping.layout if options.mapping else {})
    raw = _shaped(raw, name, layout or _layout_of(raw, options, remembered))
    mapping = options.mapping or _known(raw, options, remembered)
    sheet = _mapped(raw, name, mapping, options)
    return replace(sheet, mapping=replace(sheet.mapping, layout=layout)) if layout else sheet


def _shaped(raw: RawTable, name: str, layout: AnyMapping[str, Any]) -> RawTable:
    """Turn crossed columns into rows, and take columns apart.

    What stands above and the names may tell the year of the months.
    """
    above = [text for _, texts in reversed(raw.above) for text in texts.values()]
    found = shaped(raw, layout, [*above, raw.sheet, name])
    split_columns(found, layout.get("split", {}))
    return found


def _layout_of(
    raw: RawTable, options: ImportOptions, remembered: Remembered
) -> AnyMapping[str, Any]:
    """Return the layout that was last chosen for these titles; a year holds for its file only."""
    known = None if options.mapping else remembered(signature(raw.titles))
    layout = (known or {}).get("layout")
    if not isinstance(layout, dict):
        return {}
    return {key: value for key, value in layout.items() if key != "year"}


def _mapped(raw: RawTable, name: str, mapping: Mapping | None, options: ImportOptions) -> Sheet:
    if mapping is not None:
        mapping = mapping.with_options(options)
        fields = {*mapping.columns, *mapping.constants}
        if mapping.currency:
            fields.add("currency")
        return Sheet(raw, mapping, {}, tuple(missing_fields(mapping.table, fields)), (), options)
    best: Proposal = propose(raw, (raw.sheet, name), options.table)[0]
    confidence = {match.field: match.confidence for match in best.matches}
    proposed = best.mapping(raw).with_options(options)
    sheet = Sheet(raw, proposed, confidence, best.missing, best.ambiguous, options)
    return _planned(sheet, name) if raw.crossed and best.table == "budgets" else sheet


def _planned(sheet: Sheet, name: str) -> Sheet:
    """Let a title name the metric of a plan whose rows do not: `Budget CA 2025`."""
    raw = sheet.raw
    if [field.key for field in sheet.missing] != ["metric"]:
        return sheet
    above = [text for _, texts in reversed(raw.above) for text in texts.values()]
    found = planned_metric([*above, raw.sheet, Path(name).stem])
    if found is None:
        return sheet
    raw.notes.append(
        msg("The rows name no metric; “{text}” was taken to mean {key}.", text=found[1],
            key=found[0])
    )  # fmt: skip
    mapping = replace(sheet.mapping, constants={**sheet.mapping.constants, "metric": found[0]})
    return replace(sheet, mapping=mapping, missing=())


def _known(raw: RawTable, options: ImportOptions, remembered: Remembered) -> Mapping | None:
    """Return the mapping of this layout's last import, if it still means anything."""
    stored = remembered(signature(raw.titles))
    if stored is None:
        return None
    try:
        mapping = Mapping.from_dict(stored)
    except PicholineError:
        return None
    fits = set(mapping.columns.values()) <= set(raw.headers)
    if not fits or (options.table and mapping.table != options.table):
        return None
    layout = {key: value for key, value in mapping.layout.items() if key != "year"}
    return replace(mapping, sheet=None, header_row=None, layout=layout)


def _refuse_incomplete(sheet: Sheet) -> None:
    raw, table = sheet.raw, sheet.mapping.table
    if sheet.year_missing:
        raise PicholineError(
            "layout.year",
            msg("The months of sheet {sheet} name no year.", sheet=raw.sheet),
            msg("State the year, or write it into the titles, the sheet’s name or the line above."),
        )
    if sheet.ambiguous:
        raise PicholineError(
            "mapping.duplicate",
            msg(
                "Sheet {sheet} has several columns for the same field: {names}.",
                sheet=raw.sheet,
                names=name_list(sheet.ambiguous),
            ),
            msg("Rename all but one, or say in a mapping file which one is meant."),
        )
    if sheet.missing:
        names = ", ".join(translate(field.label) for field in sheet.missing)
        raise PicholineError(
            "mapping.required",
            msg(
                "Sheet {sheet} lacks columns that “{table}” cannot do without: {names}.",
                sheet=raw.sheet,
                table=translate(TABLES[table].label),
                names=names,
            ),
            msg(
                "Name the columns in a mapping file, choose another table or sheet, or add them. "
                "Columns found: {names}.",
                names=name_list(raw.headers),
            ),
        )
