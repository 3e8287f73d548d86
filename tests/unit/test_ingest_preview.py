"""The preview says what an import would do, in JSON, and stores nothing."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.i18n import Message
from core.services.ingest import ImportOptions
from tests.unit.ingest_home import HEADERS, Desk, line, write_csv, write_xlsx


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def preview(desk: Desk, path: Path, **stated: Any) -> dict[str, Any]:
    (found,) = desk.intake.preview(path, ImportOptions(**stated))
    plain = found.as_dict()
    assert json.loads(json.dumps(plain)) == plain
    return plain


def test_everything_a_person_decides_by(desk: Desk, tmp_path: Path) -> None:
    rows = [line(n, **{"Unit price": n + 0.5}) for n in range(1, 31)]
    rows += [line(31, Quantity="two"), line(32, Country="Atlantis")]
    path = write_xlsx(tmp_path / "a.xlsx", [[*row, "x"] for row in rows], [*HEADERS, "Colour"])
    found = preview(desk, path)
    assert (found["sheet"], found["table"]) == ("Ventes", "sales")
    assert (found["read"], found["accepted"], found["quarantined"]) == (32, 31, 1)
    assert found["reasons"] == {"not_a_number": 1}
    assert found["warnings"]["unknown_country"] == 1
    assert found["mapping"]["columns"]["unit_price"] == "Unit price"
    columns = {column["title"]: column for column in found["columns"]}
    assert columns["Colour"]["field"] is None
    price = columns["Unit price"]
    assert (price["field"], price["low"], price["high"]) == ("unit_price", "1.5", "30.5")
    assert price["confidence"] >= 0.9
    assert price["examples"][:2] == ["1.5", "2.5"]
    quantity = columns["Quantity"]
    # A cell that is no value is no empty cell.
    assert (quantity["problems"], quantity["missing"], quantity["distinct"]) == (1, 0, 1)
    assert len(found["rows"]) == 20
    assert found["rows"][0]["unit_price"] == "1.5"
    assert found["rows"][0]["date"] == "2025-03-31"
    assert desk.catalogue.imports() == []
    assert desk.segment_files() == []


def test_dates_between_texts_are_shown_without_midnight(desk: Desk, tmp_path: Path) -> None:
    rows = [line(1, Date=date(2025, 3, 6)), line(2, Date="31/03/2025"), line(3, Date=None)]
    found = preview(desk, write_xlsx(tmp_path / "a.xlsx", rows))
    days = next(column for column in found["columns"] if column["title"] == "Date")
    assert days["examples"] == ["2025-03-06", "31/03/2025"]
    assert (days["low"], days["high"]) == ("2025-03-06", "2025-03-31")
    # An empty cell is empty, though its row cannot do without it.
    assert (days["problems"], days["missing"]) == (0, 1)


def test_what_is_already_there_shows_before_the_import(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [line(1), line(2)])
    desk.run(path)
    found = preview(desk, path)
    assert (found["already_there"], found["accepted"]) == (2, 0)
    assert found["columns"][0]["confidence"] is None  # remembered


def test_a_sheet_that_lacks_columns_can_still_be_mapped_by_hand(desk: Desk, tmp_path: Path) -> None:
    headers = ["Invoice", "Invoice date", "Product code", "Menge", "Einzelpreis"]
    path = write_csv(tmp_path / "a.csv", [["F1", "2025-03-31", "P1", 2, 5]], headers)
    found = preview(desk, path)
    assert found["missing"] == ["quantity", "unit_price"]
    assert found["rows"] == []


def test_steps_are_told(desk: Desk, tmp_path: Path) -> None:
    steps: list[tuple[float, str]] = []

    def tell(fraction: float, step: Message) -> None:
        steps.append((fraction, str(step)))

    desk.intake.run(write_csv(tmp_path / "a.csv", [line(1)]), ImportOptions(), progress=tell)
    fractions = [fraction for fraction, _ in steps]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert len({text for _, text in steps}) >= 3


def test_each_sheet_with_its_own_options(desk: Desk, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for title, number in (("North", 1), ("South", 2), ("Old", 3)):
        sheet = book.create_sheet(title)
        for cells in (HEADERS, line(number)):
            sheet.append(list(cells))
    path = tmp_path / "book.xlsx"
    book.save(path)
    stated = [ImportOptions(sheet="North"), ImportOptions(sheet="South", table="sales")]
    assert [p.sheet for p in desk.intake.preview(path, stated)] == ["North", "South"]
    assert [r.sheet for r in desk.intake.run(path, stated)] == ["North", "South"]
    assert desk.column("invoice_id") == ["F001", "F002"]
