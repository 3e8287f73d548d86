"""Scores of a run as a table that the exports understand."""

import pyarrow as pa

from core.i18n import Message
from core.models.formats import Format
from core.models.result import Column, ResultTable


def scores_table(scores: pa.Table, data_version: int) -> ResultTable:
    """Return scores with their own names as headers: identifiers as texts, the rest as numbers."""
    return ResultTable(
        columns=tuple(
            Column(field.name, Message(field.name), _format(field.type), "flag")
            for field in scores.schema
        ),
        data=scores,
        data_version=data_version,
    )


def _format(kind: pa.DataType) -> Format:
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return Format.DATE
    if pa.types.is_integer(kind):
        return Format.QUANTITY
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Format.NUMBER
    return Format.CODE
