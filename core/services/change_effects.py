"""Through what a figure changed: quantities, prices, costs, returns, exchange rates.

Margins are explained by the margin bridge; net sales by the same arithmetic without a cost, so that
what moves them is volume, mix, price, new and ended products. Every list of effects adds to the
change of its figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.i18n import N_
from core.models.query import Filter, MetricQuery, Operator, Period
from core.models.schema import LINE_KINDS
from core.repository.sql import lines as line_sql
from core.services.bridge import BARS, margin_bridge
from core.services.methods.margin_bridge import EFFECTS, Member, Side, move
from core.services.metric_request import question
from core.services.slices import Slice

NAMES: Mapping[str, str] = {
    **{key: BARS[key] for key in EFFECTS},
    "other_lines": N_("Postage, fees and other lines"),
    "gross_sales": N_("Gross sales"),
    "discounts": N_("Discounts"),
    "returns": N_("Returns"),
    "gross_margin": N_("Gross margin"),
    "variable_costs": N_("Variable costs"),
    "contribution": N_("Contribution"),
    "investment": N_("Investment"),
    "overhead": N_("Overheads"),
}
# A figure as a signed sum of others, as the catalogue defines it.
MADE_OF: Mapping[str, Mapping[str, int]] = {
    "net_sales": {"gross_sales": 1, "discounts": -1, "returns": -1},
    "contribution": {"gross_margin": 1, "variable_costs": -1},
    "net_margin": {"contribution": 1, "investment": -1, "overhead": -1},
}
_GOODS = Filter("line_kind", tuple(k for k in LINE_KINDS if k != "product"), Operator.NOT_IN)
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Effect:
    """One amount of a change; for what a figure is made of, the metric whose lines it has."""

    key: str
    amount: Decimal
    metric: str = ""


@dataclass(frozen=True)
class Rate:
    """What a currency's exchange rate did to net sales.

    Attributes:
        before: average rate of the compared period, weighted by its sales.
        now: that of the period.
        amount: sales of the period in the currency × (now − before), in base currency.
    """

    currency: str
    before: float
    now: float
    amount: float


def effects_of(part: Slice, key: str) -> tuple[Effect, ...]:
    """Return volume, mix, price and so on; nothing for figures without such a bridge."""
    if part.resolved.compared is None:
        return ()
    if key == "net_sales":
        return _of_sales(part)
    if key not in ("gross_margin", "contribution", "net_margin"):
        return ()
    bridge = margin_bridge(part.metrics, part.query(), "product", part.scope)
    if bridge is None:
        return ()
    amounts = {row["bar"]: row["amount"] for row in bridge.bars.rows()}
    found = [Effect(effect, amounts[effect]) for effect in EFFECTS if amounts[effect]]
    if key != "gross_margin":
        steps = ("variable_costs", *(("investment", "overhead") if key == "net_margin" else ()))
        total = part.ask(*steps).total or {}
        found += [Effect(s, -_moved(total, s), s) for s in steps if _moved(total, s)]
    return tuple(found)


def _of_sales(part: Slice) -> tuple[Effect, ...]:
    """Return the bridge of net sales: that of margins, where nothing costs anything."""
    asked = part.query("net_sales", "units", "weight_kg", by=("product",))
    answer = part.metrics.ask(replace(asked, where=(*asked.where, _GOODS)), part.scope)
    total, rows = answer.total or {}, answer.rows()
    mixed = total.get("units") is None or total.get("units_compared") is None
    moved = move([_member(row, mixed=mixed) for row in rows])
    sums = {
        effect: sum((one.effect(effect) or _ZERO for one in moved), _ZERO) for effect in EFFECTS
    }
    whole = part.ask("net_sales").total or {}
    other = _moved(whole, "net_sales") - sum(sums.values(), _ZERO)
    found = [Effect(effect, amount) for effect, amount in sums.items() if amount]
    return (*found, *([Effect("other_lines", other)] if other else []))


def _member(row: Mapping[str, Any], *, mixed: bool) -> Member:
    quantity, pool = "units", None if mixed else "units"
    if mixed and row["weight_kg"] is not None and row["weight_kg_compared"] is not None:
        quantity = pool = "weight_kg"
    before, after = (
        Side(row[f"{quantity}{side}"], row[f"net_sales{side}"] or _ZERO, _ZERO)
        for side in ("_compared", "")
    )
    return Member(before, after, pool)


def made_of(part: Slice, key: str) -> tuple[Effect, ...]:
    """Return the change by what a figure is made of; nothing where it is no such sum."""
    terms = MADE_OF.get(key, {})
    if not terms or part.resolved.compared is None:
        return ()
    total = part.ask(key, *terms).total or {}
    found = [Effect(term, sign * _moved(total, term), term) for term, sign in terms.items()]
    whole = sum((effect.amount for effect in found), _ZERO)
    return tuple(found) if whole == _moved(total, key) else ()


def _moved(total: Mapping[str, Any], key: str) -> Decimal:
    return (total.get(key) or _ZERO) - (total.get(f"{key}_compared") or _ZERO)


def exchange(part: Slice) -> tuple[Rate, ...]:
    """Return what exchange rates did to net sales, by currency, the largest effect first."""
    resolved = part.resolved
    if resolved.compared is None or resolved.period is None:
        return ()
    base = part.metrics.base_currency
    currencies = [row["currency"] for row in part.ask("net_sales", by=("currency",)).rows()]
    found = []
    for currency in currencies:
        if currency in (None, base):
            continue
        now, before = (_sold(part, currency, days) for days in (resolved.period, resolved.compared))
        if min(*now, *before) <= 0:
            continue  # sold in one period only: no rate of then to compare with
        rates = before[0] / before[1], now[0] / now[1]
        found.append(Rate(currency, *rates, now[1] * (rates[1] - rates[0])))
    return tuple(sorted(found, key=lambda rate: -abs(rate.amount)))


def _sold(part: Slice, currency: str, period: Period) -> tuple[float, float]:
    """Return net sales of a currency in base currency, and in itself."""
    metrics = part.metrics
    where = (*part.where, Filter("currency", (currency,)))
    asked = MetricQuery(metrics=("net_sales",), where=where, period=period)
    with metrics.warehouse.reading() as (cursor, info):
        month = metrics.campaign_first_month
        request = question(asked, part.scope, month, metrics.known(), info.rules).request
        own = {"in_currency": "net_sales / nullif(rate, 0)"}
        lines = line_sql.line_set(request, info, ("net_sales",), own)
        sums = line_sql.totals(cursor, lines, ("net_sales", "in_currency"))
    return float(sums["net_sales"] or 0), float(sums["in_currency"] or 0)
