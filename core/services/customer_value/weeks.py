"""Repeat purchases by week: what came, and what a model expected of the same customers."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from core.models.query import Period
from core.services.customer_value.data import Floats, Purchases, read_weeks
from core.services.customers import History
from core.services.methods.purchases import PurchaseModel, tracking

_DAYS = 7
_ENOUGH = 50.0  # expected repeat purchases, below which a pace is chance


@dataclass(frozen=True)
class Weeks:
    """Repeat purchases at the end of each week since the first purchase, cumulated.

    Attributes:
        ends: last day of each week; the last week may be short.
        actual, expected: purchases after the first one, up to that day.
    """

    ends: list[date]
    actual: Floats
    expected: Floats

    def recent_pace(self, weeks: int) -> float | None:
        """Return actual ÷ expected in the last weeks; None where too little was to be expected."""
        if self.actual.size <= weeks:
            return None
        actual, expected = (s[-1] - s[-1 - weeks] for s in (self.actual, self.expected))
        return float(actual / expected) if expected >= _ENOUGH else None


def compare_weeks(history: History, known: Purchases, model: PurchaseModel) -> Weeks:
    """Compare the repeat purchases of some customers with what a model expected of them.

    Args:
        history: of the whole selection.
        known: the customers, at the end of the days the model was fitted on.
        model: fitted on them.
    """
    actual = read_weeks(history, known.until)
    ends = _ends(history.window, actual.size)
    begun = (known.first_day - np.datetime64(history.first, "D")).astype(np.float64)
    moments = [(end - history.first).days for end in ends]
    return Weeks(ends, actual, tracking(model, begun, moments))


def _ends(window: Period, count: int) -> list[date]:
    found = [window.start + timedelta(days=_DAYS * week - 1) for week in range(1, count + 1)]
    return [min(day, window.end) for day in found]
