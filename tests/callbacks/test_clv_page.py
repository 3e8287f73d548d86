"""The page of the lifetime value through the callback route: what it draws from a kept run."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from core.errors import PicholineError
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services import studies
from core.services.analytics.base import get_analysis
from core.services.application import Application
from dashboard.pages.clv import PLACES, READING, SPLITS
from tests.clv_shop import kpi
from tests.desk import Visitor, demo_application, texts

QUICK = "draws=60"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return the services over a small demo company."""
    found = demo_application(tmp_path_factory.mktemp("clv"))
    yield found
    found.close()


def computed(application: Application, **pairs: str) -> AnalysisResult:
    """Run the analysis as its job would, so that the page finds a kept result."""
    analysis = get_analysis("clv")
    params = analysis.params_from({"draws": "60", **pairs}.items())
    scope = Scope()
    return studies.answer(application, analysis, params, scope, lambda _done, _step: None)


def page(visitor: Visitor, query: str = "", **values: Any) -> Mapping[str, Any]:
    return visitor.page("clv", f"?{QUICK}{query}", **values)


def body(found: Mapping[str, Any], panel: str) -> Any:
    return found[f"clv-{panel}-body"]


def test_every_panel_is_drawn(visitor: Visitor, application: Application) -> None:
    result = computed(application)
    found = page(visitor)
    for panel in ("totals", "concentration", "capture", "tracking", "calibration"):
        assert body(found, panel)["figure"]["data"], panel
    for panel in ("customers", "acquisition", "models", "parameters"):
        assert body(found, panel)["rowData"], panel
        fields = {column["field"] for column in body(found, panel)["columnDefs"]}
        assert fields <= set(body(found, panel)["rowData"][0])
    tiles = texts(body(found, "kpis")["children"])
    assert f"{kpi(result, 'customers')['value']:,.0f}" in tiles
    assert "90% sure: €" in tiles
    assert "came back after the first purchase" in tiles
    words = texts(body(found, "reading")["children"])
    assert all(text in words for _name, text in READING)
    card = texts(body(found, "card")["children"])
    assert "Holdout: bias of the total" in card


def test_totals_have_whiskers_of_their_interval(visitor: Visitor, application: Application) -> None:
    result = computed(application)
    for split in SPLITS:
        figure = body(page(visitor, f"&split={split}"), "totals")["figure"]
        rows = result.tables[f"by_{split}"].rows()
        (bars,) = figure["data"]
        assert bars["x"] == pytest.approx([row["clv"] for row in rows])
        high = [x + up for x, up in zip(bars["x"], bars["error_x"]["array"], strict=True)]
        assert high == pytest.approx([row["clv_high"] for row in rows])
        low = [x - down for x, down in zip(bars["x"], bars["error_x"]["arrayminus"], strict=True)]
        assert low == pytest.approx([row["clv_low"] for row in rows])
        assert len(figure["layout"]["yaxis"]["ticktext"]) == len(rows)


def test_members_are_named_in_the_readers_language(
    server: Any, visitor: Visitor, application: Application
) -> None:
    computed(application)
    french = Visitor(server.test_client(), "fr")
    countries = body(page(french, "&split=country"), "totals")["figure"]["layout"]["yaxis"]
    assert "Allemagne" in countries["ticktext"]
    segments = body(page(visitor, "&split=rfm_segment"), "totals")["figure"]["layout"]["yaxis"]
    assert "Champions" in segments["ticktext"]
    amounts = texts(body(page(french), "kpis")["children"])
    assert "€" in amounts
    assert "\u00a0" in amounts


def test_customers_come_by_value_with_their_interval(
    visitor: Visitor, application: Application
) -> None:
    computed(application)
    rows = body(page(visitor), "customers")["rowData"]
    values = [row["clv"] for row in rows]
    assert values == sorted(values, reverse=True)
    assert len(rows) <= 1_000
    for row in rows[:50]:
        assert row["clv_low"] <= row["clv"] <= row["clv_high"]
        assert row["customer_name"]


def test_acquisition_says_where_nothing_was_invested(
    visitor: Visitor, application: Application
) -> None:
    computed(application)
    for place in PLACES:
        found = body(page(visitor, f"&place={place}"), "acquisition")
        for row in found["rowData"]:
            assert (row["investment"] is None) == (row["remark"] == "no investment recorded")
    channels = body(page(visitor, "&place=channel"), "acquisition")["rowData"]
    assert any(row["remark"] == "no investment recorded" for row in channels)


def test_the_holdout_is_shaded(visitor: Visitor, application: Application) -> None:
    result = computed(application)
    figure = body(page(visitor), "tracking")["figure"]
    rows = result.tables["tracking"].rows()
    held = [i for i, row in enumerate(rows) if row["part"] == "Holdout"]
    (shape,) = figure["layout"]["shapes"]
    assert shape["x0"] == held[0] - 0.5
    assert figure["data"][0]["y"] == [row["actual"] for row in rows]


def test_without_a_check_the_panels_say_so(visitor: Visitor, application: Application) -> None:
    computed(application, holdout="0", model="bgnbd")
    found = page(visitor, "&holdout=0&model=bgnbd")
    for panel in ("capture", "calibration"):
        notice = texts(found[f"clv-{panel}-notice"]["children"])
        assert "There is no holdout check" in notice
        assert "is-blank" in found[f"clv-{panel}-frame"]["className"]
    assert "shapes" not in body(found, "tracking")["figure"]["layout"]
    assert [row["bias"] for row in body(found, "models")["rowData"]] == [None]


def test_a_selection_that_bears_no_model_explains_itself(application: Application) -> None:
    with pytest.raises(PicholineError) as caught:
        computed(application, period="custom", to="2022-10-02")
    assert caught.value.code.startswith("purchases.")
    assert str(caught.value.remedy)
