"""Computing ahead: what may come next, only while nobody waits, under the same rights."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import PicholineError
from core.models.filters import FilterState, Preset
from core.models.query import Compare, Scope
from core.services.analytics.base import get_analysis
from core.services.answer_cache import StoppedError, computed_ahead
from core.services.application import Application
from core.services.neighbours import neighbours
from core.services.prefetch import Prefetch
from core.settings import load_settings
from tests.answers import lines
from tests.storehouse import Storehouse

QUERY = (("period", "all"), ("compare", "none"))


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    house = Storehouse(tmp_path / "home")
    house.add("sales", lines(60))
    house.close()
    opened = Application.open(load_settings(tmp_path / "home"))
    opened.warehouse.ensure()
    yield opened
    opened.close()


@pytest.fixture
def prefetch(application: Application) -> Iterator[Prefetch]:
    found = Prefetch(application, has_room=lambda: True, quiet_seconds=0.02, steps=6)
    yield found
    found.stop()


def counts(application: Application) -> dict[str, int]:
    return dict(application.metrics.answers.state(on_disk=False).counts)


def look(
    application: Application, pairs: tuple[tuple[str, str], ...], owner: str = "local"
) -> None:
    analysis = get_analysis("overview")
    scope = application.access.scope_of(owner)
    analysis.run(application.metrics, analysis.params_from(pairs), scope)  # type: ignore[misc]


def test_new_data_are_never_prepared_by_it(application: Application, prefetch: Prefetch) -> None:
    """An import nobody has built yet: what serves goes on serving, and no file is made."""
    folder = application.settings.warehouse
    house = Storehouse(application.settings.home)
    house.add("sales", lines(30))
    house.close()
    before = sorted(folder.glob("*.duckdb"))
    prefetch.visited("overview", QUERY, "local")
    assert not prefetch.settled(0.6)
    with application.warehouse.without_building():
        look(application, QUERY)
    assert sorted(folder.glob("*.duckdb")) == before
    assert not application.warehouse.is_ready()
    application.warehouse.ensure()
    assert application.warehouse.is_ready()
    assert prefetch.settled(20)
    assert counts(application)["ahead"] > 0


def test_without_any_file_questions_inside_are_refused(tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home")
    house.add("sales", lines(5))
    with house.warehouse.without_building(), pytest.raises(PicholineError) as caught:
        house.metrics.span()
    assert caught.value.code == "warehouse.not_ready"
    assert list(house.settings.warehouse.glob("*.duckdb")) == []
    assert house.metrics.span() is not None
    house.close()


def test_states_one_step_away() -> None:
    state = FilterState(Preset.LAST_YEAR, values={"channel": ("web",), "country": ("FR", "IT")})
    found = list(neighbours(state, [("country", "DE"), ("channel", "web")]))
    assert found[0].values == {"country": ("FR", "IT")}
    assert {"channel": ("web",), "country": ("IT",)} in [s.values for s in found]
    assert FilterState(Preset.LAST_YEAR) in found
    assert {"channel": ("web",), "country": ("DE",)} in [s.values for s in found]
    presets = list(dict.fromkeys(s.preset for s in found))
    assert set(presets[:3]) == {Preset.LAST_YEAR, Preset.YEAR_TO_DATE, Preset.QUARTER_TO_DATE}
    assert len(presets) == len(Preset) - 1  # all but days of one's own
    assert [s.compare for s in found if s.compare is not Compare.YEAR] == [Compare.PREVIOUS]
    assert state not in found
    assert not any(len(s.values) > 2 for s in found)


def test_the_next_state_is_there_before_it_is_asked_for(
    application: Application, prefetch: Prefetch
) -> None:
    look(application, QUERY)
    asked = counts(application)["computed"]
    prefetch.visited("overview", QUERY, "local")
    assert prefetch.settled(30)
    found = counts(application)
    assert found["computed"] == asked
    assert found["ahead"] > 20
    look(application, (*QUERY, ("country", "FR")))
    assert counts(application)["computed"] == asked
    assert counts(application)["memory"] > found.get("memory", 0)


def test_nothing_is_computed_while_somebody_waits(
    application: Application, prefetch: Prefetch
) -> None:
    prefetch.enter()
    prefetch.visited("overview", QUERY, "local")
    time.sleep(0.3)
    assert counts(application) == {}
    prefetch.leave()
    assert prefetch.settled(30)
    assert counts(application)["ahead"] > 20


def test_a_request_stops_it_between_two_questions(
    application: Application, prefetch: Prefetch
) -> None:
    prefetch.visited("overview", QUERY, "local")
    limit = time.monotonic() + 20
    while not counts(application).get("ahead") and time.monotonic() < limit:
        time.sleep(0.002)
    prefetch.enter()
    time.sleep(0.15)  # the question under way ends
    before = counts(application)["ahead"]
    time.sleep(0.3)
    assert counts(application)["ahead"] == before
    prefetch.leave()
    assert prefetch.settled(30)
    assert counts(application)["ahead"] > before


def test_what_is_at_hand_is_given_even_when_nothing_more_is_wanted(
    application: Application,
) -> None:
    look(application, QUERY)
    with computed_ahead(lambda: False):
        look(application, QUERY)
        with pytest.raises(StoppedError):
            look(application, (*QUERY, ("country", "FR")))


def test_it_is_computed_with_the_rights_of_who_looked(
    application: Application, prefetch: Prefetch
) -> None:
    application.access.allow("anna", "country", ["FR"])  # looks at the values there are
    before = counts(application)["computed"]
    prefetch.visited("overview", QUERY, "anna")
    assert prefetch.settled(30)
    look(application, QUERY, "anna")
    assert counts(application)["computed"] == before
    look(application, QUERY)
    assert counts(application)["computed"] > before + 3
    total = application.metrics.members("country", application.access.scope_of("anna"))
    assert [member.value for member in total] == ["FR"]


def test_after_an_import_the_pages_people_used_are_computed_anew(
    application: Application, prefetch: Prefetch, tmp_path: Path
) -> None:
    prefetch.visited("overview", QUERY, "local")
    assert prefetch.settled(30)
    house = Storehouse(tmp_path / "home")
    house.add("sales", lines(3))
    house.warehouse.ensure()  # as the worker does
    house.close()
    version, limit = application.catalogue.current_version(), time.monotonic() + 30
    while time.monotonic() < limit and prefetch._version != version:
        time.sleep(0.05)
    assert prefetch.settled(30)
    assert application.warehouse.info().data_version == version
    before = counts(application).get("computed", 0)
    look(application, QUERY)
    assert counts(application).get("computed", 0) == before
    assert application.metrics.status(Scope()).lines == 63


def test_a_machine_without_room_computes_nothing(application: Application) -> None:
    prefetch = Prefetch(application, has_room=lambda: False, quiet_seconds=0.01)
    prefetch.visited("overview", QUERY, "local")
    time.sleep(0.2)
    prefetch.stop()
    assert counts(application) == {}
