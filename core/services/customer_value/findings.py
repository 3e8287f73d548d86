"""Two or three findings in sentences, with their numbers."""

from datetime import date

import numpy as np

from core.formats import shown
from core.i18n import Message, Shown, msg, msg_n
from core.models.formats import Format
from core.services.customer_value.check import Check
from core.services.customer_value.data import Purchases
from core.services.customer_value.tables import top_share
from core.services.customer_value.valuation import Valuation

_BEST = 0.2  # of the customers by value so far: those worth a call
_LEAVING = 0.5  # P(still active) below which a good customer has probably left


def findings(
    purchases: Purchases,
    valuation: Valuation,
    check: Check | None,
    key: str,
    until: date,
    currency: str,
) -> list[Message]:
    """Return what a reader should take away.

    Args:
        purchases: the customers.
        valuation: their values.
        check: the holdout check, or None.
        key: of the model in use.
        until: end of the horizon.
        currency: of the values, ISO 4217.
    """
    return [
        *_total(valuation, until, currency),
        *_leaving(purchases, valuation, currency),
        *(_checked(check, key) if check else []),
    ]


def _total(valuation: Valuation, until: date, currency: str) -> list[Message]:
    total = valuation.total
    share = top_share(valuation.clv, 0.1)
    if share is None:
        return []
    return [
        msg(
            "{count} customers are worth {value} until {day} (90% sure: {low} to {high}); the best "
            "10% of them hold {share} of it.",
            count=shown(valuation.clv.size, Format.INTEGER),
            value=_money(total.value, currency),
            low=_money(total.low, currency),
            high=_money(total.high, currency),
            day=shown(until, Format.DATE),
            share=shown(share, Format.PERCENT, digits=0),
        )
    ]


def _leaving(purchases: Purchases, valuation: Valuation, currency: str) -> list[Message]:
    """Name the customers who brought much and have probably left."""
    brought = np.where(np.isnan(purchases.value), 0.0, purchases.value)
    best = brought >= np.quantile(brought, 1 - _BEST)
    gone = best & (valuation.p_alive < _LEAVING) & (brought > 0)
    if not gone.any():
        return []
    years = np.maximum(purchases.t[gone], 365.25) / 365.25
    return [
        msg_n(
            "{count} of the best customers so far has probably left (P(still active) under 50%): "
            "it brought {value} a year.",
            "{count} of the best customers so far have probably left (P(still active) under 50%): "
            "they brought {value} a year.",
            int(gone.sum()),
            count=shown(int(gone.sum()), Format.INTEGER),
            value=_money(float((brought[gone] / years).sum()), currency),
        )
    ]


def _checked(check: Check, key: str) -> list[Message]:
    bias = check.scores[key].orders.bias
    top = check.top_captures(key)
    model, past = top["model"], top["value"]
    if bias is None or model is None or past is None:
        return []
    values = {
        "bias": shown(abs(bias), Format.PERCENT, digits=0),
        "model": shown(model, Format.PERCENT, digits=0),
        "past": shown(past, Format.PERCENT, digits=0),
    }
    if bias >= 0:
        return [
            msg(
                "Checked on the last months, the model expected {bias} more orders than came; its "
                "10% best customers brought {model} of the value, the 10% with the highest past "
                "value {past}.",
                **values,
            )
        ]
    return [
        msg(
            "Checked on the last months, the model expected {bias} fewer orders than came; its "
            "10% best customers brought {model} of the value, the 10% with the highest past "
            "value {past}.",
            **values,
        )
    ]


def _money(value: float, currency: str) -> Shown:
    return shown(value, Format.MONEY, compact=True, currency=currency)
