"""Everything the tables and sentences on cohorts are written from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.services.customer_cohorts.retention import Cells, Point, retention_curve
from core.services.customer_cohorts.staying import Staying


@dataclass(frozen=True)
class Found:
    """The cohorts, groups and curves of one history.

    Attributes:
        grain: month, quarter or campaign.
        split: what the groups are; None without a comparison.
        cells: cohorts × ages of all customers.
        members: the same by group; empty without a comparison.
        staying: curves.
        gap: days after which a customer counts as lapsed; None where it is not known.
        share: of the returning customers who never paused longer; None where the reader chose it.
        first, cut_off: days of the history.
    """

    grain: str
    split: str | None
    cells: Cells
    members: Mapping[str | None, Cells]
    staying: Staying
    gap: int | None
    share: float | None
    first: date
    cut_off: date

    @property
    def points(self) -> dict[int, Point]:
        """Retention of customers by age."""
        return {point.age: point for point in retention_curve(self.cells, "customers")}
