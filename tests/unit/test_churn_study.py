"""Churn as a study on simulated shops and on bad input: figures that add up, and explanations."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.errors import PicholineError
from core.i18n import unpack
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import Params, PastRun, Study
from core.services.analytics.churn import OPTIONS, run
from core.services.customers import CustomerFacts
from core.services.methods.churn.supervised import ChurnModel
from core.services.methods.purchases import PurchaseModel
from tests.storehouse import Row, Storehouse, sale

START = date(2023, 1, 1)
Shop = Callable[[list[Row]], Storehouse]
TABLES = {
    "kpis", "models", "gain", "lift", "calibration", "profit", "customers", "fading", "drivers",
    "leaks", "flagged", "past_runs", "drift", "model_card",
}  # fmt: skip


def sales(customers: int, days: int, seed: int = 1, cost: float | None = 6.0) -> list[Row]:
    """Return one sale per purchase of customers who buy at their own pace until they leave."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for customer in range(customers):
        day, pace = int(rng.integers(0, days // 2)), 60 / rng.gamma(2.0, 1.0)
        stays = rng.exponential(250)
        first = day
        while day < days and day <= first + stays:
            when = (START + timedelta(days=day)).isoformat()
            quantity = int(rng.integers(1, 9))
            rows.append(
                sale(
                    f"F{len(rows)}", when, f"P{rng.integers(1, 9)}", quantity, 10.0,
                    customer_id=f"C{customer}", unit_cost=cost,
                )
            )  # fmt: skip
            day += 1 + int(rng.exponential(pace))
    return rows


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    houses: list[Storehouse] = []

    def made(rows: list[Row]) -> Storehouse:
        house = Storehouse(tmp_path / f"home{len(houses)}")
        house.add("sales", rows)
        houses.append(house)
        return house

    yield made
    for house in houses:
        house.close()


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    house = Storehouse(tmp_path_factory.mktemp("usual"))
    house.add("sales", sales(300, 800))
    yield house
    house.close()


def study(house: Storehouse, past: tuple[PastRun, ...] = (), **options: str) -> AnalysisResult:
    files = {"file": options.pop("path", "")}
    return run(
        Study(
            metrics=house.metrics,
            customers=CustomerFacts(house.metrics),
            params=Params.from_pairs([("period", "all"), *options.items()], OPTIONS),
            scope=Scope(),
            report=lambda fraction, step: None,
            past=past,
            files=lambda key: Path(files["file"]),
        )
    )


@pytest.fixture(scope="module")
def result(usual: Storehouse) -> AnalysisResult:
    return study(usual)


def test_every_table_has_a_title_and_declared_columns(result: AnalysisResult) -> None:
    assert set(result.tables) == set(result.titles) == TABLES
    for key, table in result.tables.items():
        assert [column.key for column in table.columns] == table.data.column_names, key
        assert table.data_version == result.data_version
    assert result.data_version > 0


def test_key_figures_add_up_with_the_worklist(result: AnalysisResult) -> None:
    rows = result.tables["customers"].rows()
    head = result.headline
    assert head["customers"] == len(rows)
    assert head["value_at_risk"] == pytest.approx(sum(r["expected_loss"] for r in rows))
    assert head["at_risk"] == sum(r["probability"] >= 0.5 for r in rows)
    assert head["threshold"] == pytest.approx(10 / 0.2)
    assert head["contacts"] == sum(r["expected_loss"] > 50 for r in rows)
    assert head["contacts"] == sum(r["contact"] is not None for r in rows)
    assert head["profit"] == pytest.approx(
        sum(r["expected_loss"] * 0.2 - 10 for r in rows if r["expected_loss"] > 50)
    )
    assert head["probability"] == pytest.approx(np.mean([r["probability"] for r in rows]))


def test_value_at_stake_is_the_margin_of_a_year(usual: Storehouse, result: AnalysisResult) -> None:
    with usual.warehouse.read() as cursor:
        found = dict(
            cursor.execute(
                "SELECT customer_id, sum(net_sales - cogs)::DOUBLE FROM lines "
                "WHERE date > (SELECT max(date) FROM lines) - 365 GROUP BY 1"
            ).fetchall()
        )
    for row in result.tables["customers"].rows():
        assert row["at_stake"] == pytest.approx(found[row["customer"]])
    halved = study(usual, months="6", basis="sales").tables["customers"].rows()
    assert all(r["at_stake"] == pytest.approx(r["net_sales"] / 2) for r in halved)


def test_the_profit_curve_stops_where_the_key_figures_say(result: AnalysisResult) -> None:
    rows = result.tables["profit"].rows()
    (best,) = [row for row in rows if row["mark"]]
    assert rows[0]["profit"] == 0
    assert best["profit"] == max(row["profit"] for row in rows) == result.headline["best_profit"]
    assert best["customers"] == result.headline["best_contacts"]


def test_a_dearer_contact_pays_for_fewer_customers(
    usual: Storehouse, result: AnalysisResult
) -> None:
    dear = study(usual, contact_cost="25", success="10")
    assert dear.headline["threshold"] == pytest.approx(250)
    assert 0 < dear.headline["contacts"] < result.headline["contacts"]
    hopeless = study(usual, contact_cost="100000")
    assert hopeless.headline["contacts"] == 0
    assert hopeless.headline["best_contacts"] == 0
    assert "contacting nobody" in str(hopeless.tables["profit"].caveats[0])


def test_curves_begin_at_nothing_and_end_at_everybody(result: AnalysisResult) -> None:
    for model in ("Learnt model", "Purchase model", "Longest without a purchase"):
        gains = [r["gain"] for r in result.tables["gain"].rows() if r["model"] == model]
        assert (gains[0], gains[-1]) == (0.0, pytest.approx(1.0))
        assert all(a <= b + 1e-12 for a, b in pairwise(gains))
        lifts = [r["lift"] for r in result.tables["lift"].rows() if r["model"] == model]
        assert lifts[-1] == pytest.approx(1.0)


def test_scores_are_published_once_per_customer(result: AnalysisResult) -> None:
    outcome = result.outcome
    assert outcome is not None
    assert outcome.scores is not None
    assert outcome.publish == ("churn_probability",)
    ids = outcome.scores["customer_id"].to_pylist()
    assert len(set(ids)) == len(ids) == result.headline["customers"]
    found = outcome.scores["churn_probability"].to_numpy()
    assert ((found >= 0) & (found <= 1)).all()


def test_the_kept_model_gives_the_kept_probabilities(result: AnalysisResult) -> None:
    outcome = result.outcome
    assert outcome is not None
    assert outcome.scores is not None
    model = ChurnModel.from_dict(outcome.model["learnt"])
    values = np.column_stack(
        [
            outcome.scores[name].cast(pa.float64()).to_numpy().astype(float)
            for name in model.trees.features
        ]
    )
    kept = outcome.scores["churn_probability"].to_numpy()
    assert model.probability(values) == pytest.approx(kept, abs=1e-6)
    assert PurchaseModel.from_dict(outcome.model["purchases"]).key == "mbgnbd"


def test_the_purchase_model_can_be_chosen(usual: Storehouse, result: AnalysisResult) -> None:
    chosen = study(usual, model="purchases")
    assert chosen.outcome is not None
    assert chosen.outcome.card["model"] == "purchases"
    models = {row["model"]: row for row in result.tables["models"].rows()}
    assert chosen.headline["auc"] == pytest.approx(models["Purchase model"]["auc"])


def past_run(result: AnalysisResult, **changed: Any) -> PastRun:
    outcome = result.outcome
    assert outcome is not None
    made_on = datetime.fromisoformat("2025-01-01T00:00:00+00:00")
    card = {**outcome.card, **changed.pop("card", {})}
    given = {"scores": lambda: outcome.scores, "pairs": (("period", "all"),), **changed}
    return PastRun(id=1, created_at=made_on, data_version=1, card=card, **given)


def test_of_earlier_runs_those_that_fit_are_looked_back_at(
    usual: Storehouse, result: AnalysisResult
) -> None:
    runs = (
        past_run(result),  # the same cut-off: nothing happened since
        past_run(result, card={"cut_off": "2024-12-01"}, scores=lambda: None),
        past_run(result, card={"cut_off": None}),
        past_run(result, card={"kind": "contracts", "cut_off": "2024-12-01"}),
        past_run(result, card={"cut_off": "2024-12-01"}, pairs=(("country", "FR"),)),
        past_run(study(usual, period="custom", to="2025-01-15")),
    )
    again = study(usual, past=runs)
    assert len(again.tables["drift"].rows()) == 22
    assert all(row["psi"] == 0 for row in again.tables["drift"].rows())
    (row,) = again.tables["past_runs"].rows()
    assert row["cut_off"] == date(2025, 1, 15)
    # Its horizon still runs: some will yet buy, so there are no figures of merit.
    assert row["over"] == "Still running"
    assert (row["auc"], row["brier"]) == (None, None)
    assert 0 < row["observed"] < 1


def test_without_costs_values_are_sales_and_that_is_said(shop: Shop) -> None:
    found = study(shop(sales(150, 600, cost=None)))
    assert any("No costs are known" in str(caveat) for caveat in found.caveats)
    rows = found.tables["customers"].rows()
    assert all(row["at_stake"] == pytest.approx(row["net_sales"]) for row in rows)


def test_a_short_history_falls_back_on_the_purchase_model(shop: Shop) -> None:
    found = study(shop(sales(200, 120)))
    assert found.outcome is not None
    assert found.outcome.card["model"] == "purchases"
    assert found.outcome.model["learnt"] is None
    assert any("too short for a learnt model" in str(caveat) for caveat in found.caveats)
    for key in ("models", "gain", "calibration", "profit", "drivers"):
        assert found.tables[key].rows() == []
    assert "too short for a test" in str(found.tables["models"].caveats[0])
    row = found.tables["customers"].rows()[0]
    assert "purchase" in str(unpack(row["reason_1"]))
    assert "auc" not in found.headline


def test_few_customers_fall_back_too_and_say_how_few(shop: Shop) -> None:
    found = study(shop(sales(40, 900)))
    assert found.outcome is not None
    assert found.outcome.card["model"] == "purchases"
    assert any("to be tested on" in str(caveat) for caveat in found.caveats)
    models = [row["model"] for row in found.tables["models"].rows()]
    assert "Learnt model" not in models
    assert found.tables["customers"].rows()


BAD: dict[str, list[Row]] = {
    "one customer": [
        sale(f"F{n}", (START + timedelta(days=n)).isoformat(), "P", 1, 5, customer_id="C")
        for n in range(40)
    ],
    "one purchase each": [
        sale(f"F{n}", (START + timedelta(days=n)).isoformat(), "P", 1, 5, customer_id=f"C{n}")
        for n in range(300)
    ],
    "all on one day": [
        sale(f"F{n}", "2024-01-05", "P", 1, 5, customer_id=f"C{n}") for n in range(300)
    ],
    "nobody named": [sale(f"F{n}", "2024-01-05", "P", 1, 5) for n in range(30)],
    "returns only": [
        sale(f"F{n}", "2024-01-05", "P", -1, 5, customer_id=f"C{n}") for n in range(30)
    ],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_explained(shop: Shop, name: str) -> None:
    with pytest.raises(PicholineError) as caught:
        study(shop(BAD[name]))
    assert str(caught.value.title)
    assert str(caught.value.remedy)


def test_negative_totals_and_unknown_prices_do_no_harm(shop: Shop) -> None:
    rows = sales(150, 600)
    for n, row in enumerate(list(rows)[::9]):
        day = row["date"].isoformat()
        rows.append(
            sale(f"R{n}", day, "P1", -50, 10.0, customer_id=row["customer_id"], unit_cost=6.0)
        )
        rows.append(sale(f"X{n}", day, "P1", 1, 10.0, customer_id="C1", currency="USD"))
    found = study(shop(rows))
    listed = found.tables["customers"].rows()
    assert all(row["at_stake"] is None or row["at_stake"] >= 0 for row in listed)
    assert found.headline["value_at_risk"] >= 0


def test_nobody_left_is_no_reason_to_crash(shop: Shop) -> None:
    rows = [
        sale(
            f"F{c}-{d}", (START + timedelta(days=d)).isoformat(), "P", 1 + (c + d) % 5, 5,
            customer_id=f"C{c}", unit_cost=3.0,
        )
        for c in range(220)
        for d in range(c % 7, 300, 14)
    ]  # fmt: skip
    found = study(shop(rows))
    assert found.outcome is not None
    assert found.outcome.card["model"] == "purchases"
    assert any("who left" in str(caveat) for caveat in found.caveats)
    assert max(row["probability"] for row in found.tables["customers"].rows()) < 0.3
    assert found.headline["auc"] is None


def contract_file(path: Path, rows: int = 600) -> Path:
    rng = np.random.default_rng(2)
    lines = ["customer;plan;since;fee;note;churned;closing"]
    for n in range(rows):
        months, plan = int(rng.integers(1, 60)), ("monthly", "yearly")[n % 2]
        left = rng.random() < 1 / (1 + np.exp(months / 8 - 2 * (plan == "monthly")))
        fee = f"{20 + n % 30},50"
        word = "" if n % 60 == 7 else ("oui" if left else "non")
        lines.append(f"K{n:04};{plan};{months};{fee};text {n};{word};{'x' if left else ''}")
    path.write_text("\n".join(lines), "utf-8")
    return path


CONTRACTS = {
    "kind": "contracts", "file": "f" * 64, "label": "churned", "identifier": "customer",
    "value_column": "fee",
}  # fmt: skip


def test_a_file_of_contracts_is_learnt_without_its_leak(usual: Storehouse, tmp_path: Path) -> None:
    path = contract_file(tmp_path / "contracts.csv")
    found = study(usual, path=str(path), **CONTRACTS, left_value="oui")
    assert [row["feature"] for row in found.tables["leaks"].rows()] == ["closing"]
    assert any("closing" in str(caveat) for caveat in found.caveats)
    assert 0.7 < found.headline["auc"] < 0.97
    rows = found.tables["customers"].rows()
    text = path.read_text("utf-8").splitlines()[1:]
    there = {line.split(";")[0] for line in text if line.split(";")[5] != "oui"}
    assert {row["customer"] for row in rows} == there
    fee = {line.split(";")[0]: float(line.split(";")[3].replace(",", ".")) for line in text}
    assert all(row["at_stake"] == pytest.approx(12 * fee[row["customer"]]) for row in rows)
    reasons = [str(unpack(row["reason_1"])) for row in rows if row["reason_1"]]
    assert any(text.startswith(("plan: ", "since: ")) for text in reasons)
    assert found.outcome is not None
    assert found.outcome.publish == ()
    models = {row["model"] for row in found.tables["models"].rows()}
    assert models == {"Learnt model", "Logistic regression on splines"}


@pytest.mark.parametrize(
    "changed",
    [
        {"label": "gone"},
        {"label": "plan", "left_value": "weekly"},
        {"label": "note"},
        {"value_column": "plan"},
        {"file": ""},
    ],
)
def test_a_file_that_does_not_fit_is_explained(
    usual: Storehouse, tmp_path: Path, changed: dict[str, str]
) -> None:
    path = contract_file(tmp_path / "contracts.csv")
    with pytest.raises(PicholineError) as caught:
        study(usual, path=str(path), **{**CONTRACTS, **changed})
    assert str(caught.value.title)
    assert str(caught.value.remedy)


def test_too_few_contracts_are_explained(usual: Storehouse, tmp_path: Path) -> None:
    path = contract_file(tmp_path / "contracts.csv", rows=50)
    with pytest.raises(PicholineError) as caught:
        study(usual, path=str(path), **CONTRACTS)
    assert str(caught.value.remedy)


def test_a_cancelled_run_stops_at_its_next_step(usual: Storehouse) -> None:
    class CancelledError(Exception):
        pass

    def cancel(fraction: float, step: object) -> None:
        if fraction > 0.3:
            raise CancelledError

    with pytest.raises(CancelledError):
        run(
            Study(
                metrics=usual.metrics,
                customers=CustomerFacts(usual.metrics),
                params=Params.from_pairs([("period", "all")], OPTIONS),
                scope=Scope(),
                report=cancel,
            )
        )
