"""The models on the last day whose outcome is known, and on the day that counts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.errors import PicholineError
from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.services.customer_churn.known import LEAST_HISTORY, Counts, Known, Plan, counts_on
from core.services.customer_churn.settings import ChurnSettings, ordinal
from core.services.customers import History
from core.services.methods.churn import scores
from core.services.methods.churn.scores import Interval, Labels, Numbers
from core.services.methods.churn.supervised import ChurnModel, learn
from core.services.methods.churn.trees import CannotLearnError
from core.services.methods.purchases import PurchaseModel, fit

RECENCY, PURCHASES, LEARNT, LOGIT = "recency", "purchases", "learnt", "logit"
NAMES = {
    RECENCY: N_("Longest without a purchase"),
    PURCHASES: N_("Purchase model"),
    LEARNT: N_("Learnt model"),
    LOGIT: N_("Logistic regression on splines"),
}
PURCHASE_MODEL = "mbgnbd"
TOP = 0.1
LEAST_CUSTOMERS = 100  # on the test day: of fewer, an AUC says little
CLOSE = 0.02  # of AUC: less is no reason to prefer the more complicated model


@dataclass(frozen=True)
class Judged:
    """One ranking held against what came.

    Attributes:
        key: of `NAMES`.
        score: higher where leaving is more likely, shape (customers,).
        is_probability: whether the score is one, so that it can be held against shares.
        area: AUC with its interval; None where all left or all stayed.
        precision: PR-AUC.
        lift: among the top tenth.
        brier, log_loss: None where the score is no probability.
    """

    key: str
    score: Numbers
    is_probability: bool
    area: Interval | None
    precision: float | None
    lift: float | None
    brier: float | None
    log_loss: float | None


@dataclass(frozen=True)
class Trial:
    """The models on the test day.

    Attributes:
        known: the customers of that day, with what came.
        judged: by key of `NAMES`, the simplest first.
        unshifted_brier: of the learnt model before the season was looked at.
        gain: AUC of the learnt model less that of the better of the two others.
        days: ordinals of the slices the learnt model of the test had seen.
    """

    known: Known
    judged: Mapping[str, Judged]
    unshifted_brier: float | None = None
    gain: Interval | None = None
    days: tuple[int, ...] = ()

    @property
    def left(self) -> Labels:
        """Who left."""
        return self.known.slices.left

    @property
    def rivals(self) -> list[Judged]:
        """The rankings the learnt model must beat."""
        return [found for key, found in self.judged.items() if key != LEARNT]

    @property
    def is_close(self) -> bool:
        """Whether the learnt model hardly ranks better than a simpler one."""
        return self.gain is not None and (self.gain.low <= 0 or self.gain.value < CLOSE)


@dataclass(frozen=True)
class Answer:
    """The probabilities that count.

    Attributes:
        key: of the model they come from.
        known: the customers of the cut-off.
        probability: of no purchase within the horizon, shape (customers,).
        learnt: the learnt model, None where there is none; it explains the probabilities even
            where another model gives them.
        purchases: the purchase model, None where it cannot be fitted.
        remarks: why it is this model.
    """

    key: str
    known: Known
    probability: Numbers
    learnt: ChurnModel | None
    purchases: PurchaseModel | None
    remarks: tuple[Message, ...] = ()


def judge(key: str, left: Labels, score: Numbers, *, is_probability: bool) -> Judged:
    """Hold a ranking against what came."""
    return Judged(
        key,
        score,
        is_probability,
        scores.auc_intervals(left, {key: score}).get(key),
        scores.average_precision(left, score),
        scores.lift_at(left, score, TOP),
        scores.brier(left, score) if is_probability else None,
        scores.log_loss(left, score) if is_probability else None,
    )


def hold_trial(history: History, known: Known, plan: Plan, settings: ChurnSettings) -> Trial | None:
    """Hold the models against the last known outcome; each knows nothing after the test day.

    Returns None where the history is too short, or nobody was a customer then.
    """
    tested = known.at(plan.test) if plan.test else None
    if plan.test is None or tested is None or not len(tested.keys):
        return None
    left, values = tested.slices.left, tested.slices.values
    recency = values[:, tested.slices.features.index("recency_days")]
    judged = {RECENCY: judge(RECENCY, left, recency, is_probability=False)}
    fitted = fit_purchases(counts_on(history, plan.test, tested), settings.horizon)
    if fitted is not None:
        judged[PURCHASES] = judge(PURCHASES, left, fitted[1], is_probability=True)
    trial = Trial(tested, judged)
    if len(tested.keys) < LEAST_CUSTOMERS:
        return trial
    try:
        model = learn(known.slices, ordinal(plan.test), settings.horizon)
    except CannotLearnError:
        return trial
    probability = model.probability(values)
    judged[LEARNT] = judge(LEARNT, left, probability, is_probability=True)
    unshifted = model.without_shift().probability(values)
    return replace(
        trial,
        unshifted_brier=scores.brier(left, unshifted) if model.shift else None,
        gain=_gain(trial, probability),
        days=model.days,
    )


def fit_purchases(counts: Counts, horizon: int) -> tuple[PurchaseModel, Numbers] | None:
    """Return the purchase model and P(no purchase) of the active; None where it cannot be had."""
    try:
        model = fit(PURCHASE_MODEL, counts.repeats, counts.last_repeat, counts.age)
    except PicholineError:
        return None
    places = counts.active
    own = counts.repeats[places], counts.last_repeat[places], counts.age[places]
    return model, model.p_none(*own, horizon)


def answer(
    history: History, known: Known, plan: Plan, settings: ChurnSettings, trial: Trial | None
) -> Answer:
    """Return today's probabilities, from the learnt model where it stood its test.

    Raises:
        PicholineError: nobody bought lately, or no model can be had; says why.
    """
    now = known.at(plan.cut_off)
    if not len(now.keys):
        raise PicholineError(
            "churn.nobody",
            msg("Nobody bought in the year up to {day}.", day=shown(plan.cut_off, Format.DATE)),
            msg("Choose a period that ends while there were sales, or other filters."),
        )
    fitted = fit_purchases(counts_on(history, plan.cut_off, now), settings.horizon)
    learnt, lack = _learnt(known, plan, settings, trial)
    key, remarks = _choice(settings, trial, has_learnt=learnt is not None, lack=lack)
    if key == LEARNT and learnt is not None:
        found = learnt.probability(now.slices.values)
    elif fitted is not None:
        key, found = PURCHASES, fitted[1]
    elif learnt is not None:
        key, found = LEARNT, learnt.probability(now.slices.values)
        remarks = (*remarks, msg(N_("The purchase model cannot be fitted on these purchases.")))
    else:
        raise _no_model(lack)
    purchases = fitted[0] if fitted else None
    return Answer(key, now, np.clip(found, 0.0, 1.0), learnt, purchases, remarks)


def _learnt(
    known: Known, plan: Plan, settings: ChurnSettings, trial: Trial | None
) -> tuple[ChurnModel | None, Message | None]:
    if trial is None:
        return None, msg(
            N_(
                "The history is too short for a learnt model: it needs {days} days before the "
                "last {horizon} days, whose outcome is not known yet."
            ),
            days=LEAST_HISTORY,
            horizon=settings.horizon,
        )
    try:
        model = learn(known.slices, ordinal(plan.cut_off), settings.horizon)
    except CannotLearnError as error:
        return None, error.message
    if len(trial.left) < LEAST_CUSTOMERS:
        return None, msg(
            N_("A learnt model needs {least} active customers to be tested on; there were {n}."),
            least=LEAST_CUSTOMERS,
            n=len(trial.left),
        )
    if LEARNT not in trial.judged:
        return None, msg(
            N_(
                "There is too little history to test a learnt model on customers it has not "
                "seen, so none is used."
            )
        )
    return model, None


def _choice(
    settings: ChurnSettings, trial: Trial | None, *, has_learnt: bool, lack: Message | None
) -> tuple[str, tuple[Message, ...]]:
    """Return which model gives the probabilities, and why where that needs saying."""
    if settings.model == PURCHASES:
        return PURCHASES, ()
    if not has_learnt:
        return PURCHASES, (lack,) if lack else ()
    worse = trial is not None and trial.gain is not None and trial.gain.high < 0
    if settings.model == "auto" and worse and trial and PURCHASES in trial.judged:
        return PURCHASES, (
            msg(
                N_(
                    "The learnt model ranked worse than a simpler one in its test, so the "
                    "probabilities come from the purchase model."
                )
            ),
        )
    return LEARNT, ()


def _gain(trial: Trial, probability: Numbers) -> Interval | None:
    best = max(trial.rivals, key=lambda found: found.area.value if found.area else 0.0)
    return scores.auc_gain(trial.left, probability, best.score)


def _no_model(lack: Message | None) -> PicholineError:
    return PicholineError(
        "churn.no_model",
        msg("These customers’ purchases carry no churn model."),
        msg(
            "{why} The purchase model needs customers who came back on a later day.",
            why=lack or "",
        ),
        status=422,
    )
