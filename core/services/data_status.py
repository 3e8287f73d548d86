"""What is said of the data beside answers: their state, and the values to choose from."""

from dataclasses import dataclass
from datetime import datetime

from core.models.query import Filter, Period
from core.services.answer_cache import CacheState


@dataclass(frozen=True)
class Member:
    """A value of a dimension to choose from.

    Attributes:
        value: what filters take; `NO_VALUE` for lines without one.
        label: the readable name.
        lines: number of sales lines with it.
    """

    value: str
    label: str
    lines: int


@dataclass(frozen=True)
class DataStatus:
    """What the status bar says about the data.

    Attributes:
        demo: whether a demo company's import counts.
        lines: sales lines the person may see.
        answers: how often kept answers served.
        limits: the rows the person may see; none: all.
        behind: newer data than these are being prepared.
        definitions: raised with every change of the company's own metrics and dimensions.
    """

    data_version: int
    lines: int
    span: Period | None
    built_at: datetime
    demo: bool
    answers: CacheState
    limits: tuple[Filter, ...] = ()
    behind: bool = False
    definitions: int = 0

    @property
    def turn(self) -> int:
        """Return a number that every change of the data or of the definitions raises."""
        return self.data_version + self.definitions
