"""Columns that become rows, tables named by a person, and what is remembered of both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import PicholineError
from core.services.ingest import ImportOptions, Mapping
from core.services.ingest.periods import Period, period_of, year_in
from dashboard.intake_choices import merged, options_of, shown_choices
from dashboard.intake_sheet import sheet_views
from tests.corpus.case import TITLES, workbook
from tests.unit.ingest_home import Desk

MONTHS = "Metric;Jan;Feb\nNet sales;5;6\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def test_titles_that_name_a_period() -> None:
    assert period_of("2025") == period_of("FY 2025") == period_of("Exercice 2025") == Period(2025)
    assert period_of("Jan") == period_of("janv.") == Period(None, 1)
    january = Period(2025, 1)
    for title in ("Jan 2025", "janvier 2025", "janv.-25", "Jan-25", "2025-01", "01/2025",
                  "2025 January", "2025-01-01 00:00:00", "01/01/2025"):  # fmt: skip
        assert period_of(title) == january, title
    for title in ("1850", "Total", "Marge", "13/2025", "15/01/2025", "Mars attacks", "2025 Net"):
        assert period_of(title) is None, title
    assert year_in(["Budget 2025 v2", "2024"]) == 2025
    assert year_in(["2024-2025"]) is None


def test_a_crossed_table_can_be_left_as_it_stands(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "plan 2025.csv"
    path.write_text(MONTHS, encoding="utf-8")
    (turned,) = desk.intake.preview(path)
    assert turned.crossed is not None
    assert turned.crossed["columns"] == ["Jan", "Feb"]
    assert (turned.crossed["applied"], turned.crossed["year"]) == (True, 2025)
    assert [column.title for column in turned.columns] == ["Metric", "Date", "Value"]
    (plain,) = desk.intake.preview(path, ImportOptions(layout={"shape": "plain"}))
    assert [column.title for column in plain.columns] == ["Metric", "Jan", "Feb"]
    assert plain.crossed is not None
    assert not plain.crossed["applied"]


def test_the_choice_is_remembered_the_year_is_not(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(MONTHS, encoding="utf-8")
    with pytest.raises(PicholineError) as caught:
        desk.run(path)
    assert caught.value.code == "layout.year"
    assert desk.run(path, layout={"year": 2024}).accepted == 2
    with pytest.raises(PicholineError):  # next year's file must say its own year
        desk.run(path)
    other = tmp_path / "next.csv"
    other.write_text("Metric;Jan 2026;Feb 2026;Mar 2026\nNet sales;7;8;9\n", encoding="utf-8")
    assert desk.run(other).accepted == 3
    stock = tmp_path / "stock.csv"
    stock.write_text("Date;Code;LYON;PARIS\n2025-03-31;P1;5;6\n", encoding="utf-8")
    stated = Mapping(
        "stock_counts",
        columns={"date": "Date", "product_id": "Code", "warehouse": "Site", "quantity": "Value"},
        layout={"columns": ["LYON", "PARIS"], "title": "Site"},
    )
    assert desk.run(stock, mapping=stated).accepted == 2
    stock.write_text("Date;Code;LYON;PARIS\n2025-04-30;P1;7;\n", encoding="utf-8")
    assert desk.run(stock).accepted == 1  # the warehouses are known by the titles of the file


def test_a_mapping_file_keeps_the_layout(tmp_path: Path) -> None:
    layout = {"shape": "rows", "columns": ["A", 'B "x"'], "title": "Site", "year": 2025}
    stated = Mapping("budgets", columns={"month": "Date"}, layout=layout)
    path = tmp_path / "map.toml"
    path.write_text(stated.to_toml(), encoding="utf-8")
    assert Mapping.load(path) == stated
    for wrong in ({"shape": "diagonal"}, {"columns": []}, {"year": "2025"}, {"colour": 1}):
        with pytest.raises(PicholineError) as caught:
            Mapping("budgets", layout=wrong)
        assert caught.value.code == "mapping.invalid"


def test_one_table_of_a_sheet_can_be_named(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    rows = [TITLES, ["F1", "2025-03-31", "P1", 2, 10.5], [],
            ["Product code", "Product name", "Category"], ["P1", "Oil", "Extra"]]  # fmt: skip
    workbook(rows)(path)
    report = desk.run(path, sheet="Feuil1 (table 2)")
    assert (report.table, report.sheet, report.accepted) == ("products", "Feuil1 (table 2)", 1)
    again = Mapping("products", sheet="Feuil1 (table 2)", header_row=4,
                    columns={"product_id": "Product code", "name": "Product name"})  # fmt: skip
    assert desk.run(path, mapping=again).read == 1
    with pytest.raises(PicholineError) as caught:
        desk.run(path, sheet="Feuil1 (table 3)")
    assert caught.value.code == "sheet.unknown"
    assert "Feuil1 (table 2)" in str(caught.value.remedy)


def test_a_sheet_nobody_recognises_is_offered_and_left_out(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "known.xlsx"

    def add(sheet: object) -> None:
        strange = sheet.parent.create_sheet("Bestand")  # type: ignore[attr-defined]
        strange.append(["Tag", "Lager", "Ware", "Stand"])
        strange.append(["2025-03-31", "LYON", "P1", 5])
        sheet.parent.create_sheet("Readme").append(["These are the sales."])  # type: ignore[attr-defined]

    workbook([TITLES, ["F1", "2025-03-31", "P1", 2, 10.5]], add)(path)
    previews = desk.intake.preview(path)
    assert [(p.sheet, p.recognised) for p in previews] == [("Feuil1", True), ("Bestand", False)]
    assert any("Readme" in str(note) for note in previews[0].notes)  # nothing to ask about
    views = sheet_views({"sheets": [p.as_dict() for p in previews]}, {})
    assert [view.include for view in views] == [True, False]
    choices = shown_choices(views)
    kept = merged(choices, {("option", 1, "table"): "stock_counts"}, None)
    assert options_of(views, kept)[1]["table"] == "stock_counts"


def test_the_panel_states_what_a_person_changed_only(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(MONTHS, encoding="utf-8")
    views = sheet_views({"sheets": [p.as_dict() for p in desk.intake.preview(path)]}, {})
    choices = shown_choices(views)
    assert "layout" not in options_of(views, choices)[0]["mapping"]
    dated = merged(choices, {("option", 0, "year"): "2025"}, None)
    assert options_of(views, dated)[0]["mapping"]["layout"] == {"year": 2025}
    plain = options_of(views, merged(choices, {("option", 0, "shape"): "plain"}, None))[0]
    assert plain["layout"] == {"shape": "plain"}
    assert "mapping" not in plain  # the columns are other ones: they are proposed anew
