"""All that can be asked for at one time."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.models.catalogue.dimensions import Dimension
from core.models.catalogue.formulas import Metric


@dataclass(frozen=True)
class Known:
    """All that can be asked for: what ships, and what this company has defined itself.

    Attributes:
        metrics: by key.
        dimensions: by key.
        version: raised with every change of the company's own definitions; part of cache keys.
    """

    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, Dimension]
    version: int = 0
