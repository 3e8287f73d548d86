"""By which dimensions a metric can be split, as its formula says."""

from core.models.catalogue.dimensions import Dimension
from core.models.catalogue.formulas import (
    Calculation,
    Formula,
    Linear,
    Metric,
    Node,
    Number,
    Ratio,
    Scored,
    Stocked,
    Term,
)
from core.models.catalogue.known import Known

_PRODUCT = frozenset(
    {"product_id", "category", "subcategory", "brand", "grade", "origin", "supplier_id"}
)
# What an investment can state; anywhere else it stands apart as unassigned.
_INVESTMENT = _PRODUCT | {
    "category_then", "supplier_id_then", "country", "channel", "date", "currency", "line_kind",
}  # fmt: skip
# Stock lies in a warehouse and belongs to no customer, country or channel.
_STOCK = _PRODUCT | {"warehouse", "date"}
_FINE = frozenset({"day", "week"})


def splits_of(metric: Metric, known: Known) -> tuple[str, ...]:
    """Return the keys of the dimensions whose values a metric can tell apart.

    An own formula can be split by what every metric in it can be split by.
    """
    return tuple(d.key for d in known.dimensions.values() if _splits(metric, d))


def _splits(metric: Metric, dimension: Dimension) -> bool:
    formula = metric.formula
    if isinstance(formula, Formula):
        return all(_splits(leaf, dimension) for leaf in _named(formula.tree))
    terms = (formula.over, formula.under) if isinstance(formula, Ratio) else (formula,)
    return all(_term_splits(term, dimension) for term in terms)


def _named(node: Node) -> tuple[Metric, ...]:
    if isinstance(node, Number):
        return ()
    if isinstance(node, Calculation):
        return (*_named(node.left), *_named(node.right))
    return (node.metric,)


def _term_splits(term: Term | Scored, dimension: Dimension) -> bool:
    if isinstance(term, Stocked):
        daily = dimension.grain in _FINE or (
            dimension.derived is not None and dimension.derived.daily
        )
        return dimension.stored in _STOCK and not daily
    if isinstance(term, Linear):
        invested = bool({"investment", "overhead"} & {*term.plus, *term.minus})
        return not invested or dimension.stored in _INVESTMENT
    return True
