"""Own metrics and dimensions are usable wherever shipped ones are; removed ones are named."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from core.errors import PicholineError
from core.models.filters import parse_filters
from core.models.query import Filter, Scope
from core.models.result import ResultTable
from core.services.analytics.base import get_analysis
from core.services.application import Application
from core.services.customers import CustomerFacts
from core.services.definitions.bodies import OwnDimension, OwnMetric
from core.services.filter_choices import choices, filter_keys
from core.settings import load_settings
from dashboard.cli import main
from tests.storehouse import Storehouse, sale

# North: FR 20 + DE 60 = 80; South: IT 30 + ES 40 = 70; investments of 10 in FR.
SALES = (("FR", "a", 2), ("DE", "b", 6), ("IT", "a", 3), ("ES", "c", 4))
REGION = OwnDimension(
    "region", "Region", "Région", base="country",
    groups=(("North", ("FR", "DE")), ("South", ("IT", "ES"))),
)  # fmt: skip
FEBRUARY = (("from", "2025-02-01"), ("to", "2025-02-28"), ("compare", "previous"))
PER_HEAD = OwnMetric("per_head", "Sales per head", formula="net_sales / customers")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    house = Storehouse(folder)
    house.add("sales", [
        sale(country, day, "A", quantity, 10, country=country, customer_id=who,
             unit_cost=6, freight_out=1)
        for day in ("2025-01-05", "2025-02-28") for country, who, quantity in SALES
    ])  # fmt: skip
    house.add("investments", [{"date": sale("", "2025-01-05", "", 0, 0)["date"], "amount": 10,
                               "country": "FR"}])  # fmt: skip
    house.close()
    return folder


@pytest.fixture
def opened(home: Path) -> Iterator[Application]:
    application = Application.open(load_settings(home))
    for own in (REGION, PER_HEAD):
        application.definitions.save(own)
    yield application
    application.close()


def run(application: Application, key: str, *pairs: tuple[str, str], **scope: Any) -> Any:
    analysis = get_analysis(key)
    assert analysis.run is not None
    general = [] if FEBRUARY[0] in pairs else [("period", "all"), ("compare", "none")]
    params = analysis.params_from([*general, *pairs])
    return analysis.run(application.metrics, params, Scope(**scope))


def figures(table: ResultTable, key: str, *names: str) -> dict[Any, Any]:
    return {row[key]: tuple(row[name] for name in names) for row in table.rows()}


def test_the_address_names_own_dimensions_apart() -> None:
    state = parse_filters([("own.region", "North"), ("country", "FR"), ("own.region", "South")])
    assert state.values == {"country": ("FR",), "region": ("North", "South")}
    assert Filter("region", ("North", "South")) in state.where()
    pairs = state.to_pairs()
    assert pairs == [("country", "FR"), ("own.region", "North"), ("own.region", "South")]
    assert parse_filters(pairs) == state
    assert parse_filters([("own.", "x"), ("region", "North")]).values == {}


def test_the_filter_lists_groups_under_the_other_filters(opened: Application) -> None:
    assert filter_keys(opened.metrics)[-1] == "region"
    state = parse_filters([("period", "all"), ("country", "FR"), ("country", "IT")])
    found = choices(opened.metrics, state, "region", Scope())
    assert {member.value: member.lines for member in found} == {"North": 2, "South": 2}
    closed = choices(opened.metrics, state, "region", Scope("a", (Filter("country", ("FR",)),)))
    assert [member.value for member in closed] == ["North"]


def test_margins_are_split_and_filtered(opened: Application) -> None:
    table = run(opened, "margins", ("split", "region")).tables["by_region"]
    # Two months: sales 160 and 140, at a cost of 6 of 10.
    assert figures(table, "region", "net_sales", "gross_margin") == {
        "North": (160, 64), "South": (140, 56),
    }  # fmt: skip
    within = run(opened, "margins", ("own.region", "South"))
    assert within.headline["net_sales"] == 140
    assert figures(within.tables["by_country"], "country", "net_sales") == {
        "ES": (80,), "IT": (60,),
    }  # fmt: skip


def test_the_bridge_has_own_levels(opened: Application) -> None:
    found = run(opened, "margins", *FEBRUARY, ("bridge", "region")).tables["bridge_members"]
    assert {row["region"]: row["gross_margin"] for row in found.rows()} == {
        "North": 32,
        "South": 28,
    }
    alone = run(opened, "bridge", *FEBRUARY, ("level", "region"))
    assert {row["region"] for row in alone.tables["members"].rows()} == {"North", "South"}


def test_investments_belong_to_groups(opened: Application) -> None:
    result = run(opened, "roi", ("split", "region"))
    found = figures(result.tables["by_region"], "region", "investment", "contribution", "roi")
    # Contribution: margin 64 less freight of 4 lines at 1; return (60 − 10) ÷ 10.
    assert found["North"] == (10, 60, pytest.approx(5.0))
    assert found["South"] == (None, 52, None)
    assert str(result.titles["by_region"]) == "Return on investment by Region"


@pytest.mark.parametrize(
    ("key", "pair"),
    [("margins", ("split", "region")), ("margins", ("bridge", "region")),
     ("roi", ("split", "region")), ("bridge", ("level", "region")), ("explore", ("by", "region")),
     ("explore", ("metric", "per_head")), ("overview", ("own.region", "North"))],
)  # fmt: skip
def test_what_was_removed_is_named(opened: Application, key: str, pair: tuple[str, str]) -> None:
    opened.definitions.remove(pair[1] if pair[1] == "per_head" else "region")
    with pytest.raises(PicholineError) as caught:
        run(opened, key, pair, *FEBRUARY)
    assert caught.value.code == "definition.removed"
    assert "was removed from the definitions" in str(caught.value.title)
    opened.definitions.undo(pair[1] if pair[1] == "per_head" else "region")
    assert run(opened, key, pair, *FEBRUARY)


def test_a_shipped_dimension_is_no_own_split(opened: Application) -> None:
    with pytest.raises(PicholineError, match="Choose one of: country, product"):
        run(opened, "roi", ("split", "salesperson"))


def test_customers_are_those_of_a_group(opened: Application) -> None:
    with CustomerFacts(opened.metrics).open(
        parse_filters([("own.region", "North")]), Scope()
    ) as history:
        assert sorted(history.customers["customer_id"].to_pylist()) == ["a", "b"]


def test_a_group_that_changes_is_another_question(opened: Application) -> None:
    from core.services.studies import question_of

    analysis = get_analysis("rfm")
    params = analysis.params_from([("own.region", "North")])
    before = question_of(opened, analysis, params, Scope()).key
    opened.definitions.save(PER_HEAD)
    assert question_of(opened, analysis, params, Scope()).key == before
    smaller = OwnDimension("region", "Region", base="country", groups=(("North", ("FR",)),))
    opened.definitions.save(smaller)
    assert question_of(opened, analysis, params, Scope()).key != before
    opened.definitions.undo("region")
    assert question_of(opened, analysis, params, Scope()).key == before


def test_rights_rest_on_shipped_dimensions_and_say_so(opened: Application) -> None:
    with pytest.raises(PicholineError) as caught:
        opened.access.allow("anna", "region", ["North"])
    assert caught.value.code == "access.own"
    assert "country" in str(caught.value.remedy)
    limited = Scope("anna", (Filter("country", ("FR",)),))
    table = run(opened, "margins", ("split", "region"), owner="anna", where=limited.where)
    assert figures(table.tables["by_region"], "region", "net_sales") == {"North": (40,)}


def call(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--home", str(home)])


def test_the_command_line_takes_own_definitions(
    home: Path, opened: Application, tmp_path: Path
) -> None:
    assert opened.metrics.known().own_dimensions()
    out = ("--set", "period=all", "--table", "by_region", "--json")
    found = call(home, "analyse", "margins", "--by", "region", *out)
    rows = json.loads(found.stdout)["tables"]["by_region"]["rows"]
    assert {row["region"]: row["net_sales"] for row in rows} == {"North": 160.0, "South": 140.0}
    filtered = call(home, "analyse", "margins", "--set", "own.region=South", "--set", "period=all",
                    "--table", "kpis", "--json")  # fmt: skip
    kpis = json.loads(filtered.stdout)["tables"]["kpis"]["rows"]
    assert next(row["value"] for row in kpis if row["metric"] == "net_sales") == 140.0
    refused = call(home, "analyse", "overview", "--by", "region")
    assert refused.exit_code != 0
    assert "has no choice of what it is split by" in refused.stderr
    book = tmp_path / "answer.xlsx"
    made = call(home, "query", "--metrics", "per_head", "--by", "region", "--where",
                "region=North", "--having", "per_head > 1", "--members",
                "customer: per_head > 50", "--out", str(book))  # fmt: skip
    assert made.exit_code == 0, made.stderr
    sheets = {sheet.title: list(sheet.values) for sheet in load_workbook(book)}
    # In the North a buys for 40 and b for 120.
    assert sheets["Answer"][1] == ("North", "North", 120)
    words = sheets["Filters and definitions"]
    assert ("Region", "North", None) in words
    assert ("Sales per head", "Net sales ÷ Active customers", None) in words


def test_an_own_metric_is_explored_and_compared(opened: Application) -> None:
    result = run(opened, "explore", ("metric", "per_head"), ("by", "region"),
                 *FEBRUARY)  # fmt: skip
    # North: 80 by a and b; South: 70 by a and c.
    assert figures(result.tables["answer"], "region", "per_head", "per_head_compared") == {
        "North": (40, 40), "South": (35, 35),
    }  # fmt: skip
    assert str(result.titles["answer"]) == "Sales per head by Region"
