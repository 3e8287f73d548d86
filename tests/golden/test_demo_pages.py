"""Overview and Margins of the demo company show what was planted, and equal a recomputation.

The recomputation is pandas on the generated lines, written from the metric definitions: the
warehouse is not asked.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from core.models.query import MetricQuery, Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import get_analysis
from core.services.application import Application
from core.services.demo import DemoCompany, generate
from core.services.demo.planted import CHANNELS, PROMOTIONS
from core.services.demo_load import DEFAULT_LINES
from core.services.studies import answer
from tests.desk import demo_application


@pytest.fixture(scope="module")
def company() -> DemoCompany:
    return generate()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    home: Path = tmp_path_factory.mktemp("demo")
    opened = demo_application(home, DEFAULT_LINES)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lines(company: DemoCompany) -> pd.DataFrame:
    """Return the sales lines with amounts in base currency, as floats."""
    frame = pa.concat_tables(list(company.sales_batches())).to_pandas()
    for column in ("quantity", "unit_price", "discount_rate", "freight_out", "fees"):
        frame[column] = frame[column].astype(float)
    frame["date"] = pd.to_datetime(frame["date"])
    rates = company.dimensions["fx_rates"].to_pandas()
    rates["date"] = pd.to_datetime(rates["date"])
    rates["rate"] = rates["rate_to_base"].astype(float)
    frame = pd.merge_asof(
        frame.sort_values("date"),
        rates[["date", "currency", "rate"]].sort_values("date"),
        on="date",
        by="currency",
    )
    frame["rate"] = frame["rate"].where(frame["currency"] != "EUR", 1.0)
    gross = frame["quantity"] * frame["unit_price"]
    frame["net"] = (gross * (1 - frame["discount_rate"].fillna(0)) * frame["rate"]).astype(float)
    return frame


def run(application: Application, key: str, **pairs: str) -> AnalysisResult:
    analysis = get_analysis(key)
    params = analysis.params_from(pairs.items())
    return answer(application, analysis, params, Scope(), lambda _done, _step: None)


def rows(result: AnalysisResult, table: str) -> list[dict[str, Any]]:
    return result.tables[table].rows()


def test_overview_equals_the_lines(application: Application, lines: pd.DataFrame) -> None:
    result = run(application, "overview", period="last_campaign")
    year = lines[(lines["date"] >= "2025-10-01") & (lines["date"] <= "2026-09-30")]
    before = lines[(lines["date"] >= "2024-10-01") & (lines["date"] <= "2025-09-30")]
    sold = year[year["quantity"] > 0]
    kpis = {row["metric"]: row for row in rows(result, "kpis")}
    assert kpis["net_sales"]["value"] == pytest.approx(year["net"].sum(), abs=0.01)
    assert kpis["net_sales"]["compared"] == pytest.approx(before["net"].sum(), abs=0.01)
    assert kpis["orders"]["value"] == sold["order_id"].fillna(sold["invoice_id"]).nunique()
    assert kpis["customers"]["value"] == sold["customer_id"].nunique()
    returned = -year.loc[year["quantity"] < 0, "net"].sum()
    kept = sold["net"].sum()
    assert kpis["return_rate"]["value"] == pytest.approx(returned / kept, abs=1e-9)


def test_drivers_equal_the_lines(application: Application, lines: pd.DataFrame) -> None:
    result = run(application, "overview", period="last_campaign")
    year = lines[(lines["date"] >= "2025-10-01") & (lines["date"] <= "2026-09-30")]
    before = lines[(lines["date"] >= "2024-10-01") & (lines["date"] <= "2025-09-30")]
    for key in ("country", "channel"):
        sums = [frame.groupby(key)["net"].sum() for frame in (year, before)]
        expected = sums[0].sub(sums[1], fill_value=0.0)
        found = rows(result, f"drivers_{key}")
        assert {row[key] for row in found} == set(expected.index)
        for row in found:
            assert float(row["net_sales_change"]) == pytest.approx(expected[row[key]], abs=0.01)
        sizes = [abs(row["net_sales_change"]) for row in found]
        assert sizes == sorted(sizes, reverse=True)


def test_months_equal_the_lines(application: Application, lines: pd.DataFrame) -> None:
    expected = lines.groupby(lines["date"].dt.to_period("M"))["net"].sum()
    found = {
        row["month"]: row["net_sales"]
        for row in rows(run(application, "overview", period="all"), "trend")
    }
    assert len(found) == 48
    for month, value in expected.items():
        assert float(found[month.start_time.date()]) == pytest.approx(value, abs=0.01)


def test_a_filter_restricts_every_table(application: Application, lines: pd.DataFrame) -> None:
    result = run(application, "overview", period="all", country="FR")
    expected = lines.loc[lines["country"] == "FR", "net"].sum()
    assert [row["country"] for row in rows(result, "countries")] == ["FR"]
    goods = (lines["country"] == "FR") & (lines["line_kind"] == "product")
    for table in ("trend", "countries", "categories"):
        total = sum(float(row["net_sales"] or 0) for row in rows(result, table))
        assert total == pytest.approx(expected, abs=0.01)
    total = sum(float(row["net_sales"] or 0) for row in rows(result, "products"))
    assert total == pytest.approx(lines.loc[goods, "net"].sum(), abs=0.01)


def test_channels_earn_what_was_planted(application: Application, company: DemoCompany) -> None:
    found = {
        row["channel"]: row for row in rows(run(application, "margins", period="all"), "by_channel")
    }
    for channel, truth in company.truths["channels"].items():
        rate = float(found[channel]["margin_rate"])
        assert truth["margin_rate_low"] <= rate <= truth["margin_rate_high"], channel


def test_the_collapsed_supplier_leads_the_anomalies(
    application: Application, company: DemoCompany
) -> None:
    planted = company.truths["anomalies"]["supplier_collapse"]
    flagged = rows(run(application, "margins", period="last_campaign"), "anomalies")
    assert flagged[0]["supplier"] == planted["supplier_id"]
    months = {r["month"] for r in flagged if r["supplier"] == planted["supplier_id"]}
    assert len(months) >= 10


def test_the_product_sold_below_cost_is_found(
    application: Application, company: DemoCompany
) -> None:
    planted = company.truths["anomalies"]["below_cost"]
    flagged = rows(
        run(application, "margins", **{"from": "2025-01-01", "to": "2025-06-30"}), "anomalies"
    )
    found = [r for r in flagged if r["product"] == planted["product_id"]]
    assert date(2025, 3, 1) in {r["month"] for r in found}
    assert all(date(2025, 3, 1) <= r["month"] <= date(2025, 4, 1) for r in found if r["z"] < 0)


def test_unknown_cost_shows_as_coverage(application: Application, company: DemoCompany) -> None:
    result = run(application, "margins", period="last_campaign")
    products = {row["product"]: row for row in rows(result, "by_product")}
    for product in company.truths["costs"]["unknown"]:
        assert products[product]["gross_margin"] is None
        assert products[product]["margin_rate"] is None
    coverage = {row["metric"]: row["value"] for row in rows(result, "kpis")}["cost_coverage"]
    assert 0.9 < coverage < 1.0
    assert any("Costs are known" in str(caveat) for caveat in result.caveats)


def test_returns_on_investment_are_those_planted(
    application: Application, company: DemoCompany
) -> None:
    planted = company.truths["roi"]
    found = {
        row["country"]: row for row in rows(run(application, "roi", period="all"), "by_country")
    }
    for country, roi in planted["by_country"].items():
        assert found[country]["roi"] == pytest.approx(roi, abs=planted["tolerance"]), country
    for country in planted["without_investment"]:
        assert found[country]["roi"] is None
        assert found[country]["status"] == "No investment recorded"


def test_biased_budgets_show_as_variances(application: Application, company: DemoCompany) -> None:
    """Too high a budget is missed, too low a one is beaten, by what was planted."""
    planted = company.truths["budgets"]
    found = {
        row["country"]: row for row in rows(run(application, "budget", period="all"), "by_country")
    }
    for country, bias in planted["bias_by_country"].items():
        expected = 1 / (bias * (1 + planted["optimism"])) - 1
        rate = float(found[country]["net_sales_change_rate"])
        assert rate == pytest.approx(expected, abs=0.03), country


def test_the_bridge_finds_the_collapsed_supplier(
    application: Application, company: DemoCompany
) -> None:
    """Its costs rose by a third and its prices did not follow."""
    planted = company.truths["anomalies"]["supplier_collapse"]
    result = run(application, "bridge", period="last_campaign", level="supplier")
    bars = {row["bar"]: row["amount"] for row in rows(result, "bridge")}
    effects = [amount for bar, amount in bars.items() if bar not in ("before", "after")]
    assert bars["before"] + sum(effects) == bars["after"]
    members = {row["supplier"]: row for row in rows(result, "members")}
    hit = members.pop(planted["supplier_id"])
    assert float(hit["cost"]) < 0 < float(hit["gross_margin_compared"])
    lost = float(hit["cost"]) / float(hit["gross_margin_compared"])
    assert lost < min(
        float(row["cost"]) / float(row["gross_margin_compared"])
        for row in members.values()
        if row["gross_margin_compared"] and row["gross_margin_compared"] > 0
    )


def _planted_cells(company: DemoCompany) -> set[tuple[str, str, date]]:
    """Return product, channel and month of everything planted that moves a margin."""
    first, planted = date(2022, 10, 1), company.truths["anomalies"]
    found: set[tuple[str, str, date]] = set()

    def add(products: Iterable[str], channels: Iterable[str], start: date, end: date) -> None:
        months = pd.period_range(start, end, freq="M")
        found.update(
            (product, channel, month.start_time.date())
            for product in products
            for channel in channels
            for month in months
        )

    collapse, below = planted["supplier_collapse"], planted["below_cost"]
    add(collapse["product_ids"], CHANNELS, date.fromisoformat(collapse["from"]), date(2026, 9, 30))
    add([below["product_id"]], CHANNELS, *map(date.fromisoformat, (below["from"], below["to"])))
    for cut in PROMOTIONS:
        start = first + timedelta(weeks=cut.first_week)
        channels = [CHANNELS[place] for place in cut.channels]
        add(cut.products, channels, start, start + timedelta(weeks=cut.weeks, days=-1))
    for price in planted["wrong_prices"]:
        day = date.fromisoformat(price["date"])
        add([price["product_id"]], ["brand"], day, day)
    return found


def test_clustering_finds_more_of_what_was_planted_than_the_margin_alone(
    application: Application, company: DemoCompany
) -> None:
    """Precision and recall over product, channel and month, of both methods on the same cells."""
    truth = _planted_cells(company)
    result = run(application, "margins", period="all", unusual="clusters")
    cells = {
        key: {
            (row["product"], row["channel"], row["month"])
            for row in rows(result, key)
            if row["product"] is not None
        }
        for key in ("clusters", "anomalies")
    }
    answer = application.metrics.ask(
        MetricQuery(("net_sales",), by=("product", "channel", "month")), Scope()
    )
    whole = float(result.tables["monthly"].total["net_sales"])  # type: ignore[index]
    large = {
        (row["product"], row["channel"], row["month"])
        for row in answer.rows()
        if row["net_sales"] and float(row["net_sales"]) > whole * 0.0002
    }
    known = truth & large  # smaller months are neither flagged nor taken as usual
    precision = {key: len(found & truth) / len(found) for key, found in cells.items()}
    recall = {key: len(found & known) / len(known) for key, found in cells.items()}
    assert precision["clusters"] >= 0.85
    assert precision["clusters"] > precision["anomalies"]
    assert recall["clusters"] >= 0.55
    assert recall["clusters"] > recall["anomalies"]
