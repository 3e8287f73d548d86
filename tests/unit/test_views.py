"""Saved views: whose they are, which one is first, and what is no view."""

from collections.abc import Iterator

import pytest

from core.errors import PicholineError
from core.models.query import Scope
from core.repository.catalogue import Catalogue
from core.services.views import LONGEST_NAME, MOST, Views

ANA, BOB = Scope(owner="ana"), Scope(owner="bob")


@pytest.fixture
def views() -> Iterator[Views]:
    catalogue = Catalogue("sqlite://")
    catalogue.create()
    yield Views(catalogue)
    catalogue.engine.dispose()


def names(views: Views, scope: Scope = ANA) -> list[str]:
    return [view.name for view in views.all(scope)]


def test_only_the_owner_sees_and_changes_a_view(views: Views) -> None:
    view, before = views.save("  France,   monthly ", "/margins?country=FR&split=category", ANA)
    assert (view.name, before) == ("France, monthly", None)
    assert names(views, BOB) == []
    for change in (views.remove, views.restore):
        with pytest.raises(PicholineError) as refused:
            change(view.id or 0, BOB)
        assert refused.value.status == 404
    assert names(views) == ["France, monthly"]


def test_the_same_name_is_the_same_view(views: Views) -> None:
    first, _ = views.save("Board", "/overview", ANA)
    again, before = views.save("board", "/roi?period=all", ANA)
    assert (again.id, again.address, before) == (first.id, "/roi?period=all", "/overview")
    assert len(views.all(ANA)) == 1


def test_one_view_is_first_and_a_removed_one_is_not(views: Views) -> None:
    one, two = (views.save(name, "/overview", ANA)[0].id or 0 for name in ("One", "Two"))
    views.begin_with(one, ANA, first=True)
    views.begin_with(two, ANA, first=True)
    found = views.first(ANA)
    assert found
    assert found.id == two
    views.remove(two, ANA)
    assert views.first(ANA) is None
    assert names(views) == ["One"]
    views.restore(two, ANA)
    assert names(views) == ["One", "Two"]
    assert views.first(ANA) is None


def test_starred_views_stand_first(views: Views) -> None:
    views.save("Alpha", "/overview", ANA)
    star, _ = views.save("Zeta", "/overview", ANA)
    views.star(star.id or 0, ANA, starred=True)
    assert names(views) == ["Zeta", "Alpha"]


def test_a_name_is_taken_once(views: Views) -> None:
    one, _ = views.save("One", "/overview", ANA)
    two, _ = views.save("Two", "/overview", ANA)
    with pytest.raises(PicholineError, match="already"):
        views.rename(two.id or 0, "ONE", ANA)
    assert views.rename(one.id or 0, "one", ANA).name == "one"
    views.remove(two.id or 0, ANA)
    views.save("Two", "/roi", ANA)
    with pytest.raises(PicholineError, match="already"):
        views.restore(two.id or 0, ANA)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example/x", "/\\evil.example", "javascript:alert(1)",
     "overview", "", "/" + "x" * 5000],
)  # fmt: skip
def test_addresses_stay_inside(views: Views, address: str) -> None:
    with pytest.raises(PicholineError) as refused:
        views.save("Bad", address, ANA)
    assert refused.value.code == "view.address"


@pytest.mark.parametrize("name", ["", "   ", None, "x" * (LONGEST_NAME + 1)])
def test_a_view_has_a_name(views: Views, name: str | None) -> None:
    with pytest.raises(PicholineError) as refused:
        views.save(name, "/overview", ANA)
    assert refused.value.code == "view.name"


def test_there_is_an_end(views: Views) -> None:
    for number in range(MOST):
        views.save(f"View {number}", "/overview", ANA)
    with pytest.raises(PicholineError) as refused:
        views.save("One more", "/overview", ANA)
    assert refused.value.code == "view.many"
    assert views.save("View 7", "/roi", ANA)[1] == "/overview"
