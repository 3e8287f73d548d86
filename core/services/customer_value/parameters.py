"""The fitted parameters with their intervals, and what they say in words."""

from typing import Any

import numpy as np

from core.formats import shown
from core.i18n import N_, Message, msg, pack
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_value.data import Floats
from core.services.customer_value.tables import Frame
from core.services.methods.purchases import PurchaseModel, ValueModel

_Z = 1.6449  # 90 % of a normal distribution lie within so many standard deviations
_DAYS_PER_MONTH = 365.25 / 12

_COLUMNS = (
    Column("model", msg(N_("Model")), Format.TEXT, "label", translate=True),
    Column("parameter", msg(N_("Parameter")), Format.CODE, "flag"),
    Column("estimate", msg(N_("Estimate")), Format.NUMBER, "metric"),
    Column("low", msg(N_("Low (5%)")), Format.NUMBER, "metric"),
    Column("high", msg(N_("High (95%)")), Format.NUMBER, "metric"),
    Column("meaning", msg(N_("What it says")), Format.TEXT, "flag", translate=True),
)


def parameter_rows(
    frame: Frame, model: PurchaseModel, worth: ValueModel, currency: str
) -> ResultTable:
    """Return one row per parameter; the first of a pair says in words what both mean.

    Args:
        frame: of the run.
        model: of the purchases.
        worth: of their value.
        currency: of the value, ISO 4217.
    """
    rows = [
        *_rows(N_("Purchases"), dict(model.params), model.covariance, _purchase_words(model)),
        *_rows(
            N_("Value"),
            {"p": worth.p, "q": worth.q, "v": worth.v},
            worth.covariance,
            {"p": _value_words(worth, currency)},
        ),
    ]
    return frame.rows(_COLUMNS, rows)


def _rows(
    part: str, params: dict[str, float], covariance: Floats | None, words: dict[str, Message]
) -> list[dict[str, Any]]:
    """Return rows; the covariance is that of the logarithms, so intervals are multiplied."""
    rows: list[dict[str, Any]] = []
    for place, (name, value) in enumerate(params.items()):
        row: dict[str, Any] = {"model": part, "parameter": name, "estimate": value}
        if covariance is not None:
            factor = float(np.exp(_Z * np.sqrt(max(covariance[place, place], 0.0))))
            row |= {"low": value / factor, "high": value * factor}
        if name in words:
            row["meaning"] = pack(words[name])
        rows.append(row)
    return rows


def _purchase_words(model: PurchaseModel) -> dict[str, Message]:
    params = model.params
    pace = params["alpha"] / params["r"]
    words = {
        "r": msg(
            "While active, the average customer orders every {days} days; the smaller r, the more "
            "customers differ.",
            days=shown(pace, Format.NUMBER, digits=0 if pace >= 10 else 1),  # noqa: PLR2004
        )
    }
    if model.key == "pareto":
        words["s"] = _lifetime_words(params["s"], params["beta"])
    else:
        chance = params["a"] / (params["a"] + params["b"])
        words["a"] = msg(
            "After an order, {share} of customers leave for good; the smaller a + b, the more "
            "they differ.",
            share=shown(chance, Format.PERCENT),
        )
    return words


def _lifetime_words(shape: float, scale: float) -> Message:
    """Return when half of the customers have left: scale × (2^(1/shape) − 1)."""
    with np.errstate(over="ignore"):
        half = scale * float(np.exp2(np.minimum(1 / shape, 100.0)) - 1) / _DAYS_PER_MONTH
    if half > 12 * 50:
        return msg("Hardly anybody leaves, as far as these sales show.")
    return msg(
        "Half of all new customers have left after {months} months.",
        months=shown(half, Format.NUMBER, digits=0),
    )


def _value_words(worth: ValueModel, currency: str) -> Message:
    return msg(
        "The average purchase day of a customer nobody knows yet brings {amount}.",
        amount=shown(worth.population_mean, Format.MONEY, currency=currency),
    )
