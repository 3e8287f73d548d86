"""The page of cohorts through the callback route: what it draws from a kept run."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services import studies
from core.services.analytics.base import get_analysis
from core.services.application import Application
from dashboard.pages.cohorts import MEASURES
from tests.desk import Visitor, demo_application, texts

PANELS = ("triangle", "curve", "second", "lapse")


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return the services over a small demo company."""
    found = demo_application(tmp_path_factory.mktemp("cohorts"))
    yield found
    found.close()


def computed(application: Application, **pairs: str) -> AnalysisResult:
    """Run the analysis as its job would, so that the page finds a kept result."""
    analysis = get_analysis("cohorts")
    params = analysis.params_from(pairs.items())
    scope = Scope()
    return studies.answer(application, analysis, params, scope, lambda _done, _step: None)


def figure(found: Mapping[str, Any], panel: str) -> Any:
    return found[f"cohorts-{panel}-body"]["figure"]


def test_every_panel_is_drawn(visitor: Visitor, application: Application) -> None:
    result = computed(application)
    found = visitor.page("cohorts")
    assert not any("has-error" in str(parts.get("className")) for parts in found.values())
    for panel in PANELS:
        assert figure(found, panel)["data"], panel
    tiles = texts(found["cohorts-kpis-body"]["children"])
    assert "Retention, month +1" in tiles
    assert "95% sure: " in tiles
    rows = found["cohorts-split-body"]["rowData"]
    assert [row["channel"] for row in rows] == [
        row["channel"] for row in result.tables["split"].rows()
    ]
    card = texts(found["cohorts-card-body"]["children"])
    assert "Nobody without a contract says goodbye" in card


def test_the_triangle_shows_the_cells_and_marks_what_is_unfinished(
    visitor: Visitor, application: Application
) -> None:
    query = {"from": "2022-10-01", "to": "2025-03-20"}
    result = computed(application, **query)
    found = visitor.page("cohorts", "?from=2022-10-01&to=2025-03-20")
    drawn = figure(found, "triangle")
    average, cells = drawn["data"]
    total = result.tables["wide_customers"].total
    assert average["z"][0][:3] == [pytest.approx(total[f"age_{age}"]) for age in (1, 2, 3)]
    long = {(row["cohort"], row["age"]): row for row in result.tables["triangle"].rows()}
    cohorts = sorted({day for day, _age in long})[-30:]
    assert len(cells["z"]) == len(cohorts)
    for line, day in zip(cells["z"], cohorts, strict=True):
        for age, rate in enumerate(line, 1):
            row = long.get((day, age))
            assert rate == (row["rate_customers"] if row else None)
    unfinished = [key for key in long if key[0] in cohorts and long[key]["unfinished"] and key[1]]
    assert len(drawn["layout"]["shapes"]) == len(unfinished) > 0
    assert drawn["layout"]["meta"]["least_width"] > 700  # a phone scrolls, and can read the cells
    hover = cells["customdata"][0][0]
    assert "customers bought" in hover
    assert "Net sales" in hover


@pytest.mark.parametrize("measure", list(MEASURES))
def test_the_measures_tab_changes_triangle_and_curve(
    visitor: Visitor, application: Application, measure: str
) -> None:
    result = computed(application)
    found = visitor.page("cohorts", f"?measure={measure}")
    rows = result.tables[f"curve_{measure}"].rows()
    solid, dotted = figure(found, "curve")["data"][-2:]
    drawn = dict(zip([*solid["x"], *dotted["x"]], [*solid["y"], *dotted["y"]], strict=True))
    assert drawn == {row["age"]: row["rate"] for row in rows if row["rate"] is not None}
    assert (solid["line"]["dash"], dotted["line"]["dash"]) == ("solid", "dot")
    first = result.tables[f"wide_{measure}"].rows()[-2]
    assert figure(found, "triangle")["data"][1]["z"][-2][0] == first["age_1"]
    assert found["cohorts-triangle-csv"]["href"].endswith(f"/wide_{measure}.csv")


def test_curves_carry_their_band_and_who_is_watched(
    visitor: Visitor, application: Application
) -> None:
    result = computed(application)
    found = visitor.page("cohorts")
    rows = result.tables["survival_lapse"].rows()
    groups = list(dict.fromkeys(row["channel"] for row in rows))
    traces = figure(found, "lapse")["data"]
    assert [trace["name"] for trace in traces if "name" in trace] == groups
    assert len(traces) == 3 * len(groups)  # lower limit, upper limit, curve
    assert traces[1]["fill"] == "tonexty"
    assert "Customers at risk" in traces[2]["customdata"][0]
    assert traces[2]["line"]["shape"] == "hv"
    days = [day for trace in figure(found, "second")["data"] for day in trace["x"]]
    assert max(days) <= 365


def test_without_a_comparison_there_is_one_curve(
    visitor: Visitor, application: Application
) -> None:
    computed(application, split="none", grain="campaign")
    found = visitor.page("cohorts", "?split=none&grain=campaign")
    assert len(figure(found, "lapse")["data"]) == 3
    assert not figure(found, "lapse")["layout"]["showlegend"]
    assert figure(found, "triangle")["layout"]["yaxis"]["ticktext"][1].startswith("2022/23 · ")
    assert [row["group"] for row in found["cohorts-split-body"]["rowData"]] == ["All customers"]


def test_french_and_dark(server: Any, application: Application) -> None:
    computed(application)
    french = Visitor(server.test_client(), "fr")
    light = french.page("cohorts")
    dark = french.page("cohorts", theme="dark")
    assert "\u202f%" in texts(light["cohorts-kpis-body"]["children"])
    labels = figure(light, "triangle")["layout"]["yaxis"]["ticktext"]
    assert any(label.startswith("févr. 2025 · ") for label in labels)
    scales = [figure(found, "triangle")["data"][1]["colorscale"] for found in (light, dark)]
    assert scales[0] != scales[1]


def test_nobody_to_follow_is_said_on_the_page(visitor: Visitor, application: Application) -> None:
    """One day of sales: no retention, and the page says why instead of drawing nothing."""
    computed(application, **{"from": "2022-10-01", "to": "2022-10-03"})
    found = visitor.page("cohorts", "?from=2022-10-01&to=2022-10-03")
    assert not any("has-error" in str(parts.get("className")) for parts in found.values())
    assert "is-blank" in found["cohorts-curve-frame"]["className"]
    notice = texts(found["cohorts-curve-notice"]["children"])
    assert "No cohort has finished a period after its first one yet" in notice
    tiles = texts(found["cohorts-kpis-body"]["children"])
    assert "No cohort is that old yet" in tiles
