"""The quarantine as people work on it: drafts, suggestions, giving up, checking again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import PicholineError
from core.models.query import Filter, Scope
from core.services.application import Application
from core.services.ingest import ImportOptions
from core.settings import load_settings
from tests.unit.ingest_home import line, write_xlsx

ANA, BOB = Scope(owner="ana"), Scope(owner="bob")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Application]:
    found = Application.open(load_settings(tmp_path / "home"))
    yield found
    found.close()


def brought(desk: Application, folder: Path) -> int:
    """Import two sound rows and four that are set aside; return the import's number."""
    rows = [
        line(1),
        line(2, **{"Product code": "P2", "Unit price": 12.4}),
        line(3, Quantity="1O"),
        line(4, Quantity="12 pcs"),
        line(5, Date="31/06/2025"),
        line(6, Quantity="beaucoup"),
    ]
    path = write_xlsx(folder / "sales.xlsx", rows)
    (report,) = desk.intake.run(path, ImportOptions())
    assert (report.accepted, report.quarantined) == (2, 4)
    return report.import_id or 0


def test_suggestions_say_the_cell_the_value_why_and_how_sure(
    desk: Application, tmp_path: Path
) -> None:
    number = brought(desk, tmp_path)
    found = desk.corrections.quarantine(number, ANA)
    rows = found.rows(found.places())
    made = desk.corrections.suggestions(number, rows, ANA)
    assert [(s.title, s.value, s.sure) if s else None for s in made] == [
        ("Quantity", "10", 0.95),
        ("Quantity", "12", 0.6),
        ("Date", "2025-06-30", 0.5),
        None,
    ]
    assert [str(s.why) for s in made if s] == [
        "Letters were typed for digits (O for 0, l for 1).",
        "The only number in the text; the words around it are left out.",
        "The month has 30 days only: its last one.",
    ]
    assert found.reasons() == {"not_a_number": 3, "not_a_date": 1}


def test_a_suggestion_is_applied_only_when_somebody_says_so(
    desk: Application, tmp_path: Path
) -> None:
    number = brought(desk, tmp_path)
    offer = desk.corrections.offer(number, "not_a_number", ANA)
    assert (offer.rows, offer.suggested, offer.sure) == (3, 2, 1)
    assert desk.corrections.quarantine(number, ANA).drafts == {}
    assert desk.corrections.apply(number, ANA, code="not_a_number", least=0.8) == 1
    assert desk.corrections.apply(number, ANA, places=[2]) == 1
    found = desk.corrections.quarantine(number, ANA)
    assert {place: draft.cells for place, draft in found.drafts.items()} == {
        0: {"Quantity": "10"}, 2: {"Date": "2025-06-30"},
    }  # fmt: skip
    # Nobody else sees them, and what reads as in the file is no correction.
    assert desk.corrections.quarantine(number, BOB).drafts == {}
    desk.corrections.write(number, 0, {"Quantity": "1O"}, ANA)
    assert list(desk.corrections.quarantine(number, ANA).drafts) == [2]


def test_open_corrected_and_given_up_rows_are_all_quarantined_rows(
    desk: Application, tmp_path: Path
) -> None:
    number = brought(desk, tmp_path)
    desk.corrections.apply(number, ANA)
    desk.corrections.write(number, 3, {"Quantity": "many"}, ANA)
    done = desk.corrections.check(number, ANA)
    assert (done.passed, done.known, list(done.refused)) == (3, 0, [3])
    found = desk.corrections.quarantine(number, ANA)
    assert found.counts.as_dict() == {"open": 1, "corrected": 3, "given_up": 0}
    assert [row.value for row in found.rows([3])] == ["many"]
    assert [row.corrected_by for row in found.rows([0, 3])] == [done.import_id, None]
    desk.corrections.give_up(number, [3], "test row", ANA)
    assert desk.corrections.counts(number, BOB).as_dict() == {
        "open": 0, "corrected": 3, "given_up": 1,
    }  # fmt: skip
    desk.corrections.take_back(number, [3], BOB)
    assert done.import_id is not None
    desk.intake.undo(done.import_id)
    found = desk.corrections.quarantine(number, ANA)
    assert found.counts.as_dict() == {"open": 4, "corrected": 0, "given_up": 0}
    # What was written is still there: the rows pass again as they are.
    assert desk.corrections.check(number, ANA).passed == 3
    assert desk.corrections.counts(number, ANA).all == desk.catalogue.get_import(number).quarantined


def test_what_is_not_open_cannot_be_written_into(desk: Application, tmp_path: Path) -> None:
    number = brought(desk, tmp_path)
    desk.corrections.give_up(number, [0], "cancelled", ANA)
    cases = [
        ("corrections.closed", lambda: desk.corrections.write(number, 0, {"Quantity": "1"}, ANA)),
        ("corrections.row", lambda: desk.corrections.write(number, 99, {"Quantity": "1"}, ANA)),
        ("corrections.column", lambda: desk.corrections.write(number, 1, {"Menge": "1"}, ANA)),
        ("corrections.long", lambda: desk.corrections.write(number, 1, {"Date": "1" * 9999}, ANA)),
        ("corrections.note", lambda: desk.corrections.give_up(number, [1], "  ", ANA)),
        ("corrections.none", lambda: desk.corrections.check(number, BOB)),
        ("import.unknown", lambda: desk.corrections.counts(77, ANA)),
    ]
    for code, act in cases:
        with pytest.raises(PicholineError) as told:
            act()
        assert told.value.code == code


def test_people_who_see_a_part_of_the_rows_are_refused(desk: Application, tmp_path: Path) -> None:
    number = brought(desk, tmp_path)
    limited = Scope(owner="eve", where=(Filter("country", ("FR",)),))
    for act in (
        lambda: desk.corrections.quarantine(number, limited),
        lambda: desk.corrections.write(number, 0, {"Quantity": "1"}, limited),
        lambda: desk.corrections.check(number, limited),
        lambda: desk.corrections.give_up(number, [0], "x", limited),
        lambda: desk.corrections.take_back(number, [0], limited),
        lambda: desk.corrections.forget(number, [0], limited),
        lambda: desk.corrections.imports(limited),
    ):
        with pytest.raises(PicholineError) as told:
            act()
        assert told.value.code == "access.restricted"


def test_an_error_cell_is_shown_by_its_text(desk: Application, tmp_path: Path) -> None:
    rows = [line(1), line(2, **{"Unit price": "#N/A"})]
    desk.intake.run(write_xlsx(tmp_path / "s.xlsx", rows), ImportOptions())
    (row,) = desk.corrections.quarantine(1, ANA).rows([0])
    assert (row.cells["Unit price"], row.written) == ("#N/A", ())
    (made,) = desk.corrections.suggestions(1, [row], ANA)
    assert made is not None
    assert (made.title, made.value, made.sure) == ("Unit price", "10.5", 0.4)


def test_rows_wait_until_they_are_settled_or_their_import_is_undone(
    desk: Application, tmp_path: Path
) -> None:
    number = brought(desk, tmp_path)

    def waiting() -> list[tuple[int | None, int]]:
        return [(record.id, rows) for record, rows in desk.corrections.waiting(ANA)]

    assert waiting() == [(number, 4)]
    desk.corrections.give_up(number, [3], "no number", ANA)
    assert waiting() == [(number, 3)]
    desk.imports.undo(number, ANA)
    assert waiting() == []
    with pytest.raises(PicholineError):
        desk.corrections.waiting(Scope(owner="eve", where=(Filter("country", ("FR",)),)))
