"""The model card of a run, and what the run leaves behind."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Outcome
from core.services.customer_value.check import Check
from core.services.customer_value.data import SOURCES, Purchases, numbers
from core.services.customer_value.models import MODEL_NAMES, model_message
from core.services.customer_value.tables import Frame, gini
from core.services.customer_value.valuation import SEED, Valuation
from core.services.methods.churn.drift import drift
from core.services.methods.purchases import Horizon, PurchaseModel, ValueModel

Fact = tuple[Message, float | int | str | Message | None, Format]
EDITION = 1  # of the stored model's layout


@dataclass(frozen=True)
class CardFacts:
    """Everything a model card tells of a run.

    Attributes:
        covered: share of customers whose holdout value lay inside their interval.
        source: the amount that counts as value.
        automatic: whether the model was chosen by the analysis.
    """

    frame: Frame
    model: PurchaseModel
    worth: ValueModel
    purchases: Purchases
    valuation: Valuation
    check: Check | None
    covered: float | None
    source: str
    horizon: Horizon
    automatic: bool


Earlier = tuple[date, pa.Table]  # of another run: its day, and its scores, one row per customer


def card_rows(facts: CardFacts, earlier: Earlier | None) -> list[Fact]:
    """Return the facts of this run, and how far the scores moved since the last one."""
    return [*_data(facts), *_settings(facts), *_fit(facts), *_drift(facts, earlier)]


def _data(facts: CardFacts) -> list[Fact]:
    period, purchases = facts.frame.period, facts.purchases
    return [
        (msg(N_("First purchase")), _day(period.start), Format.TEXT),
        (msg(N_("Cut-off: last day that was looked at")), _day(period.end), Format.TEXT),
        (msg(N_("Days of history")), period.days, Format.INTEGER),
        (msg(N_("Customers")), purchases.count, Format.INTEGER),
        (msg(N_("Customers who came back")), int((purchases.x > 0).sum()), Format.INTEGER),
        (msg(N_("Value")), Message(SOURCES[facts.source]), Format.TEXT),
        (
            msg(N_("Cost coverage")),
            purchases.covered if np.isfinite(purchases.covered) else None,
            Format.PERCENT,
        ),
    ]


def _settings(facts: CardFacts) -> list[Fact]:
    return [
        (msg(N_("Horizon in months")), facts.horizon.months, Format.INTEGER),
        (msg(N_("Discount rate per year")), facts.horizon.annual_rate, Format.PERCENT),
        (msg(N_("Purchase model")), model_message(facts.model.key), Format.TEXT),
        (msg(N_("Choice of the model")), _choice(facts), Format.TEXT),
        (
            msg(N_("Value model")),
            msg("Gamma-Gamma on the mean value per purchase day, all purchase days counted"),
            Format.TEXT,
        ),
        (msg(N_("Simulated futures per customer")), facts.valuation.draws, Format.INTEGER),
        (msg(N_("Seed of the simulation")), str(SEED), Format.CODE),
    ]


def _choice(facts: CardFacts) -> Message:
    if not facts.automatic:
        return msg("Chosen by hand")
    if facts.check:
        return msg("The holdout's purchases were likeliest under it")
    return msg("The whole history was likeliest under it; there was no holdout")


def _fit(facts: CardFacts) -> list[Fact]:
    rows: list[Fact] = [
        (msg(N_("Log-likelihood")), facts.model.log_likelihood, Format.NUMBER),
        (msg(N_("Log-likelihood of the value model")), facts.worth.log_likelihood, Format.NUMBER),
        (
            msg(N_("Correlation of number and value of orders (the model supposes 0)")),
            facts.worth.relation,
            Format.NUMBER,
        ),
        (
            msg(N_("Gini coefficient of the lifetime value")),
            gini(facts.valuation.clv),
            Format.NUMBER,
        ),
    ]
    if facts.check is None:
        return rows
    score = facts.check.scores[facts.model.key]
    later = facts.check.later
    return [
        *rows,
        (msg(N_("Holdout: last day of the calibration")), _day(later.since), Format.TEXT),
        (msg(N_("Holdout: days")), later.days, Format.INTEGER),
        (msg(N_("Holdout: orders expected")), score.orders.expected, Format.INTEGER),
        (msg(N_("Holdout: orders that came")), score.orders.actual, Format.INTEGER),
        (msg(N_("Holdout: bias of the total")), score.orders.bias, Format.PERCENT),
        (msg(N_("Holdout: correlation")), score.orders.correlation, Format.NUMBER),
        (
            msg(N_("Holdout: customers inside their 90% interval")),
            facts.covered,
            Format.PERCENT,
        ),
    ]


def _drift(facts: CardFacts, earlier: Earlier | None) -> list[Fact]:
    """Compare the scores with those of the last run, if it kept any."""
    if earlier is None:
        return []
    day, scores = earlier
    rows: list[Fact] = [(msg(N_("Compared with the run of")), _day(day), Format.TEXT)]
    current = {"clv": facts.valuation.clv, "p_alive": facts.valuation.p_alive}
    names = {"clv": N_("Lifetime value"), "p_alive": N_("P(still active)")}
    for name, now in current.items():
        if name not in scores.column_names:
            continue
        found = drift(numbers(scores, name), now)
        if found is not None:
            label = Message(names[name])
            rows += [
                (
                    msg("Drift of “{name}” (PSI; over .25: look)", name=label),
                    found.psi,
                    Format.NUMBER,
                ),
                (msg("Drift of “{name}” (KS distance)", name=label), found.ks, Format.NUMBER),
            ]
    return rows


def outcome(facts: CardFacts, customers: pa.ChunkedArray) -> Outcome:
    """Return the model, a score per customer and the figures of merit.

    Args:
        facts: of the run.
        customers: ids in the order of the purchases' keys.
    """
    found = facts.valuation
    score = facts.check.scores[facts.model.key] if facts.check else None
    scores = pa.table(
        {
            "customer_id": customers.cast(pa.string()),
            "p_alive": found.p_alive,
            "expected_orders": found.orders,
            "expected_margin": found.per_order,
            "clv": found.clv,
            "clv_low": found.low,
            "clv_high": found.high,
        }
    )
    return Outcome(
        model={
            "edition": EDITION,
            "unit": "days",
            "cut_off": facts.frame.period.end.isoformat(),
            "purchases": facts.model.as_dict(),
            "value": facts.worth.as_dict(),
            "value_source": facts.source,
            "months": facts.horizon.months,
            "annual_rate": facts.horizon.annual_rate,
        },
        scores=scores,
        card={
            N_("Lifetime value"): round(found.total.value),
            N_("Customers"): facts.purchases.count,
            N_("Purchase model"): MODEL_NAMES[facts.model.key],
            N_("Bias of the total"): score.orders.bias if score else None,
            N_("Correlation"): score.orders.correlation if score else None,
            N_("Log-likelihood"): facts.model.log_likelihood,
        },
        publish=("clv", "p_alive", "expected_orders", "expected_margin"),
    )


def _day(day: date) -> Message:
    return msg("{day}", day=shown(day, Format.DATE))
