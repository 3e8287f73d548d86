"""The columns of a list of customers: which are numbers, which are texts, which say nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.i18n import N_
from core.services.ingest import dated
from core.services.ingest.by_value import trim
from core.services.ingest.numbers import POINT, read_numbers, take_apart
from core.services.ingest.quarantine import shown
from core.services.ingest.raw import RawColumn, RawTable
from core.services.ingest.typed import Context, text_cells
from core.services.ingest.vocabulary import plain_header, words
from core.services.methods.churn.columns import Encoder

NUMBER, CATEGORY, DATE = "number", "category", "date"
IDENTIFIER, CONSTANT, MANY = "identifier", "constant", "many"
LABEL = "label"
KINDS: Mapping[str, str] = {
    NUMBER: N_("Number"),
    CATEGORY: N_("Category"),
    DATE: N_("Date"),
    IDENTIFIER: N_("Identifier: different for every customer"),
    CONSTANT: N_("The same for every customer"),
    MANY: N_("Too many different texts"),
    LABEL: N_("Says who left"),
}
USED = (NUMBER, CATEGORY, DATE)
_MOST = 0.95  # of the known cells decide what a column is
_EXAMPLES, _LOOKED_AT = 4, 2000
_LONGEST = 60
Values = NDArray[np.generic]


@dataclass(frozen=True)
class ListColumn:
    """One column of the list.

    Attributes:
        name: its title.
        kind: key of `KINDS`.
        texts: the cells as they stand in the list, null where empty.
        distinct: number of different values.
        numbers: of numbers and dates, shape (rows,), NaN where unknown; dates count as days
            before the latest one.
    """

    name: str
    kind: str
    texts: pa.Array
    distinct: int
    numbers: NDArray[np.float64] | None = None

    @property
    def missing(self) -> int:
        """Number of empty cells."""
        return int(self.texts.null_count)

    @property
    def values(self) -> Values:
        """What a model learns from: numbers, or texts with None where empty; shape (rows,)."""
        if self.numbers is not None and self.kind in (NUMBER, DATE):
            return self.numbers
        return self.texts.to_numpy(zero_copy_only=False)

    @property
    def examples(self) -> tuple[str, ...]:
        """The first values that differ."""
        found = self.texts.slice(0, _LOOKED_AT).drop_null().unique().slice(0, _EXAMPLES)
        return tuple(text[:_LONGEST] for text in found.to_pylist())

    def different(self) -> list[str]:
        """Return the different values, the most frequent first."""
        counted = {
            one["values"]: one["counts"]
            for one in self.texts.drop_null().value_counts().to_pylist()
        }
        return sorted(counted, key=lambda text: (-counted[text], text))

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.missing == 0 and self.distinct == len(self.texts)


def judge_columns(raw: RawTable, today: date, zone: str) -> list[ListColumn]:
    """Return every column with its kind, decided by all of its cells."""
    raw.sharpen(range(len(raw.columns)))
    context = Context(zone, today, epoch_1904=raw.date_1904)
    return [_judge(column, raw, context) for column in raw.columns]


def _judge(column: RawColumn, raw: RawTable, context: Context) -> ListColumn:
    texts = trim(shown(column.data))
    found = ListColumn(column.header, CATEGORY, texts, len(texts.drop_null().unique()))
    known = len(texts) - found.missing
    kind, numbers = _read(column, raw, context, known)
    if found.distinct + bool(found.missing) <= 1:  # a gap beside one value tells customers apart
        return replace(found, kind=CONSTANT)
    if kind != CATEGORY:
        counts = kind == NUMBER and found.is_unique and _only_counts(column.header, numbers)
        return replace(found, kind=IDENTIFIER if counts else kind, numbers=numbers)
    if found.missing == 0 and found.distinct >= _MOST * known:
        return replace(found, kind=IDENTIFIER)
    return replace(found, kind=MANY) if Encoder.of({"": found.values}).ignored else found


def _read(
    column: RawColumn, raw: RawTable, context: Context, known: int
) -> tuple[str, NDArray[np.float64]]:
    """Return number, date or category, and the numbers."""
    data = column.data
    if pa.types.is_boolean(data.type):
        return CATEGORY, np.empty(0)
    if pa.types.is_temporal(data.type):
        return DATE, _days_before(data.combine_chunks().cast(pa.date32(), safe=False))
    if not pa.types.is_string(data.type):
        return NUMBER, _floats(data.cast(pa.float64()))
    numbers = _text_numbers(column, raw.decimal_hint)
    if np.isfinite(numbers).sum() >= max(_MOST * known, 1):
        return NUMBER, numbers
    days = _text_days(column, context)
    if len(days) - days.null_count >= max(_MOST * known, 1):
        return DATE, _days_before(days)
    return CATEGORY, np.empty(0)


def _text_numbers(column: RawColumn, hint: str | None) -> NDArray[np.float64]:
    cells = text_cells(column)
    parts = take_apart(cells.texts.values)
    read = read_numbers(parts, parts.style or hint or POINT)
    found = _floats(cells.texts.spread(read.values.cast(pa.float64())))
    if column.numbers is not None:
        native = pc.if_else(pa.array(column.numbers), column.data, pa.scalar(None, pa.string()))
        found = np.where(column.numbers, _floats(native.cast(pa.float64())), found)
    return found


def _text_days(column: RawColumn, context: Context) -> pa.Array:
    cells = text_cells(column)
    parts = dated.take_apart(cells, context, months=False)
    today = (context.today - date(1970, 1, 1)).days
    order, _assumed = dated.decide_order([parts], None, today)
    return dated.type_date(column, parts, cells, order, context).values


def _floats(cells: pa.Array | pa.ChunkedArray) -> NDArray[np.float64]:
    found = (
        cells.to_numpy(zero_copy_only=False) if isinstance(cells, pa.Array) else cells.to_numpy()
    )
    numbers = np.asarray(found, dtype=np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _days_before(days: pa.Array) -> NDArray[np.float64]:
    """Return days before the latest date of the column: the same list tells the same later."""
    numbers = _floats(days.cast(pa.int32()).cast(pa.float64()))
    return np.nanmax(numbers) - numbers if np.isfinite(numbers).any() else numbers


def _only_counts(name: str, numbers: NDArray[np.float64]) -> bool:
    """Return whether whole numbers that all differ only name the rows: by title, or 1, 2, 3."""
    if not np.array_equal(numbers, np.floor(numbers)):
        return False
    return names_customers(name) or bool((np.diff(numbers) == 1).all())


def names_customers(title: str) -> bool:
    """Return whether a title is one of identifiers."""
    known = words("identifier")
    plain = plain_header(title)
    return plain in known or any(known.get(part) == "anywhere" for part in plain.split())
