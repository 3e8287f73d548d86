"""The tables of the lifetime value: key figures, customers, totals, concentration."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.formats import shown
from core.i18n import N_, Message, msg, msg_n, pack
from core.models.formats import Format
from core.models.query import Period
from core.models.result import Column, ResultTable
from core.services.customer_value.data import Floats, Purchases
from core.services.customer_value.splits import SPLIT_FORMATS, SPLIT_NAMES, Split
from core.services.customer_value.valuation import Valuation

_STEPS = 100  # points of the concentration curve


@dataclass(frozen=True)
class Frame:
    """What all tables of a run share."""

    data_version: int
    period: Period

    def table(
        self,
        columns: Sequence[Column],
        data: dict[str, Any],
        caveats: Sequence[Message] = (),
    ) -> ResultTable:
        """Return a table from one list or array per column."""
        arrays = [_array(column, data[column.key]) for column in columns]
        return ResultTable(
            columns=tuple(columns),
            data=pa.table(arrays, names=[column.key for column in columns]),
            caveats=tuple(caveats),
            data_version=self.data_version,
            period=self.period,
        )

    def rows(
        self,
        columns: Sequence[Column],
        rows: Sequence[dict[str, Any]],
        caveats: Sequence[Message] = (),
    ) -> ResultTable:
        """Return a table from rows; what a row does not name is unknown."""
        data = {column.key: [row.get(column.key) for row in rows] for column in columns}
        return self.table(columns, data, caveats)


_TEXTS = {Format.TEXT, Format.CODE, Format.COUNTRY}
_DATES = {Format.DATE, Format.WEEK, Format.MONTH, Format.QUARTER, Format.YEAR, Format.CAMPAIGN}


def _array(column: Column, values: Any) -> pa.Array:
    """Return a column's values; NaN is unknown."""
    kind = pa.float64()
    if column.format in _TEXTS:
        kind = pa.string()
    elif column.format in _DATES:
        kind = pa.date32()
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values.cast(kind)
    return pa.array(values, kind, from_pandas=True)


def kpi_rows(
    frame: Frame, purchases: Purchases, valuation: Valuation, source: Message, until: date
) -> ResultTable:
    """Return one row per key figure, with the interval where there is one.

    Args:
        frame: of the run.
        purchases: the customers.
        valuation: their values.
        source: name of the amount that counts as value.
        until: end of the horizon.
    """
    ahead = msg("until {day}", day=shown(until, Format.DATE))
    plain = msg("{source}, not discounted", source=source)
    money, share = Format.MONEY, Format.PERCENT
    top = top_share(valuation.clv, 0.1)
    rows: list[tuple[str, str, Format, float | None, Message]] = [
        ("customers", N_("Customers"), Format.INTEGER, purchases.count, _came_back(purchases)),
        ("clv", N_("Lifetime value"), money, valuation.total.value, ahead),
        ("expected_orders", N_("Expected orders"), Format.INTEGER, valuation.orders.sum(), ahead),
        ("expected_margin", N_("Expected value"), money, valuation.margin.sum(), plain),
        (
            "p_alive",
            N_("P(still active), mean"),
            share,
            valuation.p_alive.mean(),
            msg("has not left for good"),
        ),
        ("top_decile", N_("Share of the top 10%"), share, top, msg("of the lifetime value")),
    ]
    names = ("metric", "metric_name", "format", "value", "remark")
    found: list[dict[str, Any]] = [
        dict(zip(names, (key, name, form.value, value, pack(remark)), strict=True))
        for key, name, form, value, remark in rows
    ]
    found[1] |= {"low": valuation.total.low, "high": valuation.total.high}
    return frame.rows(_KPI_COLUMNS, found)


def _came_back(purchases: Purchases) -> Message:
    back = int((purchases.x > 0).sum())
    return msg_n(
        "{count} came back after the first purchase",
        "{count} came back after the first purchase",
        back,
        count=shown(back, Format.INTEGER),
    )


_KPI_COLUMNS = (
    Column("metric", msg(N_("Key")), Format.CODE, "dimension"),
    Column("metric_name", msg(N_("Metric")), Format.TEXT, "label", translate=True),
    Column("format", msg(N_("Format")), Format.CODE, "flag"),
    Column("value", msg(N_("Value")), Format.NUMBER, "metric", format_by="format"),
    Column("low", msg(N_("Low (5%)")), Format.NUMBER, "metric", format_by="format"),
    Column("high", msg(N_("High (95%)")), Format.NUMBER, "metric", format_by="format"),
    Column("remark", msg(N_("Remark")), Format.TEXT, "flag", translate=True),
)


def customer_rows(
    frame: Frame, customers: pa.Table, purchases: Purchases, valuation: Valuation
) -> ResultTable:
    """Return one row per customer, the most valuable first."""
    order = np.argsort(-valuation.clv, kind="stable")
    kept = customers.take(pa.array(order))
    columns = [
        Column("customer", msg(N_("Customer code")), Format.CODE, "dimension"),
        Column("customer_name", msg(N_("Customer")), Format.TEXT, "label"),
        *(member_column(name) for name in _MEMBERS),
        *_CUSTOMER_COLUMNS,
    ]
    numbers = {
        "purchase_days": purchases.x + 1,
        "value_so_far": purchases.value,
        "p_alive": valuation.p_alive,
        "expected_orders": valuation.orders,
        "per_order": valuation.per_order,
        "expected_margin": valuation.margin,
        "clv": valuation.clv,
        "clv_low": valuation.low,
        "clv_high": valuation.high,
    }
    data: dict[str, Any] = {
        "customer": kept["customer_id"],
        "customer_name": kept["name"],
        **{column.key: kept[name] for name, column in zip(_MEMBERS, columns[2:], strict=False)},
        "last_purchase": pa.array(purchases.last_day[order], pa.date32()),
        **{name: values[order] for name, values in numbers.items()},
    }
    return frame.table(columns, data)


_CUSTOMER_COLUMNS = (
    Column("purchase_days", msg(N_("Purchase days")), Format.INTEGER, "metric", good="up"),
    Column("last_purchase", msg(N_("Last purchase")), Format.DATE, "flag"),
    Column("value_so_far", msg(N_("Value so far")), Format.MONEY, "metric", good="up"),
    Column("p_alive", msg(N_("P(still active)")), Format.PERCENT, "metric", good="up"),
    Column("expected_orders", msg(N_("Expected orders")), Format.NUMBER, "metric", good="up"),
    Column("per_order", msg(N_("Value per order")), Format.MONEY, "metric", good="up"),
    Column("expected_margin", msg(N_("Expected value")), Format.MONEY, "metric", good="up"),
    Column("clv", msg(N_("Lifetime value")), Format.MONEY, "metric", good="up"),
    Column("clv_low", msg(N_("Low (5%)")), Format.MONEY, "metric"),
    Column("clv_high", msg(N_("High (95%)")), Format.MONEY, "metric"),
)


_MEMBERS = ("segment", "rfm_segment", "country", "channel")


def member_column(split: str) -> Column:
    """Return the column of a grouping's members.

    An RFM segment stands there by its name, to be translated; the others by their value.
    """
    name = msg(SPLIT_NAMES[split])
    if split == "rfm_segment":
        return Column("rfm_segment_name", name, Format.TEXT, "label", translate=True)
    return Column(split, name, SPLIT_FORMATS.get(split, Format.TEXT), "dimension")


def total_rows(
    frame: Frame,
    name: str,
    split: Split | None,
    valuation: Valuation,
) -> ResultTable:
    """Return one row per group: customers, lifetime value with its interval, value per customer.

    Groups of a period stand in their order, others by value. Without the grouping the table is
    empty and says so.
    """
    column = member_column(name)
    columns = (column, *_TOTAL_COLUMNS)
    if split is None:
        return frame.rows(columns, [], [_no_group(name)])
    count = split.sums(np.ones(split.codes.size))
    clv = split.sums(valuation.clv)
    found = [valuation.estimate(name, code, float(clv[code])) for code in range(split.count)]
    data: dict[str, Any] = {
        column.key: split.members,
        "customers": count,
        "p_alive": split.sums(valuation.p_alive) / count,
        "expected_orders": split.sums(valuation.orders),
        "expected_margin": split.sums(valuation.margin),
        "clv": clv,
        "clv_low": np.array([f.low for f in found]),
        "clv_high": np.array([f.high for f in found]),
        "clv_per_customer": clv / count,
        "share": clv / clv.sum() if clv.sum() > 0 else np.full(split.count, np.nan),
    }
    table = frame.table(columns, data)
    by = (column.key, "ascending") if column.format in _DATES else ("clv", "descending")
    order = pc.sort_indices(table.data, sort_keys=[by])
    return frame.table(columns, {c.key: table.data[c.key].take(order) for c in columns})


def _no_group(name: str) -> Message:
    return msg(
        "None of these customers has a “{name}”: import a customer table that says it.",
        name=Message(SPLIT_NAMES[name]),
    )


_TOTAL_COLUMNS = (
    Column("customers", msg(N_("Customers")), Format.INTEGER, "metric", good="up"),
    Column("clv", msg(N_("Lifetime value")), Format.MONEY, "metric", good="up"),
    Column("clv_low", msg(N_("Low (5%)")), Format.MONEY, "metric"),
    Column("clv_high", msg(N_("High (95%)")), Format.MONEY, "metric"),
    Column("share", msg(N_("Share of the total")), Format.PERCENT, "metric"),
    Column("clv_per_customer", msg(N_("Value per customer")), Format.MONEY, "metric", good="up"),
    Column("p_alive", msg(N_("P(still active), mean")), Format.PERCENT, "metric", good="up"),
    Column("expected_orders", msg(N_("Expected orders")), Format.NUMBER, "metric", good="up"),
    Column("expected_margin", msg(N_("Expected value")), Format.MONEY, "metric", good="up"),
)


def concentration_rows(frame: Frame, valuation: Valuation, past: Floats) -> ResultTable:
    """Return the share of the value that the best customers hold, in steps of 1 %.

    Customers stand by value, largest first; for comparison the same of their value so far.
    """
    share = np.arange(_STEPS + 1) / _STEPS
    columns = (
        Column("customers_share", msg(N_("Share of customers")), Format.PERCENT, "metric"),
        Column("clv_share", msg(N_("Share of the lifetime value")), Format.PERCENT, "metric"),
        Column("past_share", msg(N_("Share of the value so far")), Format.PERCENT, "metric"),
    )
    if top_share(valuation.clv, 1.0) is None:
        return frame.rows(columns, [], [msg("No customer is expected to bring anything.")])
    known = past[~np.isnan(past)]
    data = {
        "customers_share": share,
        "clv_share": held_by(valuation.clv, share),
        "past_share": held_by(known, share),
    }
    return frame.table(columns, data)


def held_by(values: Floats, shares: Floats) -> Floats:
    """Return the share of the sum that the largest values hold, by share of their number.

    A value below zero holds nothing. NaN where there is nothing to hold.
    """
    held = np.sort(np.maximum(values, 0.0))[::-1]
    total = held.sum()
    if not total > 0:
        return np.full(shares.shape, np.nan)
    reached = np.concatenate([[0.0], np.cumsum(held)]) / total
    return np.interp(shares * held.size, np.arange(held.size + 1), reached)


def top_share(values: Floats, share: float) -> float | None:
    """Return the share of the sum that the largest values hold; None where there is none."""
    found = float(held_by(values, np.array([share]))[0])
    return found if np.isfinite(found) else None


def gini(values: Floats) -> float | None:
    """Return the Gini coefficient of values, those below zero read as zero.

    0 where all are the same, near 1 where one holds everything: Σ (2i − n − 1) vᵢ ÷ (n Σ v) over
    the values in ascending order.
    """
    ordered = np.sort(np.maximum(values, 0.0))
    total = ordered.sum()
    if not total > 0:
        return None
    rank = 2 * np.arange(1, ordered.size + 1) - ordered.size - 1
    return float(rank @ ordered / (ordered.size * total))
