"""The shell through its routes: filters and URL, errors, tokens, headers, empty homes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.models.filters import FILTER_DIMENSIONS, FilterState, Preset
from core.models.query import Compare
from core.services.analytics.base import ANALYSES, get_analysis
from core.services.application import Application
from dashboard.app import create_app
from dashboard.filterbar import LISTS
from tests.desk import Visitor, demo_application, texts


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return the services over a small demo company."""
    found = demo_application(tmp_path_factory.mktemp("shell"), 2_000)
    yield found
    found.close()


def describe(visitor: Visitor, search: str) -> Any:
    """Return what the server says of a URL to the filter bar."""
    answer = visitor.call(
        "filter-chips.children",
        {"url.search": search, "data-version.data": 1},
        changed=("url.search",),
    )
    assert answer.status_code == 200, answer.text
    return answer.json["response"]


def test_the_url_fills_the_controls(visitor: Visitor) -> None:
    """A pasted link restores period, comparison and values; the URL itself is left alone."""
    search = "?period=year_to_date&compare=previous&country=FR&country=__none__"
    found = describe(visitor, search)
    told = found["filter-described"]["data"]
    assert told["search"] == search
    assert told["values"]["filter-period"] == "year_to_date"
    assert told["values"]["filter-compare"] == "previous"
    assert told["values"]["filter-country"] == ["FR", "__none__"]
    assert "url" not in found
    chips = texts(found["filter-chips"]["children"])
    assert "France" in chips
    assert "No country" in chips
    assert found["status-filters"]["children"] == "2 active filters"


def test_chips_keep_page_parameters(visitor: Visitor) -> None:
    """A chip takes its own value out of the address and nothing else."""
    chips = describe(visitor, "?country=FR&country=DE&split=country")["filter-chips"]["children"]
    links = [chip["props"]["href"] for chip in chips if "href" in chip["props"]]
    assert links == ["?country=DE&split=country", "?country=FR&split=country", "?split=country"]


def test_only_the_browser_writes_filters_into_the_url(visitor: Visitor) -> None:
    """No answer of the server may overtake a person: none of them sets the URL."""
    assert [c["output"] for c in visitor.callbacks if re.search(r"\burl\.", c["output"])] == []


def test_own_days_start_from_the_period_shown(visitor: Visitor) -> None:
    """The script is told the days of every period; date fields show for free dates only."""
    found = describe(visitor, "?period=last_year")
    first, last = found["filter-described"]["data"]["span"]
    assert (first[4:], last[4:]) == ("-01-01", "-12-31")
    assert found["filter-dates"]["hidden"] is True
    own = describe(visitor, f"?period=custom&from={first}&to={last}")
    assert own["filter-dates"]["hidden"] is False
    values = own["filter-described"]["data"]["values"]
    assert (values["filter-from"], values["filter-to"]) == (first, last)


def test_options_show_counts_and_keep_chosen_values(visitor: Visitor) -> None:
    """Each option names its lines; a chosen value without lines stays in the list."""
    found = describe(visitor, "?country=XX")
    options = found["filter-described"]["data"]["options"]["filter-country"]
    assert {option["value"] for option in options} > {"XX", "FR"}
    assert all(texts(option["label"]).split()[-1].replace(",", "").isdigit() for option in options)


def test_an_unreadable_filter_is_told_and_the_bar_shows_defaults(visitor: Visitor) -> None:
    """An old or broken link opens, with a message that says what to do."""
    found = describe(visitor, "?period=nonsense")["filter-described"]["data"]
    assert found["values"]["filter-period"] == "last_12_months"
    page = visitor.page("overview", "?period=nonsense")
    assert "is neither a period" in texts(page["overview-kpis-notice"]["children"])
    assert "has-error" in page["overview-kpis-frame"]["className"]
    assert "overview-trend-body" not in page


def test_a_defect_is_logged_and_named_by_its_request(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A programming error shows a tile with the request's number, never a traceback."""
    broken = get_analysis("overview")
    monkeypatch.setitem(ANALYSES._items, "overview", _Failing(broken))
    answer = visitor.call(
        "overview-shown.data",
        {"overview-query.data": "", "theme.data": "light"},
        changed=("overview-query.data",),
    )
    notice = texts(answer.json["response"]["overview-kpis-notice"]["children"])
    assert "Something went wrong" in notice
    assert answer.headers["X-Request-Id"] in notice
    assert "division" not in answer.text


class _Failing:
    """An analysis with a defect."""

    def __init__(self, found: Any) -> None:
        self.key = found.key
        self.params_from = found.params_from

    def run(self, *_parts: Any) -> Any:
        return 1 / 0


def test_changes_need_the_token(visitor: Visitor) -> None:
    """Without this browser's token a callback is refused, before anything runs."""
    for token in ("", "wrong"):
        answer = visitor.call(
            "overview-shown.data", {"overview-query.data": ""}, changed=(), token=token
        )
        assert answer.status_code == 403
        assert answer.json["code"] == "request.token"


def test_another_sites_request_is_refused(visitor: Visitor) -> None:
    """The browser says that the request comes from another site."""
    answer = visitor.client.post(
        "/_dash-update-component",
        json={},
        headers={"X-CSRF-Token": visitor.token, "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.5:8050"])
def test_foreign_host_names_are_refused(server: Any, host: str) -> None:
    """A name that somebody else points at this machine gets no answer."""
    answer = server.test_client().get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.json["code"] == "request.host"


@pytest.mark.parametrize("host", ["localhost:8050", "127.0.0.1:9", "[::1]:8050"])
def test_own_host_names_are_served(server: Any, host: str) -> None:
    """The names of this machine are served."""
    assert server.test_client().get("/", headers={"Host": host}).status_code == 200


def test_the_index_page_is_strict(visitor: Visitor) -> None:
    """No inline script without its hash, no other host, no framing."""
    policy = visitor.index.headers["Content-Security-Policy"]
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in script
    assert "sha256-" in script
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert "https://" not in visitor.index.text


def test_files_travel_compressed_and_stay_cached(visitor: Visitor) -> None:
    """The chart library is a fraction of its size on the wire and never asked for again."""
    found = visitor.client.get(
        "/assets/vendor/plotly-cartesian.min.js?v=4.1.1", headers={"Accept-Encoding": "br"}
    )
    assert found.headers["Content-Encoding"] == "br"
    assert "immutable" in found.headers["Cache-Control"]
    assert len(found.data) < 500_000


def test_an_empty_home_shows_the_way(tmp_path: Path) -> None:
    """Without data the shell says so, and pages wait instead of failing."""
    application = demo_application(tmp_path / "empty", 0)
    visitor = Visitor(create_app(application).test_client())
    layout = visitor.client.get("/_dash-layout").json
    assert layout["props"]["className"] == "app is-empty"
    answer = visitor.call("overview-slot.children", {"overview-visited.data": True}, changed=("x",))
    assert "Load the demo company" in texts(answer.json["response"]["overview-slot"]["children"])
    waiting = visitor.call(
        "overview-shown.data", {"overview-query.data": "", "theme.data": "light"}
    )
    assert waiting.status_code == 204
    application.close()


def test_every_control_is_described(visitor: Visitor) -> None:
    """Values and options come in one piece, so that no value meets a list without it."""
    found = describe(visitor, "")["filter-described"]["data"]
    assert {*LISTS, "filter-from", "filter-to"} == set(found["values"])
    assert {"filter-compare", *(f"filter-{key}" for key in FILTER_DIMENSIONS)} == set(
        found["options"]
    )


def data_of(part: Any, name: str) -> Any:
    """Return the data of a store somewhere in a layout."""
    if not isinstance(part, dict):
        return None
    inside = part["props"]
    if inside.get("id") == name:
        return inside["data"]
    parts = inside.get("children")
    found = (data_of(one, name) for one in (parts if isinstance(parts, list) else [parts]))
    return next((data for data in found if data), None)


def test_the_script_knows_every_name_of_the_url(visitor: Visitor) -> None:
    """Presets, comparisons and dimensions the script may write are those the server reads."""
    spec = data_of(visitor.client.get("/_dash-layout").json, "filter-spec")
    assert spec["dimensions"] == list(FILTER_DIMENSIONS)
    assert set(spec["period"]) == set(Preset)
    assert set(spec["compare"]) == {*Compare, "none"}
    default = FilterState()
    assert spec["period"][0] == default.preset
    assert default.compare is not None
    assert spec["compare"][0] == default.compare
