"""What was invested where and when, against what the customers won there are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.filters import FilterState
from core.models.formats import Format
from core.models.query import MetricQuery, Period, Scope
from core.models.result import Column, ResultTable
from core.services.customer_value.data import Floats, Purchases
from core.services.customer_value.splits import SPLIT_FORMATS, Split, pairs
from core.services.customer_value.tables import Frame
from core.services.customer_value.valuation import Valuation
from core.services.metrics import Metrics

PLACES = {"country": N_("Country"), "channel": N_("Channel")}
NOT_RECORDED = N_("no investment recorded")
Member = str | date | None


@dataclass(frozen=True)
class Investments:
    """Asks for investments under the filters and rights of the run.

    Attributes:
        window: days that count; investments after the cut-off do not.
    """

    metrics: Metrics
    filters: FilterState
    scope: Scope
    window: Period

    def by(self, *dimensions: str) -> dict[tuple[Member, ...], float]:
        """Return the investments by members of some dimensions; what has none is missing."""
        query = MetricQuery(("investment",), dimensions, self.filters.where(), self.window)
        table = self.metrics.ask(query, self.scope).data
        members = zip(*(table[name].to_pylist() for name in dimensions), strict=True)
        amounts = table["investment"].to_pylist()
        return {
            key: float(amount)
            for key, amount in zip(members, amounts, strict=True)
            if amount is not None
        }


def acquisition_rows(
    frame: Frame,
    splits: Mapping[str, Split],
    place: str | None,
    purchases: Purchases,
    valuation: Valuation,
    investments: Investments,
) -> ResultTable:
    """Return one row per campaign (and place) in which customers were won.

    Investment of the campaign, value so far and lifetime value of the customers whose first
    purchase it was, and both values ÷ investment. A row without investment says so.

    Args:
        frame: of the run.
        splits: `campaign`, and `first_country`, `first_channel` where known.
        place: a key of `PLACES`; None for campaigns alone.
        purchases: the customers.
        valuation: their values.
        investments: what was invested.
    """
    columns = _columns(place)
    campaigns = splits["campaign"]
    where = splits.get(f"first_{place}") if place else campaigns
    if where is None:
        return frame.rows(columns, [], [_nowhere(place or "")])
    cells, codes = pairs(campaigns, where)
    worth = _Sums.of(cells, purchases, valuation)
    paid = investments.by("campaign", place) if place else investments.by("campaign")
    periods, members = campaigns.members.to_pylist(), where.members.to_pylist()
    rows: list[dict[str, Any]] = []
    for index, (period, member) in enumerate(codes):
        key = (periods[period], members[member]) if place else (periods[period],)
        named = {place: members[member]} if place else {}
        rows.append({"campaign": periods[period], **named, **worth.row(index, paid.pop(key, None))})
    rows.sort(key=lambda row: (row["campaign"], row["clv"]), reverse=True)
    first = msg(
        "Customers of {day} may have been won before the data begin.",
        day=shown(min(periods), Format.CAMPAIGN),
    )
    return frame.rows(columns, rows, [first, *_left(paid, investments.metrics.base_currency)])


@dataclass(frozen=True)
class _Sums:
    customers: Floats
    so_far: Floats
    clv: Floats

    @classmethod
    def of(cls, cells: Split, purchases: Purchases, valuation: Valuation) -> "_Sums":
        known = np.where(np.isnan(purchases.value), 0.0, purchases.value)
        ones = np.ones(purchases.count)
        return cls(cells.sums(ones), cells.sums(known), cells.sums(valuation.clv))

    def row(self, index: int, investment: float | None) -> dict[str, Any]:
        """Return the figures of one cell; an investment of nothing is no investment."""
        customers, so_far, clv = self.customers[index], self.so_far[index], self.clv[index]
        row: dict[str, Any] = {
            "customers": customers,
            "value_so_far": so_far,
            "clv": clv,
            "clv_per_customer": clv / customers,
        }
        if not investment:
            return row | {"remark": NOT_RECORDED}
        return row | {
            "investment": investment,
            "investment_per_customer": investment / customers,
            "payoff": (so_far + clv) / investment,
        }


def _columns(place: str | None) -> tuple[Column, ...]:
    member = [
        Column(key, msg(name), SPLIT_FORMATS.get(key, Format.TEXT), "dimension")
        for key, name in PLACES.items()
        if key == place
    ]
    return (
        Column("campaign", msg(N_("Campaign")), Format.CAMPAIGN, "dimension"),
        *member,
        *_FIGURES,
    )


_FIGURES = (
    Column("customers", msg(N_("Customers won")), Format.INTEGER, "metric", good="up"),
    Column("investment", msg(N_("Investment")), Format.MONEY, "metric"),
    Column("value_so_far", msg(N_("Value so far")), Format.MONEY, "metric", good="up"),
    Column("clv", msg(N_("Lifetime value")), Format.MONEY, "metric", good="up"),
    Column("payoff", msg(N_("Value ÷ investment")), Format.NUMBER, "metric", good="up"),
    Column("investment_per_customer", msg(N_("Investment per customer")), Format.MONEY, "metric"),
    Column("clv_per_customer", msg(N_("Value per customer")), Format.MONEY, "metric", good="up"),
    Column("remark", msg(N_("Remark")), Format.TEXT, "flag", translate=True),
)


def _left(paid: Mapping[tuple[Member, ...], float], currency: str) -> list[Message]:
    """Say what was invested where no customer was won, or without a place."""
    rest = sum(paid.values())
    if not rest:
        return []
    return [
        msg(
            "{amount} of investment belongs to no row: it names no such place, or no customer "
            "was won there in that campaign.",
            amount=shown(rest, Format.MONEY, digits=0, currency=currency),
        )
    ]


def _nowhere(place: str) -> Message:
    return msg("These sales name no “{name}”.", name=Message(PLACES[place]))
