"""What happened to a member in the period, in sentences with their numbers."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.formats import shown
from core.i18n import Message, Shown, msg
from core.models.catalogue import DIMENSIONS
from core.models.formats import Format
from core.models.query import Compare
from core.models.result import ResultTable
from core.services.analytics.members.facts import place_of, share_of
from core.services.analytics.members.one import One
from core.services.roi import increase_words

_LEAST_SHARE = Decimal("0.1")  # of a change: smaller parts explain nothing


def story(
    one: One, monthly: ResultTable, listed: ResultTable, parts: ResultTable
) -> tuple[Message, ...]:
    """Return net sales with their change and place, who moved them, what investments earned.

    Args:
        one: the member.
        monthly: its key figures.
        listed: everybody's.
        parts: its net sales split by those whose part in the change is told.
    """
    total = monthly.total or {}
    if total.get("net_sales") is None:
        return (msg("{name}: no sales in this period under these filters.", name=one.name),)
    return (
        _sales(one, total, listed),
        *_movers(one, total, parts),
        *(_invested(one, total) if one.kind.invested else ()),
    )


def _money(one: One, amount: Any, *, signed: bool = False) -> Shown:
    currency = one.asker.metrics.base_currency
    return shown(amount, Format.MONEY, compact=True, currency=currency, signed=signed)


def _sales(one: One, total: Any, listed: ResultTable) -> Message:
    rate, place = total.get("net_sales_change_rate"), place_of(one, listed)
    said: dict[str, Any] = {
        "name": one.name,
        "sales": _money(one, total["net_sales"]),
        "place": place,
        "n": listed.data.num_rows,
        "share": shown(share_of(one, listed), Format.PERCENT),
    }
    if rate is None:
        return msg("{name}: net sales of {sales}, {share} of all; number {place} of {n}.", **said)
    return msg(
        "{name}: net sales of {sales}, {change} against the compared period, {share} of all; "
        "number {place} of {n}.",
        change=shown(rate, Format.PERCENT, signed=True),
        **said,
    )


def _movers(one: One, total: Any, parts: ResultTable) -> Iterator[Message]:
    """Say whose gain and whose loss was the largest, where they are a part of the change."""
    change = total.get("net_sales_change")
    if not change or "net_sales_change" not in parts.data.column_names:
        return
    least = abs(change) * _LEAST_SHARE
    rows = [row for row in parts.rows() if abs(row["net_sales_change"] or 0) >= least]
    rows.sort(key=lambda row: row["net_sales_change"])
    told: dict[str, Any] = {
        "dimension": Message(DIMENSIONS[one.kind.buyers].name, inside=True),
        "change": _money(one, change, signed=True),
    }
    if rows and rows[-1]["net_sales_change"] > 0:
        told |= _mover(one, rows[-1], "gain")
    if rows and rows[0]["net_sales_change"] < 0:
        told |= _mover(one, rows[0], "loss")
    if "gain" in told and "loss" in told:
        yield msg(
            "Net sales changed by {change}; by {dimension}, {gain} gained most ({gain_amount}) and "
            "{loss} lost most ({loss_amount}).",
            **told,
        )
    elif "gain" in told:
        yield msg(
            "Net sales changed by {change}; by {dimension}, {gain} gained most ({gain_amount}).",
            **told,
        )
    elif "loss" in told:
        yield msg(
            "Net sales changed by {change}; by {dimension}, {loss} lost most ({loss_amount}).",
            **told,
        )


def _mover(one: One, row: Any, side: str) -> dict[str, Any]:
    amount = _money(one, row["net_sales_change"], signed=True)
    return {side: _named(row, one.kind.buyers), f"{side}_amount": amount}


def _named(row: Any, dimension: str) -> Message:
    value = row[dimension]
    if value is None:
        return Message(DIMENSIONS[dimension].unknown)
    if DIMENSIONS[dimension].format is Format.COUNTRY:
        return Message("{name}", {"name": shown(value, Format.COUNTRY)})
    return Message("{name}", {"name": str(row.get(f"{dimension}_name") or value)})


def _invested(one: One, total: Any) -> Iterator[Message]:
    """Say what was invested and what it earned, or that nothing is recorded."""
    spent, earned = total.get("investment"), total.get("contribution")
    if not spent:
        yield msg("No investment is recorded here: there is no return on it to show.")
        return
    yield msg(
        "{spent} invested, contribution {earned}: a return on investment of {roi}.",
        spent=_money(one, spent),
        earned=_money(one, earned),
        roi=shown(total.get("roi"), Format.PERCENT),
    )
    if one.asker.filters.compare is not Compare.BUDGET:
        yield from increase_words(total, one.asker.metrics.base_currency)
