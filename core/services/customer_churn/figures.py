"""Key figures of a churn run: one row each, with its own format."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_churn.judge import Judged
from core.services.customer_churn.settings import ChurnSettings
from core.services.customer_churn.tables import made
from core.services.customer_churn.worklist import Stakes
from core.services.methods.churn.profit import ProfitCurve, break_even, profit_curve
from core.services.methods.churn.scores import Labels, Numbers, base_rate

KPI_COLUMNS = (
    Column("metric", msg(N_("Key")), Format.CODE, "dimension"),
    Column("metric_name", msg(N_("Metric")), Format.TEXT, "label", translate=True),
    Column("format", msg(N_("Format")), Format.CODE, "flag"),
    Column("value", msg(N_("Value")), Format.NUMBER, "metric", format_by="format"),
    Column("low", msg(N_("95% interval from")), Format.NUMBER, "metric", format_by="format"),
    Column("high", msg(N_("95% interval to")), Format.NUMBER, "metric", format_by="format"),
)


@dataclass(frozen=True)
class Tested:
    """What the test day has to say, where there was one.

    Attributes:
        left: who left.
        shown: the ranking whose figures stand on the page.
        curve: profit of contacting by probability × value; None where no value is known.
    """

    left: Labels
    shown: Judged
    curve: ProfitCurve | None


def curve_of(
    left: Labels, probability: Numbers, value: Numbers, settings: ChurnSettings
) -> ProfitCurve | None:
    """Return the profit curve of ranking by probability × value; None without any value."""
    if not (~np.isnan(value)).any():
        return None
    worth = np.nan_to_num(value)
    return profit_curve(left, probability * worth, worth, settings.offer)


def kpi_table(stakes: Stakes, tested: Tested | None, settings: ChurnSettings) -> ResultTable:
    """Return the key figures: today's first, then those of the test."""
    rows = [*_today(stakes, settings), *(_of_test(tested) if tested else [])]
    return made(KPI_COLUMNS, rows)


def _today(stakes: Stakes, settings: ChurnSettings) -> list[dict[str, Any]]:
    known = ~np.isnan(stakes.value)
    lost = float(stakes.expected_loss[known].sum()) if known.any() else None
    profit = float(stakes.profit[stakes.flagged].sum()) if known.any() else None
    typical = float(stakes.value[known].mean()) if known.any() else 0.0
    risk = int((stakes.probability >= settings.at_risk).sum())
    probability = float(stakes.probability.mean()) if stakes.probability.size else None
    return [
        _row("customers", N_("Active customers"), len(stakes.probability), Format.INTEGER),
        _row("at_risk", N_("Customers likely to leave"), risk, Format.INTEGER),
        _row("value_at_risk", N_("Value at risk"), lost, Format.MONEY),
        _row("probability", N_("Mean probability of leaving"), probability, Format.PERCENT),
        _row("contacts", N_("Customers worth a contact"), int(stakes.flagged.sum()),
             Format.INTEGER),
        _row("profit", N_("Expected profit of contacting them"), profit, Format.MONEY),
        _row("threshold", N_("A contact pays from a probability × value of"),
             settings.least_expected, Format.MONEY),
        _row("threshold_probability", N_("Probability from which a contact pays, at mean value"),
             break_even(typical, settings.offer), Format.PERCENT),
    ]  # fmt: skip


def _of_test(tested: Tested) -> list[dict[str, Any]]:
    shown, area, curve = tested.shown, tested.shown.area, tested.curve
    rows = [
        _row("base_rate", N_("Share that left in the test"), base_rate(tested.left),
             Format.PERCENT),
        _row("auc", N_("AUC"), area.value if area else None, Format.SCORE,
             area.low if area else None, area.high if area else None),
        _row("pr_auc", N_("PR-AUC"), shown.precision, Format.SCORE),
        _row("lift", N_("Lift among the top 10%"), shown.lift, Format.NUMBER),
        _row("brier", N_("Brier score"), shown.brier, Format.SCORE),
    ]  # fmt: skip
    if curve is not None:
        rows += [
            _row("best_contacts", N_("Test: contacts of the largest profit"), curve.best,
                 Format.INTEGER),
            _row("best_profit", N_("Test: largest profit"), curve.best_profit, Format.MONEY),
            _row("best_threshold", N_("Test: probability × value of the last contact"),
                 curve.threshold, Format.MONEY),
        ]  # fmt: skip
    return rows


def _row(
    key: str,
    name: str,
    value: float | None,
    form: Format,
    low: float | None = None,
    high: float | None = None,
) -> dict[str, Any]:
    return {
        "metric": key,
        "metric_name": name,
        "format": form.value,
        "value": None if value is None else float(value),
        "low": low,
        "high": high,
    }


def profit_caveats(curve: ProfitCurve | None) -> tuple[Message, ...]:
    """Return what the profit curve stands on, or why there is none."""
    if curve is None:
        return (msg(N_("No customer’s value is known, so no profit can be told.")),)
    if curve.best == 0:
        return (
            msg(
                N_(
                    "At this cost and success rate contacting nobody was best: no contact paid "
                    "in the test."
                )
            ),
        )
    return ()
