"""Churn of customers with a contract, end to end: from a file to tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from core.errors import PicholineError
from core.formats import shown
from core.i18n import N_, Message, msg, pack
from core.models.formats import Format
from core.models.result import AnalysisResult, Column, Outcome, ResultTable
from core.services.customer_churn import figures, tables, worklist
from core.services.customer_churn.card import Fact
from core.services.customer_churn.drifting import PROBABILITY
from core.services.customer_churn.figures import Tested
from core.services.customer_churn.judge import LEARNT, LOGIT, NAMES, Judged, judge
from core.services.customer_churn.settings import ChurnSettings, Report
from core.services.customer_churn.tables import LEAK_REMEDY, TITLES, made
from core.services.customer_churn.worklist import MOST_ROWS, REASONS, Stakes, lost_caveat
from core.services.labelled import LabelledTable
from core.services.methods.churn.columns import Columns
from core.services.methods.churn.contractual import FOLDS, SETTINGS, ContractModel, out_of_fold
from core.services.methods.churn.leak import Leak, find_leaks
from core.services.methods.churn.reasons import drivers
from core.services.methods.churn.scores import Labels, base_rate
from core.services.methods.churn.trees import CannotLearnError

KIND = "contracts"
_OF_PURCHASES = ("fading", "flagged", "past_runs", "drift")


@dataclass(frozen=True)
class _Run:
    """What the steps of a run found; arrays are over the customers who are still there.

    Attributes:
        found: the file.
        settings: of the run.
        leaks: columns that give it away; the model does not see them.
        judged: the models on customers they had not seen.
        model: learnt from all customers of whom the file says whether they left.
        there: of the file's rows, who has not left.
        stakes: of these.
    """

    found: LabelledTable
    settings: ChurnSettings
    leaks: Sequence[Leak]
    judged: Mapping[str, Judged]
    model: ContractModel
    there: Labels
    stakes: Stakes

    @property
    def left(self) -> Labels:
        """Who left, of those the models were held against."""
        return self.found.left[self.found.stated]

    @property
    def columns(self) -> Columns:
        """The values of those who are still there."""
        return _rows(self.found.columns, self.there)

    @property
    def ids(self) -> list[str]:
        """Their codes."""
        pairs = zip(self.found.ids, self.there, strict=True)
        return [code for code, is_there in pairs if is_there]


def study(
    found: LabelledTable, settings: ChurnSettings, report: Report
) -> tuple[AnalysisResult, list[Fact]]:
    """Return the tables of a run on a file of contracts, and the facts of its model card.

    Every customer's probability comes from a model that did not see that customer: those the file
    says nothing of from one on all others, the rest out of fold.

    Raises:
        PicholineError: too few rows, or nearly all left or stayed.
    """
    try:
        run = _run(found, settings, report)
    except CannotLearnError as error:
        raise PicholineError(
            "churn.too_few",
            error.message,
            msg("Choose a file with more customers, or another column."),
            status=422,
        ) from error
    report(0.85, msg(N_("Writing reasons and tables")))
    shown_tables = _tables(run)
    headline = {row["metric"]: row["value"] for row in shown_tables["kpis"].rows()}
    result = AnalysisResult(
        tables=shown_tables,
        titles={key: msg(TITLES[key]) for key in shown_tables},
        headline=headline,
        caveats=tuple(_caveats(run)),
        outcome=_outcome(run, headline),
    )
    return result, _card(run)


def _run(found: LabelledTable, settings: ChurnSettings, report: Report) -> _Run:
    report(0.1, msg(N_("Looking for columns that give it away")))
    left = found.left[found.stated]
    leaks = find_leaks(_rows(found.columns, found.stated), left)
    telling = {leak.feature for leak in leaks}
    used = {key: values for key, values in found.columns.items() if key not in telling}
    seen = _rows(used, found.stated)
    report(0.2, msg(N_("Testing the models on customers they have not seen")))
    judged = {
        key: judge(key, left, out_of_fold(seen, left, how), is_probability=True)
        for key, how in ((LOGIT, "logit"), (LEARNT, "trees"))
    }
    report(0.7, msg(N_("Learning from all outcomes that are known")))
    model = ContractModel.fit(seen, left)
    probability = np.empty(len(found.left))
    probability[found.stated] = judged[LEARNT].score
    if not found.stated.all():
        probability[~found.stated] = model.probability(_rows(used, ~found.stated))
    there = ~(found.stated & found.left)
    value = np.maximum(found.monthly[there], 0.0) * settings.months
    stakes = Stakes.of(probability[there], value, settings)
    return _Run(found, settings, leaks, judged, model, there, stakes)


def _rows(columns: Columns, chosen: Labels) -> Columns:
    return {key: values[chosen] for key, values in columns.items()}


def _tables(run: _Run) -> dict[str, ResultTable]:
    shown_model, value = run.judged[LEARNT], run.found.monthly[run.found.stated]
    curve = figures.curve_of(run.left, shown_model.score, value * run.settings.months, run.settings)
    contributions = run.model.contributions(run.columns)
    found = drivers(contributions, run.model.encoder.owners)
    return {
        "kpis": figures.kpi_table(run.stakes, Tested(run.left, shown_model, curve), run.settings),
        "models": tables.model_table(run.judged),
        "gain": tables.gain_table(run.judged, run.left),
        "lift": tables.lift_table(run.judged, run.left),
        "calibration": tables.calibration_table(run.judged, run.left),
        "profit": tables.profit_table(curve, figures.profit_caveats(curve)),
        "customers": _customers(run),
        "drivers": worklist.driver_table(found, {}),
        "leaks": tables.leak_table(run.leaks, {}, LEAK_REMEDY),
        **{key: made((), (), (_of_purchases(),)) for key in _OF_PURCHASES},
    }


def _of_purchases() -> Message:
    return msg(N_("This is told of customers without a contract only, from their purchases."))


def _customers(run: _Run) -> ResultTable:
    chosen = run.stakes.order[:MOST_ROWS]
    columns = {key: values[chosen] for key, values in run.columns.items()}
    parts, owners = run.model.contributions(columns), run.model.encoder.owners
    order = np.argsort(-parts, axis=1, kind="stable")[:, :REASONS]
    ids = run.ids
    rows: list[dict[str, Any]] = []
    for row, place in enumerate(chosen.tolist()):
        told = [owners[int(n)] for n in order[row] if parts[row, n] > 0]
        rows.append(
            {
                "customer": ids[place],
                "probability": float(run.stakes.probability[place]),
                "at_stake": float(run.stakes.value[place]),
                "expected_loss": float(run.stakes.expected_loss[place]),
                "contact": N_("Worth a contact") if run.stakes.flagged[place] else None,
                **{
                    f"reason_{n}": pack(_reason(key, columns[key][row]))
                    for n, key in enumerate(told, start=1)
                },
            }
        )
    return made(_COLUMNS, rows, lost_caveat(len(run.stakes.probability)))


_COLUMNS: tuple[Column, ...] = tuple(
    column
    for column in worklist.COLUMNS
    if column.key in {"customer", "probability", "at_stake", "expected_loss", "contact"}
    or column.key.startswith("reason_")
)


def _reason(column: str, value: Any) -> Message:
    """Return a column and the customer's value in it."""
    if value is None:
        return _unknown(column)
    if isinstance(value, str):
        text = value.strip()
        return msg("{column}: {value}", column=column, value=text) if text else _unknown(column)
    number = float(value)
    if np.isnan(number):
        return _unknown(column)
    return msg("{column}: {value}", column=column, value=shown(number, Format.QUANTITY))


def _unknown(column: str) -> Message:
    return msg("{column}: unknown", column=column)


def _caveats(run: _Run) -> list[Message]:
    found: list[Message] = [
        msg(
            N_(
                "The file knows one moment only: the test is on customers the model had not seen, "
                "not on a later time."
            )
        )
    ]
    if run.leaks:
        found.append(
            msg(
                N_("Columns that alone tell who left are left out of the model: {names}."),
                names=", ".join(leak.feature for leak in run.leaks),
            )
        )
    if run.model.encoder.ignored:
        found.append(
            msg(
                N_("Columns of too many different texts are left out: {names}."),
                names=", ".join(run.model.encoder.ignored),
            )
        )
    found += run.found.caveats
    if np.isnan(run.stakes.value).all():
        found.append(
            msg(N_("No column says what a customer is worth: they are ranked by probability."))
        )
    return found


def _card(run: _Run) -> list[Fact]:
    encoder = run.model.encoder
    facts: list[Fact] = [
        (msg(N_("Customers in the file")), len(run.found.left), Format.INTEGER),
        (msg(N_("Of these, left")), int((run.found.left & run.found.stated).sum()),
         Format.INTEGER),
        (msg(N_("Share that left")), base_rate(run.left), Format.PERCENT),
        (msg(N_("Left means: the column says")), run.found.proposed.positive, Format.TEXT),
        (msg(N_("Columns used")), ", ".join(encoder.owners), Format.TEXT),
        (msg(N_("Columns left out")),
         ", ".join((*encoder.ignored, *(leak.feature for leak in run.leaks))) or None, Format.TEXT),
        (msg(N_("Test: parts the customers were split into")), FOLDS, Format.INTEGER),
        (msg(N_("Trees: number, depth, learning rate")),
         f"{SETTINGS.rounds}, {SETTINGS.depth}, {SETTINGS.rate:g}", Format.TEXT),
    ]  # fmt: skip
    for found in run.judged.values():
        name, area = msg(NAMES[found.key]), found.area.value if found.area else None
        facts.append((msg(N_("AUC: {model}"), model=name), area, Format.SCORE))
        facts.append((msg(N_("Brier score: {model}"), model=name), found.brier, Format.SCORE))
    return facts


def _outcome(run: _Run, headline: Mapping[str, float | None]) -> Outcome:
    keys = ("customers", "at_risk", "value_at_risk", "contacts", "base_rate", "auc", "brier")
    return Outcome(
        model={"kind": KIND, LEARNT: run.model.as_dict()},
        scores=pa.table(
            {
                "customer_id": pa.array(run.ids, pa.string()),
                PROBABILITY: run.stakes.probability,
                "value_at_stake": pa.array(run.stakes.value, from_pandas=True),
            }
        ),
        card={"kind": KIND, **{key: headline.get(key) for key in keys}},
    )
