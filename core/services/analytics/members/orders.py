"""The last orders of a member, and what else is bought in the orders that contain a product."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa

from core.i18n import N_, Message, msg, msg_n
from core.models.formats import Format
from core.models.query import Filter, Period
from core.models.result import Column, ResultTable
from core.services.analytics.members.one import One

SHOWN, BASKETS = 50, 100
_ORDER = ("net_sales", "gross_margin", "margin_rate")
SHARE = "share_of_orders"


def recent(months: Iterable[tuple[date, Any]], period: Period | None, wanted: int) -> Period | None:
    """Return the end of a period that holds at least so many orders; all of it with fewer.

    Args:
        months: first days of the months with their orders, in their order.
        period: None for all days.
        wanted: number of orders.
    """
    found = 0
    stated = list(months)
    for month, orders in reversed(stated):
        found += int(orders or 0)
        if found >= wanted and period is not None:
            return Period(max(month, period.start), period.end)
    return period


def _recent(one: One, monthly: ResultTable, wanted: int) -> Period | None:
    months = zip(*(monthly.data[key].to_pylist() for key in ("month", "orders")), strict=True)
    return recent(months, one.asker.resolved.period, wanted)


def last_orders(one: One, monthly: ResultTable) -> ResultTable:
    """Return the last orders, the latest first; credit notes stand among them.

    Args:
        one: the member.
        monthly: its orders by month.
    """
    who = () if one.kind.dimension == "customer" else ("customer",)
    found = one.asker.ask(
        *_ORDER,
        by=("day", "invoice", *who),
        order="-day",
        compare=False,
        period=_recent(one, monthly, SHOWN),
    )
    if found.data.num_rows <= SHOWN:
        return replace(found, total=None)
    said = msg("The last {n} documents are listed; the lines hold all of them.", n=SHOWN)
    data = found.data.slice(0, SHOWN)
    return replace(found, data=data, total=None, caveats=(*found.caveats, said))


def together(one: One, monthly: ResultTable) -> ResultTable:
    """Return the other products of the last orders that contain a product, the most frequent first.

    The share is that of the orders with the product that contain the other one too.

    Args:
        one: the product.
        monthly: its orders by month.
    """
    documents = one.asker.ask(
        "orders",
        by=("day", "invoice"),
        order="-day",
        compare=False,
        period=_recent(one, monthly, BASKETS),
    )
    sold = [
        invoice
        for invoice, orders in zip(
            *(documents.data[key].to_pylist() for key in ("invoice", "orders")), strict=True
        )
        if invoice is not None and orders
    ][:BASKETS]
    asked = one.everybody.query(
        "orders", "net_sales", by=("product",), order="-orders", compare=False, products_only=True
    )
    wanted = Filter("invoice", tuple(sold) or ("",))
    found = one.asker.metrics.ask(replace(asked, where=(*asked.where, wanted)), one.asker.scope)
    return _shared(found, one)


def _shared(found: ResultTable, one: One) -> ResultTable:
    """Return the products beside the one, with their share of its orders."""
    codes = found.data["product"].to_pylist()
    counts = found.data["orders"].to_pylist()
    orders = next((n for code, n in zip(codes, counts, strict=True) if code == one.value), 0)
    others = [place for place, code in enumerate(codes) if code != one.value and counts[place]]
    data = found.data.take(pa.array(others[:SHOWN], pa.int64()))
    shares = [n / orders if orders else None for n in data["orders"].to_pylist()]
    data = data.append_column(SHARE, pa.array(shares, pa.float64()))
    column = Column(SHARE, msg(N_("Share of its orders")), Format.PERCENT, "extra")
    said: Message = msg_n(
        "Over the last order that contains it.", "Over the last {n} orders that contain it.", orders
    )
    return replace(
        found,
        columns=(*found.columns, column),
        data=data,
        total=None,
        caveats=(said, *found.caveats),
    )
