"""The customers to call: probability, value, and why, ranked by what is expected to be lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.i18n import N_, Message, msg, pack
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_churn import words
from core.services.customer_churn.judge import Answer
from core.services.customer_churn.settings import ChurnSettings
from core.services.customer_churn.tables import made
from core.services.methods.churn.profit import expected_profit
from core.services.methods.churn.reasons import Driver, drivers, gathered
from core.services.methods.churn.scores import Labels, Numbers

MOST_ROWS = 5000
REASONS = 3
_DRIVER_ROWS = 5_000
_WHO = ("country", "channel", "segment", "salesperson")


@dataclass(frozen=True)
class Stakes:
    """What may be lost with each customer of the cut-off.

    Attributes:
        probability: of leaving, shape (customers,).
        value: of a kept customer over the months that count, NaN where unknown.
        flagged: for whom a contact is expected to pay.
        profit: expected profit of contacting each, NaN where the value is unknown.
    """

    probability: Numbers
    value: Numbers
    flagged: Labels
    profit: Numbers

    @classmethod
    def of(cls, probability: Numbers, value: Numbers, settings: ChurnSettings) -> "Stakes":
        """Return the stakes under what a contact costs and how often it works."""
        profit = expected_profit(probability, value, settings.offer)
        return cls(probability, value, np.nan_to_num(profit, nan=-1.0) > 0, profit)

    @property
    def expected_loss(self) -> Numbers:
        """Probability × value, NaN where unknown."""
        return self.probability * self.value

    @property
    def order(self) -> NDArray[np.int64]:
        """Places of the customers, the largest expected loss first, then by probability."""
        loss = np.nan_to_num(self.expected_loss, nan=-1.0)
        return np.lexsort((-self.probability, -loss)).astype(np.int64)


def customers_table(
    answer: Answer, stakes: Stakes, customers: pa.Table, settings: ChurnSettings
) -> ResultTable:
    """Return the worklist.

    Args:
        answer: today's probabilities.
        stakes: of the same customers.
        customers: `customer_base`, ordered by key.
        settings: for the currency of the reasons.
    """
    chosen = stakes.order[:MOST_ROWS]
    keys = customers["customer_key"].to_numpy()
    who = customers.take(np.searchsorted(keys, answer.known.keys[chosen])).to_pylist()
    values, features = answer.known.slices.values, answer.known.slices.features
    told = _reasons(answer, chosen, settings.currency)
    rows: list[dict[str, Any]] = []
    for place, person, reasons in zip(chosen.tolist(), who, told, strict=True):
        known = dict(zip(features, values[place].tolist(), strict=True))
        rows.append(
            {
                "customer": person["customer_id"],
                "customer_name": person["name"],
                **{key: person[key] for key in _WHO},
                "probability": float(stakes.probability[place]),
                "at_stake": float(stakes.value[place]),
                "expected_loss": float(stakes.expected_loss[place]),
                "contact": N_("Worth a contact") if stakes.flagged[place] else None,
                **{f"reason_{n}": text for n, text in enumerate(reasons, start=1)},
                "last_day": person["last_day"],
                "recency": int(known["recency_days"]),
                "gap": known["gap_mean"],
                "purchase_days": int(known["purchase_days_365"]),
                "net_sales": float(answer.known.sales[place]),
            }
        )
    return made(COLUMNS, rows, lost_caveat(len(stakes.probability)))


COLUMNS = (
    Column("customer", msg(N_("Customer code")), Format.CODE, "dimension"),
    Column("customer_name", msg(N_("Customer")), Format.TEXT, "label"),
    Column("country", msg(N_("Country")), Format.COUNTRY, "label"),
    Column("channel", msg(N_("Channel")), Format.TEXT, "label"),
    Column("segment", msg(N_("Customer segment")), Format.TEXT, "label"),
    Column("salesperson", msg(N_("Salesperson")), Format.TEXT, "label"),
    Column("probability", msg(N_("Probability of leaving")), Format.PERCENT, "metric", good="down"),
    Column("at_stake", msg(N_("Value at stake")), Format.MONEY, "metric"),
    Column("expected_loss", msg(N_("Probability × value")), Format.MONEY, "metric", good="down"),
    Column("contact", msg(N_("Advice")), Format.TEXT, "flag", translate=True),
    *(
        Column(f"reason_{n}", msg(N_("Reason {n}"), n=n), Format.TEXT, "flag", translate=True)
        for n in range(1, REASONS + 1)
    ),
    Column("last_day", msg(N_("Last purchase")), Format.DATE, "label"),
    Column("recency", msg(N_("Days since the last purchase")), Format.INTEGER, "metric"),
    Column("gap", msg(N_("Usual gap between purchases (days)")), Format.QUANTITY, "metric"),
    Column(
        "purchase_days", msg(N_("Purchase days in the last 365 days")), Format.INTEGER, "metric"
    ),
    Column("net_sales", msg(N_("Net sales of the last 365 days")), Format.MONEY, "metric"),
)


def lost_caveat(count: int) -> tuple[Message, ...]:
    """Return that the list is cut, where it is."""
    if count <= MOST_ROWS:
        return ()
    return (
        msg(
            "The {shown} customers with the largest probability × value are listed, of {n}.",
            shown=MOST_ROWS,
            n=count,
        ),
    )


def _reasons(answer: Answer, chosen: NDArray[np.int64], currency: str) -> list[list[str]]:
    """Return up to three packed sentences per customer."""
    features = answer.known.slices.features
    values = answer.known.slices.values[chosen]
    if answer.learnt is None:
        # The purchase model knows nothing but these two.
        themes: Sequence[Sequence[str]] = [("pause", "frequency")] * len(chosen)
    else:
        parts = answer.learnt.trees.contributions(values)
        themes = _raising(gathered(parts, words.theme_of(features), len(words.THEMES)))
    return [
        [
            pack(words.reason(theme, dict(zip(features, row.tolist(), strict=True)), currency))
            for theme in told
        ]
        for told, row in zip(themes, values, strict=True)
    ]


def _raising(parts: Numbers) -> list[list[str]]:
    order = np.argsort(-parts, axis=1, kind="stable")[:, :REASONS]
    return [
        [words.THEMES[int(place)] for place in places if parts[row, place] > 0]
        for row, places in enumerate(order)
    ]


def find_drivers(answer: Answer) -> list[Driver]:
    """Return what moves the probabilities most, over (a sample of) the customers."""
    if answer.learnt is None:
        return []
    values = answer.known.slices.values
    if len(values) > _DRIVER_ROWS:
        sample = np.random.default_rng(0).choice(len(values), _DRIVER_ROWS, replace=False)
        values = values[sample]
    parts = answer.learnt.trees.contributions(values)
    return drivers(parts, answer.known.slices.features, values)


def driver_table(
    found: Sequence[Driver], names: Mapping[str, str], caveats: Sequence[Message] = ()
) -> ResultTable:
    """Return the global drivers, strongest first."""
    columns = (
        Column("feature", msg(N_("Feature")), Format.TEXT, "dimension", translate=True),
        Column("share", msg(N_("Share of the explanation")), Format.PERCENT, "metric"),
        Column("weight", msg(N_("Mean effect on the log-odds")), Format.SCORE, "metric"),
        Column("direction", msg(N_("Direction")), Format.TEXT, "flag", translate=True),
    )
    rows: list[dict[str, Any]] = []
    for one in found:
        towards = words.direction(one.direction)
        rows.append(
            {
                "feature": names.get(one.feature, one.feature),
                "share": one.share,
                "weight": one.weight,
                "direction": pack(towards) if towards else None,
            }
        )
    return made(columns, rows, caveats)
