"""The map: places, colours and parts, from the outlines that ship."""

from datetime import date
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import pytest

from core.models.filters import FilterState
from core.models.query import Scope
from core.services.analytics.base import get_analysis
from dashboard.page import View
from dashboard.theme import palette
from dashboard.world_map import LEFT, TOP, WIDTH, colour_of, place_of, world_map
from tests.storehouse import Storehouse, sale


@pytest.mark.parametrize(
    ("code", "lon", "lat"),
    [("DE", 10.3, 51.1), ("AU", 134.4, -25.6), ("SG", 103.8, 1.35), ("FR", 2.4, 46.5)],
)
def test_dots_stand_in_their_countries(code: str, lon: float, lat: float) -> None:
    place = place_of(code)
    assert place
    assert place == pytest.approx(equal_earth(lon, lat), abs=25)  # about 1.5 degrees


def equal_earth(lon: float, lat: float) -> tuple[float, float]:
    """Return a place in the projection's published formula (Šavrič, Patterson, Jenny 2018)."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    t = asin(sqrt(3) / 2 * sin(radians(lat)))
    below = 9 * a4 * t**8 + 7 * a3 * t**6 + 3 * a2 * t**2 + a1
    x = 2 * sqrt(3) * radians(lon) * cos(t) / (3 * below)
    return 1000 * x, 1000 * (a4 * t**9 + a3 * t**7 + a2 * t**3 + a1 * t)


def test_nowhere_is_no_place() -> None:
    assert place_of("??") is None


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    home: Path = tmp_path_factory.mktemp("map")
    house = Storehouse(home)
    house.add("sales", [
        sale("1", "2025-01-10", "A", 10, 20, unit_cost=15, country="FR"),
        sale("2", "2025-02-10", "A", 5, 20, unit_cost=15, country="US"),
        sale("3", "2025-02-11", "A", 4, 20, unit_cost=15, country="SG"),
    ])  # fmt: skip
    house.add("investments", [
        {"date": date(2025, 1, 5), "kind": "marketing", "amount": 20, "country": "FR"},
    ])  # fmt: skip
    analysis = get_analysis("roi")
    assert analysis.run
    result = analysis.run(house.metrics, analysis.params_from([("compare", "none")]), Scope())
    house.close()
    return View(result, result.tables["map_world"], FilterState(), "light", "en", "EUR")


def test_only_countries_with_a_return_are_filled(view: View) -> None:
    """50 earned in France for 20 put in: 150 %, the full colour; the others are dots alone."""
    *fills, dots = world_map(view)["data"]
    assert [fill["fillcolor"] for fill in fills] == [palette("light").rates[2]]
    assert len(dots["x"]) == 3
    assert dots["text"] == ["150%", "–", "–"]
    sizes = dots["marker"]["size"]
    assert sizes == sorted(sizes, reverse=True)


def test_europe_alone_fills_the_frame(view: View) -> None:
    result = view.result
    europe = View(result, result.tables["map_europe"], FilterState(), "light", "en", "EUR")
    assert [row["country"] for row in europe.table.rows()] == ["FR"]
    left, right = world_map(europe)["layout"]["xaxis"]["range"]
    assert right - left < WIDTH / 10
    whole = world_map(view)["layout"]
    assert whole["yaxis"]["range"][1] <= TOP
    assert whole["xaxis"]["range"][0] >= LEFT


def test_colours_turn_at_nothing(view: View) -> None:
    low, _middle, high = palette("light").rates
    assert (colour_of(-3.0, view), colour_of(1.0, view)) == (low, high)
    assert colour_of(0.1, view) != colour_of(-0.1, view)
