"""Workbooks to fill in: one per table, with titles, lists, formats, an example and notes.

The titles are the labels of the fields, which the intake knows in every language. The example row
begins with a mark (`EXAMPLE_MARKS`) by which the intake passes it over; the notes stand on a sheet
without a table.
"""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.errors import PicholineError
from core.formats import country_names
from core.i18n import N_, msg, translate, use_language
from core.models.schema import LINE_KINDS, TABLES, FieldDef, Kind, TableDef
from core.services.ingest.examples import EXAMPLE_MARKS, NOTES_SHEET
from core.services.ingest.vocabulary import countries, currencies, plain, words

_ROWS = 20_000  # so many rows have lists and checks
_LIST_COLUMN = 5  # of the sheet of notes: lists stand beside the notes
_NARROWEST, _WIDEST = 11, 34
_DAY = date(2025, 3, 31)
_FORMATS = {
    Kind.AMOUNT: "#,##0.00",
    Kind.QUANTITY: "#,##0.###",
    Kind.FRACTION: "0.0%",
    Kind.RATE: "0.000000",
    Kind.INTEGER: "0",
    Kind.ID: "@",
}
_DATES = {"en": "yyyy-mm-dd", "fr": "dd/mm/yyyy"}
_MONTHS = {"en": "yyyy-mm", "fr": "mm/yyyy"}
_SAYS = {
    Kind.ID: N_("A code; written as text, so that zeros in front stay."),
    Kind.TEXT: N_("Text."),
    Kind.DATE: N_("A day."),
    Kind.MONTH: N_("Any day of the month."),
    Kind.AMOUNT: N_("An amount of money."),
    Kind.QUANTITY: N_("A number."),
    Kind.FRACTION: N_("A rate, for example 20 %."),
    Kind.RATE: N_("Units of the base currency for one unit of the currency."),
    Kind.INTEGER: N_("A whole number."),
    Kind.CURRENCY: N_("A currency of the list, for example EUR."),
    Kind.COUNTRY: N_("A country of the list."),
    Kind.BOOLEAN: N_("Yes or no."),
}
# Examples by field; those of words are translated.
_CODES: Mapping[str, object] = {
    "invoice_id": "F-2025-001",
    "order_id": "O-2025-001",
    "purchase_id": "PO-2025-001",
    "payment_id": "P-2025-001",
    "product_id": "OIL-0500",
    "customer_id": "C-0001",
    "supplier_id": "S-0001",
    "lot": "L-2025-03",
    "postcode": "75001",
    "unit": "kg",
    "currency": "EUR",
    "metric": "net_sales",
    "spread": "days",
    "language": "en",
    "line_no": 1,
    "quantity": 12,
    "content": 0.5,
    "unit_price": 9.9,
    "discount_rate": 0.05,
    "discount_amount": 0,
    "vat_rate": 0.2,
    "unit_cost": 5.2,
    "standard_cost": 5.2,
    "list_price": 9.9,
    "rating": 5,
    "rate_to_base": 1.0842,
    "lead_time_days": 21,
    "minimum_order": 100,
    "best_before_months": 18,
    "value": 25_000,
    "amount": 1_500,
    "price": 10.5,
}
_WORDS: Mapping[str, str] = {
    "channel": N_("Online shop"),
    "warehouse": "Paris",
    "salesperson": "A. Martin",
    "promotion": N_("Spring"),
    "name": N_("Green olives 500 g"),
    "category": N_("Olives"),
    "subcategory": N_("Green olives"),
    "brand": N_("House brand"),
    "segment": N_("Delicatessen"),
    "city": "Paris",
    "grade": N_("Extra virgin"),
    "kind": N_("Campaign"),
    "campaign": "2024/2025",
    "competitor": N_("The shop next door"),
    "text": N_("Very good."),
    "method": N_("Card"),
    "status": N_("Paid"),
    "label": N_("Invoice F-2025-001"),
}
_YES_NO = (N_("Yes"), N_("No"))
_LISTS: Mapping[str, tuple[str, ...]] = {
    "channel": (N_("Online shop"), N_("Shop"), N_("Wholesale"), N_("Export")),
    "unit": ("kg", "L", "u"),
    "spread": ("days", "net_sales"),
}
_OPEN_LISTS = frozenset({"channel", "unit"})  # a hint: other values may be written


def template_name(table: str, language: str) -> str:
    """Return the name of a table's template.

    Raises:
        PicholineError: there is no such table.
    """
    return f"picholine-{plain(translate(_table(table).label, language)).replace(' ', '-')}.xlsx"


def template(table: str, language: str) -> bytes:
    """Return the workbook to fill in for a table.

    Raises:
        PicholineError: there is no such table.
    """
    from xlsxwriter import Workbook

    defined = _table(table)
    buffer = io.BytesIO()
    with use_language(language), Workbook(buffer) as book:
        _Writer(book, defined, language).write()
    return buffer.getvalue()


def _table(key: str) -> TableDef:
    if key not in TABLES:
        raise PicholineError(
            "template.unknown",
            msg("There is no table “{key}”.", key=key),
            msg("Possible are: {allowed}.", allowed=", ".join(TABLES)),
            status=404,
        )
    return TABLES[key]


class _Writer:
    """Writes one template in the current language."""

    def __init__(self, book: Any, table: TableDef, language: str) -> None:
        self._book = book
        self._table = table
        self._language = language
        self._title = book.add_format(
            {"bold": True, "bg_color": "#EEF1E6", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._needed = book.add_format(
            {"bold": True, "bg_color": "#C9D7A4", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self._bold = book.add_format({"bold": True})
        self._lists: dict[str, list[str]] = {
            field.key: found for field in table.fields if (found := _choices(field, language))
        }

    def write(self) -> None:
        """Write the sheet of the table and that of the notes."""
        sheet = self._book.add_worksheet(translate(self._table.label)[:31])
        notes = self._book.add_worksheet(NOTES_SHEET)
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, 32)
        for place, field in enumerate(self._table.fields):
            self._column(sheet, place, field)
        self._write_notes(notes)

    def _column(self, sheet: Any, place: int, field: FieldDef) -> None:
        title = translate(field.label)
        shown = self._book.add_format({"num_format": self._format(field)})
        example = self._book.add_format(
            {"num_format": self._format(field), "italic": True, "font_color": "#7A7A7A"}
        )
        width = min(max(len(title) + 2, _NARROWEST), _WIDEST)
        sheet.set_column(place, place, width if place else max(width, 24), shown)
        sheet.write_string(0, place, title, self._needed if field.required else self._title)
        value = _example(field, self._language)
        if place == 0:
            shown_value = value.isoformat() if isinstance(value, date) else value
            sheet.write_string(1, 0, f"{EXAMPLE_MARKS[self._language]} {shown_value}", example)
        elif isinstance(value, date):
            sheet.write_datetime(1, place, value, example)
        elif value is not None:
            sheet.write(1, place, value, example)
        if check := self._check(field):
            sheet.data_validation(1 if place else 2, place, _ROWS, place, check)

    def _format(self, field: FieldDef) -> str:
        if field.kind is Kind.DATE:
            return _DATES[self._language]
        if field.kind is Kind.MONTH:
            return _MONTHS[self._language]
        return _FORMATS.get(field.kind, "General")

    def _check(self, field: FieldDef) -> dict[str, Any] | None:
        """Return what a cell of this column is checked for; Excel asks before it takes others."""
        title = translate(field.label)[:32]
        common = {
            "error_type": "information" if field.key in _OPEN_LISTS else "warning",
            "error_title": title,
            "error_message": translate(_SAYS[field.kind])[:255],
        }
        if field.key in self._lists:
            return {**common, "validate": "list", "source": self._range(field.key)}
        if field.kind in (Kind.DATE, Kind.MONTH):
            first = date(1990, 1, 1)
            return {**common, "validate": "date", "criteria": ">=", "value": first}
        if field.kind is Kind.INTEGER:
            return {**common, "validate": "integer", "criteria": ">=", "value": 0}
        if field.kind in (Kind.AMOUNT, Kind.QUANTITY, Kind.FRACTION, Kind.RATE):
            limit = {"minimum": -1e12, "maximum": 1e12}
            return {**common, "validate": "decimal", "criteria": "between", **limit}
        return None

    def _range(self, key: str) -> str:
        from xlsxwriter.utility import xl_col_to_name

        column = xl_col_to_name(_LIST_COLUMN + list(self._lists).index(key))
        return f"='{NOTES_SHEET}'!${column}$3:${column}${len(self._lists[key]) + 2}"

    def _write_notes(self, notes: Any) -> None:
        notes.set_column(0, 0, 30)
        notes.set_column(1, 1, 16)
        notes.set_column(2, 2, 60)
        label = translate(self._table.label)
        notes.write_string(0, 0, translate(N_("How to fill in: {table}")).format(table=label),
                           self._bold)  # fmt: skip
        lines = [
            N_("One line per row, below the titles. Columns you do not need may be deleted."),
            N_("The grey example row is passed over by the import; it may be deleted."),
            N_("Titles on a darker ground are required."),
        ]
        for row, line in enumerate(lines, 1):
            notes.write_string(row, 0, translate(line))
        for row, field in enumerate(self._table.fields, len(lines) + 2):
            notes.write_string(row, 0, f"– {translate(field.label)}")
            needed = N_("required") if field.required else N_("optional")
            notes.write_string(row, 1, translate(needed))
            notes.write_string(row, 2, translate(_SAYS[field.kind]))
        for place, (key, values) in enumerate(self._lists.items(), _LIST_COLUMN):
            label = translate(self._table.field(key).label)
            said = translate(N_("List: {name}")).format(name=label)
            notes.set_column(place, place, 22)
            notes.write_string(1, place, said, self._bold)
            for row, value in enumerate(values, 2):
                notes.write_string(row, place, value)


def _choices(field: FieldDef, language: str) -> list[str]:
    """Return the values a column is chosen from; empty where anything may be written."""
    if field.kind is Kind.COUNTRY:
        known = countries()
        named = country_names(language)
        found = [name for code, name in named.items() if known.get(plain(name)) == code]
        return sorted(found, key=plain)
    if field.kind is Kind.CURRENCY:
        return sorted(set(currencies().values()))
    if field.key == "line_kind":
        return _line_kinds(language)
    words_of = _YES_NO if field.kind is Kind.BOOLEAN else _LISTS.get(field.key, ())
    return [translate(word, language) for word in words_of]


def _line_kinds(language: str) -> list[str]:
    """Return a word of this language for every kind of line, as the intake reads it."""
    french = {"product": "produit", "postage": "frais de port", "fee": "frais",
              "adjustment": "ajustement", "sample": "échantillon"}  # fmt: skip
    known = words("line_kind")
    chosen = french if language == "fr" else {}
    return [chosen[k] if known.get(plain(chosen.get(k, ""))) == k else k for k in LINE_KINDS]


def _example(field: FieldDef, language: str) -> object:
    """Return what the example row holds in this column; None leaves it empty."""
    if field.key in _WORDS:
        return translate(_WORDS[field.key], language)
    by_kind = {
        Kind.COUNTRY: country_names(language)["FR"],
        Kind.DATE: _DAY,
        Kind.MONTH: _DAY.replace(day=1),
        Kind.BOOLEAN: translate("Yes", language),
    }
    known = {"line_kind": _line_kinds(language)[0], **_CODES}
    return known.get(field.key, by_kind.get(field.kind))
