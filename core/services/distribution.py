"""How many orders are worth how much: bins, quartiles and the median, under any filters.

The value of an order is the net sales (docs/metrics.md) of its lines with a positive quantity
that lie inside the filters and the period. Returns have days of their own, often in another
period: they do not change what an order was worth when it was placed.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pyarrow as pa

from core.i18n import N_, Message, msg_n
from core.models.formats import Format
from core.models.query import Period
from core.models.result import Column, ResultTable
from core.repository.sql import Request, Worth, order_worth
from core.repository.warehouse import EDGES, Cursor, WarehouseInfo
from core.services.metric_filters import BoundCondition
from core.services.metric_values import AMOUNT

QUARTILES = (0.25, 0.5, 0.75)
_COLUMNS = (
    Column("low", Message(N_("From")), Format.MONEY, "dimension"),
    Column("high", Message(N_("Below")), Format.MONEY, "label"),
    Column("orders", Message(N_("Orders")), Format.INTEGER, "metric", "orders", "up"),
    Column("share", Message(N_("Share of orders")), Format.PERCENT, "metric"),
    Column("net_sales", Message(N_("Net sales")), Format.MONEY, "metric", "net_sales", "up"),
)


def order_values(
    cursor: Cursor,
    info: WarehouseInfo,
    conditions: Sequence[BoundCondition],
    period: Period | None,
    campaign_first_month: int,
) -> ResultTable:
    """Return the distribution of order values in base currency.

    Rows are bins with edges of 1, 2, 5, 10, 20, 50, …: `low` (included, empty below zero), `high`
    (not included), orders, their share, their net sales; empty bins between filled ones are rows.
    The total has orders, net_sales and the first_quartile, median and third_quartile of the
    values (in proportion between two orders), None without orders.

    Args:
        cursor: on the file.
        info: the file's facts.
        conditions: filters and rights.
        period: None for all data.
        campaign_first_month: 1–12.
    """
    request = Request(
        groups=(),
        measures=(),
        conditions=tuple(conditions),
        period=period,
        campaign_offset=campaign_first_month - 1,
    )
    worth = order_worth(cursor, request, info, QUARTILES)
    orders = sum(worth.orders)
    first, median, third = worth.ranked or (None, None, None)
    return ResultTable(
        columns=_COLUMNS,
        data=_bins(worth, orders),
        total={
            "orders": orders,
            "share": 1.0 if orders else None,
            "net_sales": sum(worth.net_sales, Decimal(0)) if orders else None,
            "first_quartile": first,
            "median": median,
            "third_quartile": third,
        },
        caveats=tuple(_caveats(worth)),
        data_version=info.data_version,
        period=period,
        source=worth.source,
        sql=";\n".join(worth.sql),
    )


def _bins(worth: Worth, orders: int) -> pa.Table:
    filled = [step for step, count in enumerate(worth.orders) if count]
    shown = range(filled[0], filled[-1] + 1) if filled else range(0)
    lows = [None, *EDGES]
    highs = [*EDGES, None]
    columns = {
        "low": pa.array([lows[step] for step in shown], AMOUNT),
        "high": pa.array([highs[step] for step in shown], AMOUNT),
        "orders": pa.array([worth.orders[step] for step in shown], pa.int64()),
        "share": pa.array([worth.orders[step] / orders for step in shown], pa.float64()),
        "net_sales": pa.array([worth.net_sales[step] for step in shown], AMOUNT),
    }
    return pa.table(columns)


def _caveats(worth: Worth) -> Iterator[Message]:
    if worth.unknown:
        yield msg_n(
            "{n} order is in no bin: an amount on it is unknown.",
            "{n} orders are in no bin: an amount on them is unknown.",
            worth.unknown,
        )
