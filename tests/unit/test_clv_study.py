"""The lifetime value of a small shop: recomputed from the formulas, filtered, checked, refused."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import hyp2f1

from core.errors import PicholineError
from core.i18n import use_language
from core.models.query import Filter, Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import Study, get_analysis
from core.services.customers import CustomerFacts
from core.services.methods.purchases import PurchaseModel, ValueModel
from tests.clv_shop import CHANNELS, SEGMENTS, ask, facts, kpi, simulated_sales
from tests.storehouse import Storehouse

CUSTOMERS = 320
MONTH = 365.25 / 12


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    house = Storehouse(tmp_path_factory.mktemp("shop") / "home")
    house.add("sales", simulated_sales(CUSTOMERS))
    house.add(
        "customers",
        [
            {"customer_id": f"C{n:04d}", "name": f"Shop {n}", "segment": SEGMENTS[n % 2]}
            for n in range(CUSTOMERS)
        ],
    )
    paid = {"from_date": date(2023, 1, 1), "to_date": date(2023, 3, 31), "kind": "marketing"}
    house.add("investments", [{**paid, "amount": 900.0, "country": "FR"}])
    house.add("investments", [{**paid, "amount": 100.0, "channel": "kiosk"}])
    yield house
    house.close()


@pytest.fixture(scope="module")
def result(shop: Storehouse) -> AnalysisResult:
    return ask(shop, model="bgnbd")


def rows(result: AnalysisResult, table: str) -> list[dict[str, Any]]:
    return result.tables[table].rows()


def histories() -> dict[str, tuple[list[date], float, float]]:
    """Return each customer's purchase days, margin and sales, from the lines themselves."""
    found: dict[str, tuple[list[date], float, float]] = {}
    for line in simulated_sales(CUSTOMERS):
        days, margin, sales = found.get(line["customer_id"], ([], 0.0, 0.0))
        gained = line["unit_price"] - line["unit_cost"]
        found[line["customer_id"]] = (
            [*days, line["date"]],
            margin + gained,
            sales + line["unit_price"],
        )
    return found


def expected_orders(params: dict[str, float], x: int, t_x: float, t: float, ahead: float) -> float:
    """Return E[Y(ahead) | x, t_x, T] as Fader, Hardie and Lee (2005) print it, eq. (10)."""
    r, alpha, a, b = (params[name] for name in ("r", "alpha", "a", "b"))
    series = hyp2f1(r + x, b + x, a + b + x - 1, ahead / (alpha + t + ahead))
    grown = 1 - ((alpha + t) / (alpha + t + ahead)) ** (r + x) * series
    gone = 0.0
    if x > 0:
        gone = a / (b + x - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x)
    return (a + b + x - 1) / (a - 1) * grown / (1 + gone)


def test_clv_is_the_discounted_sum_of_months(result: AnalysisResult) -> None:
    stored = json.loads(json.dumps(result.outcome.model))  # what a file would hold
    params = stored["purchases"]["params"]
    p, q, v = (stored["value"][name] for name in "pqv")
    cut_off = date.fromisoformat(stored["cut_off"])
    found = {row["customer"]: row for row in rows(result, "customers")}
    known = histories()
    assert set(found) == set(known)
    for code, (days, margin, _sales) in known.items():
        first, last = min(days), max(days)
        x, t_x, t = len(days) - 1, (last - first).days, (cut_off - first).days
        per_order = p * (v + margin) / (p * len(days) + q - 1)
        until = [expected_orders(params, x, t_x, t, n * MONTH) for n in range(13)]
        clv = sum((until[n] - until[n - 1]) * per_order / 1.1 ** (n / 12) for n in range(1, 13))
        assert found[code]["per_order"] == pytest.approx(per_order, rel=1e-6)
        assert found[code]["expected_orders"] == pytest.approx(until[12], rel=1e-5)
        assert found[code]["clv"] == pytest.approx(clv, rel=1e-5)
        assert found[code]["clv_low"] <= found[code]["clv"] <= found[code]["clv_high"]
    by_value = [row["clv"] for row in rows(result, "customers")]
    assert by_value == sorted(by_value, reverse=True)


def test_totals_add_up_to_the_key_figures(result: AnalysisResult) -> None:
    total = kpi(result, "clv")
    assert total["value"] == pytest.approx(sum(r["clv"] for r in rows(result, "customers")))
    assert total["low"] < total["value"] < total["high"]
    for split in ("country", "channel", "segment", "rfm_segment", "campaign", "quarter"):
        table = rows(result, f"by_{split}")
        assert sum(r["clv"] for r in table) == pytest.approx(total["value"])
        assert sum(r["customers"] for r in table) == CUSTOMERS
        assert sum(r["share"] for r in table) == pytest.approx(1)
        for row in table:
            assert row["clv_low"] <= row["clv"] <= row["clv_high"]
            assert row["clv_per_customer"] == pytest.approx(row["clv"] / row["customers"])
    assert {r["segment"] for r in rows(result, "by_segment")} == set(SEGMENTS)
    assert [r["campaign"].month for r in rows(result, "by_campaign")] == [10] * 3
    starts = [r["quarter"] for r in rows(result, "by_quarter")]
    assert starts == sorted(starts)


def test_concentration_and_its_headline(result: AnalysisResult) -> None:
    values = sorted((r["clv"] for r in rows(result, "customers")), reverse=True)
    curve = {round(r["customers_share"], 2): r["clv_share"] for r in rows(result, "concentration")}
    assert (curve[0.0], curve[1.0]) == (0, pytest.approx(1))
    tenth = sum(values[: CUSTOMERS // 10]) / sum(values)
    assert curve[0.1] == pytest.approx(tenth)
    assert kpi(result, "top_decile")["value"] == pytest.approx(tenth)
    assert result.headline["top_decile"] == pytest.approx(tenth)
    # Gini as the mean absolute difference of all pairs ÷ twice the mean.
    pairs = np.abs(np.subtract.outer(values, values)).mean() / (2 * np.mean(values))
    assert facts(result)["Gini coefficient of the lifetime value"] == pytest.approx(pairs)


def test_the_check_compares_every_model(shop: Storehouse) -> None:
    result = ask(shop, holdout="180")
    table = {row["model"]: row for row in rows(result, "models")}
    assert list(table) == ["BG/NBD", "MBG/NBD", "Pareto/NBD", "Own pace so far, continued"]
    (used,) = [row for row in table.values() if row["used"]]
    models = [row for name, row in table.items() if name.endswith("NBD")]
    assert used["holdout_likelihood"] == max(row["holdout_likelihood"] for row in models)
    came = sum(
        sum((day - date(2024, 7, 3)).days > 0 for day in days)
        for days, _margin, _sales in histories().values()
        if min(days) <= date(2024, 7, 3)
    )
    for row in table.values():
        assert row["actual"] == came
        assert row["bias"] == pytest.approx(row["expected"] / came - 1)
    for row in models:
        assert row["aic"] == pytest.approx(8 - 2 * row["log_likelihood"])
        assert 0 < row["brier"] < 0.25
    naive = table["Own pace so far, continued"]
    assert used["mae"] < naive["mae"]
    known = facts(result)
    assert known["Holdout: days"] == 180
    assert known["Holdout: customers inside their 90% interval"] >= 0.9
    captured = {row["ranking"]: row["captured"] for row in rows(result, "capture")}
    assert captured["Perfect foresight"] == max(captured.values())
    assert captured["This model"] > 0.1
    buckets = rows(result, "calibration")
    assert sum(row["actual"] * row["customers"] for row in buckets) == pytest.approx(came)
    assert any(row["low"] < row["actual"] < row["high"] for row in buckets)


def test_tracking_counts_what_was_bought(result: AnalysisResult) -> None:
    weeks = rows(result, "tracking")
    since = max(row["week"] for row in weeks if row["part"] == "Calibration")
    assert {row["part"] for row in weeks} == {"Calibration", "Holdout"}
    known = [days for days, _m, _s in histories().values() if min(days) <= date(2024, 7, 1)]
    for row in weeks[::13]:
        repeats = sum(min(days) < day <= row["week"] for days in known for day in days)
        assert row["actual"] == pytest.approx(repeats, abs=2)  # a customer of the last days
    end = next(row for row in weeks if row["week"] == since)
    assert end["expected"] == pytest.approx(end["actual"], rel=0.1)


def test_acquisition_is_set_against_investment(result: AnalysisResult) -> None:
    table = {(r["campaign"], r["country"]): r for r in rows(result, "acquisition_country")}
    won = {code: min(days) for code, (days, _m, _s) in histories().items()}
    french = table[date(2022, 10, 1), "FR"]
    members = [c for c, day in won.items() if day < date(2023, 10, 1) and int(c[1:]) % 2 == 0]
    by_code = {row["customer"]: row for row in rows(result, "customers")}
    assert french["customers"] == len(members)
    assert french["investment"] == pytest.approx(900)
    clv = sum(by_code[c]["clv"] for c in members)
    so_far = sum(histories()[c][1] for c in members)
    assert french["clv"] == pytest.approx(clv)
    assert french["value_so_far"] == pytest.approx(so_far, rel=1e-6)
    assert french["payoff"] == pytest.approx((clv + so_far) / 900, rel=1e-6)
    german = table[date(2022, 10, 1), "DE"]
    assert (german["investment"], german["payoff"]) == (None, None)
    assert german["remark"] == "no investment recorded"
    lost = " ".join(str(c) for c in result.tables["acquisition_country"].caveats)
    assert "€100 of investment belongs to no row" in lost
    whole = {r["campaign"]: r for r in rows(result, "acquisition_campaign")}
    assert whole[date(2022, 10, 1)]["investment"] == pytest.approx(1000)


def test_filters_and_rights_restrict_everything(shop: Storehouse) -> None:
    by_filter = ask(shop, country="DE", model="mbgnbd", holdout="0")
    by_right = ask(shop, Scope("anna", (Filter("country", ("DE",)),)), model="mbgnbd", holdout="0")
    assert by_filter.outcome.scores.equals(by_right.outcome.scores)
    assert kpi(by_filter, "customers")["value"] == CUSTOMERS / 2
    assert {r["country"] for r in rows(by_filter, "customers")} == {"DE"}
    assert [r["country"] for r in rows(by_right, "by_country")] == ["DE"]
    assert {r["country"] for r in rows(by_right, "acquisition_country")} == {"DE"}
    assert all(r["investment"] is None for r in rows(by_right, "acquisition_country"))
    assert {r["channel"] for r in rows(by_filter, "by_channel")} == set(CHANNELS)


def test_options_change_the_answer(shop: Storehouse, result: AnalysisResult) -> None:
    sales = ask(shop, value="net_sales", model="bgnbd", months="24", rate="0", holdout="0")
    assert facts(sales)["Value"] == "Net sales"
    # Margin is 40 % of the price: the same customers are worth 2.5 times as much by sales.
    by_margin = ask(shop, model="bgnbd", months="24", rate="0", holdout="0")
    ratio = kpi(sales, "clv")["value"] / kpi(by_margin, "clv")["value"]
    assert ratio == pytest.approx(2.5, rel=1e-3)
    assert kpi(by_margin, "clv")["value"] == pytest.approx(
        kpi(by_margin, "expected_margin")["value"]
    )
    assert kpi(by_margin, "clv")["value"] > 1.3 * kpi(result, "clv")["value"]
    for table in ("calibration", "capture"):
        assert by_margin.tables[table].data.num_rows == 0
        assert "no holdout check" in str(by_margin.tables[table].caveats[0])
    assert [r["bias"] for r in rows(by_margin, "models")] == [None]


def test_an_earlier_cut_off_reads_nothing_later(shop: Storehouse) -> None:
    early = ask(shop, period="custom", to="2024-06-30", holdout="0", model="bgnbd")
    known = histories()
    for row in rows(early, "customers"):
        days = [d for d in known[row["customer"]][0] if d <= date(2024, 6, 30)]
        assert row["purchase_days"] == len(days)
        assert row["last_purchase"] == max(days)


def test_the_outcome_can_be_applied_and_compared(shop: Storehouse, result: AnalysisResult) -> None:
    outcome = result.outcome
    assert outcome.publish == ("clv", "p_alive", "expected_orders", "expected_margin")
    assert outcome.scores.column_names[:2] == ["customer_id", "p_alive"]
    model = PurchaseModel.from_dict(outcome.model["purchases"])
    worth = ValueModel.from_dict(outcome.model["value"])
    assert (model.key, outcome.card["Purchase model"]) == ("bgnbd", "BG/NBD")
    assert worth.customers == CUSTOMERS
    assert outcome.card["Lifetime value"] == round(kpi(result, "clv")["value"])
    before = SimpleNamespace(
        created_at=datetime(2025, 1, 2, tzinfo=UTC),
        scores=lambda: outcome.scores,
        pairs=(("to", "2024-12-01"), ("draws", "60"), ("model", "bgnbd")),
    )
    other = SimpleNamespace(
        created_at=datetime(2025, 2, 2, tzinfo=UTC),
        scores=lambda: outcome.scores,
        pairs=(*before.pairs, ("months", "24")),
    )
    # With another horizon the values are other ones: they say nothing about drift.
    again = facts(ask(shop, model="bgnbd", past=[other, before]))
    assert again["Compared with the run of"] == "2 Jan 2025"
    drifts = [value for name, value in again.items() if "Drift" in name]
    assert drifts == [pytest.approx(0, abs=1e-9)] * 4


def test_sentences_and_cells_follow_the_reader(result: AnalysisResult) -> None:
    with use_language("en"):
        english = [str(note) for note in result.notes]
    assert english[0].startswith(f"{CUSTOMERS} customers are worth €")
    assert "90% sure" in english[0]
    assert any("Checked on the last months" in note for note in english)


def test_a_cancelled_run_stops(shop: Storehouse) -> None:
    class CancelledError(Exception):
        pass

    def report(share: float, _step: object) -> None:
        if share > 0.35:
            raise CancelledError

    analysis = get_analysis("clv")
    study = Study(
        shop.metrics,
        CustomerFacts(shop.metrics),
        analysis.params_from([("period", "all")]),
        Scope(),
        report,
    )
    with pytest.raises(CancelledError):
        analysis.study(study)


def test_an_option_out_of_range_is_refused() -> None:
    with pytest.raises(PicholineError, match=r"from 1 to 60"):
        get_analysis("clv").params_from([("months", "600")])
