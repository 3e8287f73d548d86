"""The model card: what was looked at, how, how well it did, and what to beware of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.services.customer_churn.judge import LEARNT, NAMES, PURCHASES, Answer, Trial
from core.services.customer_churn.known import Known, Plan
from core.services.customer_churn.settings import ChurnSettings
from core.services.customer_churn.tables import as_day
from core.services.customers import History
from core.services.methods.churn.drift import SHIFTED, Drift
from core.services.methods.churn.supervised import SETTINGS

Fact = tuple[Message, float | int | str | Message | None, Format]
_TEXT = Format.TEXT


@dataclass(frozen=True)
class Told:
    """Everything a card is written from."""

    history: History
    plan: Plan
    known: Known
    settings: ChurnSettings
    trial: Trial | None
    answer: Answer
    drifts: Mapping[str, Drift]


def card_facts(told: Told) -> list[Fact]:
    """Return the facts of the card, in order."""
    return [*_window(told), *_model(told), *_scores(told), *_drift(told)]


def _window(told: Told) -> list[Fact]:
    history, plan = told.history, told.plan
    facts: list[Fact] = [
        (msg(N_("History from")), _day(history.first), _TEXT),
        (msg(N_("Cut-off: last day known")), _day(history.cut_off), _TEXT),
        (msg(N_("Horizon (days without a purchase)")), told.settings.horizon, Format.INTEGER),
        (msg(N_("Customers who bought in the last 365 days")), len(told.answer.known.keys),
         Format.INTEGER),
    ]  # fmt: skip
    if plan.test is not None and told.trial is not None:
        facts += [
            (msg(N_("Test: cut-off")), _day(plan.test), _TEXT),
            (msg(N_("Test: customers")), len(told.trial.left), Format.INTEGER),
            (msg(N_("Test: share that left")), float(told.trial.left.mean()), Format.PERCENT),
        ]
    return facts


def _model(told: Told) -> list[Fact]:
    answer = told.answer
    facts: list[Fact] = [(msg(N_("Probabilities from")), msg(NAMES[answer.key]), _TEXT)]
    if answer.learnt is not None:
        days, trees = answer.learnt.days, SETTINGS
        facts += [
            (msg(N_("Learnt from: cut-offs")), len(days), Format.INTEGER),
            (msg(N_("Learnt from: first cut-off")), _day(as_day(days[0])), _TEXT),
            (msg(N_("Learnt from: last cut-off")), _day(as_day(days[-1])), _TEXT),
            (msg(N_("Learnt from: rows")), answer.learnt.rows, Format.INTEGER),
            (msg(N_("Features")), len(answer.learnt.trees.features), Format.INTEGER),
            (msg(N_("Trees: number, depth, learning rate")),
             f"{trees.rounds}, {trees.depth}, {trees.rate:g}", _TEXT),
            *_season(told),
        ]  # fmt: skip
    if answer.purchases is not None:
        params = answer.purchases.params
        facts += [
            (msg(N_("Purchase model")), "MBG/NBD", _TEXT),
            *((msg(N_("Parameter {name}"), name=key), value, Format.SCORE)
              for key, value in params.items()),
        ]  # fmt: skip
    return facts


def _season(told: Told) -> list[Fact]:
    shift = told.answer.learnt.shift if told.answer.learnt else None
    if shift is None:
        return [(msg(N_("Same season a year before")), msg(N_("Not in the history")), _TEXT)]
    return [
        (msg(N_("Same season a year before: cut-off")), _day(as_day(shift.day)), _TEXT),
        (msg(N_("Same season a year before: predicted share")), shift.predicted, Format.PERCENT),
        (msg(N_("Same season a year before: share that left")), shift.observed, Format.PERCENT),
    ]


def _scores(told: Told) -> list[Fact]:
    if told.trial is None:
        return [(msg(N_("Test")), msg(N_("None: the history is too short")), _TEXT)]
    facts: list[Fact] = []
    for found in told.trial.judged.values():
        name = msg(NAMES[found.key])
        area = found.area.value if found.area else None
        facts.append((msg(N_("AUC: {model}"), model=name), area, Format.SCORE))
        if found.brier is not None:
            facts.append((msg(N_("Brier score: {model}"), model=name), found.brier, Format.SCORE))
    if told.trial.unshifted_brier is not None:
        label = msg(N_("Brier score before the season was looked at"))
        facts.append((label, told.trial.unshifted_brier, Format.SCORE))
    return facts


def _drift(told: Told) -> list[Fact]:
    if not told.drifts:
        return [(msg(N_("Drift against the last run")), msg(N_("No earlier run")), _TEXT)]
    key, most = next(iter(told.drifts.items()))
    facts: list[Fact] = [
        (msg(N_("Drift: largest stability index")), most.psi, Format.SCORE),
        (msg(N_("Drift: of")), key, _TEXT),
    ]
    probability = told.drifts.get("churn_probability")
    if probability is not None:
        facts += [
            (msg(N_("Drift of the probability: stability index")), probability.psi, Format.SCORE),
            (msg(N_("Drift of the probability: KS distance")), probability.ks, Format.SCORE),
        ]
    return facts


def run_caveats(told: Told) -> list[Message]:
    """Return what a reader of the figures must beware of."""
    found = [
        *told.history.caveats,
        msg(
            N_(
                "Churn looks at the whole history up to {day}, the end of the period; the start "
                "of the period plays no part."
            ),
            day=_day(told.history.cut_off),
        ),
        *told.answer.remarks,
    ]
    if told.answer.key == LEARNT and told.answer.learnt and told.answer.learnt.shift is None:
        found.append(
            msg(
                N_(
                    "The history holds no such season a year before: if your business is "
                    "seasonal, the level of the probabilities may be off, less so their order."
                )
            )
        )
    moved = sum(one.psi >= SHIFTED for one in told.drifts.values())
    if moved:
        found.append(
            msg(
                N_("Compared with the last run, {n} of {all} features moved a lot: see the drift."),
                n=moved,
                all=len(told.drifts),
            )
        )
    return found


def findings(told: Told) -> list[Message]:
    """Return what the test found, in words."""
    trial = told.trial
    if trial is None or LEARNT not in trial.judged:
        return []
    best, learnt = max(trial.rivals, key=lambda one: _area(one.key, trial)), trial.judged[LEARNT]
    values: dict[str, Any] = {
        "auc": shown(_area(learnt.key, trial), Format.SCORE),
        "other": shown(_area(best.key, trial), Format.SCORE),
    }
    if not trial.is_close:
        return [
            msg(
                N_(
                    "Out of time, the learnt model ranks the customers with an AUC of {auc}, "
                    "the best simpler ranking with {other}."
                ),
                **values,
            )
        ]
    if best.key == PURCHASES:
        return [
            msg(
                N_(
                    "The baseline is close: the purchase model alone, which needs no training, "
                    "reaches an AUC of {other}; the learnt model {auc}."
                ),
                **values,
            )
        ]
    return [
        msg(
            N_(
                "The baseline is close: sorting by the days since the last purchase reaches an "
                "AUC of {other}; the learnt model {auc}."
            ),
            **values,
        )
    ]


def _area(key: str, trial: Trial) -> float:
    area = trial.judged[key].area
    return area.value if area else 0.5


def _day(day: Any) -> Message:
    return msg("{day}", day=shown(day, Format.DATE))
