"""Colours and layout of a person: kept for this person, and only what is one."""

from collections.abc import Iterator

import pytest

from core.models.query import Scope
from core.repository.catalogue import Catalogue
from core.services.preferences import PersonalLayout

ANA, BOB = Scope(owner="ana"), Scope(owner="bob")


@pytest.fixture
def layout() -> Iterator[PersonalLayout]:
    catalogue = Catalogue("sqlite://")
    catalogue.create()
    yield PersonalLayout(catalogue)
    catalogue.engine.dispose()


def test_each_has_their_own_and_every_change_is_stamped(layout: PersonalLayout) -> None:
    assert layout.of(ANA) is None
    first = layout.keep({"theme": "dark", "desk": "density=compact&nav=closed&width=240"}, ANA)
    assert first
    assert (first.theme, first.desk) == ("dark", "density=compact&nav=closed&width=240")
    assert layout.of(BOB) is None
    second = layout.keep({"theme": "light", "desk": ""}, ANA)
    assert second
    assert second == layout.of(ANA)
    assert (second.theme, second.desk) == ("light", "")
    assert float(second.stamp) > float(first.stamp)
    layout.forget(ANA)
    assert layout.of(ANA) is None


@pytest.mark.parametrize(
    ("told", "theme", "desk"),
    [
        ({}, "auto", ""),
        ({"theme": "neon", "desk": 7}, "auto", ""),
        ({"desk": "nav=<script>&density=compact"}, "auto", "density=compact"),
        ({"desk": "A=1&nav=closed&nav=open"}, "auto", "nav=open"),
        ({"desk": "x=" + "y" * 5000}, "auto", ""),
    ],
)
def test_what_is_no_preference_is_left_out(
    layout: PersonalLayout, told: dict[str, object], theme: str, desk: str
) -> None:
    kept = layout.keep(told, ANA)
    assert kept
    assert (kept.theme, kept.desk) == (theme, desk)
