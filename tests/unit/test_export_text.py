"""CSV and JSON: for people in their spreadsheet, for programs by keys."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from core.i18n import N_, msg, use_language
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.export.machine import csv_machine, json_text, plain_number, table_as_dict
from core.services.export.quarantine import quarantine_csv, quarantine_workbook
from core.services.export.text import csv_lines, csv_text, safe_text

COLUMNS = (
    Column("month", msg(N_("Month")), Format.MONTH, "dimension"),
    Column("channel", msg(N_("Channel")), Format.TEXT, "dimension"),
    Column("net_sales", msg(N_("Net sales")), Format.MONEY, "metric", "net_sales"),
    Column("margin_rate", msg(N_("Margin on sales")), Format.PERCENT, "metric", "margin_rate"),
)


def answer(**given: Any) -> ResultTable:
    data = pa.table(
        {
            "month": [date(2025, 3, 1), date(2025, 4, 1)],
            "channel": ["=cmd", None],
            "net_sales": pa.array([Decimal("1234.5"), None], pa.decimal128(18, 6)),
            "margin_rate": [0.25, None],
        }
    )
    total = {"net_sales": Decimal("1234.500000"), "margin_rate": float("nan")}
    return ResultTable(COLUMNS, data, total, (msg("No lines match."),), 3, **given)


def rows_of(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))


def test_french_csv_opens_in_a_french_spreadsheet() -> None:
    text = csv_text(answer(), "fr")
    assert text.startswith("\ufeffMois;Canal;")
    assert text.count("\r\n") == 3
    assert rows_of(text, ";")[1:] == [
        ["2025-03-01", "'=cmd", "1234,5", "0,25"],
        ["2025-04-01", "non affecté", "", ""],
    ]


def test_english_csv_has_points_and_commas() -> None:
    text = csv_text(answer(), "en")
    assert rows_of(text, ",")[0] == ["Month", "Channel", "Net sales", "Margin on sales"]
    assert rows_of(text, ",")[1] == ["2025-03-01", "'=cmd", "1234.5", "0.25"]


def test_machine_csv_has_keys_and_texts_as_they_are() -> None:
    assert csv_machine(answer()) == (
        "month,channel,net_sales,margin_rate\n2025-03-01,=cmd,1234.5,0.25\n2025-04-01,,,\n"
    )


def test_json_is_the_command_lines_contract() -> None:
    found = json.loads(json_text(table_as_dict(answer())))
    assert found == {
        "columns": ["month", "channel", "net_sales", "margin_rate"],
        "rows": [
            {"month": "2025-03-01", "channel": "=cmd", "net_sales": 1234.5, "margin_rate": 0.25},
            {"month": "2025-04-01", "channel": None, "net_sales": None, "margin_rate": None},
        ],
        "total": {"net_sales": 1234.5, "margin_rate": None},
        "caveats": ["No lines match."],
        "data_version": 3,
    }


def test_marked_texts_are_translated() -> None:
    column = Column("name", msg(N_("Name")), Format.TEXT, "label", translate=True)
    result = ResultTable((column,), pa.table({"name": ["Net sales", None]}))
    with use_language("fr"):
        assert table_as_dict(result)["rows"][0]["name"] == "Chiffre d’affaires net"
    assert rows_of(csv_text(result, "fr"), ";")[1:] == [["Chiffre d’affaires net"], [""]]


def test_large_csv_comes_in_pieces() -> None:
    data = pa.table({"channel": ["x" * 50] * 20_000})
    pieces = list(csv_lines(ResultTable((COLUMNS[1],), data), "en"))
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 100_000
    assert "".join(pieces).count("\r\n") == 20_001


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    assert not safe_text(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert safe_text(text).endswith(text)


@given(st.decimals(-(10**12), 10**12, places=6, allow_nan=False, allow_infinity=False))
def test_numbers_are_written_in_full(number: Decimal) -> None:
    assert Decimal(plain_number(number)) == number
    assert "e" not in plain_number(number).lower()


@pytest.mark.parametrize(
    ("value", "text"), [(1e-7, "0.0000001"), (1e22, "1" + "0" * 22), (100, "100"), (0.1, "0.1")]
)
def test_floats_have_no_exponent(value: float, text: str) -> None:
    assert plain_number(value) == text


def test_quarantined_rows_keep_their_cells() -> None:
    rows = pa.table(
        {
            "_sheet": ["Sales"],
            "_row": [12],
            "_column": ["Qty"],
            "_reason": ["This is not a number."],
            "Qty": ["=1 234,56 €"],
        }
    )
    sheet = load_workbook(io.BytesIO(quarantine_workbook(rows, "fr"))).worksheets[0]
    assert sheet.title == "Lignes en quarantaine"
    assert [cell.value for cell in sheet[2]] == [
        "Sales",
        12,
        "Qty",
        "Ce n’est pas un nombre.",
        "=1 234,56 €",
    ]
    assert sheet["E2"].data_type == "s"
    assert "'=1 234,56 €" in quarantine_csv(rows, "fr")
