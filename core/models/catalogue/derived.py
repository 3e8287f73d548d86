"""Values made of a column of the lines: parts of the date, members in groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Literal, TypeAlias

from core.i18n import N_, msg, pack

Part: TypeAlias = Literal["weekday", "weekend", "week", "month", "quarter", "half"]
# The values of a part of the date and their names: texts, so that they sort as they follow.
PART_NAMES: Mapping[Part, tuple[tuple[str, str], ...]] = {
    "weekday": (
        ("1", N_("Monday")),
        ("2", N_("Tuesday")),
        ("3", N_("Wednesday")),
        ("4", N_("Thursday")),
        ("5", N_("Friday")),
        ("6", N_("Saturday")),
        ("7", N_("Sunday")),
    ),
    "weekend": (("1", N_("Monday to Friday")), ("2", N_("Weekend"))),
    "week": tuple((f"{n:02}", pack(msg("Week {n}", n=n))) for n in range(1, 54)),
    "month": (
        ("01", N_("January")),
        ("02", N_("February")),
        ("03", N_("March")),
        ("04", N_("April")),
        ("05", N_("May")),
        ("06", N_("June")),
        ("07", N_("July")),
        ("08", N_("August")),
        ("09", N_("September")),
        ("10", N_("October")),
        ("11", N_("November")),
        ("12", N_("December")),
    ),
    "quarter": tuple((str(n), pack(msg("Quarter {n}", n=n))) for n in range(1, 5)),
    "half": (("1", N_("First half-year")), ("2", N_("Second half-year"))),
}
PART_TEXTS: Mapping[str, str] = {
    "weekday": N_("Day of the week, Monday first."),
    "weekend": N_("Monday to Friday, or Saturday and Sunday."),
    "week": N_("Number of the ISO week, 1 to 53, of all years together."),
    "month": N_("Month of the year, of all years together."),
    "quarter": N_("Quarter of the calendar year, of all years together."),
    "half": N_("Half of the calendar year, of all years together."),
}
_DAILY = frozenset({"weekday", "weekend", "week"})


@dataclass(frozen=True)
class Derived:
    """A value made of a column of the lines.

    Attributes:
        column: what it is made of.
        part: of the date the column holds; None: the column itself.
        groups: names of groups with their members' values (`NO_VALUE`: those without one); a
            member outside all groups keeps its own value, or is one of the rest.
        rest: name of the group of all other members; None: they stand alone.
        otherwise: the column a member outside all groups is named by, for readable names.
    """

    column: str
    part: Part | None = None
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rest: str | None = None
    otherwise: str | None = None

    @property
    def daily(self) -> bool:
        """Whether single days must be known: whole months are not fine enough."""
        return self.part in _DAILY

    @cached_property
    def name(self) -> str:
        """Return what tells its bound values from those of others."""
        stated = repr((self.groups, self.rest)).encode()
        return blake2b(stated, digest_size=6).hexdigest()


Source: TypeAlias = str | Derived  # where values come from: a column of the lines, or made of one


def columns_of(source: Source) -> frozenset[str]:
    """Return the columns of the lines that a value is read or made from."""
    if isinstance(source, str):
        return frozenset({source})
    return frozenset({source.column, *([source.otherwise] if source.otherwise else [])})
