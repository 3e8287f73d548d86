"""Columns that hold several things are taken apart when a person says so; layouts remember it."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import PicholineError
from core.models.query import Scope
from core.services.ingest import ImportOptions, Mapping
from core.services.ingest.splitting import take_apart
from core.services.layouts import Layouts
from dashboard.intake_choices import (
    constant_name,
    constant_value_name,
    merged,
    options_of,
    read_controls,
    shown_choices,
    split_name,
)
from dashboard.intake_parts import column_label
from dashboard.intake_sheet import SheetView, sheet_views
from tests.unit.ingest_home import Desk, write_csv

ALL = Scope("local")
TITLES = ("Invoice", "Date", "Article", "Quantity", "Unit price", "Customer", "Adresse")
ROWS = (
    ("F1", "2025-03-31", "P1 - Huile, extra", 2, 10.5, "C1", "FR-75001 Paris"),
    ("F2", "2025-03-31", "P2 - Savon", 1, 4, "C2", "D-10115 Berlin"),
    ("F3", "2025-03-31", "P2 - Savon", 1, 4, "C3", "06000 Nice"),
    ("F4", "2025-03-31", "P2 - Savon", 1, 4, "C4", "BE-1000 Bruxelles"),
    ("F5", "2025-03-31", "P2 - Savon", 1, 4, "C5", "Lyon"),
)


@pytest.mark.parametrize(
    ("text", "country", "postcode", "city"),
    [
        ("FR-75001 Paris", "FR", "75001", "Paris"),
        ("F-06000 Nice", "FR", "06000", "Nice"),
        ("D-10115  Berlin", "DE", "10115", "Berlin"),
        ("FR 13100 Aix-en-Provence", "FR", "13100", "Aix-en-Provence"),
        ("GB-SW1A 1AA London", "GB", "SW1A 1AA", "London"),
        ("NL-1012 AB Amsterdam", "NL", "1012 AB", "Amsterdam"),
        ("PL-00-950 Warszawa", "PL", "00-950", "Warszawa"),
        ("75001 Paris (France)", "France", "75001", "Paris"),
        ("75001 Paris Cedex 02, France", "France", "75001", "Paris Cedex 02"),
        ("Paris 75001", None, "75001", "Paris"),
    ],
)
def test_a_place_is_taken_apart(text: str, country: str | None, postcode: str, city: str) -> None:
    expected = {"country": country, "postcode": postcode, "city": city}
    assert take_apart("place", text) == {k: v for k, v in expected.items() if v}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("P1 - Huile d'olive", ("P1", "Huile d'olive")),
        ("[A/12] Savon", ("A/12", "Savon")),
        ("Savon de Marseille (S-7)", ("S-7", "Savon de Marseille")),
        ("3760123456789: Huile - 5 L", ("3760123456789", "Huile - 5 L")),
        ("Huile - 5 L", None),
        ("Huile", None),
    ],
)
def test_a_code_and_a_name_are_taken_apart(text: str, parts: tuple[str, str] | None) -> None:
    found = take_apart("product", text)
    assert (found and (found["code"], found["name"])) == parts


@pytest.mark.parametrize("kind", ["place", "product"])
def test_overlong_cells_take_no_time(kind: str) -> None:
    assert take_apart(kind, "((((" * 8_000 + "1") is None


@pytest.mark.parametrize("text", ["Lyon", "12 rue de la Paix", "2025-03-31", "75001", ""])
def test_what_is_no_place_stays_whole(text: str) -> None:
    assert take_apart("place", text) is None


def view(desk: Desk, path: Path, options: list[dict[str, Any]] | None = None) -> SheetView:
    stated = [options_from(entry) for entry in options or []]
    look = desk.intake.look(path, stated or None)
    result = {"sheets": [sheet.as_dict() for sheet in look.sheets]}
    return sheet_views(result, {"options": options or []})[0]


def options_from(entry: dict[str, Any]) -> ImportOptions:
    stated = {k: v for k, v in entry.items() if k != "mapping"}
    return ImportOptions(**stated, mapping=Mapping.from_dict(entry["mapping"]))


def choose(sheet: SheetView, **chosen: str) -> list[dict[str, Any]]:
    """Return the options after a person set some controls of the panel."""
    controls = [
        {"id": {"type": "intake-option", "sheet": 0, "name": name}, "value": value}
        for name, value in chosen.items()
    ]
    return options_of([sheet], merged(shown_choices([sheet]), read_controls([controls]), None))


def choose_field(sheet: SheetView, title: str, field: str) -> list[dict[str, Any]]:
    """Return the options after a person chose what a column becomes."""
    index = next(n for n, column in enumerate(sheet.columns) if column.title == title)
    name = {"type": "intake-field", "sheet": 0, "column": index}
    shown = shown_choices([sheet])
    return options_of([sheet], merged(shown, read_controls([[{"id": name, "value": field}]]), name))


def test_offered_on_the_panel_taken_apart_on_choice_and_remembered(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    path = write_csv(tmp_path / "a.csv", ROWS, TITLES)
    shown = view(desk, path)
    assert {c.title: c.splits for c in shown.columns if c.splits} == {
        "Article": ("product",),
        "Adresse": ("place",),
    }
    options = choose(shown, **{split_name(2): "product", split_name(6): "place"})
    apart = view(desk, path, options)
    assert [(c.title, c.field) for c in apart.columns if c.part] == [
        ("Article › code", "product_id"),
        ("Article › name", "product_name"),
        ("Adresse › country", "country"),
        ("Adresse › postcode", "postcode"),
        ("Adresse › city", "city"),
    ]
    assert column_label(apart.columns[-1], apart) == "Adresse › City"
    assert any("Lyon" in note and "1 cell" in note for note in apart.notes)
    # What was left as it was proposed keeps its confidence; what a choice set has none.
    sure = {c.field: c.confidence for c in apart.columns if c.field}
    assert sure["quantity"] == {c.field: c.confidence for c in shown.columns}["quantity"]
    other = choose_field(apart, "Quantity", "unit_price")
    assert {c.field: c.confidence for c in view(desk, path, other).columns}["unit_price"] is None
    report = desk.run(path, mapping=options_from(options[0]).mapping)
    assert (report.accepted, desk.column("product_id")) == (5, ["P1", "P2", "P2", "P2", "P2"])
    assert desk.column("country") == ["FR", "DE", None, "BE", None]
    assert desk.column("postcode", "customers") == ["75001", "10115", "06000", "1000", None]
    assert desk.column("name", "products") == ["Huile, extra", "Savon"]
    # The next file with these titles is read so without asking; one card stands for the layout.
    again = write_csv(tmp_path / "b.csv", [(f"G{r[0]}", *r[1:]) for r in ROWS], TITLES)
    assert desk.run(again).accepted == 5
    assert desk.column("country")[5:] == ["FR", "DE", None, "BE", None]
    layouts = Layouts(desk.catalogue)
    (card,) = layouts.all(ALL)
    assert card.titles == TITLES
    edited = layouts.to_toml(card.name, ALL).replace('= "Adresse › city"', '= "Adresse › postcode"')
    (tmp_path / "edited.toml").write_text(edited, encoding="utf-8")
    layouts.save(card.name, Mapping.load(tmp_path / "edited.toml"), ALL)
    assert [c.field for c in view(desk, again).columns if c.part][-2:] == ["city", None]
    strange = Mapping(
        "sales", columns={"city": "Ville › city"}, layout={"split": {"Ville": "place"}}
    )
    with pytest.raises(PicholineError) as refused:
        layouts.save(card.name, strange, ALL)
    assert "Ville" in str(refused.value.title)
    layouts.restore(card.name, 1, ALL)
    # One piece again: the parts go, and what they were mapped to.
    shown = view(desk, again)
    place = next(n for n, column in enumerate(shown.columns) if column.title == "Adresse")
    whole = choose(shown, **{split_name(place): "-"})[0]
    assert whole["mapping"]["layout"] == {"split": {"Article": "product"}}
    assert "country" not in whole["mapping"]["columns"]
    assert whole["mapping"]["columns"]["product_id"] == "Article › code"
    desk.close()


def test_the_mapping_file_says_it_and_comes_back_equal(tmp_path: Path) -> None:
    stated = Mapping(
        "sales",
        columns={"product_id": "Article › code", "invoice_id": "Invoice"},
        layout={"split": {"Article": "product", "Ville « x »": "place"}, "year": 2025},
    )
    path = tmp_path / "layout.toml"
    path.write_text(stated.to_toml(), encoding="utf-8")
    assert Mapping.load(path) == stated
    with pytest.raises(PicholineError) as refused:
        Mapping("sales", layout={"split": {"Article": "colour"}})
    assert refused.value.code == "mapping.invalid"
    assert "supplier" in str(refused.value.remedy)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    path = write_csv(tmp_path / "a.csv", ROWS, TITLES)
    with pytest.raises(PicholineError) as refused:
        desk.run(path, mapping=Mapping("sales", layout={"split": {"Ville": "place"}}))
    assert refused.value.code == "mapping.column"
    desk.close()


def test_codes_and_names_alone_are_not_offered_as_anything(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    rows = [(f"F{n}", "2025-03-31", f"100{n} Huile", 1, 2, "C", f"{n} rue Haute") for n in range(6)]
    shown = view(desk, write_csv(tmp_path / "a.csv", rows, TITLES))
    assert not any(column.splits for column in shown.columns)
    desk.close()


def test_a_value_of_every_row_is_chosen_on_the_panel(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    path = write_csv(tmp_path / "a.csv", ROWS, TITLES)
    shown = view(desk, path)
    # Half a choice is none yet: nothing is read again, and nothing is lost.
    before = shown_choices([shown])
    half = [{"id": {"type": "intake-option", "sheet": 0, "name": constant_name(0)},
             "value": "channel"}]  # fmt: skip
    assert merged(before, read_controls([half]), None) == before
    options = choose(shown, **{constant_name(0): "channel", constant_value_name(0): "export"})
    assert options[0]["mapping"]["constants"] == {"channel": "export"}
    chosen = view(desk, path, options)
    assert chosen.rows[0]["channel"] == "export"
    more = choose(chosen, **{constant_name(1): "currency", constant_value_name(1): "USD"})
    assert more[0]["mapping"]["constants"] == {"channel": "export", "currency": "USD"}
    gone = choose(view(desk, path, more), **{constant_name(0): "-"})
    assert gone[0]["mapping"]["constants"] == {"currency": "USD"}
    desk.run(path, mapping=options_from(more[0]).mapping)
    assert {*desk.column("channel")} == {"export"}
    again = write_csv(tmp_path / "b.csv", [(f"G{r[0]}", *r[1:]) for r in ROWS], TITLES)
    desk.run(again)
    assert {*desk.column("channel")} == {"export"}
    assert {*desk.column("currency")} == {"USD"}
    desk.close()


def test_a_value_of_every_row_may_be_about_the_products(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "home")
    path = write_csv(tmp_path / "a.csv", ROWS, TITLES)
    shown = view(desk, path)
    chosen = choose(shown, **{constant_name(0): "unit", constant_value_name(0): "kg"})
    desk.run(path, mapping=options_from(chosen[0]).mapping)
    assert {*desk.column("unit", "products")} == {"kg"}
    desk.close()
