"""Own dimensions in the filter bar and among the tabs of pages, through the callback route."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.services.application import Application
from core.services.definitions.bodies import OwnDimension
from core.settings import load_settings
from tests.desk import Visitor, pattern, texts
from tests.storehouse import Storehouse, sale

REGION = OwnDimension(
    "region", "Region", "Région", base="country",
    groups=(("North", ("FR", "DE")), ("South", ("IT", "ES"))),
)  # fmt: skip
LISTS = pattern("id", type="filter-own", key="ALL")


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    home = tmp_path_factory.mktemp("own")
    house = Storehouse(home)
    house.add("sales", [
        sale(f"{i}", f"2025-0{1 + i % 3}-0{1 + i}", "A", 1 + i, 10, unit_cost=6,
             country=("FR", "DE", "IT", "ES")[i % 4], customer_id="a")
        for i in range(8)
    ])  # fmt: skip
    house.close()
    found = Application.open(load_settings(home))
    yield found
    found.close()


@pytest.fixture(autouse=True)
def region(application: Application) -> Iterator[None]:
    application.definitions.save(REGION)
    yield
    if "region" in application.metrics.known().dimensions:
        application.definitions.remove("region")


def described(visitor: Visitor, search: str) -> dict[str, Any]:
    answer = visitor.call(
        "filter-described.data", {"url.search": search, "data-version.data": 1},
        changed=("url.search",),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json["response"]
    return found


def chosen(found: dict[str, Any], name: str) -> Any:
    return found["filter-described"]["data"]["values"][name]


def test_the_list_has_the_groups_and_what_is_chosen(visitor: Visitor) -> None:
    assert "Region" in visitor.client.get("/_dash-layout").text
    found = described(visitor, "?period=all&own.region=North")
    assert chosen(found, "filter-own.region") == ["North"]
    options = found["filter-described"]["data"]["options"]["filter-own.region"]
    assert [option["value"] for option in options] == ["North", "South"]
    assert "Region: North" in texts(found["filter-chips"]["children"]).replace("  ", " ")
    others = found["filter-described"]["data"]["options"]["filter-country"]
    assert {option["value"] for option in others} == {"FR", "DE"}  # the North's


def test_lists_are_drawn_anew_only_when_others_are_defined(visitor: Visitor) -> None:
    same = visitor.call(
        "filter-own.children",
        {"data-version.data": 5, LISTS: [({"type": "filter-own", "key": "region"},) * 2]},
        changed=("data-version.data",),
    )
    assert same.status_code == 204
    fresh = visitor.call(
        "filter-own.children", {"data-version.data": 5, LISTS: []}, changed=("data-version.data",)
    )
    assert "Region" in fresh.text


def test_a_change_of_the_definitions_refreshes_open_pages(
    visitor: Visitor, application: Application
) -> None:
    now = application.metrics.turn()
    quiet = visitor.call("data-version.data", {"data-version.data": now}, changed=("x",))
    assert "data-version" not in (quiet.json or {"response": {}})["response"]
    application.definitions.remove("region")
    moved = visitor.call("data-version.data", {"data-version.data": now}, changed=("x",))
    assert moved.json["response"]["data-version"]["data"] == application.metrics.turn() > now


def test_pages_are_kept_by_the_definitions_they_were_drawn_with(
    visitor: Visitor, application: Application
) -> None:
    query = "?period=all&compare=none&own.region=North"
    before = visitor.page("overview", query)["overview-kpis-body"]
    application.definitions.save(
        OwnDimension("region", "Region", base="country", groups=(("North", ("FR",)),))
    )
    after = visitor.page("overview", query)["overview-kpis-body"]
    assert texts(before["children"]) != texts(after["children"])


def test_tabs_offer_own_dimensions(visitor: Visitor) -> None:
    shown = visitor.page("margins", "?period=all&compare=none&split=region")
    assert "Region" in texts(shown["margins-by-choice"]["children"])
    assert {row["region"] for row in shown["margins-by-body"]["rowData"]} == {"North", "South"}
    assert shown["margins-by-csv"]["href"] == "/export/margins/by_region.csv"
    file = visitor.client.get("/export/margins/by_region.csv?period=all&split=region")
    assert file.text.splitlines()[1].startswith("South,South,220,88,")  # 3 + 4 + 7 + 8 pieces
    returns = visitor.page("roi", "?period=all&compare=none&split=region")
    assert {row["region"] for row in returns["roi-by-body"]["rowData"]} == {"North", "South"}


def test_a_removed_one_is_named_and_led_out_of(visitor: Visitor, application: Application) -> None:
    application.definitions.remove("region")
    shown = visitor.page("overview", "?own.region=North")
    said = texts(shown["overview-kpis-notice"]["children"])
    assert "“Region” (region) was removed from the definitions." in said
    chips = described(visitor, "?own.region=North")["filter-chips"]["children"]
    assert "Region" in texts(chips)
    assert [c["props"]["href"] for c in chips if c["props"].get("className") == "chip"] == ["?"]
    split = visitor.page("margins", "?split=region")
    assert "was removed" in texts(split["margins-kpis-notice"]["children"])
    tabs = split["margins-by-choice"]["children"]
    assert tabs[0]["props"]["href"] == "?"
    file = visitor.client.get("/export/margins/by_region.csv?split=region")
    assert file.status_code == 404
    assert "was removed" in file.text
