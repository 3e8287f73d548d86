"""Workbooks, read back with another library: types, formats, totals, texts, limits."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook as Book

from core.i18n import msg, use_language
from core.models.catalogue import METRICS
from core.models.formats import Format
from core.models.query import NO_VALUE, Filter, Operator, Period
from core.models.result import Column, ResultTable
from core.services.export.context import ExportContext, filter_texts
from core.services.export.sheets import MAX_TEXT, SheetNames, cut_text
from core.services.export.workbook import workbook, write_workbook
from core.services.metrics import OTHERS

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
BEFORE = Period(date(2024, 1, 1), date(2024, 12, 31))


def context(language: str = "en", **given: Any) -> ExportContext:
    return ExportContext(
        **{
            "language": language,
            "base_currency": "EUR",
            "made_at": datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
            "owner": "local",
            "data_version": 7,
            **given,
        }
    )


def column(key: str, kind: Format, role: Any = "metric", **given: Any) -> Column:
    metric = METRICS.get(key.removesuffix("_compared").removesuffix("_change"))
    name = msg(metric.name) if metric else msg(key.title())
    return Column(key, name, kind, role, metric.key if metric else None, **given)


def table(columns: Sequence[Column], rows: list[dict[str, Any]], **given: Any) -> ResultTable:
    names = [c.key for c in columns]
    data = {name: [row.get(name) for row in rows] for name in names}
    return ResultTable(tuple(columns), pa.table(data), **given)


def opened(content: bytes) -> Book:
    return load_workbook(io.BytesIO(content))


@pytest.fixture
def sales() -> ResultTable:
    columns = (
        column("month", Format.MONTH, "dimension"),
        column("country", Format.COUNTRY, "dimension"),
        column("product", Format.CODE, "dimension"),
        column("product_name", Format.TEXT, "label"),
        column("net_sales", Format.MONEY),
        column("margin_rate", Format.PERCENT),
        column("net_sales_compared", Format.MONEY, "compared"),
        column("margin_rate_change", Format.POINTS, "change"),
        column("orders", Format.INTEGER),
    )
    rows = [
        {
            "month": date(2025, 3, 1),
            "country": "FR",
            "product": "00123",
            "product_name": "Huile d’olive",
            "net_sales": Decimal("1234.56"),
            "margin_rate": 0.253,
            "net_sales_compared": Decimal("1000.5"),
            "margin_rate_change": -0.012,
            "orders": 3,
        },
        {"month": date(2025, 4, 1), "net_sales": Decimal(10), "orders": 1},
    ]
    total = {"net_sales": Decimal("1244.56"), "margin_rate": 0.24, "orders": 4}
    return table(columns, rows, total=total, period=YEAR, compared=BEFORE, data_version=7)


def test_values_are_native(sales: ResultTable) -> None:
    sheet = opened(workbook([("Sales", sales)], context()))["Sales"]
    month, code, name, product, label, net, rate, then, change, orders = sheet[2]
    assert month.value == datetime(2025, 3, 1)  # noqa: DTZ001 - spreadsheets know no zone
    assert (month.is_date, month.number_format) == (True, "mmm yyyy")
    assert (code.value, name.value) == ("FR", "France")
    assert (product.value, product.data_type, label.value) == ("00123", "s", "Huile d’olive")
    assert (net.value, net.number_format) == (1234.56, '"€"#,##0.00;-"€"#,##0.00')
    assert (rate.value, rate.number_format) == (0.253, "0.0%")
    assert then.value == 1000.5
    assert change.value == pytest.approx(-1.2)
    assert "pts" in change.number_format
    assert (orders.value, orders.number_format) == (3, "#,##0")


def test_unknown_is_empty_and_unknown_members_are_named(sales: ResultTable) -> None:
    sheet = opened(workbook([("Sales", sales)], context()))["Sales"]
    values = [cell.value for cell in sheet[3]]
    assert values[1:5] == [None, "No country", None, "unassigned"]
    assert values[6:9] == [None, None, None]


def test_french_files_speak_french(sales: ResultTable) -> None:
    book = opened(workbook([("Ventes", sales)], context("fr")))
    headers = [cell.value for cell in book["Ventes"][1]]
    assert "Chiffre d’affaires net" in headers
    assert book["Ventes"]["F2"].number_format == '#,##0.00"\u00a0€"'
    assert book["Ventes"]["C2"].value == "France"


def test_header_is_bold_frozen_and_filtered(sales: ResultTable) -> None:
    sheet = opened(workbook([("Sales", sales)], context()))["Sales"]
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:J3"  # the total stays outside
    assert sheet.column_dimensions["E"].width > 12


def test_headers_name_metric_period_and_unit(sales: ResultTable) -> None:
    sheet = opened(workbook([("Sales", sales)], context()))["Sales"]
    headers = [cell.value for cell in sheet[1]]
    assert len(set(headers)) == len(headers)
    assert "Net sales, year before" in headers
    assert "Margin on sales, change (points)" in headers


def test_total_row_comes_from_the_result(sales: ResultTable) -> None:
    sheet = opened(workbook([("Sales", sales)], context()))["Sales"]
    total = sheet[4]
    assert total[0].value == "Total"
    assert (total[5].value, total[6].value, total[9].value) == (1244.56, 0.24, 4)
    assert total[6].number_format == "0.0%"
    assert total[5].font.bold
    assert sheet.max_row == 4


def test_second_sheet_says_what_the_numbers_are(sales: ResultTable) -> None:
    given = {
        "period": YEAR,
        "compared": BEFORE,
        "filters": (Filter("country", ("FR", NO_VALUE)),),
        "caveats": (msg("No lines match."),),
        "demo": True,
    }
    book = opened(workbook([("Sales", sales)], context(**given)))
    assert book.sheetnames == ["Sales", "Filters and definitions"]
    rows = {row[0]: row[1:] for row in book.worksheets[1].values if row[0]}
    assert rows["Period"][0].date() == YEAR.start
    assert rows["Period"][1].date() == YEAR.end
    assert rows["Compared period"][0].date() == BEFORE.start
    assert rows["Country"][0] == "France, No country"
    assert rows["Data version"][0] == 7
    assert rows["Made at"][0] == datetime(2026, 1, 5, 9, 30)  # noqa: DTZ001
    assert rows["Made at"][1] == "UTC"
    assert rows["To know"][0] == "No lines match."
    assert "Demo" in rows
    assert rows["Net sales"][0] == METRICS["net_sales"].definition
    assert rows["Orders"][0] == METRICS["orders"].definition


def test_key_figures_take_each_rows_own_format() -> None:
    columns = (
        column("metric", Format.CODE, "dimension"),
        column("format", Format.CODE, "flag"),
        column("value", Format.NUMBER, format_by="format"),
        column("change", Format.NUMBER, "change", format_by="format"),
    )
    rows = [
        {"metric": "net_sales", "format": "money", "value": 10.5, "change": 2.0},
        {"metric": "margin_rate", "format": "percent", "value": 0.2, "change": 0.01},
    ]
    book = opened(workbook([("KPI", table(columns, rows))], context()))
    sheet = book["KPI"]
    assert [cell.value for cell in sheet[1]] == ["Metric", "Value", "Change"]
    assert "€" in sheet["B2"].number_format
    assert sheet["B3"].number_format == "0.0%"
    assert sheet["C3"].value == pytest.approx(1.0)
    definitions = {row[0] for row in book.worksheets[1].values}
    assert {"Net sales", "Margin on sales"} <= definitions


def test_periods_without_a_spreadsheet_format_are_texts() -> None:
    columns = [
        column(kind.value, kind, "dimension")
        for kind in (Format.QUARTER, Format.CAMPAIGN, Format.YEAR, Format.WEEK)
    ]
    row = {c.key: date(2024, 10, 1) for c in columns}
    sheet = opened(workbook([("T", table(columns, [row]))], context("fr")))["T"]
    values = [cell.value for cell in sheet[2]]
    assert values[:3] == ["T4 2024", "2024/25", 2024]
    assert values[3].date() == date(2024, 10, 1)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "http://x.y", "007"]
)
def test_texts_are_never_formulas_links_or_numbers(text: str) -> None:
    rows = table([column("name", Format.TEXT, "label")], [{"name": text}])
    cell = opened(workbook([("T", rows)], context()))["T"]["A2"]
    assert (cell.data_type, cell.hyperlink) == ("s", None)
    assert str(cell.value).replace("_x000D_", "\r") == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_what_is_no_number_is_empty(value: Any) -> None:
    columns = [column("name", Format.TEXT, "label"), column("value", Format.NUMBER)]
    data = pa.table({"name": ["a"], "value": pa.array([value], pa.float64())})
    sheet = opened(workbook([("T", ResultTable(tuple(columns), data))], context()))["T"]
    assert sheet["B2"].value is None


def test_long_texts_are_cut_openly() -> None:
    rows = table([column("name", Format.TEXT, "label")], [{"name": "x" * 40_000}])
    book = opened(workbook([("T", rows)], context()))
    assert len(book["T"]["A2"].value) == MAX_TEXT
    assert any("cut" in str(row[1]) for row in book.worksheets[1].values)


def test_rows_beyond_a_sheet_go_on_openly() -> None:
    columns = [column("product", Format.CODE, "dimension"), column("orders", Format.INTEGER)]
    rows = [{"product": f"P{n}", "orders": n} for n in range(25)]
    target = io.BytesIO()
    total = {"orders": 300}
    write_workbook(target, [("Long", table(columns, rows, total=total))], context(), sheet_rows=10)
    book = opened(target.getvalue())
    assert book.sheetnames == ["Long", "Long (2)", "Long (3)", "Filters and definitions"]
    found = [c.value for sheet in book.worksheets[:3] for c in sheet["A"][1:]]
    assert found == [*(f"P{n}" for n in range(25)), "Total"]
    assert all(sheet.max_row <= 11 for sheet in book.worksheets[:3])
    assert any("3 sheets" in str(row[1]) for row in book.worksheets[3].values)


def test_a_total_never_leaves_its_sheet() -> None:
    columns = [column("product", Format.CODE, "dimension"), column("orders", Format.INTEGER)]
    rows = [{"product": f"P{n}", "orders": n} for n in range(9)]
    target = io.BytesIO()
    write_workbook(
        target, [("T", table(columns, rows, total={"orders": 36}))], context(), sheet_rows=10
    )
    assert opened(target.getvalue())["T"].max_row == 11


def test_large_tables_read_back_whole() -> None:
    columns = [column("product", Format.CODE, "dimension"), column("net_sales", Format.MONEY)]
    many = 25_000  # beyond the limit from which rows are streamed to disk
    data = pa.table({"product": [f"P{n}" for n in range(many)], "net_sales": [0.5] * many})
    result = ResultTable(tuple(columns), data, {"net_sales": many / 2})
    book = load_workbook(io.BytesIO(workbook([("T", result)], context())), read_only=True)
    rows = list(book["T"].values)
    assert len(rows) == many + 2
    assert rows[many] == (f"P{many - 1}", 0.5)
    assert rows[-1] == ("Total", many / 2)


def test_an_empty_answer_is_a_header() -> None:
    columns = [column("product", Format.CODE, "dimension"), column("net_sales", Format.MONEY)]
    data = pa.table({"product": pa.array([], pa.string()), "net_sales": pa.array([], pa.float64())})
    result = ResultTable(tuple(columns), data, {"net_sales": None})
    assert opened(workbook([("T", result)], context()))["T"].max_row == 1


def test_the_row_of_others_is_named() -> None:
    columns = [column("country", Format.COUNTRY, "dimension"), column("orders", Format.INTEGER)]
    rows = table(columns, [{"country": OTHERS, "orders": 1}])
    sheet = opened(workbook([("T", rows)], context("fr")))["T"]
    assert sheet["A2"].value == "Autres"


def test_days_before_spreadsheets_count_are_texts() -> None:
    rows = table([column("day", Format.DATE, "dimension")], [{"day": date(1899, 5, 4)}])
    assert opened(workbook([("T", rows)], context()))["T"]["A2"].value == "1899-05-04"


@given(st.lists(st.text(max_size=50), min_size=1, max_size=8))
def test_sheet_names_are_accepted_and_unique(wanted: list[str]) -> None:
    names = SheetNames()
    taken = [names.take(text) for text in wanted]
    assert len({name.casefold() for name in taken}) == len(taken)
    for name in taken:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name.strip("'") == name
        assert name.casefold() != "history"


def test_cutting_counts_as_spreadsheets_do() -> None:
    assert cut_text("🫒" * 5, 4) == "🫒🫒"
    assert cut_text("abc", 3) == "abc"
    assert cut_text("🫒a", 2) == "🫒"


def test_filters_read_in_words() -> None:
    filters = (
        Filter("country", ("FR", NO_VALUE)),
        Filter("category", ("Oils",), Operator.NOT_IN),
    )
    with use_language("fr"):
        assert filter_texts(filters) == [
            ("Pays", "France, Sans pays"),
            ("Catégorie, sans", "Oils"),
        ]
