"""Which notes concern a table, and how they read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from core.formats import country_name, format_day, format_value
from core.i18n import current_language
from core.models.catalogue import DIMENSIONS
from core.models.desk import Note
from core.models.formats import Format
from core.models.result import ResultTable
from core.services import calendar

Pairs = Mapping[str, Any]
Members = frozenset[tuple[str, str]]
_FORMATS = {
    "day": Format.DATE,
    "week": Format.WEEK,
    "month": Format.MONTH,
    "quarter": Format.QUARTER,
    "year": Format.YEAR,
    "campaign": Format.CAMPAIGN,
}


def concerning(
    notes: Iterable[Note], table: ResultTable, members: Members, first_month: int
) -> list[Note]:
    """Return the notes that concern something a table shows.

    A note on a time concerns tables by day, month and so on that hold it. A note on a member
    concerns tables with that member; one on both concerns a table by time only where the table is
    about the member alone.

    Args:
        notes: those of the page and its period.
        table: with its columns of dimensions.
        members: (dimension, member): what the whole table is about.
        first_month: of the campaign year.
    """
    notes = list(notes)
    if not notes:
        return []
    named = {column.key for column in table.columns if column.role == "dimension"}
    known = {
        key: set(table.data.column(key).to_pylist())
        for key in named & (set(_GRAINS) | {note.dimension for note in notes})
    }
    return [note for note in notes if _matches(note, known, members, first_month)]


def is_about(note: Note, pairs: Pairs, members: Members, first_month: int) -> bool:
    """Return whether a note concerns one row or mark, by its values of dimensions."""
    return _matches(note, {key: {value} for key, value in pairs.items()}, members, first_month)


def _matches(note: Note, known: Mapping[str, set[Any]], members: Members, first: int) -> bool:
    grain = next((key for key in known if key in _GRAINS), None)
    in_time = False
    if grain is not None and note.day is not None:
        in_time = calendar.grain_start(note.day, grain, first) in _days(known[grain])
        if not in_time:
            return False
    if not note.dimension:
        return in_time
    if note.dimension in known:
        return note.member in {str(value) for value in known[note.dimension]}
    return in_time and (note.dimension, note.member) in members


_GRAINS = frozenset(key for key, dimension in DIMENSIONS.items() if dimension.grain)


def _days(values: Iterable[Any]) -> set[Any]:
    """Return calendar values as days; marks of charts hold them as text."""
    return {_day(value) for value in values}


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def is_grain(key: str) -> bool:
    """Return whether a dimension is one of the calendar."""
    return key in _GRAINS


def about(note: Note) -> str:
    """Return what a note is about, in the current language: `March 2025 · Dupont SA`."""
    return " · ".join(part for part in (when(note), member_name(note)) if part)


def when(note: Note) -> str:
    """Return the time a note is about, in the current language; "" where it is of none."""
    if note.day is None:
        return ""
    return format_day(note.day, _FORMATS.get(note.grain, Format.DATE), current_language())


def member_name(note: Note) -> str:
    """Return how the member of a note is called, in the current language."""
    dimension = DIMENSIONS.get(note.dimension)
    if dimension is not None and dimension.format is Format.COUNTRY:
        return country_name(note.member, current_language())
    return note.member_name


def signed(note: Note) -> str:
    """Return who wrote a note and when: `anna, 18 Nov 2026`."""
    day = format_value(note.changed_at, Format.DATE, current_language())
    return f"{note.owner}, {day}"


def as_lines(notes: Sequence[Note]) -> tuple[tuple[str, str], ...]:
    """Return notes as (what it is about, what is said by whom), for the sheet of an export."""
    return tuple((about(note), f"{note.text} ({signed(note)})") for note in notes)
