"""From summed parts to metrics: ratios divide after the sums, unknown stays unknown."""

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from core.models.catalogue import (
    Distinct,
    Formula,
    Linear,
    Metric,
    Ratio,
    Scored,
    Stocked,
    Term,
)
from core.services.metric_formula import AMOUNT, NONE_IS_ZERO, evaluate, leaves

# What must be summed along for a part to be judged.
_COMPANIONS = {
    "units": ("unit_mask", "product_net_sales"),
    "weight_kg": ("weight_missing",),
    "covered_net_sales": ("product_net_sales",),
    "cogs": ("product_net_sales",),
    # A slice may have nothing but these: then nothing was sold in it.
    "investment": ("net_sales",),
    "overhead": ("net_sales",),
}
SPENT = ("investment", "overhead")
ALWAYS = ("line_count", "unknown_amount")
Measures = Mapping[str, pa.Array]


def parts_of(metric: Metric) -> tuple[str, ...]:
    """Return the parts and distinct counts a metric is made of; scores and stock are none."""
    formula = metric.formula
    if isinstance(formula, Formula):
        return tuple(dict.fromkeys(part for leaf in leaves(metric) for part in parts_of(leaf)))
    if isinstance(formula, Scored):
        return ()
    terms = (formula.over, formula.under) if isinstance(formula, Ratio) else (formula,)
    found: list[str] = []
    for term in terms:
        if isinstance(term, Distinct):
            found.append(term.entity)
        elif isinstance(term, Linear):
            found += [*term.plus, *term.minus]
    return tuple(dict.fromkeys(found))


def measures_for(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """Return every measure the metrics need, with those that tell whether they are known."""
    parts = list(dict.fromkeys(part for metric in metrics for part in parts_of(metric)))
    companions = [c for part in parts for c in _COMPANIONS.get(part, ())]
    return tuple(dict.fromkeys([*parts, *companions, *ALWAYS]))


class Evaluator:
    """Metrics of the same rows; terms that several metrics share are computed once."""

    def __init__(self, measures: Measures) -> None:
        """Take the summed measures by name."""
        self._measures = measures
        self._terms: dict[Term, pa.Array] = {}

    def values(self, metric: Metric) -> pa.Array:
        """Return a metric per row: decimals for amounts, integers for counts, floats for ratios."""
        formula = metric.formula
        if isinstance(formula, Formula):
            return evaluate(metric, self.values)
        if isinstance(formula, Ratio):
            return ratio(self._term(formula.over), self._term(formula.under))
        if isinstance(formula, Scored):
            return self._score(metric.key, formula)
        return self._term(formula)

    def _score(self, key: str, formula: Scored) -> pa.Array:
        """Return a score per row; unknown everywhere where no run has published it."""
        found = self._measures.get(key)
        if found is None:
            kind = AMOUNT if formula.how == "sum" else pa.float64()
            found = pa.nulls(len(self._measures["line_count"]), kind)
        return found

    def _term(self, term: Term) -> pa.Array:
        found = self._terms.get(term)
        if found is None:
            found = self._terms[term] = _term(term, self._measures)
        return found


def ratio(over: pa.Array, under: pa.Array) -> pa.Array:
    """Divide; unknown where the divisor is zero or unknown."""
    top, bottom = over.cast(pa.float64()), under.cast(pa.float64())
    return pc.divide(top, pc.if_else(pc.equal(bottom, 0.0), None, bottom))


def _term(term: Term, measures: Measures) -> pa.Array:
    if isinstance(term, Distinct):
        return measures[term.entity]
    if isinstance(term, Stocked):
        return measures[term.part]
    idle = _without_products(term, measures)
    total: pa.Array | None = None
    for part in term.plus:
        value = _part(part, measures, idle)
        total = value if total is None else pc.add(total, value).cast(AMOUNT)
    for part in term.minus:
        value = _part(part, measures, idle)
        if part in NONE_IS_ZERO:
            value = or_zero(value)
        total = pc.subtract(total, value).cast(AMOUNT)
    return total


def _without_products(term: Linear, measures: Measures) -> pa.Array | None:
    """Where a slice has investments but sold no product: its margin is zero, not unknown."""
    if "investment" not in term.minus:
        return None
    sold_nothing = pc.and_(
        pc.is_null(measures["product_net_sales"]),
        pc.equal(pc.fill_null(measures["unknown_amount"], 0), 0),  # lines without a rate were sold
    )
    spent = pc.is_valid(measures["investment"])
    if "overhead" in term.minus:
        spent = pc.or_(spent, pc.is_valid(measures["overhead"]))
    return pc.and_(sold_nothing, spent)


def _part(part: str, measures: Measures, idle: pa.Array | None) -> pa.Array:
    value = measures[part]
    if part == "units":
        mask = pc.fill_null(measures["unit_mask"], 0)
        mixed = pc.not_equal(pc.bit_wise_and(mask, pc.subtract(mask, 1)), 0)
        return pc.if_else(mixed, None, value)
    if part == "weight_kg":
        return pc.if_else(pc.greater(measures["weight_missing"], 0), None, value)
    if idle is not None and part in {"covered_net_sales", "cogs"}:
        return pc.if_else(idle, or_zero(value), value)
    return value


def or_zero(value: pa.Array) -> pa.Array:
    """Return amounts or counts with zero for what is unknown."""
    return pc.fill_null(value, pa.scalar(0).cast(value.type))
