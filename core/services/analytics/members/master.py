"""Master data of a member as they are stored, each row with the file it came from."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from core.formats import shown
from core.i18n import N_, Message, msg, pack
from core.models.formats import Format
from core.models.query import NO_VALUE
from core.models.result import Column, ResultTable
from core.models.schema import TABLES, FieldDef, Kind
from core.repository.records import Record
from core.services.analytics.members.one import One

_FORMATS = {Kind.COUNTRY: Format.COUNTRY, Kind.FRACTION: Format.PERCENT, Kind.DATE: Format.DATE}
_COLUMNS = (
    Column("field", msg(N_("Field")), Format.TEXT, "label", translate=True),
    Column("value", msg(N_("Value")), Format.TEXT, "flag", translate=True),
    Column("valid_from", msg(N_("Valid from")), Format.DATE, "flag"),
    Column("file", msg(N_("File")), Format.TEXT, "flag"),
    Column("sheet", msg(N_("Sheet")), Format.TEXT, "flag"),
    Column("row", msg(N_("Row")), Format.CODE, "flag"),
    Column("import_id", msg(N_("Import")), Format.CODE, "flag"),
)
_TYPES = {"valid_from": pa.date32(), "row": pa.int64(), "import_id": pa.int64()}
_SCHEMA = pa.schema([(c.key, _TYPES.get(c.key, pa.string())) for c in _COLUMNS])


def master(one: One, *, seen: bool) -> ResultTable:
    """Return the stored fields of a member, those in force first.

    Args:
        one: the member.
        seen: there are lines of it among those this person sees; who may see a part of the lines
            reads nothing about others.
    """
    table = one.kind.place.table
    if not table:
        return _empty(msg(N_("Countries have no master data: their names are those of ISO 3166.")))
    if one.value == NO_VALUE or (one.asker.scope.where and not seen):
        return _empty(msg(N_("No master data are stored.")))
    records = one.asker.metrics.records.rows(table, one.value)
    if not records:
        return _empty(
            msg(
                "No master data are stored for {name}: import a table “{table}” with its code.",
                name=one.name,
                table=Message(TABLES[table].label),
            )
        )
    rows = [row for record in _in_force(records) for row in _rows(table, record)]
    return ResultTable(_COLUMNS, pa.Table.from_pylist(rows, schema=_SCHEMA), source="records")


def _in_force(records: list[Record]) -> Iterator[Record]:
    """Yield the row in force and one for each earlier day of validity."""
    days: set[Any] = set()
    for record in records:
        day = record.values.get("valid_from")
        if day not in days:
            days.add(day)
            yield record


def _rows(table: str, record: Record) -> Iterator[dict[str, Any]]:
    for field in TABLES[table].fields[1:]:
        value = record.values[field.key]
        if value is None or field.key == "valid_from":
            continue
        yield {
            "field": field.label,
            "value": pack(_text(value, field)),
            "valid_from": record.values.get("valid_from"),
            "file": record.source.file_name,
            "sheet": record.sheet,
            "row": record.row,
            "import_id": record.source.id,
        }


def _text(value: Any, field: FieldDef) -> Message:
    """Return a stored value as a text of each language."""
    if isinstance(value, bool):
        return msg(N_("yes")) if value else msg(N_("no"))
    if isinstance(value, date):
        return Message("{value}", {"value": shown(value, Format.DATE)})
    if isinstance(value, Decimal):
        digits = max(-int(value.normalize().as_tuple().exponent), 0)
        kind = _FORMATS.get(field.kind)
        read = shown(value, kind) if kind else shown(value, Format.NUMBER, digits=digits)
        return Message("{value}", {"value": read})
    if field.kind in _FORMATS:
        return Message("{value}", {"value": shown(str(value), _FORMATS[field.kind])})
    return Message("{value}", {"value": str(value)})


def _empty(why: Message) -> ResultTable:
    data = pa.Table.from_pylist([], schema=_SCHEMA)
    return ResultTable(_COLUMNS, data, caveats=(why,))
