"""The sheet that says what the numbers are: period, filters, version, moment, definitions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from core.i18n import Message, msg, translate
from core.models.catalogue import METRICS
from core.models.formats import Format
from core.models.query import Period
from core.models.result import ResultTable
from core.services.export.context import ExportContext, filter_texts
from core.services.export.sheets import number_format

_NAME_WIDTH, _TEXT_WIDTH, _SECOND_WIDTH = 30, 90, 14


def write_definitions(
    book: Any,
    name: str,
    tables: Sequence[ResultTable],
    context: ExportContext,
    notes: Sequence[Message],
) -> None:
    """Add the sheet to an open workbook, in the current language.

    Args:
        book: an open xlsxwriter workbook.
        name: the sheet's name.
        tables: what the other sheets show; their metrics are defined, their caveats listed.
        context: what the numbers stand on.
        notes: what happened while the sheets were written (cut texts, continued sheets).
    """
    sheet = _Lines(book, book.add_worksheet(name), context.language)
    if context.demo:
        sheet.text(msg("Demo"), msg("These are the numbers of the invented demo company."))
    sheet.period(msg("Period"), context.period, msg("All data"))
    sheet.period(msg("Compared period"), context.compared, msg("No comparison"))
    filters = filter_texts(context.filters, context.segments, context.dimensions)
    for label, chosen in filters:
        sheet.text(label, chosen)
    if not filters:
        sheet.text(msg("Filters"), msg("No filter"))
    sheet.number(msg("Data version"), context.data_version)
    sheet.text(msg("Amounts in"), context.base_currency)
    sheet.moment(msg("Made at"), context.made_at)
    sheet.text(msg("Made by"), context.owner)
    sheet.gap()
    found = [c for table in tables for c in table.caveats]
    for caveat in dict.fromkeys([*context.caveats, *found, *notes]):
        sheet.text(msg("To know"), caveat)
    sheet.gap()
    if context.notes:
        sheet.heading(msg("Notes"), "")
        for about, text in context.notes:
            sheet.text(about, text)
        sheet.gap()
    sheet.heading(msg("Metric"), msg("Definition"))
    for metric, definition in _metrics_of(tables):
        sheet.text(metric, definition)


def _metrics_of(tables: Iterable[ResultTable]) -> list[tuple[str, str]]:
    """Return name and definition of the metrics of all columns and key-figure rows, once each."""
    found: dict[str, tuple[str, str]] = {}
    for table in tables:
        for column in table.columns:
            if column.definition:  # of a company's own
                found[column.key] = (str(column.name), translate(column.definition))
        keys = [column.metric for column in table.columns if column.metric]
        if "metric" in table.data.column_names:
            keys += table.data.column("metric").to_pylist()
        for key in keys:
            if key in METRICS:
                metric = METRICS[key]
                found.setdefault(key, (translate(metric.name), translate(metric.definition)))
    return list(found.values())


class _Lines:
    """Writes label and value lines one below the other."""

    def __init__(self, book: Any, sheet: Any, language: str) -> None:
        self._sheet = sheet
        self._row = 0
        self._label = book.add_format({"bold": True, "valign": "top"})
        self._wrap = book.add_format({"text_wrap": True, "valign": "top"})
        day = number_format(Format.DATE, language, "EUR")
        look = {"align": "left", "valign": "top"}
        self._day = book.add_format({"num_format": day, **look})
        self._moment = book.add_format({"num_format": f"{day} hh:mm", **look})
        self._integer = book.add_format({"num_format": "0", **look})
        sheet.set_column(0, 0, _NAME_WIDTH)
        sheet.set_column(1, 1, _TEXT_WIDTH)
        sheet.set_column(2, 2, _SECOND_WIDTH)

    def _start(self, label: Message | str) -> int:
        self._sheet.write_string(self._row, 0, str(label), self._label)
        self._row += 1
        return self._row - 1

    def text(self, label: Message | str, value: Message | str) -> None:
        at = self._start(label)
        self._sheet.write_string(at, 1, str(value), self._wrap)

    def heading(self, label: Message | str, value: Message | str) -> None:
        at = self._start(label)
        self._sheet.write_string(at, 1, str(value), self._label)

    def number(self, label: Message, value: int) -> None:
        at = self._start(label)
        self._sheet.write_number(at, 1, value, self._integer)

    def moment(self, label: Message, value: datetime) -> None:
        at = self._start(label)
        self._sheet.write_datetime(at, 1, value.replace(tzinfo=None), self._moment)
        self._sheet.write_string(at, 2, value.tzname() or "")

    def period(self, label: Message, period: Period | None, otherwise: Message) -> None:
        if period is None:
            self.text(label, otherwise)
            return
        at = self._start(label)
        self._sheet.write_datetime(at, 1, period.start, self._day)
        self._sheet.write_datetime(at, 2, period.end, self._day)

    def gap(self) -> None:
        self._row += 1
