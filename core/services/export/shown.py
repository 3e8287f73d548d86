"""The columns of a person's export: readable headers, native values, names beside codes."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.formats import country_name, format_day
from core.i18n import current_language, msg, translate
from core.models.catalogue import DIMENSIONS, METRICS, Metric
from core.models.formats import Format
from core.models.result import LEVEL, Column, ResultTable
from core.services.metrics import OTHERS

Native = str | int | float | Decimal | date | None
Convert = Callable[[Any, Format], Native]
_TEXTS = (Format.TEXT, Format.CODE, Format.COUNTRY)
_YEAR_SLACK_DAYS = 8  # a campaign or a 53rd week moves a year-before period by a few days
_YEAR_DAYS = 365


@dataclass(frozen=True)
class Shown:
    """One column of the file.

    Attributes:
        header: its name in the reader's language.
        key: the result column its values come from.
        kind: how it is formatted where `by` names no other column.
        convert: value and format of a cell → native value.
        by: the column that holds each row's own format.
        code: for names, the column of their codes; where that is empty too, `unknown` stands.
        unknown: what a member without a code is called.
    """

    header: str
    key: str
    kind: Format
    convert: Convert
    by: str | None = None
    code: str | None = None
    unknown: str | None = None


def shown_columns(table: ResultTable) -> list[Shown]:
    """Return the columns a person sees, in the current language.

    Columns that only say how others are formatted are left out; a country gets its name beside
    its code.
    """
    formats = {column.format_by for column in table.columns}
    found: list[Shown] = []
    for column in table.columns:
        if column.key in {*formats, LEVEL} or _says_nothing(column, table) or _is_key(column):
            continue
        labelled = _label(column, table) is not None
        code = _named_by(column, table)
        found.append(
            Shown(
                header=header_text(column, table),
                key=column.key,
                kind=shown_format(column, column.format),
                convert=_converter(column, named=column.role == "dimension" and not labelled),
                by=column.format_by,
                code=code.key if code else None,
                unknown=_unknown(code) if code else None,
            )
        )
        if column.format is Format.COUNTRY and not labelled:
            header = msg("{name} (name)", name=column.name)
            found.append(Shown(str(header), column.key, Format.TEXT, _country(column)))
    return _distinct(found)


def shown_format(column: Column, kind: Format) -> Format:
    """Return the format of a cell: the difference of two rates is counted in points."""
    return Format.POINTS if column.role == "change" and kind is Format.PERCENT else kind


def header_text(column: Column, table: ResultTable) -> str:
    """Return a header that says which metric, which period and which unit it is about."""
    label = _label(column, table)
    if label is not None and str(label.name) == str(column.name):
        return str(msg("{name} (code)", name=column.name))
    if column.member is not None and column.role in ("compared", "change", "change_rate"):
        figure = header_text(table.column(column.key.partition("[")[0]), table)
        return str(msg("{member}: {figure}", member=column.member, figure=figure))
    metric = _metric_of(column, table)
    if metric and column.role == "compared":
        name = _name(metric)
        if _is_year_before(table):
            return str(msg("{metric}, year before", metric=name))
        return str(msg("{metric}, previous period", metric=name))
    if metric and shown_format(column, column.format) is Format.POINTS:
        return str(msg("{metric}, change (points)", metric=_name(metric)))
    return str(column.name)


def _name(metric: Column | Metric) -> str:
    return translate(metric.name) if isinstance(metric, Metric) else str(metric.name)


def _label(column: Column, table: ResultTable) -> Column | None:
    """Return the column that names the members of this one."""
    if column.role != "dimension":
        return None
    return next((c for c in table.columns if c.key == f"{column.key}_name"), None)


def _named_by(column: Column, table: ResultTable) -> Column | None:
    """Return the column of the codes that a column of names belongs to."""
    if column.role != "label":
        return None
    key = column.key.removesuffix("_name")
    return next((c for c in table.columns if c.key == key and c.role == "dimension"), None)


def _unknown(column: Column) -> str | None:
    """Return what an empty value of a dimension's column is called."""
    if column.role != "dimension":
        return None
    declared = DIMENSIONS.get(column.key)
    return translate(column.unknown or (declared.unknown if declared else "")) or None


def _metric_of(column: Column, table: ResultTable) -> Column | Metric | None:
    """Return the metric a column belongs to, or, of a company's own, the column of its values."""
    shipped = METRICS.get(column.metric or "")
    if shipped or not column.metric:
        return shipped
    return next((c for c in table.columns if c.key == column.metric and c.role == "metric"), None)


def _says_nothing(column: Column, table: ResultTable) -> bool:
    """The change of a rate is counted in points; a percentage of a percentage is left out."""
    metric = _metric_of(column, table)
    return column.role == "change_rate" and metric is not None and metric.format is Format.PERCENT


def _is_key(column: Column) -> bool:
    """Keys nobody reads are left out: their names stand in the column beside them."""
    dimension = DIMENSIONS.get(column.key)
    keyed = column.keyed or (dimension is not None and dimension.keyed)
    return column.role == "dimension" and keyed


def _is_year_before(table: ResultTable) -> bool:
    if table.period is None or table.compared is None:
        return False
    apart = (
        (table.period.start - table.compared.start).days,
        (table.period.end - table.compared.end).days,
    )
    return all(abs(days - _YEAR_DAYS) <= _YEAR_SLACK_DAYS for days in apart)


def native(value: Any, kind: Format) -> Native:
    """Return a cell's native value; unknown and not-a-number are None."""
    if value is None or (isinstance(value, (float, Decimal)) and not math.isfinite(value)):
        return None
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return _day(value, kind)
    if kind in _TEXTS or isinstance(value, (str, bool)):
        return str(value)
    return value * 100 if kind is Format.POINTS else value


def _day(day: date, kind: Format) -> Native:
    if kind is Format.YEAR:
        return day.year
    if kind in (Format.QUARTER, Format.CAMPAIGN):  # spreadsheets have no format for these
        return format_day(day, kind, current_language())
    return day


def _converter(column: Column, *, named: bool) -> Convert:
    """Return how a column's values become cells.

    Args:
        column: the result column.
        named: an unknown member of a split is a group of its own and gets its name here.
    """
    others = str(msg("Others"))
    unknown = _unknown(column) if named else None
    if column.format is Format.COUNTRY:
        unknown = None  # its name stands in the column beside it

    def convert(value: Any, kind: Format) -> Native:
        if value is None:
            return unknown
        if value == OTHERS:
            return others
        return native(translate(str(value)) if column.translate else value, kind)

    return convert


def _country(column: Column) -> Convert:
    language = current_language()
    unknown = _unknown(column)

    def convert(value: Any, _kind: Format) -> Native:
        if value == OTHERS:
            return None
        return unknown if value is None else country_name(str(value), language)

    return convert


def _distinct(columns: Sequence[Shown]) -> list[Shown]:
    """Two columns of one name cannot be told apart: the later ones say which key they show."""
    seen: set[str] = set()
    found: list[Shown] = []
    for column in columns:
        header = column.header if column.header not in seen else f"{column.header} ({column.key})"
        seen.add(header)
        found.append(replace(column, header=header))
    return found


def total_values(table: ResultTable, columns: Sequence[Shown]) -> list[Native] | None:
    """Return the total row, ratios of the totals included; None where a total says nothing.

    A table without a split is its own total.
    """
    split = any(column.role == "dimension" for column in table.columns)
    if table.total is None or not split or not table.data.num_rows:
        return None
    total: Mapping[str, Any] = table.total
    roles = {column.key: column.role for column in table.columns}
    values = [
        None
        if roles[column.key] in ("dimension", "label")
        else column.convert(total.get(column.key), column.kind)
        for column in columns
    ]
    values[0] = str(msg("Total"))
    return values
