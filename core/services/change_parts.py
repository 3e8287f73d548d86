"""What a change is made of, member by member of a dimension; the parts add to the change.

For a sum the part of a member is its figure of the period less that of the compared one. For a
ratio R = N ÷ D with w = a member's share of D and r = its own ratio, the part is

    within + mix  =  w₁ (r₁ − r₀)  +  (w₁ − w₀) (r₀ − R₀)

over both periods 0 and 1, which adds to R₁ − R₀ over all members. A member without D in the
compared period has no ratio of its own there: all of its part is within.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.models.catalogue import METRICS, Distinct, Linear, Metric
from core.models.result import ResultTable

_NEAR = 1e-9  # of the whole: how far sums of rounded parts may be from it
Row = Mapping[str, Any]


@dataclass(frozen=True)
class RatioOf:
    """A ratio as sums of metrics: what is above and what is under the line.

    Attributes:
        above: metric → sign.
        under: metric → sign.
    """

    above: Mapping[str, int]
    under: Mapping[str, int]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return all metrics it is made of."""
        return tuple(dict.fromkeys((*self.above, *self.under)))


RATIOS: Mapping[str, RatioOf] = {
    "margin_rate": RatioOf({"gross_margin": 1}, {"gross_margin": 1, "cogs": 1}),
    "markup_rate": RatioOf({"gross_margin": 1}, {"cogs": 1}),
    "net_margin_rate": RatioOf({"net_margin": 1}, {"net_sales": 1}),
    "return_rate": RatioOf({"returns": 1}, {"gross_sales": 1, "discounts": -1}),
    "roi": RatioOf({"contribution": 1, "investment": -1}, {"investment": 1}),
    "aov": RatioOf({"net_sales": 1}, {"orders": 1}),
}


@dataclass(frozen=True)
class Part:
    """A member's part in a change.

    Attributes:
        key: its code; None for lines without one.
        row: the answer's row, which has its name.
        now: its own figure; None where it has none.
        before: its figure of the compared period.
        change: its part; the parts of all members add to the whole change.
        within: of a ratio, through its own ratio; None for sums.
        mix: of a ratio, through its share.
    """

    key: str | None
    row: Row
    now: Any
    before: Any
    change: Any
    within: float | None = None
    mix: float | None = None


@dataclass(frozen=True)
class Parts:
    """All members' parts, the largest first, with the figures of all of them together."""

    dimension: str
    parts: tuple[Part, ...]
    now: Any
    before: Any

    @property
    def change(self) -> Any:
        """Return the whole change."""
        return self.now - self.before


def can_be_explained(metric: Metric) -> bool:
    """Tell whether the change of a metric is a sum of members' parts."""
    return metric.key in RATIOS or isinstance(metric.formula, (Linear, Distinct))


def asked_for(key: str) -> tuple[str, ...]:
    """Return the metrics that must be asked for to explain one."""
    return RATIOS[key].metrics if key in RATIOS else (key,)


def parts_of(answer: ResultTable, key: str, dimension: str) -> Parts | None:
    """Return the parts of a metric's change by a dimension; None where they do not add up.

    Counts of what is in several members (an order with two categories) overlap: no part of a
    change belongs to one of them.

    Args:
        answer: `asked_for(key)` by the dimension, compared, with its total.
        key: of the metric.
        dimension: the answer's.
    """
    rows, total = answer.rows(), answer.total or {}
    found = (
        _of_ratio(rows, RATIOS[key], dimension) if key in RATIOS else _of_sum(rows, key, dimension)
    )
    if found is None or not _adds_up(rows, total, key):
        return None
    ordered = sorted(found.parts, key=lambda part: (-abs(part.change), str(part.key)))
    return Parts(dimension, tuple(ordered), found.now, found.before)


def _adds_up(rows: list[dict[str, Any]], total: Row, key: str) -> bool:
    for name in asked_for(key):
        for side in ("", "_compared"):
            whole = total.get(f"{name}{side}")
            summed = sum((_known(row[f"{name}{side}"]) for row in rows), Decimal(0))
            if whole is None and name in METRICS and summed == 0:
                continue
            if whole is None or abs(summed - _known(whole)) > Decimal(_NEAR) * abs(_known(whole)):
                return False
    return True


def _of_sum(rows: list[dict[str, Any]], key: str, dimension: str) -> Parts | None:
    parts = [
        Part(
            row[dimension],
            row,
            row[key],
            row[f"{key}_compared"],
            _known(row[key]) - _known(row[f"{key}_compared"]),
        )
        for row in rows
    ]
    now, before = (
        sum((_known(value) for value in values), Decimal(0))
        for values in ([p.now for p in parts], [p.before for p in parts])
    )
    return Parts(dimension, tuple(parts), now, before)


def _of_ratio(rows: list[dict[str, Any]], ratio: RatioOf, dimension: str) -> Parts | None:
    sides = {
        side: [(_sum(row, ratio.above, side), _sum(row, ratio.under, side)) for row in rows]
        for side in ("", "_compared")
    }
    wholes = {
        side: tuple(sum((pair[i] for pair in pairs), Decimal(0)) for i in (0, 1))
        for side, pairs in sides.items()
    }
    if any(under <= 0 for _above, under in wholes.values()):
        return None
    (above_1, under_1), (above_0, under_0) = wholes[""], wholes["_compared"]
    now, before = above_1 / under_1, above_0 / under_0
    parts = []
    for row, (n_1, d_1), (n_0, d_0) in zip(rows, sides[""], sides["_compared"], strict=True):
        weight_1, weight_0 = d_1 / under_1, d_0 / under_0
        change = n_1 / under_1 - n_0 / under_0 - before * (weight_1 - weight_0)
        mix = (weight_1 - weight_0) * (n_0 / d_0 - before) if d_0 else Decimal(0)
        parts.append(
            Part(
                row[dimension],
                row,
                now=float(n_1 / d_1) if d_1 else None,
                before=float(n_0 / d_0) if d_0 else None,
                change=float(change),
                within=float(change - mix),
                mix=float(mix),
            )
        )
    return Parts(dimension, tuple(parts), float(now), float(before))


def _sum(row: Row, terms: Mapping[str, int], side: str) -> Decimal:
    return sum((_known(row[f"{key}{side}"]) * sign for key, sign in terms.items()), Decimal(0))


def _known(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(value)
