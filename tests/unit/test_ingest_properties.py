"""What holds for any table: it comes back equal, the counts add up, nothing happens twice."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ingest_home import Desk, write_csv, write_xlsx

HEADERS = ("Invoice", "Date", "Product code", "Quantity", "Unit price", "Customer code")
EXAMPLES = 10
codes = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9/_.-]{0,11}\Z").filter(
    lambda text: text.lower() not in {"nan", "null", "none", "total", "sum"}
)
# Whole numbers as text are codes; what looks like a number keeps its zeros as text only.
dates = st.dates(dt.date(1990, 1, 1), dt.date(2025, 12, 31))
amounts = st.decimals("-99999", "99999", places=2)
rows = st.lists(st.tuples(codes, dates, codes, amounts, amounts, codes), min_size=1, max_size=12)
bad = st.sampled_from([None, "two", "#N/A", "12 34", "2025-02-30"])
cells = st.lists(
    st.tuples(
        codes,
        dates.map(str) | bad,
        codes,
        amounts.map(str) | bad,
        amounts.map(str) | bad,
        codes | st.none(),
    ),
    min_size=1,
    max_size=12,
)


def french(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, Decimal):
        sign, text = ("-" if value < 0 else ""), f"{abs(value):,.2f}"
        return sign + text.replace(",", "\u202f").replace(".", ",")
    return str(value)


def english(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


def native(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("form", ["native", "french.xlsx", "french.csv", "english.csv"])
@settings(max_examples=EXAMPLES)
@given(table=rows)
def test_a_table_comes_back_equal(
    tmp_path_factory: pytest.TempPathFactory, form: str, table: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("equal")
    desk = Desk(folder / "home")
    if form == "native":
        path = write_xlsx(folder / "a.xlsx", [[native(c) for c in row] for row in table], HEADERS)
    elif form == "french.xlsx":
        path = write_xlsx(folder / "a.xlsx", [[french(c) for c in row] for row in table], HEADERS)
    elif form == "french.csv":
        path = write_csv(folder / "a.csv", [[french(c) for c in row] for row in table], HEADERS)
    else:
        quoted = [[f'"{english(c)}"' for c in row] for row in table]
        path = write_csv(folder / "a.csv", quoted, HEADERS, separator=",")
    # A column of first days of a month proves no order of day and month: it is stated.
    report = desk.run(path)
    assert report.quarantined == 0, desk.quarantined(report)
    found = [
        tuple(row[k] for k in ("invoice_id", "date", "product_id", "quantity", "unit_price",
                               "customer_id"))
        for row in desk.stored()
    ]  # fmt: skip
    expected = list(table)
    if form.startswith("french") and "date_order_assumed" in report.warnings:
        found = [(row[0], *row[2:]) for row in found]
        expected = [(row[0], *row[2:]) for row in expected]
    assert found == expected
    desk.close()


@settings(max_examples=EXAMPLES)
@given(table=cells)
def test_the_counts_add_up_and_a_second_import_adds_nothing(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[Any, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("twice")
    desk = Desk(folder / "home")
    path = write_csv(folder / "a.csv", table, HEADERS)
    first = desk.run(path)
    assert first.read == len(table)
    assert first.accepted + first.quarantined + first.already_there == first.read
    assert sum(first.reasons.values()) == first.quarantined == len(desk.quarantined(first))
    before = desk.stored()
    assert len(before) == first.accepted
    second = desk.run(path)
    assert (second.accepted, second.quarantined) == (0, first.quarantined)
    assert second.already_there == first.accepted
    assert desk.stored() == before
    desk.close()


@settings(max_examples=EXAMPLES)
@given(one=cells, other=cells)
def test_import_and_undo_is_as_if_nothing_had_been(
    tmp_path_factory: pytest.TempPathFactory,
    one: list[tuple[Any, ...]],
    other: list[tuple[Any, ...]],
) -> None:
    folder = tmp_path_factory.mktemp("undo")
    desk = Desk(folder / "home")
    desk.run(write_csv(folder / "a.csv", one, HEADERS))
    before = [s.file for s in desk.catalogue.visible_segments()], desk.stored()
    second = desk.run(write_csv(folder / "b.csv", other, HEADERS))
    desk.intake.undo(second.import_id or 0)
    assert ([s.file for s in desk.catalogue.visible_segments()], desk.stored()) == before
    desk.intake.redo(second.import_id or 0)
    assert len(desk.stored()) == len(before[1]) + second.accepted
    desk.close()


def test_the_order_of_days_is_assumed_only_where_it_must_be(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    rows_ = [("F1", "13/02/2025", "P", "1", "2", "C"), ("F2", "01/02/2025", "P", "1", "2", "C")]
    report = desk.run(write_csv(tmp_path / "a.csv", rows_, HEADERS))
    assert "date_order_assumed" not in report.warnings
    assert desk.column("date") == [dt.date(2025, 2, 13), dt.date(2025, 2, 1)]
    desk.close()
