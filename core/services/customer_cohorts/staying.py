"""How long customers stay and how soon they come back, for all of them or group by group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.services.customer_cohorts.retention import FEW_CUSTOMERS
from core.services.methods.survival import (
    Curve,
    Estimate,
    LogRank,
    Spans,
    holm,
    kaplan_meier,
    lapses,
    log_rank,
    second_purchases,
)

EVENTS = ("second", "lapse")
YEAR_DAYS = 365
SHOWN_GROUPS = 6
_PAIR = 2
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Group:
    """Customers of one country, channel or segment.

    Attributes:
        member: its code; None where it is unknown, or without a split.
        customers: how many.
        repeaters: how many have bought on a second day.
        second, lapse: curve of the event; None where nobody could be watched.
        against: by event, the comparison with all other groups that are large enough.
    """

    member: str | None
    customers: int
    repeaters: int
    second: Curve | None
    lapse: Curve | None
    against: Mapping[str, "Contrast"] = field(default_factory=dict)

    def curve(self, event: str) -> Curve | None:
        """Return the curve of an event."""
        return self.second if event == "second" else self.lapse

    @property
    def is_small(self) -> bool:
        """Whether there are too few customers for a curve or a test that says something."""
        return self.customers < FEW_CUSTOMERS


@dataclass(frozen=True)
class Contrast:
    """A group against all others.

    Attributes:
        p_value: of the log-rank test, corrected for the number of groups (Holm); None where
            nothing could be compared.
        sooner: more events were seen than if there were no difference.
    """

    p_value: float | None
    sooner: bool


@dataclass(frozen=True)
class Staying:
    """Curves of all customers and of their groups, the largest first.

    Attributes:
        whole: all customers together.
        groups: empty without a split.
        overall: p-value of the log-rank test over all groups by event; None where not testable.
        young: customers who cannot be watched for a lapse yet.
        lapsed: customers whose lapse was seen.
        returned: those of them who bought again later.
    """

    whole: Group
    groups: tuple[Group, ...]
    overall: dict[str, float | None]
    young: int
    lapsed: int
    returned: int


def study_staying(spans: pa.Table, gap: int | None, *, split: bool) -> Staying:
    """Estimate the curves from `core.repository.customers.cohorts.customer_spans`.

    Args:
        spans: one row per customer.
        gap: days without a purchase after which a customer counts as lapsed; None: unknown, and
            no lapse can be told.
        split: compare the members.
    """
    second, active, watched, came_back = (
        spans[key].to_numpy(zero_copy_only=False)
        for key in ("second", "active", "watched", "came_back")
    )
    events = {"second": second_purchases(second, watched)}
    if gap is not None:
        events["lapse"] = lapses(active, watched, gap)
    whole = _group(None, np.ones(spans.num_rows, dtype=bool), events)
    groups, overall = _compared(spans["member"], events) if split else ((), {})
    young = lapsed = returned = 0
    if lapse := events.get("lapse"):
        seen = lapse.observed
        young, lapsed = int((~lapse.kept).sum()), int(seen.sum())
        returned = int((seen & came_back.astype(bool)[lapse.kept]).sum())
    return Staying(whole, groups, overall, young, lapsed, returned)


def _group(member: str | None, inside: Mask, events: Mapping[str, Spans]) -> Group:
    curves: dict[str, Curve | None] = {}
    for event, spans in events.items():
        here = inside[spans.kept]
        curves[event] = kaplan_meier(spans.days[here], spans.observed[here]) if here.any() else None
    repeaters = int(events["second"].observed[inside].sum())
    return Group(member, int(inside.sum()), repeaters, curves["second"], curves.get("lapse"))


def _compared(
    members: pa.ChunkedArray, events: Mapping[str, Spans]
) -> tuple[tuple[Group, ...], dict[str, float | None]]:
    """Return the groups, the largest first, and the test over all of them by event."""
    coded = members.combine_chunks().dictionary_encode(null_encoding="encode")
    codes = np.asarray(coded.indices)
    masks = [codes == code for code in range(len(coded.dictionary))]
    groups = [
        _group(name, mask, events)
        for name, mask in zip(coded.dictionary.to_pylist(), masks, strict=True)
    ]
    order = sorted(range(len(groups)), key=lambda i: (-groups[i].customers, str(groups[i].member)))
    tested = [i for i in order if not groups[i].is_small]
    overall: dict[str, float | None] = {}
    for event, spans in events.items():
        parts = [masks[i][spans.kept] for i in tested]
        whole = _tested(spans, parts)
        overall[event] = whole.p_value if whole else None
        contrasts = _contrasts(spans, parts)  # none where one group stands alone
        for i, contrast in zip(tested if contrasts else (), contrasts, strict=True):
            groups[i] = replace(groups[i], against={**groups[i].against, event: contrast})
    return tuple(groups[i] for i in order), overall


def _contrasts(spans: Spans, parts: Sequence[Mask]) -> list[Contrast]:
    """Compare each part with the others together."""
    if len(parts) < _PAIR:
        return []
    everyone = np.logical_or.reduce(parts)
    tests = [_tested(spans, [part, everyone & ~part]) for part in parts]
    p_values = [found.p_value if found else None for found in tests]
    # Two parts make one and the same test: there is nothing to correct for.
    corrected = holm(p_values) if len(parts) > _PAIR else p_values
    return [
        Contrast(p_value, bool(found and found.observed[0] > found.expected[0]))
        for p_value, found in zip(corrected, tests, strict=True)
    ]


def _tested(spans: Spans, parts: Sequence[Mask]) -> LogRank | None:
    return log_rank([(spans.days[part], spans.observed[part]) for part in parts])


def stay_within_a_year(curve: Curve | None) -> Estimate:
    """Return the mean number of days until the event, counted up to a year."""
    return curve.restricted_mean(YEAR_DAYS) if curve else Estimate(None, None, None)


def median_days(curve: Curve | None) -> Estimate:
    """Return the median time until the event."""
    return curve.median() if curve else Estimate(None, None, None)
