"""Customers who still come but buy less and less: the warning before a probability can rise.

Whoever buys until the day they leave is no churner yet under any label. Shrinking purchases can be
seen before; that they are no chance is judged against how much the customer's own purchases vary.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_churn.known import Known
from core.services.customer_churn.tables import made
from core.services.methods.churn.scores import Numbers

LEAST_TREND = -3.0  # standard errors: by chance one customer in 740
MOST_ROWS = 500


def fading(known: Known) -> NDArray[np.int64]:
    """Return the places of customers whose lines became smaller by more than chance explains.

    They have bought on three days or more in the last 90, so they are still there.
    """
    trend = _feature(known, "line_value_trend")
    return np.flatnonzero(np.nan_to_num(trend) <= LEAST_TREND)


def fading_table(known: Known, value: Numbers, customers: pa.Table) -> ResultTable:
    """Return these customers, the largest loss of value first.

    Args:
        known: the customers of the cut-off.
        value: of each over the months that count, NaN where unknown.
        customers: `customer_base`, ordered by key.
    """
    change = _feature(known, "line_value_change")
    loss = (1 - change) * value
    places = fading(known)
    places = places[np.argsort(-np.nan_to_num(loss[places], nan=-1.0), kind="stable")]
    places = places[:MOST_ROWS]
    keys = customers["customer_key"].to_numpy()
    who = customers.take(np.searchsorted(keys, known.keys[places])).to_pylist()
    recency, trend = _feature(known, "recency_days"), _feature(known, "line_value_trend")
    recent = _feature(known, "net_sales_90")
    rows: list[dict[str, Any]] = [
        {
            "customer": person["customer_id"],
            "customer_name": person["name"],
            "salesperson": person["salesperson"],
            "change": float(change[place] - 1),
            "trend": float(trend[place]),
            "at_stake": float(value[place]),
            "loss": float(loss[place]),
            "net_sales_90": float(recent[place]),
            "recency": int(recency[place]),
        }
        for place, person in zip(places.tolist(), who, strict=True)
    ]
    return made(_COLUMNS, rows, (_explained(),))


_COLUMNS = (
    Column("customer", msg(N_("Customer code")), Format.CODE, "dimension"),
    Column("customer_name", msg(N_("Customer")), Format.TEXT, "label"),
    Column("salesperson", msg(N_("Salesperson")), Format.TEXT, "label"),
    Column("change", msg(N_("Net sales per line, last 90 days against before")), Format.PERCENT,
           "change", good="up"),
    Column("trend", msg(N_("Trend in standard errors")), Format.NUMBER, "flag"),
    Column("at_stake", msg(N_("Value at stake")), Format.MONEY, "metric"),
    Column("loss", msg(N_("Value lost if it stays so")), Format.MONEY, "metric", good="down"),
    Column("net_sales_90", msg(N_("Net sales of the last 90 days")), Format.MONEY, "metric"),
    Column("recency", msg(N_("Days since the last purchase")), Format.INTEGER, "metric"),
)  # fmt: skip


def _explained() -> Message:
    return msg(
        N_(
            "Customers who still come, but whose lines became smaller by more than chance "
            "explains (three standard errors): a warning before the probability of leaving rises."
        )
    )


def _feature(known: Known, name: str) -> Numbers:
    return known.slices.values[:, known.slices.features.index(name)]
