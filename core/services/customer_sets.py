"""Customers an address speaks of by what they did: when they first bought, how they score.

The analyses of customers show figures of such groups. The lines behind one of them are those of the
group's customers, as the history under the same filters knows them.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.filters import FilterState
from core.models.lines import AGE, FIRST, Pair
from core.models.query import NO_VALUE, Filter, Period, Scope
from core.repository.customers.cohorts import GRAIN_MONTHS
from core.repository.customers.rfm import customer_scores
from core.services import calendar
from core.services.customers import CustomerFacts, History
from core.services.metrics import Metrics

# What a group may be told by beside the first purchase, and what a reader calls it.
BY_BASE = {
    "country": N_("Customer's country"),
    "channel": N_("Customer's channel"),
    "segment": N_("Customer segment"),
    "first_country": N_("Country of the first purchase"),
    "first_channel": N_("Channel of the first purchase"),
}
BY_SCORE = {
    "rfm_segment": N_("RFM segment"),
    "r": N_("Recency score"),
    "f": N_("Frequency score"),
    "m": N_("Amount score"),
}
_KEPT = 16


@dataclass(frozen=True)
class CustomerSet:
    """The customers of a group, and the days its figure speaks of.

    Attributes:
        where: restricts lines to them.
        period: of a cohort's age; None: the page's.
    """

    where: Filter
    period: Period | None = None


class CustomerSets:
    """Finds the customers of a group; safe to share between threads."""

    def __init__(self, metrics: Metrics) -> None:
        """Read what these metrics read."""
        self._metrics = metrics
        self._facts = CustomerFacts(metrics)
        self._found: OrderedDict[Any, CustomerSet] = OrderedDict()
        self._lock = Lock()

    def find(self, filters: FilterState, told: Sequence[Pair], scope: Scope) -> CustomerSet:
        """Return the customers under some filters, up to the end of their period.

        Args:
            filters: of the page.
            told: what they did, all of it.
            scope: who asks.

        Raises:
            PicholineError: nobody did so, or it cannot be read.
        """
        info = self._metrics.warehouse.info()
        key = (info.data_version, info.built_at, tuple(filters.to_pairs()), tuple(told), scope)
        with self._lock:
            known = self._found.get(key)
        if known is None:
            known = self._read(filters, told, scope)
        with self._lock:
            self._found[key] = known
            self._found.move_to_end(key)
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return known

    def _read(self, filters: FilterState, told: Sequence[Pair], scope: Scope) -> CustomerSet:
        stated = dict(told)
        unknown = sorted(set(stated) - {FIRST, AGE, *BY_BASE, *BY_SCORE})
        if unknown:
            raise _unreadable(unknown[0])
        first_month = self._metrics.campaign_first_month
        cohort = _cohort(stated[FIRST], first_month) if FIRST in stated else None
        with self._facts.open(filters, scope) as history:
            ids = self._ids(history, stated, cohort)
        if not ids:
            raise PicholineError(
                "lines.nobody",
                msg("No customer belongs to this group any more."),
                msg("Open the page of the figure anew: data or filters have changed."),
                status=404,
            )
        period = _aged(stated[FIRST], stated[AGE], first_month) if AGE in stated else None
        return CustomerSet(Filter("customer", tuple(ids)), period)

    def _ids(
        self, history: History, stated: dict[str, str], cohort: Period | None
    ) -> Iterable[str]:
        base = history.customers
        if any(name in BY_SCORE for name in stated):
            rules = self._metrics.warehouse.info().rules
            scores = customer_scores(history.cursor, rules, history.cut_off)
            base = base.join(scores.select(["customer_key", "r", "f", "m", "rfm_segment"]),
                             "customer_key")  # fmt: skip
        kept = pa.chunked_array([pa.array([True] * base.num_rows)])
        if cohort is not None:
            days = base["first_day"]
            kept = pc.and_(kept, pc.and_(pc.greater_equal(days, pa.scalar(cohort.start)),
                                         pc.less_equal(days, pa.scalar(cohort.end))))  # fmt: skip
        for name, value in stated.items():
            if name not in (FIRST, AGE):
                texts = base[name].cast(pa.string())
                same = pc.is_null(texts) if value == NO_VALUE else pc.equal(texts, value)
                kept = pc.and_(kept, pc.fill_null(same, fill_value=False))
        return base.filter(kept)["customer_id"].cast(pa.string()).to_pylist()


def _cohort(text: str, first_month: int) -> Period:
    grain, start = _read_first(text)
    return Period(start, calendar.grain_end(start, grain, first_month))


def _aged(text: str, age: str, first_month: int) -> Period:
    grain, start = _read_first(text)
    if not age.isdecimal():
        raise _unreadable(AGE)
    start = calendar.add_months(start, GRAIN_MONTHS[grain] * int(age))
    return Period(start, calendar.grain_end(start, grain, first_month))


def _read_first(text: str) -> tuple[str, date]:
    grain, _sign, day = text.partition(":")
    try:
        if grain in GRAIN_MONTHS:
            return grain, date.fromisoformat(day)
    except ValueError:
        pass
    raise _unreadable(FIRST)


def _unreadable(name: str) -> PicholineError:
    return PicholineError(
        "lines.group",
        msg("The group of customers “{name}” cannot be read from the address.", name=name),
        msg("Open the lines from the figure on its page."),
    )
