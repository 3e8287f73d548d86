"""Remembered layouts: learnt, named in the preview, edited as files, restored, forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import PicholineError
from core.models.query import Filter, Operator, Scope
from core.services.ingest import ImportOptions, Mapping
from core.services.ingest.matching import signature
from core.services.layouts import Layouts
from tests.unit.ingest_home import HEADERS, Desk, line, write_csv

ALL = Scope("local")
NAME = signature(HEADERS)[:8]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def layouts(desk: Desk, tmp_path: Path) -> Layouts:
    """Return the layouts after one import."""
    desk.run(write_csv(tmp_path / "march.csv", [line(1)]))
    return Layouts(desk.catalogue)


def notes(desk: Desk, path: Path, **stated: object) -> str:
    (sheet,) = desk.intake.preview(path, ImportOptions(**stated))  # type: ignore[arg-type]
    return " ".join(str(note) for note in sheet.notes)


def test_an_import_is_remembered_once(desk: Desk, layouts: Layouts, tmp_path: Path) -> None:
    desk.run(write_csv(tmp_path / "april.csv", [line(2)]))
    (card,) = layouts.all(ALL)
    assert (card.name, card.edition, card.how) == (NAME, 1, "import")
    assert (card.table, card.file_name, card.titles) == ("sales", "april.csv", HEADERS)
    assert card.mapping["columns"]["unit_price"] == "Unit price"


def test_the_layout_is_named_in_a_preview_until_a_person_changes_it(
    desk: Desk, layouts: Layouts, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "april.csv", [line(2)])
    said = f"as in “march.csv” (layout {NAME}, version 1 of "
    assert said in notes(desk, path)
    kept = Mapping.from_dict(layouts.get(NAME, ALL).mapping)
    assert said in notes(desk, path, mapping=kept)
    other = Mapping.from_dict({**kept.as_dict(), "decimal": ","})
    assert NAME not in notes(desk, path, mapping=other)
    strange = write_csv(tmp_path / "strange.csv", [line(2)], ("Facture", *HEADERS[1:]))
    assert "layout" not in notes(desk, strange)


def test_it_is_written_as_a_file_edited_and_brought_back(
    desk: Desk, layouts: Layouts, tmp_path: Path
) -> None:
    file = tmp_path / "layout.toml"
    file.write_text(layouts.to_toml(NAME[:4], ALL), "utf-8")
    assert "# march.csv" in file.read_text("utf-8")
    assert Mapping.load(file).as_dict() == {
        **layouts.get(NAME, ALL).mapping, "columns": layouts.get(NAME, ALL).mapping["columns"]
    }  # fmt: skip
    file.write_text(file.read_text("utf-8").replace("customer_id =", "salesperson ="), "utf-8")
    saved = layouts.save(NAME, Mapping.load(file), ALL)
    assert (saved.edition, saved.how, saved.file_name) == (2, "edit", "march.csv")
    desk.run(write_csv(tmp_path / "april.csv", [line(2)]))
    assert desk.column("salesperson") == [None, "C1"]
    restored = layouts.restore(NAME, 1, ALL)
    assert (restored.edition, restored.how) == (3, "restore")
    desk.run(write_csv(tmp_path / "may.csv", [line(3)]))
    assert desk.column("customer_id") == ["C1", None, "C1"]
    assert [card.edition for card in layouts.history(NAME, ALL)] == [3, 2, 1]


def test_a_column_the_layout_has_not_is_refused(layouts: Layouts) -> None:
    with pytest.raises(PicholineError) as caught:
        layouts.save(NAME, Mapping("sales", columns={"invoice_id": "Facture"}), ALL)
    assert caught.value.code == "layout.columns"
    assert "Facture" in str(caught.value.title)


def test_forgotten_layouts_are_recognised_anew_and_can_be_restored(
    desk: Desk, layouts: Layouts, tmp_path: Path
) -> None:
    layouts.forget(NAME, ALL)
    assert layouts.all(ALL) == []
    assert [card.name for card in layouts.all(ALL, forgotten=True)] == [NAME]
    assert desk.catalogue.layout(signature(HEADERS)) is None
    assert "layout" not in notes(desk, write_csv(tmp_path / "april.csv", [line(2)]))
    for refused in (lambda: layouts.forget(NAME, ALL), lambda: layouts.to_toml(NAME, ALL)):
        with pytest.raises(PicholineError) as caught:
            refused()
        assert caught.value.code == "layout.forgotten"
    assert layouts.restore(NAME, 1, ALL).edition == 3
    assert desk.catalogue.layout(signature(HEADERS)) is not None


def test_a_layout_from_before_versions_becomes_the_first_of_them(desk: Desk) -> None:
    before = {"table": "sales", "columns": {"invoice_id": "Invoice"}}
    desk.catalogue.remember_layout("ab" * 32, before)
    layouts = Layouts(desk.catalogue)
    (card,) = layouts.all(ALL)
    assert (card.name, card.edition, card.mapping) == ("abababab", 1, before)
    layouts.save("abab", Mapping("sales", columns={"order_id": "Order"}), ALL)
    assert [c.edition for c in layouts.history("abab", ALL)] == [2, 1]
    assert layouts.restore("abab", 1, ALL).mapping == before


def test_names_are_prefixes_and_nothing_else(layouts: Layouts) -> None:
    for name in ("", "abc", "zzzz", "%", "../x", "f" * 65):
        with pytest.raises(PicholineError) as caught:
            layouts.get(name, ALL)
        assert caught.value.code == "layout.unknown"


def test_people_under_rules_see_and_change_none(layouts: Layouts) -> None:
    limited = Scope("limited", (Filter("country", Operator.IN, ("FR",)),))
    for refused in (
        lambda: layouts.all(limited),
        lambda: layouts.forget(NAME, limited),
        lambda: layouts.to_toml(NAME, limited),
    ):
        with pytest.raises(PicholineError) as caught:
            refused()
        assert caught.value.code == "access.restricted"


def test_an_old_catalogue_gets_the_new_tables(desk: Desk) -> None:
    tables = ("layoutversion", "upload", "watchedfile", "sqlsource")
    with desk.catalogue.engine.begin() as connection:
        for table in tables:
            connection.execute(text(f"DROP TABLE {table}"))
    desk.catalogue.create()
    with desk.catalogue.engine.begin() as connection:
        counts = [connection.execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in tables]
    assert counts == [0] * len(tables)
