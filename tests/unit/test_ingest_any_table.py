"""Any table written by any writer, in any format, locale and layout comes back equal.

`PICHOLINE_EXAMPLES` multiplies the number of examples and lets them differ from run to run.
"""

import csv
import datetime as dt
import os
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.services.ingest.options import ImportOptions
from core.services.ingest.prepare import Prepared, prepare, stored_rows
from core.services.ingest.recognise import recognise
from core.services.ingest.sources import open_source
from tests.any_table import (
    BOOKS,
    FIELDS,
    FRAMES,
    Cell,
    Layout,
    Locale,
    Text,
    as_texts,
    lay_months,
    lay_out,
    write_text,
    write_zip,
)
from tests.unit.ingest_home import Desk

TIMES = int(os.environ.get("PICHOLINE_EXAMPLES", "0"))
THIN, HARD = "\u202f", "\u00a0"
NO_CODES = {"nan", "null", "none", "total", "sum", "n/a"}


def many(examples: int) -> Any:
    """Return how often a property is tried: the same examples each time, unless asked for more."""
    return settings(
        max_examples=examples * max(TIMES, 1),
        derandomize=not TIMES,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return a home nothing is ever stored in."""
    found = Desk(tmp_path_factory.mktemp("any") / "home")
    yield found
    found.close()


codes = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9/_.-]{0,11}\Z").filter(
    lambda text: text.lower() not in NO_CODES
)
days = st.dates(dt.date(1990, 1, 1), dt.date(2025, 12, 31))
quantities = st.integers(-999_999, 9_999_999).map(lambda n: Decimal(n) / 1000).filter(bool) | (
    st.integers(-9_999, 99_999).map(Decimal)
)
prices = st.decimals("-999999", "999999", places=2)
rates = st.sampled_from(["0.2", "0.055", "0.1", "0.021"]).map(Decimal)
# Whatever a text file must put between quotation marks, and what could be taken for a number.
words = (
    st.text("abzABZéÉçœ'\"; ,|\t\n€-…()&=+@#%0123", min_size=1, max_size=14)
    .map(str.strip)
    .filter(lambda text: any(sign.isalpha() for sign in text))
)
rows = st.tuples(codes, days, codes, quantities, prices, codes, rates, words)


@st.composite
def tables(draw: Any) -> list[tuple[Cell, ...]]:
    """Return a table; one of its days proves that the day comes first."""
    found: list[tuple[Cell, ...]] = draw(st.lists(rows, min_size=2, max_size=10))
    proof = (*found[0][:1], dt.date(2025, 3, 31), *found[0][2:4], Decimal("12.34"), *found[0][5:])
    return [proof, *found[1:]]


french = st.builds(
    Locale,
    language=st.just("fr"),
    thousands=st.sampled_from(["", " ", HARD, THIN]),
    date=st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "words", "%Y-%m-%d"]),
    negative=st.sampled_from(["-{}", "({})", "{}-", "− {}"]),
    sign=st.sampled_from(["", "€"]),
    percent=st.booleans(),
)
english = st.builds(
    Locale,
    language=st.just("en"),
    thousands=st.sampled_from(["", ","]),
    date=st.sampled_from(["%m/%d/%Y", "%d/%m/%Y", "%d %b %Y", "words", "%Y-%m-%d"]),
    negative=st.sampled_from(["-{}", "({})", "{}-"]),
    sign=st.sampled_from(["", "$", "£"]),
    percent=st.booleans(),
)
locales = french | english
places = st.frozensets(st.integers(1, 9), max_size=2)
layouts = st.builds(
    Layout,
    above=st.integers(0, 2),
    groups=st.booleans(),
    left=st.integers(0, 2),
    gap=st.sampled_from([0, 0, 2, 5]),
    blanks=places,
    repeats=places,
    subtotals=places,
    total=st.booleans(),
    note=st.booleans(),
)
texts = st.builds(
    Text,
    delimiter=st.sampled_from([";", ",", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)


def read(desk: Desk, path: Path) -> list[Prepared]:
    """Return a file's tables as an import would store them."""
    intake = desk.intake
    source = open_source(path, path.name)
    found = recognise(source, path.name, [ImportOptions()], lambda _s: None, strict=True)
    return [
        prepare(sheet, intake._context(), intake._stored, intake._engine())
        for sheet in found.sheets
    ]


def comes_back(desk: Desk, path: Path, table: Sequence[Sequence[Cell]]) -> None:
    (done,) = read(desk, path)
    assert done.sheet.mapping.table == "sales"
    assert done.reasons == {}
    assert done.read == len(table)
    stored = stored_rows(done)
    found = [tuple(row[name] for name in FIELDS) for row in stored.to_pylist()]
    assert found == [tuple(row) for row in table]


def encodable(locale: Locale, form: Text) -> Locale:
    """Return a locale whose signs the encoding of the file has."""
    if form.encoding != "cp1252":
        return locale
    spaces = locale.thousands.replace(THIN, HARD)
    return Locale(locale.language, spaces, locale.date, locale.negative.replace("− ", "-"),
                  locale.sign, locale.percent)  # fmt: skip


@many(30)
@given(table=tables(), layout=layouts, locale=locales, form=texts)
def test_any_text_table(
    desk: Desk, tmp_path: Path, table: list[tuple[Cell, ...]], layout: Layout, locale: Locale,
    form: Text,
) -> None:  # fmt: skip
    locale = encodable(locale, form)
    path = tmp_path / "ventes.csv"
    write_text(path, lay_out(table, layout, locale.language), locale, form)
    comes_back(desk, path, table)


@many(4)
@given(table=tables(), layout=layouts, locale=locales, form=texts)
def test_any_zipped_text_table(
    desk: Desk, tmp_path: Path, table: list[tuple[Cell, ...]], layout: Layout, locale: Locale,
    form: Text,
) -> None:  # fmt: skip
    locale = encodable(locale, form)
    path = tmp_path / "ventes.zip"
    write_zip(path, lay_out(table, layout, locale.language), locale, form)
    comes_back(desk, path, table)


# The older formats are first read by a process of their own: fewer examples.
@pytest.mark.parametrize("writer", BOOKS)
def test_any_workbook(desk: Desk, tmp_path: Path, writer: str) -> None:
    ending, write = BOOKS[writer]
    path = tmp_path / f"ventes{ending}"

    @many(12 if ending == ".xlsx" else 2)
    @given(table=tables(), layout=layouts, locale=locales, native=st.booleans())
    def holds(table: list[tuple[Cell, ...]], layout: Layout, locale: Locale, native: bool) -> None:
        laid = lay_out(table, layout, locale.language)
        write(path, laid if native else as_texts(laid, locale))
        comes_back(desk, path, table)

    holds()


@pytest.mark.parametrize("writer", FRAMES)
def test_any_frame(desk: Desk, tmp_path: Path, writer: str) -> None:
    ending, write = FRAMES[writer]
    path = tmp_path / f"ventes{ending}"

    @many(4)
    @given(table=tables(), language=st.sampled_from(["en", "fr"]))
    def holds(table: list[tuple[Cell, ...]], language: str) -> None:
        write(path, lay_out(table, Layout(), language))
        comes_back(desk, path, table)

    holds()


plans = st.lists(
    st.lists(st.none() | prices.filter(bool), min_size=14, max_size=14).filter(any),
    min_size=1,
    max_size=3,
)


@many(15)
@given(
    cells=plans,
    first=st.dates(dt.date(2020, 1, 1), dt.date(2025, 12, 1)).map(lambda day: day.replace(day=1)),
    count=st.integers(3, 14),
    locale=locales,
    year_above=st.booleans(),
    total=st.booleans(),
)
def test_any_plan_with_months_as_columns(
    desk: Desk, tmp_path: Path, cells: list[list[Decimal | None]], first: dt.date, count: int,
    locale: Locale, year_above: bool, total: bool,
) -> None:  # fmt: skip
    names = ("Net sales", "Gross margin", "Orders")[: len(cells)]
    kept: list[list[Cell]] = [[*row[:count]] for row in cells]
    kept[0][0], kept[0][-1] = Decimal("12.34"), Decimal("0.5")
    laid = lay_months(names, first, kept, locale, year_above=year_above, total=total)
    path = tmp_path / "plan.csv"
    write_text(path, laid, locale, Text())
    (done,) = read(desk, path)
    assert done.sheet.mapping.table == "budgets"
    stored = stored_rows(done).to_pylist()
    assert done.reasons == {}
    expected = [
        (month_after(first, place), name, value)
        for name, row in zip(names, kept, strict=True)
        for place, value in enumerate(row)
        if value is not None
    ]
    assert [(row["month"], row["metric"], row["value"]) for row in stored] == expected


def month_after(first: dt.date, count: int) -> dt.date:
    months = first.year * 12 + first.month - 1 + count
    return dt.date(months // 12, months % 12 + 1, 1)
