"""The words of cohorts: how ages, groups and events are called in tables and sentences."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from core.formats import shown
from core.i18n import N_, Message, msg, msg_n, pack
from core.models.catalogue import DIMENSIONS
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_cohorts.retention import FEW_CUSTOMERS

GRAIN_FORMATS = {
    "month": Format.MONTH,
    "quarter": Format.QUARTER,
    "campaign": Format.CAMPAIGN,
}
# Ages that stand on tiles and in the comparison: soon, a little later, after a year (or two).
AGES = {"month": (1, 3, 12), "quarter": (1, 2, 4), "campaign": (1, 2, 3)}
ALL_CUSTOMERS = N_("All customers")
UNFINISHED = N_("Unfinished")
_SPLIT_NAMES = {
    "channel": N_("Channel of the first purchase"),
    "country": N_("Country of the first purchase"),
    "segment": N_("Customer segment"),
}


def age_name(grain: str, age: int) -> Message:
    """Return how an age is called: the month after the first purchase's is month +1."""
    if grain == "month":
        return msg("Month +{n}", n=age)
    return msg("Quarter +{n}", n=age) if grain == "quarter" else msg("Campaign +{n}", n=age)


def in_words(grain: str, age: int) -> Message:
    """Return how an age is called inside a sentence."""
    if grain == "month":
        return msg("month +{n}", n=age)
    return msg("quarter +{n}", n=age) if grain == "quarter" else msg("campaign +{n}", n=age)


def count(n: int) -> Any:
    """Return a number of customers for a sentence."""
    return shown(n, Format.INTEGER)


def few(customers: int) -> str | None:
    """Return the remark on a number too small for a rate, packed; None if it is large enough."""
    if customers >= FEW_CUSTOMERS:
        return None
    return pack(msg_n("{n} customer: read with care", "{n} customers: read with care", customers))


def cohort_column(grain: str) -> Column:
    """Return the column of the cohort's first day."""
    return Column("cohort", msg(N_("First purchase")), GRAIN_FORMATS[grain], "dimension")


def group_column(split: str | None) -> Column:
    """Return the column of a group: a member of the split, or all customers."""
    if split is None:
        return Column("group", msg(N_("Group")), Format.TEXT, "dimension", translate=True)
    return Column(split, Message(_SPLIT_NAMES[split]), DIMENSIONS[split].format, "dimension")


def made(
    columns: Sequence[Column],
    rows: Sequence[dict[str, Any]],
    caveats: Sequence[Message] = (),
    total: dict[str, Any] | None = None,
) -> ResultTable:
    """Return rows as a table; numbers are floats, days are days, the rest is text."""
    fields = [(column.key, _type(column)) for column in columns]
    data = pa.Table.from_pylist(list(rows), schema=pa.schema(fields))
    return ResultTable(tuple(columns), data, total, tuple(caveats))


def _type(column: Column) -> pa.DataType:
    if column.translate or column.format in (Format.TEXT, Format.CODE, Format.COUNTRY):
        return pa.string()
    if column.format in (*GRAIN_FORMATS.values(), Format.DATE):
        return pa.date32()
    return pa.int64() if column.format is Format.INTEGER else pa.float64()
