"""Investments with a planted return by country, and budgets."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from . import planted
from .arrow import dates, decimals, typed_table
from .market import CURRENCIES, Numbers
from .people import Country
from .planted import CHANNELS
from .tally import Tally
from .timeline import CAMPAIGNS, DAYS, LEAD, MONTH_START, MONTHS, stream

_YEARS = (0.20, 0.25, 0.27, 0.28)
"""Share of a country's investments by campaign."""


@dataclass(frozen=True)
class _Kind:
    """One row a year in each country with investments.

    Attributes:
        first: day of the campaign; `days` later the spread ends, 0 for a single date.
        local: whether it is billed in the country's currency.
    """

    name: str
    share: float
    first: int
    days: int
    channel: str | None = None
    category: str | None = None
    local: bool = False


_KINDS = (
    _Kind("marketing", 0.20, 31, 61, "brand", "Olive oil"),
    _Kind("marketing", 0.12, 212, 92),
    _Kind("marketing", 0.08, 150, 0, "PDO & organic", None, local=True),
    _Kind("listing fee", 0.16, 105, 0, "private label", "Olive oil", local=True),
    _Kind("fair", 0.14, 20, 0, None, None, local=True),
    _Kind("samples", 0.05, 60, 0, "PDO & organic", "Olive oil"),
    _Kind("staff", 0.25, 0, 364),
)


@dataclass(frozen=True)
class Investment:
    """One row; the amount is in EUR until it is written."""

    first: int
    days: int
    euros: float
    currency: int
    kind: str
    country: str | None
    channel: str | None
    category: str | None
    campaign: str
    spread: str | None


def planned_investments(market: Country, tally: Tally) -> Iterator[Investment]:
    """Yield the investments that give each country its planted return over the whole span."""
    earned = tally.contribution.sum(axis=(0, 2))
    for code, roi in planted.ROI_BY_COUNTRY.items():
        place = market.codes.index(code)
        amount = max(float(earned[place]), 0.0) / (1.0 + roi)
        for year, campaign in enumerate(CAMPAIGNS):
            start = int(MONTH_START[year * 12])
            for kind in _KINDS:
                yield Investment(
                    start + kind.first, kind.days, amount * _YEARS[year] * kind.share,
                    int(market.currency[place]) if kind.local else 0, kind.name, code,
                    kind.channel, kind.category, campaign, "days" if kind.days else None,
                )  # fmt: skip
    yield from _overheads(float(tally.contribution.sum()))


def _overheads(earned: float) -> Iterator[Investment]:
    """Yield what belongs to no country: head office by net sales, equipment by days."""
    for year, campaign in enumerate(CAMPAIGNS):
        start = int(MONTH_START[year * 12])
        yield Investment(
            start, 364, earned * 0.02, 0, "overhead", None, None, None, campaign, "net_sales"
        )
        yield Investment(
            start + 45, 300, earned * 0.008, 0, "equipment", None, None, None, campaign, "days"
        )


def investment_table(market: Country, tally: Tally, rates: Numbers) -> pa.Table:
    """Return the investments; single dates in a foreign currency use that day's rate."""
    rows = [row for row in planned_investments(market, tally) if row.euros > 0]
    first = np.array([row.first for row in rows])
    length = np.array([row.days for row in rows])
    currency = np.array([row.currency for row in rows])
    euros = np.array([row.euros for row in rows])
    ranged = length > 0
    texts = {
        name: pa.array([getattr(row, name) for row in rows], pa.string())
        for name in ("kind", "country", "channel", "category", "campaign", "spread")
    }
    return typed_table(
        "investments",
        {
            "date": dates(first, nulls=ranged),
            "from_date": dates(first, nulls=~ranged),
            "to_date": dates(np.minimum(first + length, DAYS - 1), nulls=~ranged),
            "amount": decimals(euros / rates[currency, first + LEAD], 2),
            "currency": pa.array([CURRENCIES[c] for c in currency], pa.string()),
            **texts,
        },
    ).sort_by([("country", "ascending"), ("campaign", "ascending")])


def budget_table(market: Country, tally: Tally, seed: int) -> pa.Table:
    """Return monthly budgets of net sales and gross margin by country and channel.

    A budget is the campaign's total spread over the company's usual season, so that it is
    smooth where the sales are not, times a small optimism and the planted bias of a country.
    """
    rng = stream(seed, 15)
    bias = np.array([planted.BUDGET_BIAS.get(code, 1.0) for code in market.codes])
    usual = tally.net.sum(axis=(1, 2)).reshape(MONTHS // 12, 12).sum(axis=0)
    season = usual / usual.sum()
    parts = []
    for name, values in (("net_sales", tally.net), ("gross_margin", tally.margin)):
        yearly = values.reshape(MONTHS // 12, 12, len(bias), len(CHANNELS)).sum(axis=1)
        smooth = yearly[:, None] * season[None, :, None, None]
        plan = smooth.reshape(values.shape) * bias[None, :, None] * 1.02
        plan *= rng.normal(1.0, 0.02, plan.shape)
        month, place, channel = np.nonzero(yearly.repeat(12, axis=0) > 0)
        parts.append(
            typed_table(
                "budgets",
                {
                    "month": dates(MONTH_START[month]),
                    "metric": pa.array([name] * len(month), pa.string()),
                    "value": decimals(plan[month, place, channel], 0),
                    "country": pa.array([market.codes[p] for p in place], pa.string()),
                    "channel": pa.array([CHANNELS[c] for c in channel], pa.string()),
                },
            )
        )
    return pa.concat_tables(parts).combine_chunks()
