"""Numbers as text, French and English, and the evidence of a column."""

from decimal import Decimal

import pyarrow as pa
import pytest

from core.models.schema import AMOUNT_TYPE
from core.services.ingest.numbers import narrow, read_numbers, take_apart


def read(texts: list[str], style: str | None = None) -> list[Decimal | None]:
    parts = take_apart(pa.array(texts, pa.string()))
    values, _ = narrow(read_numbers(parts, style or parts.style).values, AMOUNT_TYPE)
    return values.to_pylist()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234,56 €", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234\u202f567,8", "1234567.8"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.5"),
        ("(1 234,56)", "-1234.56"),
        ("(€ 5.00)", "-5"),
        ("12,5-", "-12.5"),
        ("− 5", "-5"),
        ("+3", "3"),
        ("-€5,20", "-5.2"),
        ("$1,234,567", "1234567"),
        ("5 EUR", "5"),
        ("20 %", "0.2"),
        ("0,20%", "0.002"),
        ("0.125", "0.125"),
        (",5", "0.5"),
        ("1.", "1"),
        ("1e3", "1000"),
        ("1.5E-3", "0.0015"),
        ("0.0000005", "0.000001"),
        ("-0.0000005", "-0.000001"),
        ("999999999999.999999", "999999999999.999999"),
    ],
)
def test_one_text(text: str, value: str) -> None:
    assert read([text]) == [Decimal(value)]


@pytest.mark.parametrize(
    "text", ["abc", "12 34", "1,5.3", "--3", "1 2345", "5 5 5", "12a", "€", "1,,5", "1.2.3.4"]
)
def test_what_is_no_number(text: str) -> None:
    found = read_numbers(take_apart(pa.array([text])), ".")
    assert found.wrong.tolist() == [True]
    assert found.values.to_pylist() == [None]


@pytest.mark.parametrize("text", ["-", "–", "n/a", "NULL", "NaN", "s/o"])
def test_what_states_no_value(text: str) -> None:
    found = read_numbers(take_apart(pa.array([text])), ".")
    assert not found.wrong.any()
    assert found.values.to_pylist() == [None]


def test_the_column_decides_what_a_single_separator_means() -> None:
    assert read(["1,234", "5,5"]) == [Decimal("1.234"), Decimal("5.5")]
    assert read(["1,234", "5.5"]) == [Decimal(1234), Decimal("5.5")]
    assert read(["1.234", "12,50"]) == [Decimal(1234), Decimal("12.5")]
    assert read(["18500.00", "1.234"]) == [Decimal(18500), Decimal("1.234")]


def test_nothing_is_guessed_where_nothing_decides() -> None:
    parts = take_apart(pa.array(["1,234", "12"]))
    assert parts.style is None
    found = read_numbers(parts, None)
    assert found.ambiguous.tolist() == [True, False]
    assert found.values.to_pylist() == [None, Decimal(12)]


def test_a_column_with_both_styles_reads_each_cell_by_itself() -> None:
    parts = take_apart(pa.array(["1 234,56", "1,234.56", "1,234"]))
    assert parts.style is None
    found = read_numbers(parts, None)
    assert found.values.to_pylist()[:2] == [Decimal("1234.56"), Decimal("1234.56")]
    assert found.ambiguous.tolist() == [False, False, True]


def test_numbers_too_large_are_named_not_cut() -> None:
    parts = take_apart(pa.array(["9" * 25, "1e200", "1000000000000"]))
    found = read_numbers(parts, ".")
    values, over = narrow(found.values, AMOUNT_TYPE)
    assert values.to_pylist() == [None, None, None]
    assert (found.too_large | over).tolist() == [True, True, True]
