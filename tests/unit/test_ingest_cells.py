"""Mixed columns, judged cell by cell; cells that are no value, named with their place."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.services.ingest import PLACE, REASONS, Mapping
from tests.unit.ingest_home import HEADERS, Desk, line, write_csv, write_xlsx


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def prices(desk: Desk, path: Path) -> list[Any]:
    desk.run(path)
    return desk.column("unit_price")


def test_a_native_number_is_not_the_text_that_looks_like_it(desk: Desk, tmp_path: Path) -> None:
    rows = [
        line(1, **{"Unit price": 1.234}),
        line(2, **{"Unit price": "1.234"}),
        line(3, **{"Unit price": "2 345,60 €"}),
        line(4, **{"Unit price": 7}),
    ]
    found = prices(desk, write_xlsx(tmp_path / "mixed.xlsx", rows))
    assert found == [Decimal("1.234"), Decimal(1234), Decimal("2345.6"), Decimal(7)]


def test_a_text_that_reads_two_ways_is_set_aside_beside_native_numbers(
    desk: Desk, tmp_path: Path
) -> None:
    rows = [line(1, **{"Unit price": 5.5}), line(2, **{"Unit price": "1,234"})]
    report = desk.run(write_xlsx(tmp_path / "two.xlsx", rows))
    assert report.reasons == {"ambiguous_number": 1}
    stated = Mapping("sales", columns={}, decimal=",")
    assert stated.decimal == ","


def test_dates_native_serial_and_written_in_one_column(desk: Desk, tmp_path: Path) -> None:
    late = dt.datetime.fromisoformat("2025-03-31T23:59")
    days = [late, "30/03/2025", 45747, "29 mars 2025", 20250328, "45747", dt.date(2025, 3, 27)]
    rows = [line(number, Date=day) for number, day in enumerate(days)]
    report = desk.run(write_xlsx(tmp_path / "dates.xlsx", rows))
    assert report.accepted == len(days)
    numbers = [31, 30, 31, 29, 28, 31, 27]
    assert desk.column("date") == [dt.date(2025, 3, number) for number in numbers]


def test_codes_stay_text(desk: Desk, tmp_path: Path) -> None:
    codes = [22423, "22423A", "007", " 85123a ", "\u00a0X1\u200b", 1234567890123]
    rows = [line(n, **{"Product code": code, "Customer": 17850.0}) for n, code in enumerate(codes)]
    desk.run(write_xlsx(tmp_path / "codes.xlsx", rows))
    expected = ["22423", "22423A", "007", "85123a", "X1", "1234567890123"]
    assert desk.column("product_id") == expected
    assert set(desk.column("customer_id")) == {"17850"}


def test_customer_codes_with_gaps_have_no_decimals(desk: Desk, tmp_path: Path) -> None:
    rows = [line(1, Customer=17850), line(2, Customer=None), line(3, Customer=12.5)]
    desk.run(write_xlsx(tmp_path / "gaps.xlsx", rows))
    assert desk.column("customer_id") == ["17850", None, "12.5"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_error_cells_are_set_aside_with_their_place(desk: Desk, tmp_path: Path, kind: str) -> None:
    errors = ["#N/A", "#REF!", "#DIV/0!"]
    rows = [line(n, **{"Unit price": text}) for n, text in enumerate(errors)]
    rows += [line(10), line(11, Date="#N/A")]
    write = write_xlsx if kind == "xlsx" else write_csv
    report = desk.run(write(tmp_path / f"errors.{kind}", rows))
    assert (report.read, report.accepted, report.reasons) == (5, 1, {"error_cell": 4})
    found = desk.quarantined(report)
    assert [row["_value"] for row in found] == [*errors, "#N/A"]
    assert [row["_row"] for row in found] == [2, 3, 4, 6]
    assert found[0]["_column"] == "Unit price (E)"
    assert found[3]["_column"] == "Date (B)"
    assert found[0]["_reason"] == REASONS["error_cell"].text
    assert found[0]["_remedy"] == REASONS["error_cell"].remedy
    assert found[0]["Invoice"] == "F000"
    assert tuple(found[0])[: len(PLACE)] == PLACE


def test_errors_in_columns_that_are_not_imported_cost_nothing(desk: Desk, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "other.xlsx", [[*line(1), "#N/A"]], [*HEADERS, "Checked by"])
    assert desk.run(path).accepted == 1


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_huge_cells(desk: Desk, tmp_path: Path, kind: str) -> None:
    rows = [line(1, Customer="x" * 40_000), line(2)]
    path = tmp_path / f"huge.{kind}"
    if kind == "csv":
        write_csv(path, rows)
    else:
        write_xlsx(path, rows)
        inflate(path, "x" * 32_767, "x" * 40_000)
    report = desk.run(path)
    assert report.reasons == {"oversized_cell": 1}
    (row,) = desk.quarantined(report)
    assert (row["_row"], row["_column"]) == (2, "Customer (F)")
    assert len(row["_value"]) < 300


def inflate(path: Path, short: str, long: str) -> None:
    """Put back what the writer cut: 32,767 characters are its limit, not an attacker's."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content.replace(short.encode(), long.encode()))


def test_formulas_without_results_are_empty_and_said(desk: Desk, tmp_path: Path) -> None:
    rows = [line(n, **{"Unit price": f"=D{n + 1}*2"}) for n in (1, 2)]
    report = desk.run(write_xlsx(tmp_path / "formulas.xlsx", rows))
    assert report.reasons == {"required_missing": 2}
    assert report.warnings["empty_columns"] == 1
    (first, _) = desk.quarantined(report)
    assert (first["_column"], first["_value"]) == ("Unit price (E)", None)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("Invoice", None, "required_missing"),
        ("Quantity", "two", "not_a_number"),
        ("Quantity", 1e15, "number_out_of_range"),
        ("Quantity", dt.date(2025, 1, 1), "not_a_number"),
        ("Date", "soon", "not_a_date"),
        ("Date", "2999-01-01", "date_out_of_range"),
        ("Date", "01/01/1850", "date_out_of_range"),
        ("Date", -3, "not_a_date"),
        ("Date", None, "required_missing"),
        ("Product code", "  ", "required_missing"),
    ],
)
def test_cells_that_are_no_value(
    desk: Desk, tmp_path: Path, field: str, value: Any, code: str
) -> None:
    report = desk.run(write_xlsx(tmp_path / "bad.xlsx", [line(1), line(2, **{field: value})]))
    assert report.reasons == {code: 1}
    (row,) = desk.quarantined(report)
    assert row["_row"] == 3
    assert row["_column"].startswith(field)
    assert row["_code"] == code


def test_a_row_counts_once_and_names_all_its_problems(desk: Desk, tmp_path: Path) -> None:
    bad = line(2, Date="soon", Quantity="two", **{"Unit price": None})
    report = desk.run(write_xlsx(tmp_path / "bad.xlsx", [line(1), bad]))
    assert sum(report.reasons.values()) == report.quarantined == 1
    (row,) = desk.quarantined(report)
    named = f"{row['_column']} {row['_code']} {row['_also']}"
    for part in ("Date", "Quantity", "Unit price", "not_a_date", "not_a_number"):
        assert part in named


def test_currencies(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEADERS, "Devise"]
    texts = ["EUR", "€", "usd", "Livre sterling", None, "doubloon"]
    rows = [[*line(n), text] for n, text in enumerate(texts)]
    report = desk.run(write_xlsx(tmp_path / "money.xlsx", rows, headers))
    assert report.reasons == {"unknown_currency": 1}
    assert desk.column("currency") == ["EUR", "EUR", "USD", "GBP", None]


def test_countries_in_both_languages_and_their_usual_spellings(desk: Desk, tmp_path: Path) -> None:
    texts = ["France", "Royaume-Uni", "UK", "U.S.A.", "EIRE", "RSA", "États-Unis", "ALLEMAGNE",
             "fr", "DEU", "Côte d’Ivoire", "Hong Kong", "Pays-Bas", None, "European Community",
             "Channel Islands"]  # fmt: skip
    rows = [line(n, Country=text) for n, text in enumerate(texts)]
    report = desk.run(write_xlsx(tmp_path / "world.xlsx", rows))
    assert report.warnings["unknown_country"] == 2
    assert report.accepted == len(texts)
    assert desk.column("country") == [
        "FR", "GB", "GB", "US", "IE", "ZA", "US", "DE", "FR", "DE", "CI", "HK", "NL", None,
        "unknown: European Community", "unknown: Channel Islands",
    ]  # fmt: skip


def test_rates_as_fractions_percentages_and_texts(desk: Desk, tmp_path: Path) -> None:
    headers = [*HEADERS, "Remise %"]
    for name, cells, expected in (
        ("a", [0.1, 0, None], ["0.1", "0", None]),
        ("b", [10, 5.5, None], ["0.1", "0.055", None]),
        ("c", ["10 %", "5,5 %", "0,2"], ["0.1", "0.055", "0.2"]),
    ):
        other = Desk(tmp_path / name)
        rows = [[*line(n), cell] for n, cell in enumerate(cells)]
        other.run(write_xlsx(tmp_path / f"{name}.xlsx", rows, headers))
        found = [None if text is None else Decimal(text) for text in expected]
        assert other.column("discount_rate") == found
        other.close()


def test_warnings_keep_the_row(desk: Desk, tmp_path: Path) -> None:
    rows = [line(1, **{"Unit price": 0}), line(2, **{"Unit price": -5}), line(3, Quantity=0),
            line(4, Customer=None)]  # fmt: skip
    report = desk.run(write_xlsx(tmp_path / "odd.xlsx", rows))
    assert report.accepted == 4
    assert report.warnings == {
        "zero_price": 1, "negative_price": 1, "zero_quantity": 1, "missing_customer": 1,
    }  # fmt: skip


def test_totals_and_repeated_titles_are_no_lines(desk: Desk, tmp_path: Path) -> None:
    empty = [None] * len(HEADERS)
    total = ["Total général", *empty[1:3], 4, 21.0, None, None]
    subtotal = [None, None, "Sous-total", 2, 10.5, None, None]
    rows = [line(1), subtotal, list(HEADERS), line(2), total]
    report = desk.run(write_csv(tmp_path / "totals.csv", rows))
    assert (report.read, report.accepted) == (2, 2)
    assert report.warnings["total_rows"] == 2
    assert report.warnings["repeated_headers"] == 1
    assert desk.column("_row") == [2, 5]


def test_a_product_called_total_is_a_product(desk: Desk, tmp_path: Path) -> None:
    rows = [line(1, **{"Product code": "TOTAL"})]
    assert desk.run(write_csv(tmp_path / "t.csv", rows)).accepted == 1


def test_booleans(desk: Desk, tmp_path: Path) -> None:
    headers = ["Customer code", "Customer name", "Consent"]
    cells = ["oui", "No", True, "VRAI", 0, None, "maybe"]
    rows = [[f"C{n}", "x", cell] for n, cell in enumerate(cells)]
    report = desk.run(write_xlsx(tmp_path / "c.xlsx", rows, headers))
    assert report.reasons == {"not_a_boolean": 1}
    assert desk.column("consent", "customers") == [True, False, True, True, False, None]


def test_moments_are_cut_to_the_company_day(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home", time_zone="Asia/Tokyo")
    desk.run(write_csv(tmp_path / "utc.csv", [line(1, Date="2025-03-31T20:00:00Z")]))
    assert desk.column("date") == [dt.date(2025, 4, 1)]
    desk.close()


def test_an_assumed_order_of_dates_is_said(desk: Desk, tmp_path: Path) -> None:
    rows = [line(n, Date=f"0{n}/03/2025") for n in range(1, 8)]
    report = desk.run(write_csv(tmp_path / "days.csv", rows))
    assert report.warnings["date_order_assumed"] == 7
    assert "day/month/year" in str(report.notes[0])
    assert desk.column("date")[0] == dt.date(2025, 3, 1)


def test_native_booleans_are_no_numbers(desk: Desk, tmp_path: Path) -> None:
    rows = [line(1, Quantity=True), line(2, Quantity=False)]
    report = desk.run(write_xlsx(tmp_path / "flags.xlsx", rows))
    assert report.reasons == {"not_a_number": 2}


def test_a_wide_sheet_reads_every_column(desk: Desk, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    extra = [f"Extra {n}" for n in range(40)]
    sheet.append([*extra, *HEADERS])
    sheet.append([*range(40), *line(1)])
    path = tmp_path / "wide.xlsx"
    book.save(path)
    assert desk.run(path).accepted == 1
