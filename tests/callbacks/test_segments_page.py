"""The page of segments through the callback route, and its editor of rules: open, count, save."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from core.models.query import Scope
from core.models.result import AnalysisResult
from core.models.rfm import DEFAULT_RULES
from core.services import studies
from core.services.analytics.base import get_analysis
from core.services.application import Application
from tests.desk import Visitor, demo_application, pattern, texts

DO = pattern("n_clicks", action="ALL", type="rules-do")
OPEN = pattern("n_clicks", page="ALL", type="rules-open")
NAMES = [rule.name for rule in DEFAULT_RULES]


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return the services over a small demo company."""
    found = demo_application(tmp_path_factory.mktemp("segments"))
    yield found
    found.close()


@pytest.fixture(autouse=True)
def delivered(application: Application) -> Iterator[None]:
    """Bring the delivered rules back after each test."""
    yield
    application.rules.reset()


def computed(application: Application, **pairs: str) -> AnalysisResult:
    """Run the analysis as its job would, so that the page finds a kept result."""
    analysis = get_analysis("rfm")
    params = analysis.params_from({"groups": "no", **pairs}.items())
    scope = Scope()
    return studies.answer(application, analysis, params, scope, lambda _done, _step: None)


def page(visitor: Visitor, **pairs: str) -> Any:
    query = "&".join(f"{key}={value}" for key, value in {"groups": "no", **pairs}.items())
    return visitor.page("segments", f"?{query}")


def customers(application: Application) -> dict[str, int]:
    """Return how many customers each segment has by another way: the page's own dimension."""
    rows = computed(application, period="all").tables["segments"].rows()
    return {row["segment_key"]: row["customers"] for row in rows}


def open_editor(visitor: Visitor) -> tuple[Any, list[dict[str, Any]]]:
    """Return the customers by scores and the editor's rows, as opening it gives them."""
    name = {"type": "rules-open", "page": "segments"}
    changed = ('{"page":"segments","type":"rules-open"}.n_clicks',)
    opened = visitor.call("rules-cells.data", {OPEN: [(name, 1)]}, changed=changed)
    assert opened.status_code == 200, opened.text
    answer = opened.json["response"]
    assert answer["rules-opened"]["data"]["open"] is True
    cells = answer["rules-cells"]["data"]
    return cells, edit(visitor, cells, [], changed="rules-cells.data")["rows"]


def edit(
    visitor: Visitor,
    cells: Any,
    rows: list[dict[str, Any]],
    *,
    changed: str = "rules-grid.cellValueChanged",
    chosen: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    answer = visitor.call(
        "rules-grid.rowData",
        {
            "rules-cells.data": cells,
            "rules-grid.rowData": rows,
            "rules-grid.selectedRows": [chosen] if chosen else [],
            DO: [({"type": "rules-do", "action": "add"}, 1)],
        },
        changed=(changed,),
    )
    assert answer.status_code == 200, answer.text
    found = answer.json["response"]
    shown = found.get("rules-grid", {}).get("rowData")
    if changed == "rules-grid.cellValueChanged":
        assert shown is None  # what is being typed must not be overwritten
        marks = found["rules-marks"]["data"]
        names = ("customers", "problem")
        shown = [row | dict(zip(names, marks[row["id"]], strict=True)) for row in rows]
    return {
        "rows": shown,
        "problems": texts(found["rules-problems"]["children"]),
        "blocked": found["rules-save"]["disabled"],
    }


def press(visitor: Visitor, action: str, cells: Any, rows: Any, chosen: Any = None) -> Any:
    changed = f'{{"action":"{action}","type":"rules-do"}}.n_clicks'
    return edit(visitor, cells, rows, changed=changed, chosen=chosen)


def save(visitor: Visitor, rows: Any, token: str | None = None) -> Any:
    return visitor.call(
        "rules-closed.data",
        {"rules-save.n_clicks": 1, "rules-grid.rowData": rows},
        changed=("rules-save.n_clicks",),
        token=token,
    )


def test_every_panel_is_drawn(visitor: Visitor, application: Application) -> None:
    analysis = get_analysis("rfm")
    studies.answer(
        application, analysis, analysis.params_from([("period", "all")]),
        Scope(), lambda _done, _step: None,
    )  # fmt: skip
    found = visitor.page("segments", "?period=all")
    assert not any("has-error" in str(parts.get("className")) for parts in found.values())
    for panel in ("shares", "migration", "customers_map", "sales_map"):
        assert found[f"segments-{panel}-body"]["figure"]["data"], panel
    tiles = texts(found["segments-kpis-body"]["children"])
    assert "Net sales of “Champions”" in tiles
    shares = found["segments-segments-body"]["rowData"]
    assert [row["segment_name"] for row in shares] == NAMES
    assert "1–5" in texts(found["segments-rules-body"]["children"])
    assert {row["k"] for row in found["segments-ks-body"]["rowData"]} == set("23456")
    listed = found["segments-customers-body"]["rowData"]
    assert all("{" not in str(row["outlier"]) for row in listed)
    assert "KMeans" in texts(found["segments-card-body"]["children"])


def test_bands_of_the_moves_are_as_wide_as_their_customers(
    visitor: Visitor, application: Application
) -> None:
    result = computed(application, period="all")
    found = page(visitor, period="all")["segments-migration-body"]["figure"]
    rows = result.tables["migration"].rows()
    bands = [trace for trace in found["data"] if len(trace["x"]) > 4]
    assert len(bands) == len(rows)
    heights = sorted(trace["y"][-1] - trace["y"][0] for trace in bands)
    counts = sorted(row["customers"] for row in rows)
    pixels = sum(heights) / sum(counts)
    assert heights == pytest.approx([count * pixels for count in counts], abs=0.05)
    days = [a["text"] for a in found["layout"]["annotations"][:2]]
    assert days == ["<b>30 Sept 2025</b>", "<b>30 Sept 2026</b>"]


def test_french_readers_get_french_words(server: Any, application: Application) -> None:
    computed(application, period="all")
    found = page(Visitor(server.test_client(), "fr"), period="all")
    bars = found["segments-customers_map-body"]["figure"]["data"][0]
    assert bars["text"][4][4].isdigit()
    money = found["segments-sales_map-body"]["figure"]["data"][0]["text"][4][4]
    assert money.endswith("€")
    tiles = texts(found["segments-kpis-body"]["children"])
    assert "\u202f%" in tiles or "\u00a0%" in tiles


def test_too_few_customers_are_explained_in_their_panels(
    visitor: Visitor, application: Application
) -> None:
    pairs = {"period": "all", "country": "JP", "channel": "bulk", "groups": "yes"}
    count = len(computed(application, **pairs).tables["customers"].rows())
    assert 0 < count < 30
    found = page(visitor, **pairs)
    for panel in ("clusters", "ks", "outliers"):
        assert "too few to look for groups" in texts(found[f"segments-{panel}-notice"]["children"])
    assert len(found["segments-customers-body"]["rowData"]) == count


def test_the_editor_opens_with_the_rules_and_their_customers(
    visitor: Visitor, application: Application
) -> None:
    _cells, rows = open_editor(visitor)
    assert [row["name"] for row in rows] == NAMES
    assert {row["key"]: row["customers"] for row in rows} == customers(application)
    assert all(row["customers"] == row["in_force"] for row in rows)
    assert not any(row["problem"] for row in rows)


def test_a_change_is_counted_before_it_is_saved(visitor: Visitor, application: Application) -> None:
    cells, rows = open_editor(visitor)
    rows[0]["monetary_from"] = 1
    found = edit(visitor, cells, rows)
    before = customers(application)
    after = {row["key"]: row["customers"] for row in found["rows"]}
    assert after["champions"] > before["champions"]
    assert after["loyal"] < before["loyal"]
    assert sum(after.values()) == sum(before.values())
    assert found["rows"][0]["in_force"] == before["champions"]
    assert (found["problems"], found["blocked"]) == ("", False)
    assert application.rules.is_default()


def test_what_cannot_be_saved_is_said_beside_its_row(
    visitor: Visitor, application: Application
) -> None:
    cells, rows = open_editor(visitor)
    rows[0]["recency_from"], rows[0]["recency_to"] = 5, 4
    rows[1]["name"] = "Lost"
    found = edit(visitor, cells, rows)
    assert found["blocked"] is True
    assert "impossible range" in found["problems"]
    assert "has the name “Lost” of an earlier rule" in found["problems"]
    assert found["rows"][0]["problem"] is True
    assert found["rows"][2]["problem"] is False
    answer = save(visitor, rows).json["response"]
    assert "impossible range" in texts(answer["rules-error"]["children"])
    assert "rules-closed" not in answer
    assert application.rules.is_default()
    rows[0]["recency_from"] = "many"
    found = edit(visitor, cells, rows)
    assert found["blocked"] is True
    assert "is not a score" in found["problems"]


def test_rules_are_added_moved_and_deleted(visitor: Visitor) -> None:
    cells, rows = open_editor(visitor)
    added = press(visitor, "add", cells, rows, rows[1])["rows"]
    assert added[1]["name"] == "New segment"
    # As it stands it takes everybody the first one leaves: the others never apply.
    assert sum(row["customers"] for row in added[2:]) == 0
    lower = press(visitor, "down", cells, added, added[1])["rows"]
    assert lower[2]["name"] == "New segment"
    upper = press(visitor, "up", cells, lower, lower[2])["rows"]
    assert [row["id"] for row in upper] == [row["id"] for row in added]
    gone = press(visitor, "delete", cells, upper, upper[1])["rows"]
    assert [row["key"] for row in gone] == [row["key"] for row in rows]
    assert press(visitor, "delete", cells, gone)["rows"] == gone
    last = press(visitor, "add", cells, gone)["rows"]
    assert (last[-2]["name"], last[-1]["key"]) == ("New segment", "lost")


def test_saved_rules_are_in_force_everywhere_and_can_be_taken_back(
    visitor: Visitor, application: Application
) -> None:
    cells, rows = open_editor(visitor)
    version = application.catalogue.current_version()
    rows[0] |= {"name": "Stars", "name_fr": "Vedettes", "frequency_from": 5}
    expected = edit(visitor, cells, rows)["rows"][0]["customers"]
    answer = save(visitor, rows).json["response"]
    assert answer["rules-closed"]["data"]["open"] is False
    changed = '{"from":"segments","type":"data-changed"}'
    assert answer[changed]["data"] == application.catalogue.current_version() > version
    first = computed(application, period="all").tables["segments"].rows()[0]
    assert (first["segment_key"], first["customers"]) == ("champions", expected)
    shown = page(visitor, period="all")["segments-segments-body"]["rowData"]
    assert shown[0]["segment_name"] == "Stars"
    back = press(visitor, "defaults", cells, rows)["rows"]
    assert [row["name"] for row in back] == NAMES
    save(visitor, back)
    assert application.rules.is_default()


def test_nothing_is_saved_without_the_token(visitor: Visitor, application: Application) -> None:
    _cells, rows = open_editor(visitor)
    rows[0]["name"] = "Stars"
    assert save(visitor, rows, token="wrong").status_code == 403
    assert application.rules.is_default()
