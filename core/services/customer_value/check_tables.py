"""The tables that show how far the models can be believed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from core.i18n import N_, msg, pack
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_value.check import Check, Score
from core.services.customer_value.data import Floats
from core.services.customer_value.models import (
    MODEL_NAMES,
    Fitted,
    information_criteria,
)
from core.services.customer_value.tables import Frame
from core.services.customer_value.weeks import Weeks
from core.services.methods.purchases import MODELS, by_frequency

NO_CHECK = msg(
    "There is no holdout check: choose a holdout length that leaves enough days and returning "
    "customers before it."
)
NAIVE = N_("Own pace so far, continued")
RANKINGS: Mapping[str, str] = {
    "model": N_("This model"),
    "value": N_("Past value"),
    "frequency": N_("Past number of orders"),
    "recency": N_("Most recent order"),
    "perfect": N_("Perfect foresight"),
}
PARTS = {"calibration": N_("Calibration"), "holdout": N_("Holdout")}
_Z = 1.6449  # 90 % of a normal distribution lie within so many standard errors
_MARKS = {True: N_("used"), False: ""}


def model_rows(frame: Frame, fitted: Fitted, check: Check | None, used: str) -> ResultTable:
    """Return one row per model: its fit to the history it was checked on, and to the holdout.

    Without a check the fits are those of the whole history.
    """
    source = check.fitted if check else fitted
    rows = [_model_row(key, source, check, used) for key in MODELS if _tried(key, source)]
    if check:
        rows.append({"model": NAIVE, **_scored(check.naive)})
    return frame.rows(_MODEL_COLUMNS, rows, [] if check else [NO_CHECK])


def _tried(key: str, fitted: Fitted) -> bool:
    return key in fitted.models or key in fitted.refused


def _model_row(key: str, fitted: Fitted, check: Check | None, used: str) -> dict[str, Any]:
    row: dict[str, Any] = {"model": MODEL_NAMES[key], "used": _MARKS[key == used]}
    model = fitted.models.get(key)
    if model is None:
        return row | {"remark": pack(fitted.refused[key].title)}
    aic, bic = information_criteria(model)
    row |= {
        "parameters": " · ".join(f"{name} {value:.4g}" for name, value in model.params.items()),
        "log_likelihood": model.log_likelihood,
        "aic": aic,
        "bic": bic,
    }
    return row | (_scored(check.scores[key]) if check else {})


def _scored(score: Score) -> dict[str, Any]:
    orders = score.orders
    return {
        "holdout_likelihood": score.log_likelihood,
        "expected": orders.expected,
        "actual": orders.actual,
        "bias": orders.bias,
        "correlation": orders.correlation,
        "mae": orders.mae,
        "rmse": orders.rmse,
        "brier": score.brier,
    }


_MODEL_COLUMNS = (
    Column("model", msg(N_("Model")), Format.TEXT, "label", translate=True),
    Column("used", msg(N_("Choice")), Format.TEXT, "flag", translate=True),
    Column("bias", msg(N_("Bias of the total")), Format.PERCENT, "metric"),
    Column("correlation", msg(N_("Correlation")), Format.NUMBER, "metric", good="up"),
    Column("mae", msg(N_("Mean absolute error")), Format.NUMBER, "metric", good="down"),
    Column("rmse", msg(N_("Root mean squared error")), Format.NUMBER, "metric", good="down"),
    Column("brier", msg(N_("Brier score of “no order”")), Format.NUMBER, "metric", good="down"),
    Column("expected", msg(N_("Orders expected")), Format.INTEGER, "metric"),
    Column("actual", msg(N_("Orders that came")), Format.INTEGER, "metric"),
    Column(
        "holdout_likelihood",
        msg(N_("Log-likelihood of the holdout")),
        Format.NUMBER,
        "metric",
        good="up",
    ),
    Column("log_likelihood", msg(N_("Log-likelihood")), Format.NUMBER, "metric", good="up"),
    Column("aic", msg(N_("AIC")), Format.NUMBER, "metric", good="down"),
    Column("bic", msg(N_("BIC")), Format.NUMBER, "metric", good="down"),
    Column("parameters", msg(N_("Parameters")), Format.TEXT, "flag"),
    Column("remark", msg(N_("Remark")), Format.TEXT, "flag", translate=True),
)


def tracking_rows(frame: Frame, weeks: Weeks, until: date) -> ResultTable:
    """Return actual and expected repeat purchases by week.

    Args:
        frame: of the run.
        weeks: of the customers the model knew.
        until: last day the model was fitted on; what comes after is the holdout.
    """
    data = {
        "week": weeks.ends,
        "part": [PARTS["holdout" if end > until else "calibration"] for end in weeks.ends],
        "actual": weeks.actual,
        "expected": weeks.expected,
        "actual_in_week": np.diff(weeks.actual, prepend=0.0),
        "expected_in_week": np.diff(weeks.expected, prepend=0.0),
    }
    return frame.table(_TRACKING_COLUMNS, data)


_TRACKING_COLUMNS = (
    Column("week", msg(N_("Week until")), Format.DATE, "dimension"),
    Column("part", msg(N_("Part")), Format.TEXT, "flag", translate=True),
    Column("actual", msg(N_("Repeat orders so far")), Format.INTEGER, "metric"),
    Column("expected", msg(N_("Expected so far")), Format.INTEGER, "metric"),
    Column("actual_in_week", msg(N_("Repeat orders in the week")), Format.INTEGER, "metric"),
    Column("expected_in_week", msg(N_("Expected in the week")), Format.NUMBER, "metric"),
)


def frequency_rows(frame: Frame, check: Check | None, key: str) -> ResultTable:
    """Return orders in the holdout by earlier repeat orders: predicted, actual, its interval."""
    if check is None:
        return frame.rows(_FREQUENCY_COLUMNS, [], [NO_CHECK])
    rows = []
    for bucket in by_frequency(check.known.x, check.scores[key].expected, check.later.bought):
        inside = check.known.x >= bucket.low
        if bucket.high is not None:
            inside &= check.known.x <= bucket.high
        error = _standard_error(check.later.bought[inside])
        known = error is not None
        rows.append(
            {
                "repeats": f"{bucket.low}+" if bucket.high is None else str(bucket.low),
                "customers": bucket.customers,
                "expected": bucket.expected,
                "actual": bucket.actual,
                "low": max(bucket.actual - _Z * error, 0.0) if known else None,
                "high": bucket.actual + _Z * error if known else None,
            }
        )
    return frame.rows(_FREQUENCY_COLUMNS, rows)


def _standard_error(values: Floats) -> float | None:
    """Return that of the mean; None for a single customer, whose spread nobody knows."""
    if values.size < 2:  # noqa: PLR2004
        return None
    return float(values.std(ddof=1) / np.sqrt(values.size))


_FREQUENCY_COLUMNS = (
    Column("repeats", msg(N_("Repeat orders before")), Format.TEXT, "label"),
    Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
    Column("expected", msg(N_("Expected orders per customer")), Format.NUMBER, "metric"),
    Column("actual", msg(N_("Actual orders per customer")), Format.NUMBER, "metric"),
    Column("low", msg(N_("Low (5%)")), Format.NUMBER, "metric"),
    Column("high", msg(N_("High (95%)")), Format.NUMBER, "metric"),
)


def capture_rows(frame: Frame, check: Check | None, key: str) -> ResultTable:
    """Return the share of the holdout's value that each ranking's top 10 % of customers brought."""
    columns = (
        Column("ranking", msg(N_("Ranked by")), Format.TEXT, "label", translate=True),
        Column("captured", msg(N_("Share brought by the top 10%")), Format.PERCENT, "metric"),
    )
    if check is None:
        return frame.rows(columns, [], [NO_CHECK])
    found = check.top_captures(key)
    if all(share is None for share in found.values()):
        nothing = msg("Nobody brought anything in the holdout: there is no ranking to compare.")
        return frame.rows(columns, [], [nothing])
    rows = [{"ranking": RANKINGS[name], "captured": share} for name, share in found.items()]
    return frame.rows(columns, rows)
