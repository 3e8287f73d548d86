"""What is known of a member in single facts: first and last sale, its place among the others."""

from dataclasses import replace
from datetime import date
from typing import Any

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.query import NO_VALUE
from core.models.result import ResultTable
from core.services.analytics.base import facts_table
from core.services.analytics.members.one import One

Fact = tuple[Message, Any, Format]


def facts(one: One, listed: ResultTable) -> ResultTable:
    """Return first and last sale, days since, place and share by net sales, RFM segment.

    First and last sale are those of all days; place and share those of the period.

    Args:
        one: the member.
        listed: the list of everybody under the same filters.
    """
    found: list[Fact] = []
    if one.value != NO_VALUE:
        found.append((msg(N_("Code")), one.value, Format.TEXT))
    days = _days(one)
    span = one.asker.metrics.span()
    if days and span:
        found.append((msg(N_("First sale")), _day(days[0]), Format.TEXT))
        found.append((msg(N_("Last sale")), _day(days[-1]), Format.TEXT))
        since = (span.reached(one.asker.metrics.today()) - days[-1]).days
        found.append((msg(N_("Days since, on the last day of the data")), since, Format.INTEGER))
    found += _place(one, listed)
    if one.kind.scores:
        found += _segment(one)
    return facts_table(found, data_version=listed.data_version)


def _days(one: One) -> list[date]:
    """Return the days with sales of all time, in their order."""
    asked = replace(one.asker.query("gross_sales", by=("day",), compare=False), period=None)
    answer = one.asker.metrics.ask(asked, one.asker.scope)
    rows = zip(*(answer.data[key].to_pylist() for key in ("day", "gross_sales")), strict=True)
    return sorted(day for day, sales in rows if day is not None and sales)


def _day(day: date) -> Message:
    return Message("{day}", {"day": shown(day, Format.DATE)})


def place_of(one: One, listed: ResultTable) -> int | None:
    """Return a member's place in the list by net sales, from 1; None where it sold nothing."""
    wanted = None if one.value == NO_VALUE else one.value
    codes = listed.data[one.kind.dimension].to_pylist()
    sales = listed.data["net_sales"].to_pylist()
    ranked = [code for code, amount in zip(codes, sales, strict=True) if amount is not None]
    return ranked.index(wanted) + 1 if wanted in ranked else None


def share_of(one: One, listed: ResultTable) -> float | None:
    """Return a member's share of the net sales of all; None where there is no such share."""
    place = place_of(one, listed)
    whole = (listed.total or {}).get("net_sales")
    if place is None or not whole or whole <= 0:
        return None
    wanted = None if one.value == NO_VALUE else one.value
    row = listed.data[one.kind.dimension].to_pylist().index(wanted)
    amount = listed.data["net_sales"][row].as_py()
    return float(amount / whole)


def _place(one: One, listed: ResultTable) -> list[Fact]:
    place, share = place_of(one, listed), share_of(one, listed)
    found: list[Fact] = []
    if place is not None:
        told = msg("{place} of {n}", place=place, n=listed.data.num_rows)
        found.append((msg(N_("Place by net sales")), told, Format.TEXT))
    if share is not None:
        found.append((msg(N_("Share of net sales")), share, Format.PERCENT))
    return found


def _segment(one: One) -> list[Fact]:
    """Return the RFM segment of a customer, as of the last day with sales."""
    asked = replace(one.asker.query("net_sales", by=("rfm_segment",), compare=False), period=None)
    answer = one.asker.metrics.ask(asked, one.asker.scope)
    if answer.data.num_rows != 1 or answer.data["rfm_segment"][0].as_py() is None:
        return []
    name = str(answer.data["rfm_segment_name"][0].as_py())
    return [(msg(N_("RFM segment")), name, Format.TEXT)]
