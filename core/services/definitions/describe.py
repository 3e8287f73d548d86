"""What the catalogue says of a metric or a dimension, in the current language."""

from typing import Any

from core.i18n import translate
from core.models.catalogue import Dimension, Known, Metric
from core.models.catalogue.splits import splits_of
from core.models.catalogue.units import unit_of, unit_text
from core.models.catalogue.wording import formula_text
from core.services.metric_values import parts_of


def describe_metric(metric: Metric, known: Known) -> dict[str, Any]:
    """Return all that is declared of a metric, as JSON values."""
    return {
        "key": metric.key,
        "name": translate(metric.name),
        "definition": translate(metric.definition),
        "unit": str(unit_text(unit_of(metric), metric.format)),
        "format": metric.format.value,
        "good": metric.good,
        "formula": str(formula_text(metric)),
        "parts": list(parts_of(metric)),
        "splits": list(splits_of(metric, known)),
        "caveats": [translate(text) for text in metric.caveats],
        "synonyms": list(metric.synonyms.all()),
        "own": metric.own,
    }


def describe_dimension(dimension: Dimension) -> dict[str, Any]:
    """Return all that is declared of a dimension, as JSON values."""
    derived = dimension.derived
    return {
        "key": dimension.key,
        "name": translate(dimension.name),
        "definition": translate(dimension.definition),
        "format": dimension.format.value,
        "calendar": dimension.grain is not None,
        "base": dimension.base,
        "groups": {name: list(values) for name, values in derived.groups} if derived else {},
        "synonyms": list(dimension.synonyms.all()),
        "own": dimension.own,
    }
