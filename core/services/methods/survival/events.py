"""What counts as an event of a customer who never says goodbye: a lapse, a second purchase.

Without a contract nobody sees a customer leave; the definitions here make it a matter of days
without a purchase, so that it can be stated on the page.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Spans:
    """Right-censored times of customers.

    Attributes:
        days: until the event, or until watching ended; shape (kept customers,).
        observed: whether the event was seen; shape (kept customers,).
        kept: which of the given customers could be watched at all; shape (all customers,).
    """

    days: NDArray[np.float64]
    observed: NDArray[np.bool_]
    kept: NDArray[np.bool_]


def lapses(active: ArrayLike, watched: ArrayLike, gap: int) -> Spans:
    """Return how long customers stayed: from the first purchase to the last before a lapse.

    A customer has lapsed when more than `gap` days pass without a purchase. The time until then
    runs from the first purchase to the one before the pause. A lapse can be known only `gap`
    days later: a customer is therefore watched until `gap` days before the cut-off, and one whose
    first purchase is younger than that cannot be watched yet. (Counting purchases within those
    last days as time without a lapse would favour the curve: the lapses of these days are not
    known yet.)

    Args:
        active: days from the first purchase to the last one before a pause of more than `gap`
            days, or to the last one at all; ≥ 0, shape (n,).
        watched: days from the first purchase to the cut-off, ≥ active, shape (n,).
        gap: days without a purchase after which a customer counts as lapsed, ≥ 1.
    """
    stayed = np.asarray(active, dtype=float)
    # The last time at which a lapse would be known by now: a pause of gap + 1 days after it.
    known_until = np.asarray(watched, dtype=float) - gap - 1.0
    observed = stayed <= known_until
    kept = known_until >= 0.0
    return Spans(np.where(observed, stayed, known_until)[kept], observed[kept], kept)


def second_purchases(second: ArrayLike, watched: ArrayLike) -> Spans:
    """Return the time from the first purchase day to the second one, censored at the cut-off.

    Args:
        second: days from the first to the second purchase day, NaN where there was none by the
            cut-off; > 0, shape (n,).
        watched: days from the first purchase to the cut-off, ≥ 0, shape (n,).
    """
    came = np.asarray(second, dtype=float)
    until = np.asarray(watched, dtype=float)
    observed = np.isfinite(came)
    return Spans(np.where(observed, came, until), observed, np.ones(came.shape, dtype=bool))
