"""All that can be asked for at one time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.models.catalogue.dimensions import Dimension
from core.models.catalogue.formulas import Metric


@dataclass(frozen=True)
class Known:
    """All that can be asked for: what ships, and what this company has defined itself.

    Attributes:
        metrics: by key.
        dimensions: by key.
        version: raised with every change of the company's own definitions; part of cache keys.
        removed: key → name of own definitions that were taken away or can no longer be used.
    """

    metrics: Mapping[str, Metric]
    dimensions: Mapping[str, Dimension]
    version: int = 0
    removed: Mapping[str, str] = field(default_factory=dict)

    def own_dimensions(self) -> tuple[Dimension, ...]:
        """Return the company's own dimensions, in the order of their definition."""
        return tuple(dimension for dimension in self.dimensions.values() if dimension.own)
