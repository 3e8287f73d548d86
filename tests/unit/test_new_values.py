"""A preview asks about values that are new or not recognised; what is said holds from then on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.models.query import Scope
from core.services.application import Application
from core.services.ingest import ImportOptions, Mapping
from core.settings import load_settings
from dashboard.intake_choices import NONE, TAKE, options_of, shown_choices
from dashboard.intake_sheet import sheet_views
from tests.unit.ingest_home import HEADERS, line, write_csv

TITLES = (*HEADERS, "Channel", "Currency")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Application]:
    found = Application.open(load_settings(tmp_path / "home"))
    rows = [[*line(n), "Retail shops", "EUR"] for n in range(1, 5)]
    found.intake.run(write_csv(tmp_path / "first.csv", rows, TITLES), ImportOptions())
    yield found
    found.close()


def second(folder: Path) -> Path:
    rows = [
        [*line(11, Country="Grnde Bretagne"), "retail-shops", "EUR"],
        [*line(12, Customer="C1x"), "Retial shops", "euroz"],
        [*line(13, **{"Product code": "P-1"}), "Markets", "EUR"],
    ]
    return write_csv(folder / "second.csv", rows, TITLES)


def asked(desk: Application, path: Path) -> list[dict[str, Any]]:
    (sheet,) = desk.intake.preview(path)
    return list(sheet.values)


def test_values_that_are_new_or_unknown_are_listed_with_what_may_be_meant(
    desk: Application, tmp_path: Path
) -> None:
    found = {(v["field"], v["written"]): v for v in asked(desk, second(tmp_path))}
    assert {key: value["suggestion"] for key, value in found.items()} == {
        ("country", "Grnde Bretagne"): "GB",
        ("channel", "retail-shops"): "Retail shops",
        ("channel", "Retial shops"): "Retail shops",
        ("channel", "Markets"): "",
        ("currency", "euroz"): "EUR",
        ("customer_id", "C1x"): "C1",
        ("product_id", "P-1"): "P1",
    }
    assert found["channel", "Markets"]["choices"] == ["Retail shops"]
    assert found["channel", "retail-shops"]["sure"] == 0.98
    assert found["country", "Grnde Bretagne"]["rows"] == 1


def test_customers_that_are_named_are_found_by_their_name(
    desk: Application, tmp_path: Path
) -> None:
    people = tmp_path / "customers.csv"
    people.write_text(
        "Customer code,Customer name\nC4,Fine Foods Ltd\nC5,Chez Lucette\nC6,Martin\nC7,Martin\n"
    )
    desk.intake.run(people, ImportOptions())
    written = ("fine foods ltd.", "Fine Foods Limited", "Chez Lucete", "Martin", "Nobody & Sons")
    rows = [[*line(20 + n, Customer=name), "Retail shops", "EUR"] for n, name in enumerate(written)]
    found = asked(desk, write_csv(tmp_path / "named.csv", rows, TITLES))
    # Two are called Martin, and nobody is called like the last one.
    assert {v["written"]: v["suggestion"] for v in found} == {
        "fine foods ltd.": "C4", "Fine Foods Limited": "C4", "Chez Lucete": "C5",
    }  # fmt: skip
    assert found[0]["sure"] > found[1]["sure"] >= 0.8


def test_the_first_file_of_all_is_not_asked_about_everything(tmp_path: Path) -> None:
    fresh = Application.open(load_settings(tmp_path / "home"))
    path = write_csv(tmp_path / "a.csv", [[*line(1), "Shops", "EUR"]], TITLES)
    assert asked(fresh, path) == []
    fresh.close()


def test_suggestions_are_taken_together(desk: Application, tmp_path: Path) -> None:
    (sheet,) = desk.intake.preview(second(tmp_path))
    # As if one of them were a guess.
    values = [{**v, "sure": 0.5} if v["written"] == "C1x" else v for v in sheet.values]
    views = sheet_views({"sheets": [{**sheet.as_dict(), "values": values}]}, {})

    def taken(how: str) -> dict[str, dict[str, str]]:
        (options,) = options_of(views, {**shown_choices(views), ("option", 0, TAKE): how})
        return options["mapping"]["values"]

    sure = {
        "country": {"Grnde Bretagne": "GB"},
        "channel": {"retail-shops": "Retail shops", "Retial shops": "Retail shops"},
        "currency": {"euroz": "EUR"},
        "product_id": {"P-1": "P1"},
    }
    assert taken("sure") == sure
    assert taken("all") == {**sure, "customer_id": {"C1x": "C1"}}


def test_what_is_chosen_in_the_panel_is_applied_and_remembered_everywhere(
    desk: Application, tmp_path: Path
) -> None:
    path = second(tmp_path)
    (sheet,) = desk.intake.preview(path)
    views = sheet_views({"sheets": [sheet.as_dict()]}, {})
    choices = shown_choices(views)
    for index, value in enumerate(sheet.values):
        assert choices["option", 0, f"value-{index}"] == NONE
        if value["written"] in ("Grnde Bretagne", "retail-shops", "euroz"):
            choices["option", 0, f"value-{index}"] = value["suggestion"]
    (options,) = options_of(views, choices)
    assert options["mapping"]["values"] == {
        "country": {"Grnde Bretagne": "GB"},
        "channel": {"retail-shops": "Retail shops"},
        "currency": {"euroz": "EUR"},
    }
    stated = ImportOptions(mapping=Mapping.from_dict(options["mapping"]), everywhere=True)
    # The panel shows what was chosen until it is confirmed.
    (again,) = desk.intake.preview(path, stated)
    assert {v["written"]: v["meant"] for v in again.values if v["meant"]} == {
        "Grnde Bretagne": "GB", "retail-shops": "Retail shops", "euroz": "EUR",
    }  # fmt: skip
    assert (again.accepted, again.quarantined) == (3, 0)
    desk.intake.run(path, stated)
    listed = desk.aliases.listed(Scope())
    assert {(m.field, m.written, m.meant, m.layout) for m in listed} == {
        ("country", "Grnde Bretagne", "GB", ""),
        ("channel", "retail-shops", "Retail shops", ""),
        ("currency", "euroz", "EUR", ""),
    }
    # Another file, of another layout, is read by it without a question.
    other = write_csv(tmp_path / "other.csv", [line(20, Country="grnde  bretagne")])
    (shown,) = desk.intake.preview(other)
    assert (shown.values, shown.rows[0]["country"]) == ((), "GB")
