"""The words of segments and groups, and rows as tables."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from core.formats import shown
from core.i18n import N_, Message, Shown, msg, pack
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.models.rfm import SegmentRule, segment_names
from core.services.customer_segments.people import NOT_YET

NOT_YET_NAME = msg(N_("Not yet a customer"))
LAST_YEAR = msg(N_("Net sales, last 12 months"))
MARGIN_LAST_YEAR = msg(N_("Gross margin, last 12 months"))
YEAR_BEFORE = msg(N_("Net sales, 12 months up to the day compared"))
SALES_EVER = msg(N_("Net sales since the beginning"))
SALES_SHARE = msg(N_("Share of net sales"))
SCALES = {
    "recency": N_("Recency"),
    "frequency": N_("Frequency"),
    "monetary": N_("Amount per purchase day"),
}
LEVELS: Mapping[str, Mapping[int, str]] = {
    "recency": {
        -2: N_("Very recent"),
        -1: N_("Recent"),
        0: N_("Some time ago"),
        1: N_("Long ago"),
        2: N_("Very long ago"),
    },
    "frequency": {
        -2: N_("very rare"),
        -1: N_("rare"),
        0: N_("now and then"),
        1: N_("frequent"),
        2: N_("very frequent"),
    },
    "monetary": {
        -2: N_("very small baskets"),
        -1: N_("small baskets"),
        0: N_("mid-sized baskets"),
        1: N_("large baskets"),
        2: N_("very large baskets"),
    },
}
RFM_COLUMNS = (
    Column("recency", msg(N_("Days since the last purchase")), Format.INTEGER, "metric"),
    Column("frequency", msg(N_("Purchase days")), Format.INTEGER, "metric"),
    Column("monetary", msg(N_("Net sales per purchase day")), Format.MONEY, "metric"),
)
_TYPES = {
    Format.DATE: pa.date32(),
    Format.MONEY: pa.float64(),
    Format.NUMBER: pa.float64(),
    Format.SCORE: pa.float64(),
    Format.PERCENT: pa.float64(),
    Format.POINTS: pa.float64(),
    Format.INTEGER: pa.int64(),
}


def names_of(rules: Sequence[SegmentRule]) -> dict[str, Message]:
    """Return the name of every segment, and of those who were no customers yet."""
    return {**segment_names(rules), NOT_YET: NOT_YET_NAME}


def group_name(levels: Mapping[str, int]) -> Message:
    """Return what a group is like, such as “Recent, frequent, small baskets”."""
    return msg(
        "{recency}, {frequency}, {monetary}",
        **{name: Message(LEVELS[name][level]) for name, level in levels.items()},
    )


def day_text(day: date) -> Message:
    """Return a day for a table of texts, written in the reader's language."""
    return msg("{day}", day=day_shown(day))


def day_shown(day: date) -> Shown:
    """Return a day for a sentence."""
    return shown(day, Format.DATE)


def count(n: int) -> Shown:
    """Return a number of customers or days for a sentence."""
    return shown(n, Format.INTEGER)


def percent(share: float, digits: int = 0) -> Shown:
    """Return a share for a sentence."""
    return shown(share, Format.PERCENT, digits=digits)


def money(amount: float, currency: str) -> Shown:
    """Return an amount for a sentence."""
    return shown(amount, Format.MONEY, currency=currency, digits=0)


def made(
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    caveats: Sequence[Message] = (),
    total: Mapping[str, Any] | None = None,
) -> ResultTable:
    """Return rows as a table of the declared columns; messages become packed cells."""
    schema = pa.schema([(c.key, _type(c)) for c in columns])
    cells = [{c.key: _cell(row.get(c.key)) for c in columns} for row in rows]
    data = pa.Table.from_pylist(cells, schema=schema)
    return ResultTable(columns=tuple(columns), data=data, caveats=tuple(caveats), total=total)


def arranged(columns: Sequence[Column], data: pa.Table) -> ResultTable:
    """Return Arrow columns in the order and the types of the declared ones."""
    schema = pa.schema([(c.key, _type(c)) for c in columns])
    return ResultTable(tuple(columns), data.select([c.key for c in columns]).cast(schema))


def _type(column: Column) -> pa.DataType:
    if column.format_by:
        return pa.float64()
    return _TYPES.get(column.format, pa.string())


def _cell(value: Any) -> Any:
    return pack(value) if isinstance(value, Message) else value
