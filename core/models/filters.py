"""The filter bar's state and its one spelling in URLs, on the command line and in exports."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Literal, TypeAlias, TypeVar

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.query import Compare, Filter, Operator

FILTER_DIMENSIONS = ("country", "category", "supplier", "channel", "segment", "rfm_segment")

PERIOD_NAMES = frozenset({"period", "from", "to", "compare"})  # of the URL's pairs
# No other name of a URL has a dot.
OWN = "own."  # before the key of a company's own dimension
WITHOUT = "not."  # before the name of a dimension whose values are left out
CROSS = "cross."  # before the name of a dimension a mark of a tile was clicked of

Values: TypeAlias = tuple[str, ...]
Part: TypeAlias = Literal["values", "without", "cross"]  # where a state keeps it
_MARKS: Mapping[Part, str] = {"values": "", "without": WITHOUT, "cross": CROSS}

_Choice = TypeVar("_Choice", bound=StrEnum)


class Preset(StrEnum):
    """Named periods; "to date" ones end on the last day with data."""

    LAST_12_MONTHS = "last_12_months"
    CAMPAIGN_TO_DATE = "campaign_to_date"
    LAST_CAMPAIGN = "last_campaign"
    YEAR_TO_DATE = "year_to_date"
    LAST_YEAR = "last_year"
    QUARTER_TO_DATE = "quarter_to_date"
    MONTH_TO_DATE = "month_to_date"
    LAST_MONTH = "last_month"
    ALL = "all"
    CUSTOM = "custom"


PRESET_NAMES: Mapping[Preset, str] = {
    Preset.LAST_12_MONTHS: N_("Last 12 months"),
    Preset.CAMPAIGN_TO_DATE: N_("Campaign to date"),
    Preset.LAST_CAMPAIGN: N_("Last full campaign"),
    Preset.YEAR_TO_DATE: N_("Year to date"),
    Preset.LAST_YEAR: N_("Last full year"),
    Preset.QUARTER_TO_DATE: N_("Quarter to date"),
    Preset.MONTH_TO_DATE: N_("Month to date"),
    Preset.LAST_MONTH: N_("Last full month"),
    Preset.ALL: N_("All data"),
    Preset.CUSTOM: N_("From … to …"),
}
DEFAULT_PRESET = Preset.LAST_12_MONTHS


@dataclass(frozen=True)
class FilterState:
    """Period, comparison and chosen values; immutable, equal states are equal.

    Attributes:
        preset: a named period.
        start: first day of the reader's own period.
        end: its last day.
        compare: what the period is set against.
        values: by dimension, of which one must hold.
        without: by dimension, of which none may hold; what has no value stays.
        cross: chosen by clicking marks, as `values`; a tile split by the dimension goes on showing
            all its members.
    """

    preset: Preset = DEFAULT_PRESET
    start: date | None = None
    end: date | None = None
    compare: Compare | None = Compare.YEAR
    values: Mapping[str, Values] = field(default_factory=dict)
    without: Mapping[str, Values] = field(default_factory=dict)
    cross: Mapping[str, Values] = field(default_factory=dict)

    def where(self, kept: Collection[str] = ()) -> tuple[Filter, ...]:
        """Return what is chosen as filters.

        Args:
            kept: dimensions whose clicked marks do not count: of a tile that is split by them.
        """
        clicked = {key: chosen for key, chosen in self.cross.items() if key not in kept}
        return (
            *(Filter(key, chosen) for key, chosen in self.values.items() if chosen),
            *(Filter(k, left, Operator.NOT_IN) for k, left in self.without.items() if left),
            *(Filter(key, chosen) for key, chosen in clicked.items() if chosen),
        )

    def chosen(self) -> Iterator[tuple[Part, str, str]]:
        """Yield every chosen value: the part it stands in, its dimension and itself."""
        for part in _MARKS:
            for key, values in self.part(part).items():
                for value in values:
                    yield part, key, value

    def changed(self, change: Callable[[str, Values], Values]) -> "FilterState":
        """Return a state with other values: `change` gets a dimension and those of one part."""
        parts = {
            part: {k: found for k, old in self.part(part).items() if (found := change(k, old))}
            for part in _MARKS
        }
        return replace(self, **parts)

    def part(self, part: Part) -> Mapping[str, Values]:
        """Return what one part of the state holds, by dimension."""
        return {"values": self.values, "without": self.without, "cross": self.cross}[part]

    def to_pairs(self) -> list[tuple[str, str]]:
        """Return the URL's query pairs; defaults are left out."""
        pairs: list[tuple[str, str]] = []
        if self.preset is not DEFAULT_PRESET:
            pairs.append(("period", self.preset.value))
        if self.preset is Preset.CUSTOM:
            pairs += [(k, d.isoformat()) for k, d in (("from", self.start), ("to", self.end)) if d]
        if self.compare is not Compare.YEAR:
            pairs.append(("compare", self.compare.value if self.compare else "none"))
        pairs += [(key, v) for key in FILTER_DIMENSIONS for v in self.values.get(key, ())]
        marked = [(spelled(part, key), v) for part, key, v in self.chosen()]
        marked = [pair for pair in marked if pair[0] not in FILTER_DIMENSIONS]
        return [*pairs, *sorted(marked, key=lambda pair: pair[0])]

    @property
    def own(self) -> tuple[str, ...]:
        """Return the keys of a company's own dimensions that are filtered by, in their order."""
        named = {key for _part, key, _value in self.chosen()}
        return tuple(sorted(named - set(FILTER_DIMENSIONS)))


def spelled(part: Part, key: str) -> str:
    """Return the name in a URL of a dimension in a part of the state."""
    return _MARKS[part] + (key if key in FILTER_DIMENSIONS else OWN + key)


def filter_name(name: str) -> tuple[Part, str] | None:
    """Return what a name in a URL filters: a part of the state and a dimension's key, or None."""
    marked: tuple[Part, ...] = ("without", "cross")
    for part in marked:
        if name.startswith(_MARKS[part]):
            key = filtered_by(name.removeprefix(_MARKS[part]))
            return (part, key) if key else None
    key = filtered_by(name)
    return ("values", key) if key else None


def filtered_by(name: str) -> str | None:
    """Return the key of the dimension whose values a name in a URL chooses; None for others."""
    if name in FILTER_DIMENSIONS:
        return name
    return name.removeprefix(OWN) if name.startswith(OWN) and name != OWN else None


def is_filter_name(name: str) -> bool:
    """Return whether a name in a URL belongs to the filter bar."""
    return name in PERIOD_NAMES or filter_name(name) is not None


def parse_filters(pairs: Iterable[tuple[str, str]]) -> FilterState:
    """Read a filter state from URL pairs or `name=value` options.

    Unknown names are ignored, so that an old link still opens.

    Raises:
        PicholineError: a period, comparison or date cannot be read.
    """
    single: dict[str, str] = {}
    found: dict[Part, dict[str, list[str]]] = {part: {} for part in _MARKS}
    for name, value in pairs:
        place = filter_name(name)
        if place:
            found[place[0]].setdefault(place[1], []).append(value)
        else:
            single[name] = value
    start, end = parse_day(single.get("from")), parse_day(single.get("to"))
    default = Preset.CUSTOM if start or end else DEFAULT_PRESET
    preset = _one_of(Preset, single.get("period") or default)
    wanted = single.get("compare", Compare.YEAR.value)
    compare = None if wanted in {"", "none"} else _one_of(Compare, wanted)
    chosen = {part: _once(values) for part, values in found.items()}
    return FilterState(preset, start, end, compare, **chosen)


def _once(values: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(dict.fromkeys(found)) for key, found in sorted(values.items())}


def _one_of(kind: type[_Choice], text: str) -> _Choice:
    try:
        return kind(text)
    except ValueError as error:
        raise PicholineError(
            "filter.unknown",
            msg("“{text}” is neither a period nor a comparison.", text=text),
            msg("Choose one of: {keys}.", keys=", ".join(kind)),
        ) from error


def parse_day(text: str | None) -> date | None:
    """Read a date such as 2025-03-31; nothing from nothing.

    Raises:
        PicholineError: it is no date.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PicholineError(
            "filter.date",
            msg("“{text}” is not a date.", text=text),
            msg("Write dates as 2025-03-31."),
        ) from error
