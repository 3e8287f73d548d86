"""What a churn run is asked, and whom it reports to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

import pyarrow as pa

from core.i18n import Message
from core.services.methods.churn.profit import Offer

Report = Callable[[float, Message], None]
MONTHS_A_YEAR = 12


class EarlierRun(Protocol):
    """An earlier finished run on the same selection of sales; see the analyses' `PastRun`."""

    @property
    def created_at(self) -> datetime:
        """When it was started, UTC."""
        ...

    @property
    def card(self) -> Mapping[str, Any]:
        """Its `Outcome.card`."""
        ...

    @property
    def scores(self) -> Callable[[], pa.Table | None]:
        """Read its `Outcome.scores`; None when the file is gone."""
        ...


@dataclass(frozen=True)
class ChurnSettings:
    """The options of a run.

    Attributes:
        horizon: days without a purchase that count as leaving.
        model: "auto", "learnt" or "purchases".
        offer: what a contact costs and how often it works.
        months: for which a kept customer's value counts.
        basis: "margin" or "sales", what the value is measured in.
        at_risk: probability from which a customer counts as at risk.
        currency: base currency, for sentences.
    """

    horizon: int
    model: str
    offer: Offer
    months: int
    basis: str
    at_risk: float
    currency: str

    @property
    def least_expected(self) -> float:
        """Probability × value from which on a contact pays, in base currency."""
        return self.offer.contact_cost / self.offer.success_rate

    def on_sales(self) -> "ChurnSettings":
        """Return the settings with values measured in net sales."""
        return replace(self, basis="sales")


def ordinal(day: date) -> int:
    """Return days since 1 January 1970, as Arrow and numpy count them."""
    return (day - date(1970, 1, 1)).days
