"""The filter bar's state and its one spelling in URLs, on the command line and in exports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.query import Compare, Filter

FILTER_DIMENSIONS = ("country", "category", "supplier", "channel", "segment", "rfm_segment")

PERIOD_NAMES = frozenset({"period", "from", "to", "compare"})  # of the URL's pairs
OWN = "own."  # before the key of a company's own dimension: no other name of a URL has a dot

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
    """Period, comparison and chosen values; immutable, equal states are equal."""

    preset: Preset = DEFAULT_PRESET
    start: date | None = None
    end: date | None = None
    compare: Compare | None = Compare.YEAR
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def where(self) -> tuple[Filter, ...]:
        """Return the chosen values as filters."""
        return tuple(Filter(key, chosen) for key, chosen in self.values.items() if chosen)

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
        pairs += [(OWN + key, v) for key in self.own for v in self.values[key]]
        return pairs

    @property
    def own(self) -> tuple[str, ...]:
        """Return the keys of a company's own dimensions that are filtered by, in their order."""
        return tuple(sorted(set(self.values) - set(FILTER_DIMENSIONS)))


def filtered_by(name: str) -> str | None:
    """Return the key of the dimension that a name in a URL filters by; None for other names."""
    if name in FILTER_DIMENSIONS:
        return name
    return name.removeprefix(OWN) if name.startswith(OWN) and name != OWN else None


def is_filter_name(name: str) -> bool:
    """Return whether a name in a URL belongs to the filter bar."""
    return name in PERIOD_NAMES or filtered_by(name) is not None


def parse_filters(pairs: Iterable[tuple[str, str]]) -> FilterState:
    """Read a filter state from URL pairs or `name=value` options.

    Unknown names are ignored, so that an old link still opens.

    Raises:
        PicholineError: a period, comparison or date cannot be read.
    """
    single: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        key = filtered_by(name)
        if key:
            values.setdefault(key, []).append(value)
        else:
            single[name] = value
    start, end = parse_day(single.get("from")), parse_day(single.get("to"))
    default = Preset.CUSTOM if start or end else DEFAULT_PRESET
    preset = _one_of(Preset, single.get("period") or default)
    wanted = single.get("compare", Compare.YEAR.value)
    compare = None if wanted in {"", "none"} else _one_of(Compare, wanted)
    chosen = {key: tuple(dict.fromkeys(found)) for key, found in sorted(values.items())}
    return FilterState(preset, start, end, compare, chosen)


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
