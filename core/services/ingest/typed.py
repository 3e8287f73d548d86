"""From cells to values: every mapped column gets its type, every cell that resists is named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.models.schema import AMOUNT_TYPE, ARROW_TYPES, FieldDef, Kind

from . import numbers
from .by_value import Distinct, distinct
from .coded import CodedColumn
from .raw import Mask, RawColumn, Rows
from .vocabulary import countries, currencies, plain, words

LONGEST = 32_767
UNKNOWN = "unknown: "
_ERROR_CELL = (
    r"^(?:#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|N/D|NOM\?|VALEUR!|NOMBRE!|NUL!|SPILL!|"
    r"CALC!|GETTING_DATA)|Err:\d{3})$"
)
_NO_ID = ("nan", "null", "none", "n/a", "-", "–")
_FIRST_DAY = date(1900, 1, 1)
_LAST_DAY = date(2200, 1, 1)
_FUTURE = timedelta(days=366)


@dataclass(frozen=True)
class Context:
    """What the typing needs to know besides the column.

    Attributes:
        zone: the company's time zone.
        today: the day of the import.
        epoch_1904: serial dates count from 1904.
        meanings: what spellings mean in every file, by kind of value (see `meanings`).
    """

    zone: str
    today: date
    epoch_1904: bool = False
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Rows whose cell in one column is no value: `column` is its place in the raw table."""

    code: str
    rows: Rows
    column: int


@dataclass
class Typed:
    """A column of values, null where the cell is empty or a problem.

    Attributes:
        high: of a column of rates, the largest number that was written without a percent sign.
        spread: the values, where each is one of its distinct texts converted: they, the texts, and
            what became of these.
    """

    values: pa.Array
    problems: dict[str, Rows] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    high: Decimal | None = None
    spread: tuple[pa.Array, Distinct, pa.Array] | None = None

    def fill(self, texts: Distinct, converted: pa.Array) -> None:
        """Give every row what became of its text."""
        self.values = texts.spread(converted)
        self.spread = (self.values, texts, converted)

    def reject(self, code: str, rows: Rows) -> None:
        """Note rows whose cell is no value; the first reason of a cell stays."""
        if len(rows):
            earlier = self.problems.get(code)
            self.problems[code] = rows if earlier is None else np.union1d(earlier, rows)

    def warn(self, code: str, count: int) -> None:
        """Count rows that are kept, with a warning."""
        if count:
            self.warnings[code] = self.warnings.get(code, 0) + count


@dataclass(frozen=True)
class TextCells:
    """The text cells of a column: distinct, with the cells that can be no value at all."""

    texts: Distinct
    usable: Mask  # per distinct text
    faults: Mapping[str, Rows]

    @cached_property
    def numbers(self) -> numbers.NumberText:
        """The distinct texts taken apart as numbers."""
        return numbers.take_apart(self.texts.values)


def text_cells(column: RawColumn) -> TextCells:
    """Return the cells that are text, without native numbers and moments."""
    texts = column.texts if isinstance(column, CodedColumn) else distinct(_only_texts(column))
    too_long = pc.greater(pc.utf8_length(texts.values), LONGEST).to_numpy(zero_copy_only=False)
    errors = pc.match_substring_regex(texts.values, _ERROR_CELL).to_numpy(zero_copy_only=False)
    faults = {"oversized_cell": texts.rows_of(too_long), "error_cell": texts.rows_of(errors)}
    return TextCells(texts, ~(too_long | errors), faults)


def _only_texts(column: RawColumn) -> pa.ChunkedArray:
    """Return the cells without native numbers and moments."""
    native = None if column.numbers is None else pa.array(column.numbers)
    if column.moments is not None:
        dated = column.moments.is_valid()
        native = dated if native is None else pc.or_(native, dated)
    if native is None:
        return column.data
    return pc.if_else(native, pa.scalar(None, pa.string()), column.data)


def _from_texts(cells: TextCells) -> Typed:
    typed = Typed(pa.nulls(0))
    for code, rows in cells.faults.items():
        typed.reject(code, rows)
    return typed


def type_text(column: RawColumn, kind: Kind) -> Typed:
    """Return identifiers or texts: trimmed, whole numbers without decimals, empty is null."""
    if not column.is_text:
        return Typed(_as_text(column.data))
    native = column.numbers is not None or column.moments is not None
    column = RawColumn(column.header, column.letter, column.data) if native else column
    cells = text_cells(column)
    typed = _from_texts(cells)
    texts = cells.texts.values
    gone = ~cells.usable
    if kind is Kind.ID:
        gone |= pc.is_in(pc.utf8_lower(texts), pa.array(_NO_ID)).to_numpy(zero_copy_only=False)
    kept = pc.if_else(pa.array(gone), pa.scalar(None, pa.string()), texts) if gone.any() else texts
    typed.fill(cells.texts, kept)
    return typed


def _as_text(data: pa.ChunkedArray) -> pa.Array:
    """Write native cells as text: 17850.0 is the code 17850, midnight is no part of a date."""
    cells = data.combine_chunks()
    if isinstance(cells, pa.ChunkedArray):
        cells = pa.concat_arrays(cells.chunks) if cells.num_chunks else pa.nulls(0, data.type)
    if pa.types.is_floating(cells.type):
        whole = pc.and_(pc.equal(pc.floor(cells), cells), pc.less(pc.abs(cells), 2.0**63))
        whole = whole.fill_null(False)  # noqa: FBT003
        integers = pc.if_else(whole, cells, pa.scalar(None, pa.float64())).cast(pa.int64())
        if pc.all(pc.or_(whole, cells.is_null())).as_py() in {True, None}:
            return integers.cast(pa.string())
        return pc.coalesce(integers.cast(pa.string()), cells.cast(pa.string()))
    if pa.types.is_timestamp(cells.type):
        return cells.cast(pa.date32(), safe=False).cast(pa.string())
    return cells.cast(pa.string())


def type_number(
    column: RawColumn,
    kind: Kind,
    cells: TextCells | None,
    style: str | None,
    hundredths: bool | None = None,  # noqa: FBT001 - decided elsewhere, not switched on
) -> Typed:
    """Return a column of numbers in the stored type of `kind`.

    Args:
        column: as read.
        kind: of its field.
        cells: its text cells.
        style: the decimal sign, where one was decided.
        hundredths: whether bare numbers of rates are percentages; None: by the largest of them.
    """
    target = ARROW_TYPES[Kind.AMOUNT] if kind is Kind.INTEGER else ARROW_TYPES[kind]
    if isinstance(column, CodedColumn) and cells is not None:
        typed, percent = _text_numbers(cells, target, style)
        return _shaped(typed, kind, percent, hundredths)
    data = column.data
    if pa.types.is_temporal(data.type) or pa.types.is_boolean(data.type):
        typed = Typed(pa.nulls(len(data), target))
        typed.reject("not_a_number", np.flatnonzero(np.asarray(data.is_valid())))
        return _shaped(typed, kind, None, hundredths)
    if not pa.types.is_string(data.type) or cells is None:
        typed = _native_numbers(data.cast(pa.float64(), safe=False).combine_chunks(), target)
        return _shaped(typed, kind, None, hundredths)
    typed, percent = _text_numbers(cells, target, style)
    if column.numbers is not None and column.numbers.any():
        only = pc.if_else(pa.array(column.numbers), data, pa.scalar(None, pa.string()))
        native = _native_numbers(only.cast(pa.float64()).combine_chunks(), target)
        for code, rows in native.problems.items():
            typed.reject(code, rows)
        typed.values = pc.coalesce(typed.values, native.values)
    if column.moments is not None:
        typed.reject("not_a_number", np.flatnonzero(np.asarray(column.moments.is_valid())))
    return _shaped(typed, kind, percent, hundredths)


def _native_numbers(cells: pa.Array, target: pa.DataType) -> Typed:
    limit = 10.0 ** (target.precision - target.scale)
    sound = pc.and_(pc.is_finite(cells), pc.less(pc.abs(cells), limit)).fill_null(True)  # noqa: FBT003
    over = np.flatnonzero(~sound.to_numpy(zero_copy_only=False))
    if len(over):
        cells = pc.if_else(sound, cells, pa.scalar(None, pa.float64()))
    typed = Typed(cells.cast(target))
    typed.reject("number_out_of_range", over)
    return typed


def _text_numbers(
    cells: TextCells, target: pa.DataType, style: str | None
) -> tuple[Typed, Mask | None]:
    typed = _from_texts(cells)
    parts = cells.numbers
    read = numbers.read_numbers(parts, style)
    stored, over = numbers.narrow(read.values, target)
    for code, chosen in (
        ("not_a_number", read.wrong),
        ("ambiguous_number", read.ambiguous),
        ("number_out_of_range", read.too_large | over),
    ):
        typed.reject(code, cells.texts.rows_of(chosen & cells.usable))
    typed.values = cells.texts.spread(stored)
    if not parts.percent.any():
        return typed, None
    percent = np.zeros(len(typed.values), dtype=bool)
    percent[cells.texts.rows_of(parts.percent)] = True
    return typed, percent


def _shaped(
    typed: Typed,
    kind: Kind,
    percent: Mask | None,
    hundredths: bool | None,  # noqa: FBT001
) -> Typed:
    """Finish whole numbers and rates."""
    if kind is Kind.INTEGER:
        rounded = pc.round(typed.values, ndigits=0)
        broken = pc.not_equal(rounded, typed.values).fill_null(False)  # noqa: FBT003
        typed.reject("not_an_integer", np.flatnonzero(broken.to_numpy(zero_copy_only=False)))
        whole = pc.if_else(broken, pa.scalar(None, typed.values.type), rounded)
        typed.values = whole.cast(pa.int64())
    if kind is Kind.FRACTION:
        bare = typed.values
        if percent is not None:
            bare = pc.if_else(pa.array(percent), pa.scalar(None, bare.type), bare)
        typed.high = pc.max(pc.abs(bare)).as_py()
        if hundredths is None:
            hundredths = typed.high is not None and typed.high > 1
        if hundredths:
            counted = len(bare) - bare.null_count
            typed.warn("percent_assumed", counted)
            divided = pc.multiply(bare, pa.scalar("0.01").cast(pa.decimal128(3, 2)))
            divided = pc.round(divided, ndigits=6).cast(AMOUNT_TYPE)
            typed.values = pc.coalesce(divided, typed.values)
    return typed


def type_country(column: RawColumn) -> Typed:
    """Return ISO codes; a text that is not recognised is kept as `unknown: <text>`."""
    return _coded(column, countries(), "unknown_country", keep=True)


def type_currency(column: RawColumn) -> Typed:
    """Return currency codes; a text that is not recognised is a problem."""
    return _coded(column, currencies(), "unknown_currency", keep=False)


def _coded(column: RawColumn, known: dict[str, str], code: str, *, keep: bool) -> Typed:
    texts = type_text(column, Kind.TEXT)
    found = distinct(texts.values)
    spelled: list[str | None] = []
    unknown = np.zeros(len(found.values), dtype=bool)
    for place, text in enumerate(found.values.to_pylist()):
        hit = known.get(plain(text)) or known.get(plain(text.replace(".", "")))
        unknown[place] = hit is None
        spelled.append(hit or (f"{UNKNOWN}{text}" if keep else None))
    rows = found.rows_of(unknown)
    if keep:
        texts.warn(code, len(rows))
    else:
        texts.reject(code, rows)
    texts.fill(found, pa.array(spelled, pa.string()))
    return texts


def type_boolean(column: RawColumn) -> Typed:
    """Return yes and no in both languages."""
    data = column.data
    if pa.types.is_boolean(data.type):
        return Typed(data.combine_chunks())
    texts = type_text(column, Kind.ID)
    found = distinct(texts.values)
    known = words("boolean")
    meant = [known.get(plain(text)) for text in found.values.to_pylist()]
    wrong = np.array([answer is None for answer in meant], dtype=bool)
    texts.reject("not_a_boolean", found.rows_of(wrong))
    answers = [None if answer is None else answer == "yes" for answer in meant]
    texts.values = found.spread(pa.array(answers, pa.bool_()))
    return texts


def day_limits(defined: FieldDef, context: Context) -> tuple[date, date]:
    """Return the first and last day a field may hold; only a business date must be near."""
    last = context.today + _FUTURE if defined.key == "date" else _LAST_DAY
    return _FIRST_DAY, last


def within_days(typed: Typed, limits: tuple[date, date]) -> None:
    """Reject days outside the limits."""
    first, last = limits
    outside = pc.or_(
        pc.less(typed.values, pa.scalar(first)), pc.greater(typed.values, pa.scalar(last))
    ).fill_null(False)  # noqa: FBT003
    rows = np.flatnonzero(outside.to_numpy(zero_copy_only=False))
    if len(rows):
        typed.reject("date_out_of_range", rows)
        typed.values = pc.if_else(outside, pa.scalar(None, pa.date32()), typed.values)


Simple = Callable[[RawColumn], Typed]
SIMPLE: dict[Kind, Simple] = {
    Kind.ID: lambda column: type_text(column, Kind.ID),
    Kind.TEXT: lambda column: type_text(column, Kind.TEXT),
    Kind.COUNTRY: type_country,
    Kind.CURRENCY: type_currency,
    Kind.BOOLEAN: type_boolean,
}
