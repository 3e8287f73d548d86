"""How churn tables are made, and those every kind of churn shares."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_churn.judge import NAMES, Judged
from core.services.methods.churn import scores
from core.services.methods.churn.leak import Leak
from core.services.methods.churn.profit import ProfitCurve
from core.services.methods.churn.scores import Labels

POINTS = 100
TITLES = {
    "kpis": N_("Key figures"),
    "models": N_("Models side by side, on customers they had not seen"),
    "gain": N_("Gain: leavers found among the first customers contacted"),
    "lift": N_("Lift: how many times more leave among the first customers"),
    "calibration": N_("Calibration: predicted and observed shares"),
    "profit": N_("Profit of contacting the first customers, measured in the test"),
    "customers": N_("Worklist: customers by probability × value"),
    "fading": N_("Customers who still come but buy less and less"),
    "drivers": N_("What moves the probabilities"),
    "leaks": N_("Leak detector"),
    "flagged": N_("Customers flagged last time, and what they did since"),
    "past_runs": N_("Earlier runs and what came"),
    "drift": N_("Drift against the last run"),
}
LEAK_REMEDY = msg(
    N_(
        "A feature that alone tells who left is suspicious: check that its column was not "
        "written after the customers had left."
    )
)
_DAYS = (Format.DATE, Format.MONTH)


def made(
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    caveats: Sequence[Message] = (),
    total: Mapping[str, Any] | None = None,
) -> ResultTable:
    """Return rows as a table; a NaN becomes unknown."""
    schema = pa.schema([(column.key, _type(column)) for column in columns])
    clean = [{key: _known(value) for key, value in row.items()} for row in rows]
    return ResultTable(
        tuple(columns), pa.Table.from_pylist(clean, schema=schema), total, tuple(caveats)
    )


def _known(value: Any) -> Any:
    return None if isinstance(value, (float, np.floating)) and np.isnan(value) else value


def _type(column: Column) -> pa.DataType:
    if column.translate or column.format in (Format.TEXT, Format.CODE, Format.COUNTRY):
        return pa.string()
    if column.format in _DAYS:
        return pa.date32()
    return pa.int64() if column.format is Format.INTEGER else pa.float64()


def as_day(number: int) -> date:
    """Return the day of an ordinal; see `settings.ordinal`."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + number)


def model_table(judged: Mapping[str, Judged], caveats: Sequence[Message] = ()) -> ResultTable:
    """Return the rankings side by side: AUC with its interval, PR-AUC, lift, Brier, log loss."""
    columns = (
        _model_column(),
        Column("auc", msg(N_("AUC")), Format.SCORE, "metric", good="up"),
        Column("auc_low", msg(N_("AUC, 95% interval from")), Format.SCORE, "flag"),
        Column("auc_high", msg(N_("AUC, 95% interval to")), Format.SCORE, "flag"),
        Column("pr_auc", msg(N_("PR-AUC")), Format.SCORE, "metric", good="up"),
        Column("lift", msg(N_("Lift among the top 10%")), Format.NUMBER, "metric", good="up"),
        Column("brier", msg(N_("Brier score")), Format.SCORE, "metric", good="down"),
        Column("log_loss", msg(N_("Log loss")), Format.SCORE, "metric", good="down"),
    )
    rows = [
        {
            "model": NAMES[found.key],
            "auc": found.area.value if found.area else None,
            "auc_low": found.area.low if found.area else None,
            "auc_high": found.area.high if found.area else None,
            "pr_auc": found.precision,
            "lift": found.lift,
            "brier": found.brier,
            "log_loss": found.log_loss,
        }
        for found in judged.values()
    ]
    return made(columns, rows, caveats)


def gain_table(judged: Mapping[str, Judged], left: Labels) -> ResultTable:
    """Return the share of leavers found among the first customers of each ranking."""
    return _curves(judged, left, "gain", msg(N_("Share of those who left")), Format.PERCENT)


def lift_table(judged: Mapping[str, Judged], left: Labels) -> ResultTable:
    """Return how many times more leave among the first customers of each ranking."""
    return _curves(judged, left, "lift", msg(N_("Lift")), Format.NUMBER)


def _curves(
    judged: Mapping[str, Judged], left: Labels, key: str, name: Message, form: Format
) -> ResultTable:
    columns = (
        _model_column(),
        Column("share", msg(N_("Share of customers")), Format.PERCENT, "dimension"),
        Column(key, name, form, "metric"),
    )
    curve = scores.gain_curve if key == "gain" else scores.lift_curve
    rows = [
        {"model": NAMES[found.key], "share": float(share), key: float(value)}
        for found in judged.values()
        for share, value in zip(*curve(left, found.score, POINTS), strict=True)
    ]
    return made(columns, rows)


def calibration_table(judged: Mapping[str, Judged], left: Labels) -> ResultTable:
    """Return predicted against observed shares by tenths of the probabilities."""
    columns = (
        _model_column(),
        Column("bin", msg(N_("Group")), Format.INTEGER, "dimension"),
        Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
        Column("predicted", msg(N_("Predicted share")), Format.PERCENT, "metric"),
        Column("observed", msg(N_("Share that left")), Format.PERCENT, "metric"),
        Column("low", msg(N_("95% interval from")), Format.PERCENT, "flag"),
        Column("high", msg(N_("95% interval to")), Format.PERCENT, "flag"),
    )
    rows = [
        {
            "model": NAMES[found.key],
            "bin": place,
            "customers": one.count,
            "predicted": one.predicted,
            "observed": one.observed,
            "low": one.low,
            "high": one.high,
        }
        for found in judged.values()
        if found.is_probability
        for place, one in enumerate(scores.calibration(left, found.score), start=1)
    ]
    return made(columns, rows)


def profit_table(curve: ProfitCurve | None, caveats: Sequence[Message] = ()) -> ResultTable:
    """Return the profit of contacting the first k, thinned to what can be drawn."""
    columns = (
        Column("customers", msg(N_("Customers contacted")), Format.INTEGER, "dimension"),
        Column("share", msg(N_("Share of customers")), Format.PERCENT, "dimension"),
        Column("profit", msg(N_("Profit")), Format.MONEY, "metric", good="up"),
        Column("mark", msg(N_("Mark")), Format.TEXT, "flag", translate=True),
    )
    if curve is None:
        return made(columns, (), caveats)
    last = max(len(curve.contacted) - 1, 1)
    rows = [
        {
            "customers": place,
            "share": place / last,
            "profit": float(curve.profit[place]),
            "mark": N_("Largest profit") if place == curve.best else None,
        }
        for place in curve.thinned(POINTS)
    ]
    return made(columns, rows, caveats)


def leak_table(leaks: Sequence[Leak], names: Mapping[str, str], remedy: Message) -> ResultTable:
    """Return the suspicious features; a caveat where there are none says so."""
    columns = (
        Column("feature", msg(N_("Feature")), Format.TEXT, "dimension", translate=True),
        Column("auc", msg(N_("AUC alone")), Format.SCORE, "metric", good="down"),
    )
    rows = [{"feature": names.get(leak.feature, leak.feature), "auc": leak.auc} for leak in leaks]
    none = msg(N_("No feature tells by itself who left: nothing looks like a leak."))
    return made(columns, rows, (remedy if leaks else none,))


def _model_column() -> Column:
    return Column("model", msg(N_("Model")), Format.TEXT, "dimension", translate=True)
