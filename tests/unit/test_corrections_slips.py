"""Slips in numbers and dates: each kind that docs/corrections.md names, and what it is not."""

from datetime import date
from decimal import Decimal

import pytest

from core.services.corrections.cells import date_slip, number_slip, shifted, two_readings

APRIL = (date(2025, 4, 14), date(2025, 4, 24))
DAY = (date(2025, 4, 17), date(2025, 4, 17))


def brief(found: tuple[str, object, float] | None) -> tuple[str, float] | None:
    return (found[0], found[2]) if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1O", ("10", 0.95)),
        ("l2", ("12", 0.95)),
        ("S0", ("50", 0.6)),
        ("12..5", ("12.5", 0.85)),
        ("12 pcs", ("12", 0.6)),
        ("à confirmer", None),
        ("3 of 4", None),  # which of them?
    ],
)
def test_numbers(text: str, expected: tuple[str, float] | None) -> None:
    assert brief(number_slip(text)) == expected


@pytest.mark.parametrize(
    ("text", "usual", "expected"),
    [
        ("1,234", "1.20", ("1.234", 0.85)),
        ("1,234", "1250", ("1234", 0.85)),
        ("1,234", None, ("1234", 0.4)),
    ],
)
def test_a_number_that_reads_in_two_ways(
    text: str, usual: str | None, expected: tuple[str, float]
) -> None:
    assert brief(two_readings(text, Decimal(usual) if usual else None)) == expected


@pytest.mark.parametrize(
    ("value", "usual", "expected"),
    [
        ("112", "11.2", ("11.2", 0.85)),
        ("1.12", "11.2", ("11.2", 0.85)),
        ("1120", "11.2", ("11.2", 0.85)),
        ("160", "11.2", ("16", 0.6)),
        ("12", "11.2", None),
    ],
)
def test_a_price_off_by_its_decimal_sign(
    value: str, usual: str, expected: tuple[str, float] | None
) -> None:
    assert brief(shifted(Decimal(value), Decimal(usual))) == expected


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("04/17/2025", APRIL, ("2025-04-17", 0.9)),  # no month 17
        ("05/04/2025", (date(2025, 4, 1), date(2025, 4, 30)), ("2025-04-05", 0.85)),
        ("04/05/2025", (date(2025, 4, 1), date(2025, 4, 30)), ("2025-04-05", 0.85)),
        ("18/04/2205", APRIL, ("2025-04-18", 0.75)),
        ("18/04/25", APRIL, ("2025-04-18", 0.85)),
        ("31/04/2025", APRIL, ("2025-04-30", 0.5)),
        # Outside the days of the file both ways: the one that is much nearer.
        ("03/04/2025", APRIL, ("2025-04-03", 0.7)),
        ("03/04/2025", DAY, ("2025-04-03", 0.7)),
        ("04/03/2025", DAY, ("2025-04-03", 0.7)),
        # As far away as the other: nothing is known.
        ("05/06/2025", (date(2025, 1, 1), date(2025, 1, 1)), None),
        ("18/04/1925", APRIL, None),
        ("soon", APRIL, None),
    ],
)
def test_days(text: str, span: tuple[date, date], expected: tuple[str, float] | None) -> None:
    assert brief(date_slip(text, span)) == expected


def test_a_day_in_its_right_year_has_no_digits_mixed_up() -> None:
    found = date_slip("03/04/2025", DAY)
    assert found
    assert str(found[1]) == (
        "Of the two ways to read it, this day is nearer to the file’s other days."
    )
