"""Master data of a member as they are stored, each row with the file it came from."""

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
    return ResultTable(
        _COLUMNS, pa.Table.from_pylist(_rows(table, records), schema=_SCHEMA), source="records"
    )


def _rows(table: str, records: list[Record]) -> list[dict[str, Any]]:
    """Return each field's value in force with the row that stated it, by day of validity.

    Value by value: a price list without names does not take the names away.
    """
    fields = [f for f in TABLES[table].fields[1:] if f.key != "valid_from"]
    days = dict.fromkeys(record.values.get("valid_from") for record in records)
    found: list[dict[str, Any]] = []
    for day in days:
        mine = [record for record in records if record.values.get("valid_from") == day]
        stated = [
            (mine.index(record), field, record)
            for field in fields
            for record in [next((r for r in mine if r.values[field.key] is not None), None)]
            if record is not None
        ]
        stated.sort(key=lambda one: one[0])  # what stands in one row stands together
        found += [_row(field, record) for _place, field, record in stated]
    return found


def _row(field: FieldDef, record: Record) -> dict[str, Any]:
    return {
        "field": field.label,
        "value": pack(_text(record.values[field.key], field)),
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
