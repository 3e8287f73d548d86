"""Cross-tabs: months, years or countries stand as columns and become rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from core.errors import PicholineError
from core.i18n import msg
from core.models.schema import Kind

from .cutting import sharpen_from
from .furniture import is_total, leave_out_crossed_totals
from .periods import Period, period_of, year_in
from .plausible import plausible
from .raw import (
    CellFault,
    Crossed,
    RawColumn,
    RawTable,
    empty_cells,
    name_list,
    shortened,
    unique_headers,
)
from .titles import JOINED, bare_titles
from .vocabulary import countries, plain

ROWS, PLAIN = "rows", "plain"
PERIOD_TITLE, COUNTRY_TITLE, VALUE_TITLE = "Date", "Country", "Value"
_HALF = 0.5
_FEWEST_PERIODS, _FEWEST_COUNTRIES = 2, 3
_QUARTERS = ("q1", "q2", "q3", "q4", "t1", "t2", "t3", "t4", "s1", "s2", "h1", "h2", "ytd", "cumul")


@dataclass(frozen=True)
class Place:
    """A crossed column: what its title says of every value in it, and what is measured."""

    column: int
    value: str
    measure: str


@dataclass(frozen=True)
class Crosstab:
    """How a table is crossed.

    Attributes:
        kind: `month`, `quarter`, `year`, `country` or `stated`.
        title: of the column the crossed titles become.
        places: the crossed columns.
        labels: places of the columns that name the rows.
        sums: places of columns that add others up.
        year: of months that name none, where one was found.
        year_missing: no year was found for them.
    """

    kind: str
    title: str
    places: tuple[Place, ...]
    labels: tuple[int, ...]
    sums: tuple[int, ...]
    year: int | None = None
    year_missing: bool = False


def shaped(raw: RawTable, layout: Mapping[str, Any], texts: Sequence[str]) -> RawTable:
    """Return a table with crossed columns as rows, where that is meant.

    Args:
        raw: as read.
        layout: what a person stated; empty: crossed columns are looked for.
        texts: what may name the year of months that do not, the nearest first.

    Raises:
        PicholineError: a stated column is not there.
    """
    found = _stated(raw, layout) if layout.get("columns") else find(raw, layout, texts)
    if found is None:
        return raw
    titles = tuple(raw.headers[place.column] for place in found.places)
    applied = layout.get("shape") != PLAIN
    crossed = Crossed(found.kind, titles, applied, found.year, found.year_missing and applied)
    if not applied:
        raw.crossed = crossed
        return raw
    turned = turn(raw, found)
    turned.crossed, turned.written = crossed, raw.headers
    return turned


def find(raw: RawTable, layout: Mapping[str, Any], texts: Sequence[str]) -> Crosstab | None:
    """Return how a table is crossed by months, years or countries; None where it is not."""
    parts = [title.split(JOINED) for title in bare_titles(raw)]
    periods = {p: named for p, part in enumerate(parts) if (named := _period(part))}
    months = {p: period for p, period in periods.items() if period[0].month}
    quarters = {p: period for p, period in months.items() if period[0].quarter}
    months = {p: period for p, period in months.items() if p not in quarters}
    years = {place: period for place, period in periods.items() if not period[0].month}
    # Quarters beside months add these up; alone they are what is crossed.
    chosen = next((c for c in (months, quarters) if len(_values(c)) >= _FEWEST_PERIODS), years)
    if len(_values(chosen)) >= _FEWEST_PERIODS and _mostly_numbers(raw, [*chosen]):
        return _by_period(raw, chosen, parts, layout, texts)
    known = {place: code for place, part in enumerate(parts) if (code := _country(part[-1]))}
    if len({*known.values()}) < _FEWEST_COUNTRIES or not _mostly_numbers(raw, [*known]):
        return None
    places = tuple(
        Place(place, parts[place][-1], JOINED.join(parts[place][:-1])) for place in known
    )
    return _crosstab(raw, "country", COUNTRY_TITLE, places, parts)


def _mostly_numbers(raw: RawTable, places: Sequence[int]) -> bool:
    """Whether most of these columns hold numbers; empty ones do not count."""
    filled = [raw.columns[p] for p in places if not empty_cells(raw.columns[p].data).all()]
    numeric = [column for column in filled if plausible(column, Kind.AMOUNT)]
    return bool(filled) and len(numeric) >= len(filled) * _HALF


def _values(found: Mapping[int, tuple[Period, str]]) -> set[Period]:
    return {period for period, _ in found.values()}


def _period(parts: Sequence[str]) -> tuple[Period, str] | None:
    """Return the period the parts of a title name together, and what else they say."""
    year = month = None
    quarter = False
    rest: list[str] = []
    for part in parts:
        found = period_of(part)
        if found is None:
            rest.append(part)
            continue
        year, month = found.year or year, found.month or month
        quarter = quarter or found.quarter
    return (Period(year, month, quarter), JOINED.join(rest)) if year or month else None


def _country(title: str) -> str | None:
    """Return the code of a title that names a country; two small letters may be any word."""
    if len(title) < 4 and not title.isupper():  # noqa: PLR2004
        return None
    return countries().get(plain(title))


def _by_period(
    raw: RawTable,
    chosen: Mapping[int, tuple[Period, str]],
    parts: Sequence[Sequence[str]],
    layout: Mapping[str, Any],
    texts: Sequence[str],
) -> Crosstab | None:
    dated = [period for period, _ in chosen.values() if period.month]
    kind = "quarter" if any(p.quarter for p in dated) else "month" if dated else "year"
    bare = any(period.year is None for period, _ in chosen.values())
    year = int(layout["year"]) if layout.get("year") else year_in([*texts]) if bare else None
    places = tuple(
        Place(column, _day(period, year) or parts[column][-1], measure)
        for column, (period, measure) in chosen.items()
    )
    return _crosstab(
        raw, kind, PERIOD_TITLE, places, parts,
        year=year if bare else None, year_missing=bare and year is None,
    )  # fmt: skip


def _day(period: Period, year: int | None) -> str | None:
    """Return the first day of a period as ISO text; None where nothing says its year."""
    known = period.year or year
    return None if known is None else date(known, period.month or 1, 1).isoformat()


def _crosstab(
    raw: RawTable,
    kind: str,
    title: str,
    places: tuple[Place, ...],
    parts: Sequence[Sequence[str]],
    **years: Any,
) -> Crosstab | None:
    crossed = {place.column for place in places}
    others = [place for place in range(len(raw.columns)) if place not in crossed]
    parted = kind in ("month", "quarter")  # whatever else names a period adds these up
    sums = [
        place for place in others
        if _adds_up(parts[place]) or (parted and _period(parts[place]) is not None)
    ]  # fmt: skip
    labels = tuple(place for place in others if place not in sums)
    if not labels:
        return None
    return Crosstab(kind, title, places, labels, tuple(sums), **years)


def _adds_up(parts: Sequence[str]) -> bool:
    return any(is_total(plain(part)) or plain(part).split(" ")[0] in _QUARTERS for part in parts)


def _stated(raw: RawTable, layout: Mapping[str, Any]) -> Crosstab | None:
    headers = raw.headers
    columns = [str(title) for title in layout["columns"]]
    lost = [title for title in columns if title not in headers]
    if lost:
        raise PicholineError(
            "mapping.column",
            msg("Sheet {sheet} has no column “{name}”.", sheet=raw.sheet, name=lost[0]),
            msg("Its columns are: {names}.", names=name_list(headers)),
        )
    places = tuple(Place(headers.index(title), title, "") for title in columns)
    parts = [title.split(JOINED) for title in bare_titles(raw)]
    return _crosstab(raw, "stated", str(layout.get("title") or "Column"), places, parts)


def turn(raw: RawTable, found: Crosstab) -> RawTable:
    """Return the table with one row per filled crossed cell.

    Where several measures stand under each period, the row holds all of them.
    """
    leave_out_crossed_totals(raw, list(found.labels))
    raw.sharpen([place.column for place in found.places])
    values = list(dict.fromkeys(place.value for place in found.places))
    measures = list(dict.fromkeys(place.measure for place in found.places))
    at = {(p.value, p.measure): p.column for p in found.places}
    height, count = raw.height, len(values)
    # Row by row, and in each the values in the order of their columns.
    order = np.arange(height * count).reshape(count, height).T.ravel()
    rows = np.repeat(np.arange(height), count)
    columns = [raw.columns[place].take(rows) for place in found.labels]
    columns.append(RawColumn(found.title, "", pa.chunked_array([pa.array(values * height)]),
                             np.zeros(height * count, dtype=bool)))  # fmt: skip
    for measure in measures:
        places = [at.get((value, measure)) for value in values]
        columns.append(_stacked(raw, places, measure or VALUE_TITLE, order))
    for column, title in zip(columns, unique_headers([c.header for c in columns]), strict=True):
        column.header = title
    turned = RawTable(
        raw.sheet, columns, raw.rows[rows], raw.header_row,
        faults=_faults(raw, found, values, measures),
        decimal_hint=raw.decimal_hint, date_1904=raw.date_1904, above=raw.above,
        warnings=raw.warnings, notes=raw.notes, merges=[],
    )  # fmt: skip
    turned.sharpen = lambda wanted: sharpen_from(raw, turned, wanted)
    _leave_out_empty(turned, len(found.labels) + 1)
    _tell(raw, turned, found)
    return turned


def _stacked(
    raw: RawTable, places: Sequence[int | None], title: str, order: np.ndarray
) -> RawColumn:
    """Return crossed columns as one; native numbers and texts in one column stay what they are."""
    columns = [None if place is None else raw.columns[place] for place in places]
    kinds = {column.data.type for column in columns if column is not None}
    taken = pa.array(order)
    if len(kinds) == 1 and not pa.types.is_string(next(iter(kinds))):
        kind = kinds.pop()
        cells = [
            pa.nulls(raw.height, kind) if column is None else column.data.combine_chunks()
            for column in columns
        ]
        return RawColumn(title, "", pa.chunked_array([pa.concat_arrays(cells).take(taken)]))
    texts: list[pa.Array] = []
    numbers: list[np.ndarray] = []
    for column in columns:
        native = np.zeros(raw.height, dtype=bool)
        cells = pa.nulls(raw.height, pa.string())
        if column is not None:
            cells = column.data.cast(pa.string()).combine_chunks()
            if column.numbers is not None:
                native = column.numbers
            elif pa.types.is_floating(column.data.type) or pa.types.is_integer(column.data.type):
                native = np.asarray(column.data.is_valid())
        texts.append(cells)
        numbers.append(native)
    stacked = pa.chunked_array([pa.concat_arrays(texts).take(taken)])
    return RawColumn(title, "", stacked, np.concatenate(numbers)[order])


def _faults(
    raw: RawTable, found: Crosstab, values: list[str], measures: list[str]
) -> list[CellFault]:
    """Return the error cells in their new places; one in a label counts for every row of its."""
    faults: list[CellFault] = []
    count, first = len(values), len(found.labels) + 1
    crossed = {place.column: place for place in found.places}
    labels = {place: index for index, place in enumerate(found.labels)}
    for fault in raw.faults:
        if fault.column in crossed:
            place = crossed[fault.column]
            row = fault.row * count + values.index(place.value)
            column = first + measures.index(place.measure)
            faults.append(CellFault(row, column, fault.text, fault.code))
        elif fault.column in labels:
            faults += [
                CellFault(fault.row * count + k, labels[fault.column], fault.text, fault.code)
                for k in range(count)
            ]
    return faults


def _leave_out_empty(turned: RawTable, first: int) -> None:
    """An empty cell of a cross-tab says nothing: no row."""
    filled = np.zeros(turned.height, dtype=bool)
    for column in turned.columns[first:]:
        filled |= ~empty_cells(column.data)
    for fault in turned.faults:
        filled[fault.row] = True
    if not filled.all():
        turned.keep(filled)


def _tell(raw: RawTable, turned: RawTable, found: Crosstab) -> None:
    titles = [raw.headers[place.column] for place in found.places]
    turned.notes.append(
        msg("The column {name} became rows.", name=titles[0])
        if len(titles) == 1
        else msg(
            "{count} columns became rows: {first} to {last}.",
            count=len(titles),
            first=shortened(titles[0]),
            last=shortened(titles[-1]),
        )
    )
    if found.year:
        turned.notes.append(msg("Months without a year belong to {year}.", year=str(found.year)))
    if found.kind == "quarter":
        turned.notes.append(msg("A quarter counts as its first day."))
    if found.kind == "year":
        turned.notes.append(msg("A year counts as its 1 January."))
    if found.sums:
        names = name_list([raw.headers[place] for place in found.sums])
        turned.notes.append(msg("Columns that add others up were left out: {names}.", names=names))
