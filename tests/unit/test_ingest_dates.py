"""Dates as text: forms, the order of day and month, zones, serial numbers."""

from datetime import date

import pyarrow as pa
import pytest

from core.services.ingest.dated import decide_order
from core.services.ingest.dates import DateText, date_array, take_apart


def apart(texts: list[str], *, months: bool = False, epoch_1904: bool = False) -> DateText:
    return take_apart(
        pa.array(texts, pa.string()), "Europe/Paris", epoch_1904=epoch_1904, months=months
    )


def read(texts: list[str], order: str | None = "dmy", **options: bool) -> list[date | None]:
    days, good, _ = apart(texts, **options).read(order)
    return date_array(days, good).to_pylist()


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-31",
        "2025/3/31",
        "2025-03-31 08:26:00",
        "2025-03-31T08:26",
        "31/03/2025",
        "31.3.25",
        "31-03-2025 14h05",
        "20250331",
        "31 mars 2025",
        "lundi 31 mars 2025",
        "31 March 2025",
        "March 31, 2025",
        "Monday, March 31, 2025",
        "31-Mar-25",
        "45747",
        "2025-03-31T21:30:00Z",
        "2025-03-30T23:30:00+00:00",
    ],
)
def test_one_text(text: str) -> None:
    assert read([text]) == [date(2025, 3, 31)]


@pytest.mark.parametrize(
    "text", ["2025-02-30", "31/02/2025", "29/02/2023", "32/01/2025", "abc", "31 blubb 2025", "12"]
)
def test_what_is_no_date(text: str) -> None:
    assert read([text]) == [None]


def test_french_months_and_firsts() -> None:
    texts = ["1er janvier 2025", "12 août 2024", "3 déc. 2024", "28 février 2025"]
    expected = [date(2025, 1, 1), date(2024, 8, 12), date(2024, 12, 3), date(2025, 2, 28)]
    assert read(texts) == expected


def test_months_only_where_a_month_is_meant() -> None:
    texts = ["2025-03", "03/2025", "mars 2025"]
    assert read(texts, months=True) == [date(2025, 3, 1)] * 3
    assert read(texts) == [None] * 3


def test_serial_numbers_of_both_calendars() -> None:
    assert read(["45747"]) == [date(2025, 3, 31)]
    assert read(["44285"], epoch_1904=True) == [date(2025, 3, 31)]


def today() -> int:
    return (date(2025, 12, 31) - date(1970, 1, 1)).days


def test_one_cell_proves_the_order_for_the_column() -> None:
    assert decide_order([apart(["01/02/2025", "31/01/2025"])], None, today()) == ("dmy", False)
    assert decide_order([apart(["01/02/2025", "01/31/2025"])], None, today()) == ("mdy", False)


def test_one_column_proves_the_order_for_the_file() -> None:
    columns = [apart(["01/02/2025"]), apart(["01/31/2025"])]
    assert decide_order(columns, None, today()) == ("mdy", False)


def test_both_orders_in_one_column_leave_the_others_unread() -> None:
    found = apart(["31/01/2025", "01/31/2025", "01/02/2025"])
    assert decide_order([found], None, today()) == (None, False)
    days, good, ambiguous = found.read(None)
    expected = [date(2025, 1, 31), date(2025, 1, 31), None]
    assert date_array(days, good).to_pylist() == expected
    assert ambiguous.tolist() == [False, False, True]


def test_dates_that_keep_together_are_likelier_and_the_assumption_is_said() -> None:
    week = [f"03/0{day}/2025" for day in range(1, 8)]
    assert decide_order([apart(week)], None, today()) == ("mdy", True)
    assert decide_order([apart([f"0{d}/03/2025" for d in range(1, 8)])], None, today()) == (
        "dmy",
        True,
    )


def test_dates_to_come_are_unlikely() -> None:
    now = (date(2025, 4, 1) - date(1970, 1, 1)).days
    assert decide_order([apart(["03/12/2025"])], None, now) == ("mdy", True)


def test_a_stated_order_wins() -> None:
    assert decide_order([apart(["01/31/2025"])], "dmy", today()) == ("dmy", False)
    assert read(["01/31/2025", "01/02/2025"], "dmy") == [None, date(2025, 2, 1)]
