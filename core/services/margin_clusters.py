"""Margin anomalies by clustering: the question, the words, the table."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from core.formats import shown
from core.i18n import N_, Message, msg, msg_n, pack
from core.models.formats import Format
from core.models.query import Period
from core.models.result import Column, ResultTable
from core.services.methods.margin_clusters import (
    MIN_CELLS,
    MIN_MONTHS,
    Clusters,
    MonthCell,
    Reason,
    Unusual,
    find_unusual,
)

METRICS = ("net_sales", "cogs", "gross_margin", "units", "discounts", "gross_sales")
SERIES = ("supplier", "product", "channel")
_COVERED = 0.99  # of a month's sales whose cost is known: less says nothing of a unit
_LISTED = 200
_NAMES: Mapping[str, str] = {
    "margin_rate": N_("Margin on sales"),
    "unit_price": N_("Net price per unit"),
    "unit_cost": N_("Cost per unit"),
    "units": N_("Quantity"),
    "discount_rate": N_("Discount"),
}
_FORMATS: Mapping[str, Format] = {
    "margin_rate": Format.PERCENT,
    "unit_price": Format.PRICE,
    "unit_cost": Format.PRICE,
    "units": Format.QUANTITY,
    "discount_rate": Format.PERCENT,
}


def cluster_table(
    answer: ResultTable, period: Period | None, min_sales: float, currency: str
) -> ResultTable:
    """Return the months outside the crowd, the largest effect on the margin first.

    Args:
        answer: `METRICS` by `SERIES` and month, over the history.
        period: whose months may be flagged.
        min_sales: of a month.
        currency: of the amounts.
    """
    since = period.start.replace(day=1) if period else None
    clusters = find_unusual(_cells(answer), since, min_sales)
    names = {
        key: dict(zip(_column(answer, key), _column(answer, f"{key}_name"), strict=True))
        for key in ("supplier", "product")
    }
    rows = [_row(one, names, currency) for one in clusters.found[:_LISTED]]
    return ResultTable(
        columns=_COLUMNS,
        data=pa.Table.from_pylist(rows, schema=_SCHEMA),
        caveats=_caveats(clusters),
        data_version=answer.data_version,
        period=period,
        source="",  # says itself why it is empty, where it is
        asked=answer.asked,
    )


def _column(answer: ResultTable, key: str) -> list[Any]:
    return list(answer.data.column(key).to_pylist())


def _cells(answer: ResultTable) -> list[MonthCell]:
    series = zip(*(_column(answer, key) for key in SERIES), strict=True)
    figures = zip(*(_column(answer, key) for key in METRICS), strict=True)
    found = []
    for key, month, amounts in zip(series, _column(answer, "month"), figures, strict=True):
        if any(amount is None for amount in amounts):
            continue
        net, cost, margin, units, discounts, gross = map(float, amounts)
        if net <= 0 or cost + margin < _COVERED * net:
            continue
        share = discounts / gross if gross > 0 else 0.0
        found.append(MonthCell(key, month, units, cost + margin, cost, share))
    return found


def _caveats(clusters: Clusters) -> tuple[Message, ...]:
    """Say how much was compared, and what could not be."""
    n, series = (shown(number, Format.INTEGER) for number in (clusters.cells, clusters.series))
    if clusters.cells < MIN_CELLS:
        return (
            msg(
                "Too few months to tell a crowd from what stands outside of it: {n}, at least "
                "{least} are needed.",
                n=n,
                least=MIN_CELLS,
            ),
        )
    said = [
        msg(
            "Compared: {n} months of {series} products in a channel, each with its own usual "
            "range.",
            n=n,
            series=series,
        )
    ]
    if clusters.short:
        said.append(
            msg_n(
                "{n} product in a channel has fewer than {least} months and is left out.",
                "{n} products in a channel have fewer than {least} months and are left out.",
                clusters.short,
                least=MIN_MONTHS,
            )
        )
    if not clusters.found:
        said.append(msg("No month of the period stands outside the crowd."))
    return tuple(said)


def _row(
    one: Unusual, names: Mapping[str, Mapping[str | None, str | None]], currency: str
) -> dict[str, Any]:
    supplier, product, channel = one.cell.series
    alone = msg("Alone") if one.alike == 1 else msg_n("{n} alike", "{n} alike", one.alike)
    return {
        "group": pack(alone),
        "supplier": supplier,
        "supplier_name": names["supplier"].get(supplier),
        "product": product,
        "product_name": names["product"].get(product),
        "channel": channel,
        "month": one.cell.month,
        "reasons": pack(_told(one.reasons, currency)),
        "sales": one.cell.sales,
        "margin_rate": one.rate,
        "typical_rate": one.typical,
        "impact": one.impact,
        "distance": one.distance,
    }


def _told(reasons: Sequence[Reason], currency: str) -> Message:
    """Return what is off in words, with the range in which the series usually is."""
    found: Message | None = None
    for reason in reasons:
        kind = _FORMATS[reason.feature]
        value, low, high = (
            shown(number, kind, currency=currency)
            for number in (reason.value, reason.low, reason.high)
        )
        name = Message(_NAMES[reason.feature])
        one = msg(
            "{name} {value}, usually {low} to {high}", name=name, value=value, low=low, high=high
        )
        found = one if found is None else msg("{list}; {one}", list=found, one=one)
    return found or Message("")


_COLUMNS = (
    Column("group", msg(N_("Group")), Format.TEXT, "flag", translate=True),
    Column("supplier", msg(N_("Supplier code")), Format.CODE, "dimension"),
    Column("supplier_name", msg(N_("Supplier")), Format.TEXT, "label"),
    Column("product", msg(N_("Product code")), Format.CODE, "dimension"),
    Column("product_name", msg(N_("Product")), Format.TEXT, "label"),
    Column("channel", msg(N_("Channel")), Format.TEXT, "dimension"),
    Column("month", msg(N_("Month")), Format.MONTH, "dimension"),
    Column("reasons", msg(N_("Reasons")), Format.TEXT, "flag", translate=True),
    Column("sales", msg(N_("Net sales")), Format.MONEY, "metric", "net_sales", "up"),
    Column(
        "margin_rate", msg(N_("Margin on sales")), Format.PERCENT, "metric", "margin_rate", "up"
    ),
    Column("typical_rate", msg(N_("Usual margin on sales")), Format.PERCENT, "compared"),
    Column("impact", msg(N_("Effect on margin")), Format.MONEY, "change", good="up"),
    Column("distance", msg(N_("Distance")), Format.NUMBER, "extra"),
)
_NUMBERS = ("sales", "margin_rate", "typical_rate", "impact", "distance")
_TYPES = {"month": pa.date32(), **dict.fromkeys(_NUMBERS, pa.float64())}
_SCHEMA = pa.schema([(column.key, _TYPES.get(column.key, pa.string())) for column in _COLUMNS])
