"""The check on days the models have not seen: fitted up to a day, compared with what came after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.services.customer_value.data import Floats, Later, Purchases, read_later, read_purchases
from core.services.customer_value.models import Fitted, fit_all, fit_value, log_likelihoods
from core.services.customers import History
from core.services.methods.purchases import (
    HoldoutScores,
    ModelError,
    PurchaseModel,
    ValueModel,
    capture,
    holdout_scores,
)

TOP = 0.1  # of the customers: the top decile


@dataclass(frozen=True)
class Score:
    """How well a forecast met the holdout.

    Attributes:
        orders: errors of the expected purchase days by customer.
        expected: purchase days per customer.
        log_likelihood: of what was bought in the holdout, given what was known before; None for a
            forecast that is no model.
        brier: mean squared error of P(no purchase in the holdout); None likewise.
    """

    orders: HoldoutScores
    expected: Floats
    log_likelihood: float | None = None
    brier: float | None = None


@dataclass(frozen=True)
class Check:
    """The holdout and how each model met it.

    Attributes:
        known: what was known at the end of the calibration.
        later: what the same customers bought after it.
        fitted: the models, fitted on `known`.
        value: the value model, fitted on `known`; None where it could not be.
        scores: by model.
        naive: the forecast that each customer goes on at the own pace so far.
    """

    known: Purchases
    later: Later
    fitted: Fitted
    value: ValueModel | None
    scores: Mapping[str, Score]
    naive: Score

    def best(self) -> str:
        """Return the model under which the holdout's purchases were likeliest.

        This scores the whole forecast, who buys, when and how often, and cannot be gained by a
        model that gets the total right for the wrong reasons.
        """
        return max(self.scores, key=lambda key: self.scores[key].log_likelihood or -np.inf)

    def top_captures(self, key: str) -> dict[str, float | None]:
        """Return the share of the holdout's value that came from each ranking's top decile.

        Rankings: the model's expected value, past value, past number of purchase days, most
        recent purchase; `perfect` ranks by what came. None without value in the holdout.
        """
        happened = np.where(np.isnan(self.later.value), 0.0, self.later.value)
        expected = self.scores[key].expected
        if self.value is not None:
            expected = expected * self.value.expected(self.known.days, self.known.mean)
        past = np.where(np.isnan(self.known.value), 0.0, self.known.value)
        rankings = {
            "model": expected,
            "value": past,
            "frequency": self.known.x,
            "recency": self.known.t_x - self.known.t,
            "perfect": happened,
        }
        found = {name: float(capture(rank, happened, TOP)[0]) for name, rank in rankings.items()}
        return {name: share if np.isfinite(share) else None for name, share in found.items()}


def run_check(
    history: History, since: date, source: str, each: Callable[[int], None]
) -> Check | None:
    """Fit the models up to a day and compare them with what came after it.

    Args:
        history: of the whole selection.
        since: last day of the calibration.
        source: the amount that counts as value.
        each: called with the number of models done, before each fit.

    Returns:
        None where the calibration has too few customers for any model.
    """
    known = read_purchases(history, since, source)
    if not known.count:
        return None
    later = read_later(history, since, source)
    fitted = fit_all(known, each)
    if not fitted.models:
        return None
    afterwards = read_purchases(history, history.cut_off, source)
    whole = afterwards.pick(np.isin(afterwards.keys, known.keys))
    scores = {key: _score(model, known, whole, later) for key, model in fitted.models.items()}
    pace = np.divide(known.x, known.t, out=np.zeros_like(known.x), where=known.t > 0) * later.days
    naive = Score(holdout_scores(pace, later.bought), pace)
    return Check(known, later, fitted, _value_model(known), scores, naive)


def _score(model: PurchaseModel, known: Purchases, whole: Purchases, later: Later) -> Score:
    expected = model.expected(*known.history, later.days)
    none = model.p_none(*known.history, later.days)
    gained = log_likelihoods(model, whole) - log_likelihoods(model, known)
    return Score(
        orders=holdout_scores(expected, later.bought),
        expected=expected,
        log_likelihood=float(gained.sum()),
        brier=float(np.mean((none - (later.bought == 0)) ** 2)),
    )


def _value_model(known: Purchases) -> ValueModel | None:
    """Return the value model of the calibration, or None: ranking by orders is possible without."""
    try:
        return fit_value(known)
    except ModelError:
        return None
