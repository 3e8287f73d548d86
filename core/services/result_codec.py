"""Results as bytes and back: a JSON header and Arrow streams, read without executing anything.

Layout: mark, checksum of everything after it, length of the header, header, one Arrow stream per
table. What does not read back completely raises `DamagedError`.
"""

import json
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zlib import crc32

import pyarrow as pa

from core.i18n import Message, Shown
from core.models.formats import Format
from core.models.query import Period
from core.models.result import AnalysisResult, Column, Outcome, ResultTable

_MARK = b"PICHRES1"
_HEAD = struct.Struct("<8sIQ")
_PLAIN = (str, int, bool, type(None))


class DamagedError(Exception):
    """The bytes are no result, or not a whole one."""


def encode(result: AnalysisResult) -> bytes:
    """Return a result as bytes; `decode` returns an equal one.

    Raises:
        TypeError: a value is of a kind no result may hold.
    """
    streams: list[bytes] = []

    def stream(table: pa.Table | None) -> int | None:
        if table is None:
            return None
        streams.append(_written(table))
        return len(streams) - 1

    outcome = result.outcome
    header = {
        "tables": [[key, _table(table, stream)] for key, table in result.tables.items()],
        "titles": _value(result.titles),
        "headline": _value(result.headline),
        "caveats": _value(list(result.caveats)),
        "notes": _value(list(result.notes)),
        "data_version": result.data_version,
        "period": _period(result.period),
        "compared": _period(result.compared),
        "outcome": None
        if outcome is None
        else {
            "model": _value(outcome.model),
            "scores": stream(outcome.scores),
            "card": _value(outcome.card),
            "publish": list(outcome.publish),
        },
    }
    header["streams"] = [len(part) for part in streams]
    text = json.dumps(header, allow_nan=False).encode()
    body = b"".join([text, *streams])
    return _HEAD.pack(_MARK, crc32(body), len(text)) + body


def decode(content: bytes) -> AnalysisResult:
    """Return the result of `encode`.

    Raises:
        DamagedError: the bytes are cut short, changed, or were never a result.
    """
    try:
        return _decoded(content)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise DamagedError from error
    except (pa.ArrowException, struct.error, RecursionError) as error:
        raise DamagedError from error


def _decoded(content: bytes) -> AnalysisResult:
    mark, checksum, length = _HEAD.unpack_from(content)
    body = memoryview(content)[_HEAD.size :]
    if mark != _MARK or crc32(body) != checksum:
        raise DamagedError
    header = json.loads(bytes(body[:length]))
    tables: list[pa.Table] = []
    start = length
    for size in header["streams"]:
        tables.append(_read(body[start : start + size]))
        start += size
    stored = header["outcome"]
    return AnalysisResult(
        tables={key: _table_of(table, tables) for key, table in header["tables"]},
        titles=_back(header["titles"]),
        headline=_back(header["headline"]),
        caveats=tuple(_back(header["caveats"])),
        notes=tuple(_back(header["notes"])),
        data_version=int(header["data_version"]),
        period=_period_of(header["period"]),
        compared=_period_of(header["compared"]),
        outcome=None
        if stored is None
        else Outcome(
            model=_back(stored["model"]),
            scores=None if stored["scores"] is None else tables[stored["scores"]],
            card=_back(stored["card"]),
            publish=tuple(stored["publish"]),
        ),
    )


def _written(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _read(part: memoryview) -> pa.Table:
    with pa.ipc.open_stream(pa.py_buffer(part)) as reader:
        found = reader.read_all()
    found.validate(full=True)  # offsets and texts within bounds, whoever wrote them
    return found


def _table(table: ResultTable, stream: Any) -> dict[str, Any]:
    return {
        "columns": [_column(column) for column in table.columns],
        "data": stream(table.data),
        "total": None if table.total is None else _value(table.total),
        "caveats": _value(list(table.caveats)),
        "data_version": table.data_version,
        "period": _period(table.period),
        "compared": _period(table.compared),
        "source": table.source,
        "sql": table.sql,
    }


def _table_of(stored: Mapping[str, Any], tables: list[pa.Table]) -> ResultTable:
    return ResultTable(
        columns=tuple(_column_of(column) for column in stored["columns"]),
        data=tables[stored["data"]],
        total=None if stored["total"] is None else _back(stored["total"]),
        caveats=tuple(_back(stored["caveats"])),
        data_version=int(stored["data_version"]),
        period=_period_of(stored["period"]),
        compared=_period_of(stored["compared"]),
        source=stored["source"],
        sql=stored["sql"],
    )


def _column(column: Column) -> dict[str, Any]:
    return {field.name: _value(getattr(column, field.name)) for field in fields(column)}


def _column_of(stored: Mapping[str, Any]) -> Column:
    found: dict[str, Any] = {name: _back(value) for name, value in stored.items()}
    found["format"] = Format(found["format"])
    return Column(**found)


def _period(period: Period | None) -> list[str] | None:
    return None if period is None else [period.start.isoformat(), period.end.isoformat()]


def _period_of(stored: list[str] | None) -> Period | None:
    return None if stored is None else Period(*(date.fromisoformat(day) for day in stored))


def _value(value: Any) -> Any:
    """Return a value as JSON; what JSON does not know becomes a pair of its kind and a content."""
    if hasattr(value, "item"):  # a number of numpy
        value = value.item()
    if isinstance(value, _PLAIN) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, (list, tuple)):
        return [_value(part) for part in value]
    for kind, (known, content) in _WRITTEN.items():
        if isinstance(value, known):
            return {kind: content(value)}
    raise TypeError(type(value).__name__)


# A moment is a day as well: the narrower kind stands first.
_WRITTEN: Mapping[str, tuple[type[Any], Callable[[Any], Any]]] = {
    "float": (float, str),
    "decimal": (Decimal, str),
    "moment": (datetime, datetime.isoformat),
    "day": (date, date.isoformat),
    "shown": (Shown, lambda value: _value(value.as_dict())),
    "message": (
        Message,
        lambda value: [value.text, _value(value.values), value.plural, _value(value.own)],
    ),
    "map": (Mapping, lambda value: [[str(key), _value(part)] for key, part in value.items()]),
}


def _back(stored: Any) -> Any:
    if isinstance(stored, list):
        return [_back(part) for part in stored]
    if not isinstance(stored, dict):
        return stored
    ((kind, content),) = stored.items()
    return _KINDS[kind](content)


def _message(content: list[Any]) -> Message:
    text, values, plural, own = content
    return Message(str(text), _back(values), plural, _back(own))


_KINDS: Mapping[str, Any] = {
    "float": float,
    "decimal": Decimal,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "shown": lambda content: Shown.from_dict(_back(content)),
    "message": _message,
    "map": lambda content: {key: _back(part) for key, part in content},
}
