"""Notes: whose they are, what they are about, who may read them, which tables they concern."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from core.errors import PicholineError
from core.i18n import Message
from core.models.formats import Format
from core.models.query import Filter, Period, Scope
from core.models.result import Column, ResultTable
from core.services.note_match import about, concerning
from core.services.notes import LONGEST, Draft, Notes
from tests.answers import lines
from tests.storehouse import Storehouse

ANA, BOB = Scope("ana"), Scope("bob")
FRENCH = Scope("fiona", (Filter("country", ("FR",)),))
MARCH = Draft("Storm at sea", "2025-03-17", "month")
JANUARY_TO_JUNE = Period(date(2025, 1, 1), date(2025, 6, 30))
NOBODY: frozenset[tuple[str, str]] = frozenset()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("home"))
    found.add("sales", lines(20))  # customer C0 buys in France and Italy, in turns
    found.warehouse.ensure()
    yield found
    found.metrics.close()


@pytest.fixture
def notes(house: Storehouse, tmp_path: Path) -> Iterator[Notes]:
    own = Storehouse(tmp_path)
    yield Notes(own.catalogue, house.metrics, 10)
    own.metrics.close()


def told(notes: Notes, scope: Scope = ANA) -> list[str]:
    return [note.text for note in notes.all(scope)]


def test_a_note_stands_on_the_beginning_of_its_time(notes: Notes) -> None:
    note = notes.write(MARCH, ANA)
    assert (note.day, note.grain, about(note)) == (date(2025, 3, 1), "month", "Mar 2025")
    campaign = notes.write(Draft("A poor harvest", "2025-03-17", "campaign"), ANA)
    assert campaign.day == date(2024, 10, 1)
    assert told(notes) == ["Storm at sea", "A poor harvest"]


def test_everybody_reads_and_only_the_owner_changes(notes: Notes) -> None:
    note = notes.write(MARCH, ANA)
    assert told(notes, BOB) == ["Storm at sea"]
    for change in (notes.remove, notes.restore):
        with pytest.raises(PicholineError) as refused:
            change(note.id or 0, BOB)
        assert refused.value.status == 404
    with pytest.raises(PicholineError):
        notes.rewrite(note.id or 0, MARCH, BOB)
    notes.rewrite(note.id or 0, Draft("Storm, two weeks", "2025-03-17", "week"), ANA)
    assert told(notes) == ["Storm, two weeks"]
    notes.remove(note.id or 0, ANA)
    assert told(notes) == []
    notes.restore(note.id or 0, ANA)
    assert told(notes) == ["Storm, two weeks"]


def test_a_note_on_a_hidden_member_is_not_shown(notes: Notes) -> None:
    """Line n is of country n modulo 3 and of product n modulo 5: DE is never France's."""
    notes.write(Draft("Pays late", dimension="country", member="DE"), ANA)
    notes.write(Draft("Pays early", dimension="country", member="FR"), ANA)
    notes.write(MARCH, ANA)
    assert sorted(told(notes, BOB)) == ["Pays early", "Pays late", "Storm at sea"]
    assert told(notes, FRENCH) == ["Pays early"]
    notes.write(Draft("Seen in France", "2025-04-02"), FRENCH)
    assert told(notes, FRENCH) == ["Seen in France", "Pays early"]
    with pytest.raises(PicholineError) as refused:
        notes.write(Draft("Guess", dimension="country", member="DE"), FRENCH)
    assert refused.value.code == "note.member"


def test_who_reads_counts_only_where_rights_do(notes: Notes) -> None:
    assert notes.turn(ANA) == ()
    note = notes.write(MARCH, ANA)
    before = notes.turn(ANA)
    assert before == notes.turn(BOB) != notes.turn(FRENCH)
    notes.remove(note.id or 0, ANA)
    assert notes.turn(ANA) != before


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft(" \n ", "2025-03-01"), "note.text"),
        (Draft("x" * (LONGEST + 1), "2025-03-01"), "note.long"),
        (Draft("About nothing"), "note.about"),
        (Draft("No date", "soon"), "filter.date"),
        (Draft("Nobody", dimension="customer", member="C99"), "note.member"),
        (Draft("No dimension", dimension="nonsense", member="C1"), "note.member"),
        (Draft("A month is no member", dimension="month", member="2025-03-01"), "note.member"),
    ],
)
def test_what_is_no_note_is_refused(notes: Notes, draft: Draft, code: str) -> None:
    with pytest.raises(PicholineError) as refused:
        notes.write(draft, ANA)
    assert refused.value.code == code
    assert str(refused.value.remedy)
    assert told(notes) == []


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example", "x"])
def test_a_note_leads_to_no_other_host(notes: Notes, address: str) -> None:
    assert notes.write(Draft("Storm", "2025-03-01", address=address), ANA).address == ""
    inside = notes.write(Draft("Storm", "2025-03-01", address="/roi?country=FR"), ANA)
    assert inside.address == "/roi?country=FR"


def test_words_find_notes_by_text_and_member(notes: Notes) -> None:
    notes.write(Draft("Pays late", dimension="customer", member="C3"), ANA)
    notes.write(MARCH, ANA)
    assert [note.text for note in notes.search("SEA storm", ANA)] == ["Storm at sea"]
    assert [note.text for note in notes.search("c3 late", ANA)] == ["Pays late"]
    assert notes.search("storm late", ANA) == []


def test_page_and_period_of_a_note(notes: Notes) -> None:
    notes.write(Draft("Only margins", "2025-03-01", "month", page="margins"), ANA)
    notes.write(Draft("Later", "2025-09-01", "month"), ANA)
    notes.write(Draft("The whole campaign", "2025-09-01", "campaign"), ANA)

    def shown(page: str) -> list[str]:
        return [note.text for note in notes.shown(page, JANUARY_TO_JUNE, ANA)]

    assert shown("margins") == ["Only margins", "The whole campaign"]
    assert shown("overview") == ["The whole campaign"]


def table(**values: list[object]) -> ResultTable:
    columns = tuple(Column(key, Message(key), Format.TEXT, "dimension") for key in values)
    return ResultTable(columns=columns, data=pa.table(values))


def test_tables_that_a_note_concerns(notes: Notes) -> None:
    march = notes.write(MARCH, ANA)
    day = notes.write(Draft("Strike", "2025-03-18"), ANA)
    late = notes.write(Draft("Pays late", dimension="customer", member="C3"), ANA)
    both = notes.write(Draft("Fair", "2025-03-18", dimension="customer", member="C3"), ANA)
    everything = [march, day, late, both]
    months = table(month=[date(2025, 2, 1), date(2025, 3, 1)])
    assert concerning(everything, months, NOBODY, 10) == [march, day]
    c3 = frozenset({("customer", "C3")})
    assert concerning(everything, months, c3, 10) == [march, day, both]
    weeks = table(week=[date(2025, 3, 17)])
    assert concerning(everything, weeks, NOBODY, 10) == [day]
    assert concerning(everything, table(customer=["C1", "C3"]), NOBODY, 10) == [late, both]
    assert concerning(everything, table(customer=["C1"]), NOBODY, 10) == []
    crossed = table(month=[date(2025, 3, 1)], customer=["C3"])
    assert concerning(everything, crossed, NOBODY, 10) == [march, day, late, both]
