"""Fitting a purchase model to histories."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from core.i18n import msg, msg_n
from core.services.methods.purchases.cells import MIN_CUSTOMERS, Cells, Floats, aggregate
from core.services.methods.purchases.errors import ModelError
from core.services.methods.purchases.family import Family
from core.services.methods.purchases.model import FAMILIES, PurchaseModel
from core.services.methods.purchases.optimise import climb, covariance_of, polish

_TYPICAL_SPAN = 10.0  # the longest observation in scaled units: keeps all parameters near 1
_SAMPLE = 4_000  # cells on which the starts are tried; the best is refined on all of them


def fit(
    model: str,
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803
    weights: ArrayLike | None = None,
) -> PurchaseModel:
    """Fit one of `MODELS` by maximum likelihood.

    Args:
        model: its key.
        x: repeat purchases per customer.
        t_x: time from first to last purchase, in any unit.
        T: time from first purchase to the end of the observation, in the same unit.
        weights: customers per row; one each when None.

    Raises:
        ModelError: impossible values, too few customers, or nobody who came back.
    """
    return fit_cells(model, aggregate(x, t_x, T, weights))


def fit_cells(model: str, cells: Cells) -> PurchaseModel:
    """Fit one of `MODELS` to aggregated histories; see `fit`."""
    # Hundreds of small products: threads that wait for each other cost more than they bring.
    with threadpool_limits(1):
        return _fitted(model, cells)


def _fitted(model: str, cells: Cells) -> PurchaseModel:
    _fittable(cells)
    longest = float(cells.end.values.max())
    unit = longest / _TYPICAL_SPAN
    scaled = cells.rescaled(unit)
    family = FAMILIES[model]
    sample = scaled.every(1 + cells.weight.size // _SAMPLE)
    start = climb(_scoring(family, sample), _starts(scaled))
    best = polish(_scoring(family, scaled), start, cells.customers)
    theta = np.exp(best.at) * np.where(family.timed, unit, 1.0)
    covariance, flat = covariance_of(best.information)
    return PurchaseModel(
        key=model,
        params=dict(zip(family.names, map(float, theta), strict=True)),
        # A density in time: counted in another unit, each purchase changes it by the unit.
        log_likelihood=best.value - cells.purchases * float(np.log(unit)),
        customers=round(cells.customers),
        repeaters=round(cells.repeaters),
        covariance=covariance,
        longest=longest,
        repeats=cells.purchases / cells.repeaters,
        flat=flat,
    )


def _scoring(family: Family, cells: Cells) -> Callable[[Floats], tuple[float, Floats]]:
    return lambda theta: family.score(theta, cells)


def _starts(cells: Cells) -> list[Floats]:
    """Return log parameters to start from: the observed pace, with much and with little dropout."""
    exposure = float(cells.weight @ cells.end.column)
    pace = cells.purchases / exposure
    return [
        np.log([0.5, 0.5 / pace, 0.8, 2.5]),
        np.log([1.0, 1.0 / pace, 0.3, 20.0]),
    ]


def _fittable(cells: Cells) -> None:
    n = round(cells.customers)
    if n < MIN_CUSTOMERS:
        raise ModelError(
            "few_customers",
            msg_n(
                "There is only one customer with a purchase history.",
                "There are only {n} customers with a purchase history.",
                n,
            ),
            msg(
                "A purchase model needs at least {least} customers: choose a longer period or a "
                "wider selection.",
                least=MIN_CUSTOMERS,
            ),
        )
    if not cells.end.values.max() > 0:
        raise ModelError(
            "no_time",
            msg("All customers bought for the first time on the last day of the observation."),
            msg("Choose a later end, or wait: there is no time in which they could come back."),
        )
    if not cells.t_x.values.max() > 0:
        raise ModelError(
            "nobody_returned",
            msg("No customer has bought a second time."),
            msg(
                "Without repeat purchases nothing says how often customers buy or when they leave: "
                "choose a longer period, and check that sales carry the same customer number each "
                "time."
            ),
        )
