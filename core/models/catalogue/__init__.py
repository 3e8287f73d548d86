"""The metric and dimension catalogue: every number and split, declared once.

Pages, help, workbooks' "Definitions" sheet, the command line and the SQL compiler read it.
Formulas are built from additive *parts* (sums over lines); ratios divide after the sums.
"""

from dataclasses import replace

from core.models.catalogue.caveats import CAVEATS
from core.models.catalogue.customers import CUSTOMERS
from core.models.catalogue.derived import Derived, Source, columns_of
from core.models.catalogue.dimensions import DIMENSION_LIST, THEN, Dimension
from core.models.catalogue.formulas import (
    NO_SYNONYMS,
    PARTS,
    Distinct,
    Entity,
    Formula,
    Linear,
    Metric,
    Ratio,
    Scored,
    Stocked,
    Term,
)
from core.models.catalogue.known import Known
from core.models.catalogue.sales import SALES
from core.models.catalogue.stock import STOCK
from core.models.catalogue.synonyms import DIMENSION_SYNONYMS, METRIC_SYNONYMS

__all__ = [
    "DIMENSIONS",
    "METRICS",
    "PARTS",
    "SHIPPED",
    "THEN",
    "Derived",
    "Dimension",
    "Distinct",
    "Entity",
    "Formula",
    "Known",
    "Linear",
    "Metric",
    "Ratio",
    "Scored",
    "Source",
    "Stocked",
    "Term",
    "columns_of",
]

METRICS: dict[str, Metric] = {
    metric.key: replace(
        metric,
        caveats=metric.caveats or CAVEATS.get(metric.key, ()),
        synonyms=METRIC_SYNONYMS.get(metric.key, NO_SYNONYMS),
    )
    for metric in (*SALES, *STOCK, *CUSTOMERS)
}
DIMENSIONS: dict[str, Dimension] = {
    dimension.key: replace(dimension, synonyms=DIMENSION_SYNONYMS.get(dimension.key, NO_SYNONYMS))
    for dimension in DIMENSION_LIST
}
SHIPPED = Known(METRICS, DIMENSIONS)
