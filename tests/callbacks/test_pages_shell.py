"""The shell through its routes: filters and URL, errors, tokens, headers, empty homes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.services.analytics.base import ANALYSES, get_analysis
from core.services.application import Application
from dashboard.app import create_app
from dashboard.filterbar import CONTROLS
from tests.desk import Visitor, demo_application, texts


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return the services over a small demo company."""
    found = demo_application(tmp_path_factory.mktemp("shell"), 2_000)
    yield found
    found.close()


def follow(visitor: Visitor, search: str, changed: str = "url.search", **controls: Any) -> Any:
    """Return what the filter bar answers."""
    named = {f"{name.replace('_', '-')}.value": value for name, value in controls.items()}
    answer = visitor.call(
        "filter-chips.children",
        {"url.search": search, "data-version.data": 1, **named},
        changed=(changed,),
    )
    assert answer.status_code == 200, answer.text
    return answer.json["response"]


def test_the_url_fills_the_controls(visitor: Visitor) -> None:
    """A pasted link restores period, comparison and values; the URL itself is left alone."""
    found = follow(visitor, "?period=year_to_date&compare=previous&country=FR&country=__none__")
    assert found["filter-period"]["value"] == "year_to_date"
    assert found["filter-compare"]["value"] == "previous"
    assert found["filter-country"]["value"] == ["FR", "__none__"]
    assert "url" not in found
    chips = texts(found["filter-chips"]["children"])
    assert "France" in chips
    assert "No country" in chips
    assert found["status-filters"]["children"] == "2 active filters"


def test_a_control_changes_the_url_and_keeps_page_parameters(visitor: Visitor) -> None:
    """Choosing a value writes the URL; parameters of the page stay."""
    found = follow(
        visitor,
        "?split=country",
        "filter-country.value",
        filter_period="last_12_months",
        filter_compare="year",
        filter_country=["DE"],
    )
    assert found["url"]["search"] == "?country=DE&split=country"


def test_own_days_start_from_the_period_shown(visitor: Visitor) -> None:
    """Choosing free dates writes both days, and shows the date fields."""
    found = follow(
        visitor, "", "filter-period.value", filter_period="custom", filter_compare="year"
    )
    assert "from=" in found["url"]["search"]
    assert "to=" in found["url"]["search"]
    assert found["filter-dates"]["hidden"] is False


def test_options_show_counts_and_keep_chosen_values(visitor: Visitor) -> None:
    """Each option names its lines; a chosen value without lines stays in the list."""
    found = follow(visitor, "?country=XX")
    options = found["filter-country"]["options"]
    assert {option["value"] for option in options} > {"XX", "FR"}
    assert all(texts(option["label"]).split()[-1].replace(",", "").isdigit() for option in options)


def test_an_unreadable_filter_is_told_and_the_bar_shows_defaults(visitor: Visitor) -> None:
    """An old or broken link opens, with a message that says what to do."""
    found = follow(visitor, "?period=nonsense")
    assert found["filter-period"]["value"] == "last_12_months"
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


def test_every_control_is_answered(visitor: Visitor) -> None:
    """Values and options come in one answer, so that no value meets a list without it."""
    found = follow(visitor, "")
    assert all("value" in found[name] for name in CONTROLS)
