"""How values read in both languages."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.formats import format_period, format_value
from core.models.formats import Format

N, S = "\u202f", "\u00a0"  # narrow and ordinary no-break space


@pytest.mark.parametrize(
    ("value", "kind", "english", "french"),
    [
        (Decimal("1234.5"), Format.MONEY, "€1,234.50", f"1{N}234,50{S}€"),
        (-1234567.891, Format.MONEY, "−€1,234,567.89", f"−1{N}234{N}567,89{S}€"),
        (12.3456, Format.PRICE, "€12.3456", f"12,3456{S}€"),
        (0.1234, Format.PERCENT, "12.3%", f"12,3{N}%"),
        (-0.0123, Format.POINTS, f"−1.2{S}pts", f"−1,2{S}pt"),
        (1234567, Format.INTEGER, "1,234,567", f"1{N}234{N}567"),
        (3.25, Format.QUANTITY, "3.25", "3,25"),
        (1234.0, Format.QUANTITY, "1,234", f"1{N}234"),
        ("00123", Format.CODE, "00123", "00123"),
        ("DE", Format.COUNTRY, "Germany", "Allemagne"),
        ("unknown: EIREE", Format.COUNTRY, "Unknown: EIREE", f"Inconnu{S}: EIREE"),
        (date(2025, 3, 31), Format.DATE, "31 Mar 2025", "31 mars 2025"),
        (date(2025, 3, 1), Format.MONTH, "Mar 2025", "mars 2025"),
        (date(2025, 4, 1), Format.QUARTER, "Q2 2025", "T2 2025"),
        (date(2024, 12, 30), Format.WEEK, "2025-W01", "2025-S01"),
        (date(2025, 1, 1), Format.YEAR, "2025", "2025"),
        (date(2024, 10, 1), Format.CAMPAIGN, "2024/25", "2024/25"),
        (date(1999, 10, 1), Format.CAMPAIGN, "1999/00", "1999/00"),
        (date(2025, 1, 1), Format.CAMPAIGN, "2025", "2025"),
    ],
)
def test_values(value: Any, kind: Format, english: str, french: str) -> None:
    """Each format in both languages; French spaces compare alike."""
    assert format_value(value, kind, "en") == english
    assert _loose(format_value(value, kind, "fr")) == _loose(french)


def _loose(text: str) -> str:
    """A translator may type any space before a colon."""
    return re.sub(r"\s+:", ":", text)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0, "€0.00", f"0,00{S}€"),
        (999.99, "€1.00k", f"1,00{S}k€"),
        (1234, "€1.23k", f"1,23{S}k€"),
        (99_960, "€100k", f"100{S}k€"),
        (999_960, "€1.00M", f"1,00{S}M€"),
        (-3_456_789, "−€3.46M", f"−3,46{S}M€"),
        (4e9, "€4.00B", f"4,00{S}Md€"),
    ],
)
def test_compact_amounts(value: float, english: str, french: str) -> None:
    """Three significant digits, and a step up instead of 1,000k."""
    assert format_value(value, Format.MONEY, "en", compact=True) == english
    assert format_value(value, Format.MONEY, "fr", compact=True) == french


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), Decimal("NaN")])
def test_unknown_is_a_dash(value: Any) -> None:
    """What is not known is never a zero."""
    assert format_value(value, Format.MONEY, "en") == "–"


def test_signs() -> None:
    """Changes carry their sign; what rounds to zero has none."""
    assert format_value(0.05, Format.PERCENT, "en", signed=True) == "+5.0%"
    assert format_value(-0.0001, Format.PERCENT, "en", signed=True) == "0.0%"


def test_periods() -> None:
    """Two days with a dash; one day stands once."""
    day = date(2025, 1, 2)
    assert format_period(day, date(2025, 3, 4), "en") == "2 Jan 2025 – 4 Mar 2025"
    assert format_period(day, day, "fr") == "2 janv. 2025"
