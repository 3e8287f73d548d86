"""What is decided over whole columns, for files that are read block by block.

How a cell reads may depend on every other cell of its column: the decimal sign, the order of day
and month, whether 20 means 20 %. Each block gives its evidence; together they decide what the
whole file would have decided. Blocks that were read by another decision are read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa

from core.i18n import Message, msg, msg_n

from . import dated, dates
from .dates import DAY_FIRST, MONTH_FIRST, DateText
from .numbers import COMMA, POINT, NumberText
from .options import Mapping as ColumnMapping
from .raw import name_list
from .typed import Context

_MOST_DATES = 200_000  # distinct dates that prove no order; beyond, the file is not plain


@dataclass(frozen=True)
class Decided:
    """How the cells of whole columns read.

    Attributes:
        styles: decimal sign of the numbers of each field, None where both are proven.
        order: of day and month; None where both are proven.
        hundredths: rates whose bare numbers are percentages.
    """

    styles: Mapping[str, str | None]
    order: str | None
    hundredths: frozenset[str]


@dataclass
class Evidence:
    """What the cells of some rows say about their columns.

    Attributes:
        comma, point: fields with a number that can only be read with that decimal sign.
        undecided: cells by field that can be read with either.
        high: the largest bare number of each rate.
        written: distinct dates of each field with two numbers before the year; once an order is
            proven only the different dates that prove one are kept.
        proven: some date proves an order.
        meant: cells by field that were read as what they are known to mean.
    """

    comma: set[str] = field(default_factory=set)
    point: set[str] = field(default_factory=set)
    undecided: dict[str, int] = field(default_factory=dict)
    high: dict[str, Decimal] = field(default_factory=dict)
    written: dict[str, set[str]] = field(default_factory=dict)
    proven: bool = False
    meant: dict[str, int] = field(default_factory=dict)

    def note_numbers(self, key: str, parts: NumberText, undecided: int) -> None:
        """Note what the numbers of a field prove, and how many of its cells prove nothing."""
        self.undecided[key] = self.undecided.get(key, 0) + undecided
        if parts.comma.any():
            self.comma.add(key)
        if parts.point.any():
            self.point.add(key)

    def note_high(self, key: str, high: Decimal | None) -> None:
        """Note the largest bare number of a rate."""
        if high is not None:
            self.high[key] = max(high, self.high.get(key, high))

    def note_dates(self, key: str, texts: pa.Array, parts: DateText) -> None:
        """Note the dates of a field that have two numbers before the year."""
        proofs = np.concatenate([parts.proven(order) for order in (DAY_FIRST, MONTH_FIRST)])
        if len(proofs):
            written = {f"{n // 100 % 100}/{n % 100}/{n // 10_000:04}" for n in proofs.tolist()}
            self._add(key, written, proven=True)
        else:
            chosen = pa.array(np.flatnonzero(parts.numeric))
            self._add(key, set(texts.take(chosen).to_pylist()), proven=False)

    def _add(self, key: str, texts: set[str], *, proven: bool) -> None:
        held = self.written.setdefault(key, set())
        if proven and not self.proven:
            self.proven = True
            for others in self.written.values():
                others.clear()
        if proven or not self.proven:
            held |= texts

    @property
    def overflows(self) -> bool:
        """Too many dates prove nothing to be kept."""
        return any(len(texts) > _MOST_DATES for texts in self.written.values())

    def merge(self, other: "Evidence") -> None:
        """Add the evidence of other rows."""
        self.comma |= other.comma
        self.point |= other.point
        for key, count in other.undecided.items():
            self.undecided[key] = self.undecided.get(key, 0) + count
        for key, count in other.meant.items():
            self.meant[key] = self.meant.get(key, 0) + count
        for key, high in other.high.items():
            self.note_high(key, high)
        for key, texts in other.written.items():
            self._add(key, texts, proven=other.proven)

    def decide(self, mapping: ColumnMapping, hint: str | None, context: Context) -> Decided:
        """Return what these rows decide, as `columns.type_columns` does for a whole table."""
        order, _ = self._order(mapping, context)
        high = frozenset(key for key, value in self.high.items() if value > 1)
        return Decided(self._styles(mapping, hint), order, high)

    def agrees(self, one: Decided, other: Decided) -> bool:
        """Return whether two decisions read these rows alike."""
        asked = [key for key, count in self.undecided.items() if count]
        same = all(one.styles.get(key) == other.styles.get(key) for key in asked)
        return same and one.order == other.order and one.hundredths == other.hundredths

    def _styles(self, mapping: ColumnMapping, hint: str | None) -> dict[str, str | None]:
        if mapping.decimal:
            return dict.fromkeys(self.undecided, mapping.decimal)
        own = {key: self._own(key) for key in self.undecided}
        proven = {style for style in own.values() if style}
        shared = next(iter(proven)) if len(proven) == 1 else None if proven else hint
        return {
            key: style or (None if key in self.comma & self.point else shared)
            for key, style in own.items()
        }

    def _own(self, key: str) -> str | None:
        if (key in self.comma) == (key in self.point):
            return None
        return COMMA if key in self.comma else POINT

    def _order(self, mapping: ColumnMapping, context: Context) -> tuple[str | None, bool]:
        parts = [
            dates.take_apart(
                pa.array(sorted(texts), pa.string()), context.zone, epoch_1904=False, months=True
            )
            for texts in self.written.values()
        ]
        today = (context.today - date(1970, 1, 1)).days
        return dated.decide_order(parts, mapping.date_order, today)

    def said(
        self,
        decided: Decided,
        mapping: ColumnMapping,
        context: Context,
        titles: Mapping[str, str],
    ) -> tuple[dict[str, int], list[Message]]:
        """Return what was assumed: counts by warning, and notes with the titles of the columns."""
        warnings: dict[str, int] = {}
        notes: list[Message] = []
        if not mapping.decimal:
            for key, count in self.undecided.items():
                style = decided.styles.get(key)
                if count and style and self._own(key) is None:
                    warnings["number_style_assumed"] = (
                        warnings.get("number_style_assumed", 0) + count
                    )
                    notes.append(style_note(titles[key], style))
        order, assumed = self._order(mapping, context)
        if assumed:
            warnings["date_order_assumed"] = max(len(texts) for texts in self.written.values())
            names = [titles[key] for key, texts in self.written.items() if texts]
            notes.append(order_note(names, order))
        notes += [meant_note(titles[key], cells) for key, cells in self.meant.items()]
        return warnings, notes


@dataclass
class Reading:
    """How rows of a larger file are read.

    Attributes:
        decided: over its whole columns; None: nothing yet, these rows decide for themselves.
        evidence: of these rows.
    """

    decided: Decided | None = None
    evidence: Evidence = field(default_factory=Evidence)


def style_note(name: str, sign: str) -> Message:
    """Return what is said of a column whose decimal sign was taken from the rest of the file."""
    return msg(
        "Column “{name}”: “{sign}” was taken for the decimal sign, as in the rest of the file.",
        name=name,
        sign=sign,
    )


def order_note(names: list[str], order: str | None) -> Message:
    """Return what is said of dates whose order of day and month was assumed."""
    listed = name_list(names)
    if order == dated.DAY_FIRST:
        return msg("Dates of {names} were read as day/month/year.", names=listed)
    return msg("Dates of {names} were read as month/day/year.", names=listed)


def meant_note(name: str, cells: int) -> Message:
    """Return what is said of cells that were read as what they are known to mean."""
    return msg_n(
        "Column “{name}”: {n} cell was read as what it is known to mean.",
        "Column “{name}”: {n} cells were read as what they are known to mean.",
        cells,
        name=name,
    )
