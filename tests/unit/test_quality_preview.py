"""What the preview shows of a file's quality, and what its controls ask for."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.models.schema import Kind
from core.services.ingest import ImportOptions
from dashboard.intake_choices import merged, options_of, shown_choices
from dashboard.intake_preview import preview_actions
from dashboard.intake_sheet import ColumnView, SheetView, sheet_views
from dashboard.quality_preview import control_choice, profile, refusal_notices, score_text
from tests.desk import texts
from tests.unit.ingest_home import Desk, line, write_xlsx


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def viewed(desk: Desk, tmp_path: Path, **stated: Any) -> SheetView:
    """Return a sheet as the panel gets it from a preview job."""
    rows = [line(1), line(2, **{"Unit price": 0}), line(3, Quantity="x")]
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    found = desk.intake.preview(path, ImportOptions(sheet="Ventes", **stated))
    options = [{"sheet": "Ventes", "control_total": stated.get("control_total", {})}]
    return sheet_views({"sheets": [sheet.as_dict() for sheet in found]}, {"options": options})[0]


def plain(component: Any) -> str:
    return texts(component.to_plotly_json())


def test_what_a_column_holds(desk: Desk, tmp_path: Path) -> None:
    price = next(c for c in viewed(desk, tmp_path).columns if c.field == "unit_price")
    said = profile(price, Kind.AMOUNT)
    assert said is not None
    assert "0.00 – 10.50" in plain(said)
    assert "2 different" in plain(said)
    quantity = next(c for c in viewed(desk, tmp_path).columns if c.field == "quantity")
    assert "1 with a problem" in str(profile(quantity, Kind.QUANTITY))
    assert profile(ColumnView("x", None, None, ()), None) is None


def test_the_score_is_never_rounded_up_to_perfect() -> None:
    assert score_text(None) == ""
    assert "100%" in score_text(1.0)
    assert "99.9%" in score_text(0.99999)


def test_a_control_total_that_is_not_met_closes_the_door(desk: Desk, tmp_path: Path) -> None:
    sheet = viewed(desk, tmp_path, control_total={"Quantity": "7"})
    (notice,) = refusal_notices(sheet)
    assert "adds up to 4.00; the control total is 7.00" in str(notice)
    button: Any = preview_actions([sheet])[-1]
    assert button.disabled is True
    met = viewed(desk, tmp_path, control_total={"Quantity": "4"})
    button = preview_actions([met])[-1]
    assert button.disabled is False


def test_the_controls_of_a_control_total(desk: Desk, tmp_path: Path) -> None:
    sheet = viewed(desk, tmp_path)
    assert len(control_choice(sheet, 0)) == 1  # no value before there is a column
    shown = shown_choices([sheet])
    chosen = {("option", 0, "control_column"): "Quantity"}
    (asked,) = options_of([sheet], merged(shown, chosen, None))
    assert asked["control_total"] == {"Quantity": ""}
    sheet = replace(sheet, control={"Quantity": ""})
    assert len(control_choice(sheet, 0)) == 2
    chosen = {("option", 0, "control_value"): "4"}
    (asked,) = options_of([sheet], merged(shown_choices([sheet]), chosen, None))
    assert asked["control_total"] == {"Quantity": "4"}
    assert "control_total" not in options_of([viewed(desk, tmp_path)], shown)[0]
