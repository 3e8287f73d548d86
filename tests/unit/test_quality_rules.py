"""What the rules do to a file: rows set aside, kept with a warning, or the whole file refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.errors import PicholineError
from core.i18n import translate
from core.models.query import Scope
from core.services.ingest import ImportOptions
from core.services.quality.bodies import from_dict
from core.services.quality.score import score_of
from tests.unit.ingest_home import Desk, line, write_csv, write_xlsx

ME = Scope()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def rule(desk: Desk, key: str, **body: Any) -> None:
    stated = {"table": "sales", "name": key, **body}
    desk.intake.rules.save(from_dict(key, stated), ME)


def usual(price: float, **changes: Any) -> list[list[Any]]:
    """Return 30 lines of one product whose prices lie around one value."""
    steps = [round(price + 0.1 * (n % 3 - 1), 2) for n in range(30)]
    return [line(n, **{"Unit price": step, **changes}) for n, step in enumerate(steps)]


def test_an_own_rule_sets_rows_aside_in_its_own_words(desk: Desk, tmp_path: Path) -> None:
    rule(
        desk, "cheap", expression="unit_price < 5", severity="quarantine",
        message="Far too cheap", message_fr="Bien trop bon marché",
    )  # fmt: skip
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", [line(1), line(2, **{"Unit price": 1})]))
    assert (report.read, report.accepted, report.quarantined) == (2, 1, 1)
    assert report.reasons == {"own.cheap": 1}
    (row,) = desk.quarantined(report)
    assert (row["_row"], row["_column"], row["_value"]) == (3, "Unit price (E)", "1")
    assert translate(row["_reason"], "en") == "Far too cheap"
    assert translate(row["_reason"], "fr") == "Bien trop bon marché"
    assert "cheap" in translate(row["_remedy"], "en")
    assert report.as_dict()["texts"]["own.cheap"][0] == row["_reason"]


def test_a_rule_that_blocks_refuses_the_file_with_counts_and_rows(
    desk: Desk, tmp_path: Path
) -> None:
    rule(desk, "dear", expression="unit_price > 100", severity="block", name="Too dear")
    rows = [line(n, **({"Unit price": 500} if n in {2, 3, 7} else {})) for n in range(1, 9)]
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    with pytest.raises(PicholineError) as found:
        desk.run(path)
    assert found.value.code == "import.refused.own.dear"
    assert "“Too dear” refuses the file: 3 rows break it (rows 3–4, 8)" in str(found.value.title)
    assert desk.catalogue.imports() == []
    (preview,) = desk.intake.preview(path)
    assert [refusal["code"] for refusal in preview.refusals] == ["own.dear"]
    assert (preview.accepted, preview.quarantined) == (5, 3)


def test_a_rule_that_is_off_or_of_another_table_says_nothing(desk: Desk, tmp_path: Path) -> None:
    rule(desk, "off", expression="unit_price > 0", severity="block", enabled=False)
    rule(desk, "other", table="payments", expression="amount > 0", severity="block")
    assert desk.run(write_xlsx(tmp_path / "a.xlsx", [line(1)])).accepted == 1


def test_shipped_warnings_can_be_switched_off_and_made_strict(desk: Desk, tmp_path: Path) -> None:
    desk.intake.rules.save(from_dict("zero_price", {"enabled": False}), ME)
    desk.intake.rules.save(from_dict("missing_customer", {"severity": "quarantine"}), ME)
    rows = [line(1, **{"Unit price": 0}), line(2, Customer=None)]
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", rows))
    assert (report.warnings, report.reasons) == ({}, {"missing_customer": 1})
    (row,) = desk.quarantined(report)
    assert translate(row["_reason"]) == "The customer is not stated."
    assert "Correct the row" in translate(row["_remedy"])


def test_codes_are_taken_over_unless_the_rule_is_on(desk: Desk, tmp_path: Path) -> None:
    products = write_csv(tmp_path / "products.csv", [["P1", "Oil"]], ["Product code", "Name"])
    desk.run(products, table="products")
    assert desk.run(write_xlsx(tmp_path / "a.xlsx", [line(1, **{"Product code": "NEW"})])).accepted
    desk.intake.rules.save(from_dict("unknown_product", {"enabled": True}), ME)
    rows = [line(2), line(3, **{"Product code": "P9"})]
    report = desk.run(write_xlsx(tmp_path / "b.xlsx", rows))
    assert (report.accepted, report.reasons) == (1, {"unknown_product": 1})


def test_products_of_the_same_file_are_known(desk: Desk, tmp_path: Path) -> None:
    desk.intake.rules.save(from_dict("unknown_product", {"enabled": True}), ME)
    book = openpyxl.load_workbook(
        write_xlsx(tmp_path / "a.xlsx", [line(1), line(2, **{"Product code": "P9"})])
    )
    sheet = book.create_sheet("Products")
    for row in (["Product code", "Product name"], ["P1", "Oil"], ["P2", "Soap"]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    stated = [ImportOptions(sheet="Ventes"), ImportOptions(sheet="Products", table="products")]
    sales, products = desk.intake.run(tmp_path / "a.xlsx", stated)
    assert (products.accepted, sales.accepted) == (2, 1)
    assert sales.reasons == {"unknown_product": 1}


def test_without_any_known_code_none_is_unknown(desk: Desk, tmp_path: Path) -> None:
    desk.intake.rules.save(from_dict("unknown_product", {"enabled": True}), ME)
    assert desk.run(write_xlsx(tmp_path / "a.xlsx", [line(1)])).accepted == 1


@pytest.mark.parametrize(
    ("price", "odd"),
    [(100.0, 1), (1.0, 1), (10.4, 0), (25.0, 0), (31.0, 1)],
    # Median 10, MAD 0.1: z = 0.6745 × |x − 10| / 0.1. 25 is far by z but not three times as much.
)
def test_a_price_far_from_the_products_own(
    desk: Desk, tmp_path: Path, price: float, odd: int
) -> None:
    rows = [*usual(10.0), line(99, **{"Unit price": price})]
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", rows))
    assert report.accepted == 31
    assert report.warnings.get("price_outlier", 0) == odd


def test_what_is_usual_comes_from_the_store_too_and_from_each_currency(
    desk: Desk, tmp_path: Path
) -> None:
    assert "price_outlier" not in desk.run(write_xlsx(tmp_path / "a.xlsx", usual(10.0))).warnings
    late = write_xlsx(tmp_path / "b.xlsx", [line(50, **{"Unit price": 100})])
    assert desk.run(late).warnings == {"price_outlier": 1}
    headers = ["Invoice", "Date", "Product code", "Quantity", "Unit price", "Currency"]
    yen = [["Y1", "2025-03-31", "P1", 2, 1600, "JPY"]]
    found = desk.run(write_xlsx(tmp_path / "c.xlsx", yen, headers))
    assert "price_outlier" not in found.warnings


def test_few_values_judge_nothing(desk: Desk, tmp_path: Path) -> None:
    rows = [*usual(10.0)[:18], line(99, **{"Unit price": 100})]
    assert "price_outlier" not in desk.run(write_xlsx(tmp_path / "a.xlsx", rows)).warnings


def test_loss_currency_repetition_and_ranges(desk: Desk, tmp_path: Path) -> None:
    headers = ["Invoice", "Date", "Product code", "Quantity", "Unit price", "Unit cost",
               "Discount rate", "Currency"]  # fmt: skip
    rows = [
        ["F1", "2025-03-31", "P1", 2, 10, 9, 0.2, None],  # 8 for 9: at a loss
        ["F1", "2025-03-31", "P2", 2, 10, 9, None, None],
        ["F1", "2025-03-31", "P2", 2, 10, 9, None, None],  # the same again
        ["F2", "2025-03-31", "P2", 1, 10, 5, None, "USD"],  # no rate
        ["F3", "2025-03-31", "P2", -1, 1, 5, None, None],  # a return is no sale at a loss
        ["F4", "2025-03-31", "P2", 1, 10, -1, None, None],
    ]
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", rows, headers))
    assert {code: n for code, n in report.warnings.items() if code != "missing_customer"} == {
        "sold_at_loss": 1, "repeated_line": 1, "currency_without_rate": 1, "negative_cost": 1,
    }  # fmt: skip


def test_rates_in_the_future_of_a_line_do_not_help_it(desk: Desk, tmp_path: Path) -> None:
    rates = write_csv(
        tmp_path / "r.csv", [["2025-02-01", "USD", "0.9"]], ["Date", "Currency", "Rate"]
    )
    desk.run(rates, table="fx_rates")
    headers = ["Invoice", "Date", "Product code", "Quantity", "Unit price", "Currency"]
    rows = [
        [f"F{n}", day, "P1", 1, 10, "USD"] for n, day in enumerate(("2025-01-31", "2025-02-01"))
    ]
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", rows, headers))
    assert report.warnings["currency_without_rate"] == 1


def test_the_score_is_the_share_of_new_rows_without_any_warning(desk: Desk, tmp_path: Path) -> None:
    rows = [
        line(1), line(2), line(3, **{"Unit price": 0}), line(4, Country="Atlantis"),
        line(5, Quantity="x"), line(6, **{"Unit price": 0, "Country": "Atlantis"}),
    ]  # fmt: skip
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    report = desk.run(path)
    assert report.quality == pytest.approx(2 / 6)
    record = desk.catalogue.get_import(report.import_id or 0)
    assert score_of(record.mapping) == report.quality
    again = desk.run(path)  # the unreadable row is new every time, the others are there
    assert (again.already_there, again.quality) == (5, 0.0)


def test_rows_that_are_stored_are_not_judged_again(desk: Desk, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [line(1), line(2)])
    desk.run(path)
    rule(desk, "none", expression="quantity > 0", severity="block")
    report = desk.run(path)
    assert (report.already_there, report.quarantined, report.quality) == (2, 0, None)


def test_a_row_that_is_set_aside_is_not_also_kept_with_a_warning(
    desk: Desk, tmp_path: Path
) -> None:
    rule(desk, "free", expression="unit_price = 0", severity="quarantine")
    rows = [line(1, **{"Unit price": 0}), line(2)]
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", rows))
    assert (report.reasons, report.warnings) == ({"own.free": 1}, {})


def test_a_rule_means_the_same_before_and_after_the_import(desk: Desk, tmp_path: Path) -> None:
    rule(desk, "odd", expression="quantity * unit_price > 100 or country is empty")
    rows = [*usual(10.0), line(40, **{"Unit price": 400}), line(41, **{"Unit price": 0}),
            line(42, Country=None), line(43, Customer=None), line(43, Customer=None),
            line(44, Quantity=0), line(45, Quantity=900), line(46, Date="2030-01-01")]  # fmt: skip
    desk.intake.rules.save(from_dict("future_date", {"settings": {"days": 0}}), ME)
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", rows))
    said = {code.removeprefix("own."): n for code, n in report.warnings.items()}
    assert {"odd", "price_outlier", "zero_price", "missing_customer", "repeated_line",
            "zero_quantity"} <= said.keys()  # fmt: skip
    rules = desk.intake.rules
    assert said == {key: rules.test(rules.get(key).body, ME).count for key in said}
