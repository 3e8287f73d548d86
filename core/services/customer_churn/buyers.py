"""Churn of customers without a contract, end to end: from an open history to tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.i18n import N_, Message, msg
from core.models.result import AnalysisResult, Outcome, ResultTable
from core.repository.customers.features import FEATURES
from core.services.customer_churn import card, figures, past, tables, words, worklist
from core.services.customer_churn.drifting import PROBABILITY, drift_table, drifts
from core.services.customer_churn.fading import fading_table
from core.services.customer_churn.figures import Tested
from core.services.customer_churn.judge import (
    LEARNT,
    PURCHASES,
    Answer,
    Trial,
    answer,
    hold_trial,
)
from core.services.customer_churn.known import Known, Plan
from core.services.customer_churn.settings import ChurnSettings, EarlierRun, Report
from core.services.customer_churn.worklist import Stakes
from core.services.customers import History
from core.services.methods.churn.leak import Leak, find_leaks

KIND = "purchases"


@dataclass(frozen=True)
class _Found:
    """What the steps of a run found."""

    told: card.Told
    stakes: Stakes
    earlier: Sequence[past.LookBack]


def study(
    history: History, settings: ChurnSettings, runs: Sequence[EarlierRun], report: Report
) -> tuple[AnalysisResult, list[card.Fact]]:
    """Return the tables of a run, and the facts of its model card.

    Args:
        history: open; nothing after its cut-off is known.
        settings: options of the run.
        runs: earlier ones on the same selection of sales, the newest first.
        report: told how far the run is; raises where it was cancelled.

    Raises:
        PicholineError: nobody bought lately, or no model can be had.
    """
    report(0.05, msg(N_("Reading what was known of the customers month by month")))
    plan = Plan.of(history.first, history.cut_off, settings.horizon)
    known = Known.read(history, plan.days, settings.horizon)
    caveats: list[Message] = []
    if settings.basis == "margin" and not known.margin_known():
        settings = settings.on_sales()
        caveats.append(msg(N_("No costs are known: values are net sales instead of gross margin.")))
    report(0.35, msg(N_("Testing the models on customers they have not seen")))
    trial = hold_trial(history, known, plan, settings)
    report(0.6, msg(N_("Learning from all outcomes that are known")))
    found = answer(history, known, plan, settings, trial)
    report(0.8, msg(N_("Looking back at earlier runs")))
    stakes = Stakes.of(found.probability, found.known.value(settings), settings)
    kept = _scores(found, stakes, history.customers)
    last = _last_scores(runs, settings.horizon)
    moved = drifts(last, kept, (PROBABILITY, *FEATURES))
    told = card.Told(history, plan, known, settings, trial, found, moved)
    whole = _Found(told, stakes, past.look_back(history, runs))
    report(0.9, msg(N_("Writing reasons and tables")))
    shown = _tables(whole)
    result = AnalysisResult(
        tables=shown,
        titles={key: msg(tables.TITLES[key]) for key in shown},
        headline={row["metric"]: row["value"] for row in shown["kpis"].rows()},
        caveats=(*caveats, *card.run_caveats(told)),
        notes=tuple(card.findings(told)),
        data_version=history.data_version,
        period=history.window,
        outcome=_outcome(whole, kept, shown["kpis"]),
    )
    return result, card.card_facts(told)


def _tables(found: _Found) -> dict[str, ResultTable]:
    told, settings = found.told, found.told.settings
    trial, today = told.trial, told.answer
    names = {**words.FEATURE_NAMES, PROBABILITY: N_("Probability of leaving")}
    customers = told.history.customers
    tested = _tested(trial, today, settings) if trial else None
    judged = trial.judged if trial else {}
    left = trial.left if trial else np.empty(0, bool)
    untested = () if trial else (_untested(settings),)
    return {
        "kpis": figures.kpi_table(found.stakes, tested, settings),
        "models": tables.model_table(judged, untested),
        "gain": tables.gain_table(judged, left),
        "lift": tables.lift_table(judged, left),
        "calibration": tables.calibration_table(judged, left),
        "profit": tables.profit_table(
            tested.curve if tested else None,
            figures.profit_caveats(tested.curve) if tested else untested,
        ),
        "customers": worklist.customers_table(today, found.stakes, customers, settings),
        "fading": fading_table(today.known, found.stakes.value, customers),
        "drivers": worklist.driver_table(
            worklist.find_drivers(today), names, () if today.learnt else (_unexplained(),)
        ),
        "leaks": tables.leak_table(_leaks(trial), names, tables.LEAK_REMEDY),
        "flagged": past.flagged_table(found.earlier, _names(customers)),
        "past_runs": past.runs_table(found.earlier),
        "drift": drift_table(told.drifts, names),
    }


def _tested(trial: Trial, today: Answer, settings: ChurnSettings) -> Tested:
    """Return the figures of the model whose probabilities count, as it did in the test."""
    shown = trial.judged.get(today.key) or next(iter(trial.judged.values()))
    value = trial.known.value(settings)
    curve = None
    if shown.is_probability:
        curve = figures.curve_of(trial.left, shown.score, value, settings)
    return Tested(trial.left, shown, curve)


def _leaks(trial: Trial | None) -> list[Leak]:
    if trial is None:
        return []
    slices = trial.known.slices
    columns = dict(zip(slices.features, slices.values.T, strict=True))
    return find_leaks(columns, slices.left)


def _scores(found: Answer, stakes: Stakes, customers: pa.Table) -> pa.Table:
    """Return what is kept of each customer, for the comparison with later runs."""
    places = np.searchsorted(customers["customer_key"].to_numpy(), found.known.keys)
    slices = found.known.slices
    return pa.table(
        {
            "customer_id": customers["customer_id"].take(places),
            PROBABILITY: stakes.probability,
            past.AT_STAKE: pa.array(stakes.value, from_pandas=True),
            past.FLAGGED: stakes.flagged.astype(np.int8),
            **{
                name: pa.array(slices.values[:, place], from_pandas=True)
                for place, name in enumerate(slices.features)
            },
        }
    )


def _last_scores(runs: Sequence[EarlierRun], horizon: int) -> pa.Table | None:
    """Return the scores of the latest run with this horizon, None without one."""
    for run in runs:
        if run.card.get("horizon") == horizon:
            table = run.scores()
            if table is not None:
                return table
    return None


def _outcome(found: _Found, kept: pa.Table, kpis: ResultTable) -> Outcome:
    told, today = found.told, found.told.answer
    headline = {row["metric"]: row["value"] for row in kpis.rows()}
    return Outcome(
        model={
            "kind": KIND,
            "horizon": told.settings.horizon,
            "probabilities_from": today.key,
            LEARNT: today.learnt.as_dict() if today.learnt else None,
            PURCHASES: today.purchases.as_dict() if today.purchases else None,
        },
        scores=kept,
        card={
            "kind": KIND,
            "cut_off": told.history.cut_off.isoformat(),
            "horizon": told.settings.horizon,
            "model": today.key,
            "at_risk_from": told.settings.at_risk,
            **{key: headline.get(key) for key in _CARD},
        },
        publish=(PROBABILITY,),
    )


_CARD = ("customers", "at_risk", "value_at_risk", "contacts", "base_rate", "auc", "lift", "brier")


def _names(customers: pa.Table) -> dict[str, str]:
    pairs = zip(customers["customer_id"].to_pylist(), customers["name"].to_pylist(), strict=True)
    return {key: name for key, name in pairs if name}


def _untested(settings: ChurnSettings) -> Message:
    return msg(
        N_(
            "The history is too short for a test: it would have to begin well before the last "
            "{horizon} days."
        ),
        horizon=settings.horizon,
    )


def _unexplained() -> Message:
    return msg(
        N_(
            "The purchase model looks at nothing but when a customer bought; there are no other "
            "drivers."
        )
    )
