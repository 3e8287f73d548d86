"""Payback: when what was earned had made up for what was put in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_ZERO = Decimal(0)
_YEAR_MONTHS = 12


@dataclass(frozen=True)
class Flow:
    """What one month put in and earned; None where nothing was recorded."""

    month: date
    investment: Decimal | None
    contribution: Decimal | None


@dataclass(frozen=True)
class Standing(Flow):
    """A month with the sums up to its end."""

    invested: Decimal
    earned: Decimal


@dataclass(frozen=True)
class Payback:
    """When an investment was paid back.

    Attributes:
        month: the first month in which cumulated contribution ≥ cumulated investment.
        months: how many months that took, the month of the first investment counted as one.
    """

    month: date
    months: int


def standings(flows: Iterable[Flow]) -> list[Standing]:
    """Return the months in order, with the sums of all months up to each of them."""
    found: list[Standing] = []
    invested = earned = _ZERO
    for flow in sorted(flows, key=lambda flow: flow.month):
        invested += flow.investment or _ZERO
        earned += flow.contribution or _ZERO
        found.append(Standing(flow.month, flow.investment, flow.contribution, invested, earned))
    return found


def payback(flows: Iterable[Flow]) -> Payback | None:
    """Return when the investments were paid back; None where they were not, or there were none.

    What was earned before the first investment cannot have been earned by it: sums begin with its
    month.
    """
    ordered = sorted(flows, key=lambda flow: flow.month)
    first = next((i for i, flow in enumerate(ordered) if (flow.investment or _ZERO) > 0), None)
    if first is None:
        return None
    begin = ordered[first].month
    for standing in standings(ordered[first:]):
        if standing.earned >= standing.invested:
            return Payback(standing.month, _months(begin, standing.month))
    return None


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * _YEAR_MONTHS + last.month - first.month + 1


def marginal_roi(
    before: tuple[Decimal | None, Decimal | None], now: tuple[Decimal | None, Decimal | None]
) -> float | None:
    """Return (change of contribution − change of investment) ÷ change of investment.

    Args:
        before: investment and contribution of the compared period.
        now: those of the asked one.

    Returns:
        None unless more was invested than before and both contributions are known.
    """
    (put_in, earned), (puts_in, earns) = before, now
    more = (puts_in or _ZERO) - (put_in or _ZERO)
    if more <= 0 or earned is None or earns is None:
        return None
    return float((earns - earned - more) / more)
