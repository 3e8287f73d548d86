"""Price against volume: which products have a point, where, and where they came from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.i18n import use_language
from core.models.filters import FilterState
from core.models.query import Scope
from core.services.analytics.base import get_analysis
from dashboard.page import View
from dashboard.price_volume import price_volume
from dashboard.theme import palette, rate_colour
from tests.storehouse import Storehouse, sale


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    home: Path = tmp_path_factory.mktemp("prices")
    house = Storehouse(home)
    house.add("sales", [
        sale("1", "2024-01-01", "A", 10, 16, unit_cost=15),
        sale("2", "2025-01-10", "A", 10, 20, unit_cost=15),
        sale("3", "2025-01-10", "A", 30, 40, unit_cost=15),
        sale("4", "2025-01-10", "B", 5, 3),
        sale("5", "2025-01-10", "C", 5, 3, unit_cost=3),
        sale("6", "2025-01-11", "C", -5, 3, unit_cost=3),
        sale("7", "2025-01-11", "PORT", 1, 9, line_kind="postage"),
    ])  # fmt: skip
    analysis = get_analysis("margins")
    asked = [("from", "2025-01-01"), ("to", "2025-01-31"), ("compare", "year")]
    assert analysis.run
    result = analysis.run(house.metrics, analysis.params_from(asked), Scope())
    yield View(result, result.tables["price_volume"], FilterState(), "light", "fr", "EUR")
    house.close()


def test_points_by_hand(view: View) -> None:
    """A: 1,400 for 40 units, 35 each, margin 800/1,400; B: cost unknown; C was all returned."""
    ways, dots = price_volume(view)["data"]
    assert (dots["x"], dots["y"]) == ([35.0, 3.0], [40.0, 5.0])
    colours = palette("light")
    assert dots["marker"]["color"] == [rate_colour("light", 800 / 1400 / 0.5), colours.line]
    assert dots["marker"]["size"][0] > dots["marker"]["size"][1]
    assert (ways["x"], ways["y"]) == ([16.0, 35.0, None], [10.0, 40.0, None])


def test_axes_are_read_in_french(view: View) -> None:
    with use_language("fr"):
        layout = price_volume(view)["layout"]
    assert layout["xaxis"]["title"]["text"] == "Prix moyen net"
    assert "20\N{NO-BREAK SPACE}€" in layout["xaxis"]["ticktext"]
    assert layout["yaxis"]["type"] == "log"


def test_colours_run_from_low_to_high() -> None:
    low, middle, high = palette("dark").rates
    assert [rate_colour("dark", place) for place in (-1, 0, 0.5, 1, 9)] == [
        low, low, middle, high, high,
    ]  # fmt: skip
