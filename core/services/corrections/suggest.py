"""Suggestions for quarantined rows: each names the cell, what may be meant, why, and how sure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pyarrow as pa

from core.i18n import Message, msg
from core.models.schema import FieldDef, Kind
from core.services.corrections.cells import Found, date_slip, number_slip, shifted, two_readings
from core.services.corrections.knowledge import Knowledge
from core.services.corrections.view import title_of
from core.services.ingest.meanings import CODES, KINDS
from core.services.ingest.numbers import read_numbers, take_apart
from core.services.ingest.options import Mapping as ColumnMapping
from core.services.ingest.plausible import DATED, NUMERIC
from core.services.ingest.targets import targets

_PLAIN = re.compile(r"^[-+]?\d{1,12}(?:\.\d{1,6})?$")
_PRICES = frozenset({"unit_price", "unit_price_incl_vat", "unit_cost", "line_amount"})
_NAMES = {"product_id": "product_name", "customer_id": "customer_name"}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Suggestion:
    """What a cell is probably meant to be; applied only when a person says so.

    Attributes:
        title: of the column, as the quarantine names it.
        value: the text to write.
        why: a sentence.
        sure: 0 to 1.
    """

    title: str
    value: str
    why: Message
    sure: float


class Suggester:
    """Suggestions for rows of one import."""

    def __init__(self, mapping: ColumnMapping, knowledge: Knowledge) -> None:
        """Keep how its columns became fields, and the evidence."""
        self._mapping = mapping
        self._knowledge = knowledge
        self._fields = {title: key for key, title in mapping.columns.items()}
        self._known = targets(mapping.table)

    def suggest(self, rows: Sequence[Row]) -> list[Suggestion | None]:
        """Return one suggestion per row, None where there is none.

        Args:
            rows: as the quarantine holds them, with `_code`, `_column`, `_value` and the cells.
        """
        self._knowledge.expect(self._all(rows, "product_id"), self._all(rows, "invoice_id"))
        return [self._of(row) for row in rows]

    def _all(self, rows: Sequence[Row], key: str) -> Iterable[str]:
        title = self._mapping.columns.get(key)
        return {text.strip() for row in rows if title and (text := row.get(title))}

    def _of(self, row: Row) -> Suggestion | None:
        title = self._title(row)
        key = self._fields.get(title)
        if key is None:
            key = self._missing(row)
            title = self._mapping.columns.get(key or "", "")
        if not key or not title:
            return None
        found = self._value(key, str(row.get("_value") or row.get(title) or "").strip(), row)
        if found is None or found[0] == (row.get(title) or ""):
            return None
        return Suggestion(title, *found)

    def _title(self, row: Row) -> str:
        """Return the column a row was set aside for, as titled; "" where it names none."""
        return title_of(row.get("_column"), self._fields)

    def _missing(self, row: Row) -> str | None:
        """Return the empty required field of a row that was set aside for one."""
        if row.get("_code") != "required_missing":
            return None
        empty = [
            key
            for key, title in self._mapping.columns.items()
            if key in self._known and self._known[key].required and not row.get(title)
        ]
        return empty[0] if len(empty) == 1 else None

    def _value(self, key: str, text: str, row: Row) -> Found | None:
        defined = self._known[key]
        if not text or row.get("_code") == "error_cell":
            return self._from_others(key, row)
        if defined.kind in NUMERIC:
            return self._number(defined, text, row)
        if defined.kind in DATED:
            return self._from_others(key, row) or date_slip(text, self._knowledge.span)
        kind = KINDS.get(key)
        if kind is None:
            return None
        known = self._knowledge
        near = known.codes(kind).nearest(text) if kind in CODES else known.texts(kind).nearest(text)
        return (near.value, near.why, near.sure) if near else None

    def _number(self, defined: FieldDef, text: str, row: Row) -> Found | None:
        usual = self._usual(defined.key, row)
        if row.get("_code") == "ambiguous_number":
            return two_readings(text, usual)
        value = _number(text)
        if value is None:
            return number_slip(text)
        if usual is not None and (found := shifted(value, usual)):
            return found
        if defined.kind is Kind.INTEGER:
            whole = value.to_integral_value()
            return str(whole), msg("Rounded to a whole number."), 0.4
        return None

    def _usual(self, key: str, row: Row) -> Decimal | None:
        if key not in _PRICES or key == "line_amount":
            return None
        product = row.get(self._mapping.columns.get("product_id", "")) or ""
        return self._knowledge.usual_price(str(product).strip())

    def _from_others(self, key: str, row: Row) -> Found | None:
        """Return what the row's other cells say about an empty one."""
        known = self._knowledge
        if key in _NAMES:
            name = row.get(self._mapping.columns.get(_NAMES[key], ""))
            code = known.code_named(KINDS[key], str(name)) if name else None
            return (code, msg("The only code with this name: {name}.", name=name), 0.9) if code \
                else None  # fmt: skip
        if key == "date":
            invoice = str(row.get(self._mapping.columns.get("invoice_id", "")) or "").strip()
            day = known.day_of(invoice) if invoice else None
            why = msg("The other lines of invoice {id} have this day.", id=invoice)
            return (day.isoformat(), why, 0.95) if day else None
        usual = self._usual(key, row)
        if usual is None or key != known.price_column:
            return None
        return format(usual.normalize(), "f"), msg("The usual price of this product."), 0.4


@lru_cache(maxsize=20_000)
def _number(text: str) -> Decimal | None:
    if _PLAIN.match(text):
        return Decimal(text)
    parts = take_apart(pa.array([text], pa.string()))
    value: Decimal | None = read_numbers(parts, parts.style or ".").values[0].as_py()
    return value
