"""The worklist: what is written stays, nobody overwrites unseen, rights hold, changes go back."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest

from core.errors import PicholineError
from core.i18n import use_language
from core.models.query import Filter, Scope
from core.repository.catalogue import Catalogue
from core.repository.worklist import ItemKey, WorkItemStore
from core.services.worklist import STATUSES, UNTOUCHED, Worklist, checked
from tests.storehouse import Storehouse, sale

ANNA, BEN = Scope("anna"), Scope("ben")
FRENCH_ONLY = Scope("fleur", (Filter("country", ("FR",)),))
ONE, TWO = ItemKey("churn", "c1"), ItemKey("churn", "c2")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    """c1 buys in France, c2 in Germany."""
    found = Storehouse(tmp_path_factory.mktemp("worklist"))
    found.add(
        "sales",
        [
            sale("1", "2025-01-05", "A", 10, 20, customer_id="c1", country="FR"),
            sale("2", "2025-01-09", "A", 2, 20, customer_id="c2", country="DE"),
        ],
    )
    yield found
    found.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    url = f"sqlite:///{tmp_path / 'catalogue.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    opened = Catalogue(url)
    opened.create()
    yield opened
    opened.engine.dispose()


@pytest.fixture
def worklist(house: Storehouse, catalogue: Catalogue) -> Worklist:
    return Worklist(catalogue, house.metrics)


def refused(code: str, status: int | None = None) -> "pytest.RaisesExc[PicholineError]":
    def same(error: PicholineError) -> bool:
        return error.code == code and status in (None, error.status) and bool(str(error.remedy))

    return pytest.raises(PicholineError, check=same)


def test_a_change_stays_and_names_who_made_it(worklist: Worklist) -> None:
    made = worklist.change(ONE, "note", "  Calls back on Monday\n", UNTOUCHED, ANNA)
    assert made is not None
    assert made.before == UNTOUCHED
    assert made.item.note == "Calls back on Monday"
    found = worklist.items("churn", BEN)
    assert list(found) == ["c1"]
    assert found["c1"].values() == {**UNTOUCHED, "note": "Calls back on Monday"}
    assert (found["c1"].updated_by, found["c1"].updated_at is None) == ("anna", False)
    assert worklist.items("another", ANNA) == {}


def test_the_same_value_again_is_no_change(worklist: Worklist) -> None:
    assert worklist.change(ONE, "status", "open", UNTOUCHED, ANNA) is None
    assert worklist.items("churn", ANNA) == {}
    assert worklist.history(ONE, ANNA) == []


def test_who_looks_at_an_old_row_overwrites_nothing(worklist: Worklist) -> None:
    worklist.change(ONE, "assignee", "Anna", UNTOUCHED, ANNA)
    with refused("worklist.overtaken", 409) as caught:
        worklist.change(ONE, "assignee", "Ben", UNTOUCHED, BEN)
    told = str(caught.value.title)
    assert "anna has changed this row" in told
    assert "Open · Anna" in told
    with use_language("fr"):
        assert "Anna" in str(caught.value.title)
    now = worklist.items("churn", BEN)["c1"].values()
    assert now["assignee"] == "Anna"
    changed = worklist.change(ONE, "assignee", "Ben", now, BEN)
    assert changed is not None
    assert changed.before["assignee"] == "Anna"


def test_of_many_at_once_exactly_one_is_stored(worklist: Worklist) -> None:
    people, start = 6, Barrier(6)
    stored: list[str] = []
    told: list[str] = []

    def write(number: int) -> None:
        start.wait()
        try:
            worklist.change(ONE, "note", f"from {number}", UNTOUCHED, Scope(f"p{number}"))
            stored.append(f"from {number}")
        except PicholineError as error:
            told.append(error.code)

    threads = [Thread(target=write, args=(n,)) for n in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored) == 1
    assert told == ["worklist.overtaken"] * (people - 1)
    assert worklist.items("churn", ANNA)["c1"].note == stored[0]
    assert len(worklist.history(ONE, ANNA)) == 1


def test_a_stale_revision_is_refused_by_the_store_itself(catalogue: Catalogue) -> None:
    store = WorkItemStore(catalogue)
    assert store.save(ONE, UNTOUCHED, 0, "anna") is not None
    assert store.save(ONE, {**UNTOUCHED, "note": "x"}, 0, "ben") is None
    assert store.save(ONE, {**UNTOUCHED, "note": "x"}, 2, "ben") is None
    changed = store.save(ONE, {**UNTOUCHED, "note": "x"}, 1, "ben")
    assert changed is not None
    assert (changed.revision, changed.before["note"], changed.after["note"]) == (2, "", "x")


def test_the_last_change_goes_back_and_forth(worklist: Worklist) -> None:
    first = worklist.change(ONE, "status", "contacted", UNTOUCHED, ANNA)
    assert first is not None
    second = worklist.change(ONE, "note", "left a message", first.item.values(), ANNA)
    assert second is not None
    back = worklist.undo(second.id, ANNA)
    assert back.item.values() == first.item.values()
    forth = worklist.undo(back.id, ANNA)
    assert forth.item.note == "left a message"
    notes = [change.item.note for change in worklist.history(ONE, ANNA)]
    assert notes == ["left a message", "", "left a message", ""]


def test_the_first_change_of_all_goes_back_to_nothing_written(worklist: Worklist) -> None:
    made = worklist.change(ONE, "status", "lost", UNTOUCHED, ANNA)
    assert made is not None
    assert worklist.undo(made.id, ANNA).item.values() == UNTOUCHED
    assert worklist.items("churn", ANNA)["c1"].values() == UNTOUCHED


def test_only_ones_own_last_change_goes_back(worklist: Worklist) -> None:
    made = worklist.change(ONE, "note", "a", UNTOUCHED, ANNA)
    assert made is not None
    with refused("worklist.change", 404):
        worklist.undo(made.id, BEN)
    with refused("worklist.change", 404):
        worklist.undo(made.id + 1000, ANNA)
    worklist.change(ONE, "note", "b", made.item.values(), BEN)
    with refused("worklist.overtaken", 409):
        worklist.undo(made.id, ANNA)
    assert worklist.items("churn", ANNA)["c1"].note == "b"


def test_customers_outside_ones_rows_can_be_neither_read_nor_written(worklist: Worklist) -> None:
    worklist.change(ONE, "note", "in France", UNTOUCHED, ANNA)
    hidden = worklist.change(TWO, "note", "in Germany", UNTOUCHED, ANNA)
    assert hidden is not None
    assert list(worklist.items("churn", FRENCH_ONLY)) == ["c1"]
    assert worklist.change(ONE, "status", "kept", {**UNTOUCHED, "note": "in France"}, FRENCH_ONLY)
    with refused("worklist.customer", 404):
        worklist.change(TWO, "status", "kept", hidden.item.values(), FRENCH_ONLY)
    with refused("worklist.customer", 404):
        worklist.history(TWO, FRENCH_ONLY)
    with refused("worklist.customer", 404):  # of whom nothing is known either
        worklist.change(ItemKey("churn", "nobody"), "note", "x", UNTOUCHED, FRENCH_ONLY)
    narrowed = Scope("anna", FRENCH_ONLY.where)  # rights were taken away since
    with refused("worklist.customer", 404):
        worklist.undo(hidden.id, narrowed)
    assert worklist.items("churn", ANNA)["c2"].note == "in Germany"


@pytest.mark.parametrize("name", ["", "x" * 201, "a\nb", "a\x00"])
def test_what_cannot_be_a_customer_is_refused(worklist: Worklist, name: str) -> None:
    with refused("worklist.customer"):
        worklist.change(ItemKey("churn", name), "note", "x", UNTOUCHED, ANNA)


def test_values_are_checked() -> None:
    assert checked("note", None) == ""
    assert checked("note", " one\ntwo\x00\u202e ") == "one\ntwo"
    assert checked("assignee", "Zoë") == "Zoë"
    assert checked("note", "x" * 1000) == "x" * 1000
    assert [checked("status", key) for key in STATUSES] == list(STATUSES)
    for field, value, code in (
        ("note", "x" * 1001, "worklist.long"),
        ("assignee", "x" * 81, "worklist.long"),
        ("status", "Open", "worklist.status"),
        ("status", "", "worklist.status"),
        ("owner", "x", "worklist.field"),
    ):
        with refused(code):
            checked(field, value)
