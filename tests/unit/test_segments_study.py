"""Segments of a made shop, recomputed with pandas from the definitions.

Scores by rank with shared ties, the first rule that fits, two days, twelve months of sales.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.errors import PicholineError
from core.i18n import translate
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.models.rfm import DEFAULT_RULES
from core.services.analytics.base import PastRun, Study, get_analysis
from core.services.customer_segments.preview import score_cells, sizes
from core.services.customers import CustomerFacts
from tests.storehouse import Storehouse, sale

END = date(2025, 12, 31)
BEFORE = date(2024, 12, 31)


def made_lines() -> list[dict[str, Any]]:
    """Return lines of 70 customers over three years: regulars, sleepers, newcomers, returns."""
    rng = np.random.default_rng(8)
    rows: list[dict[str, Any]] = []
    for who in range(70):
        start = int(rng.integers(0, 1000))
        last = 1095 if who % 3 else int(rng.integers(start, 1096))
        for _ in range(int(rng.geometric(0.12))):
            day = date(2023, 1, 1) + timedelta(days=int(rng.integers(start, last + 1)))
            rows.append(_line(rng, who, min(day, END)))
    rows.append(_line(rng, 1, END))  # the last day of the data
    return rows


def _line(rng: Any, who: int, day: date) -> dict[str, Any]:
    cost = {"unit_cost": 4.0} if rng.random() < 0.7 else {}
    back = rng.random() < 0.06
    return {
        "day": day,
        "customer": f"c{who:02d}",
        "quantity": -1.0 if back else float(rng.integers(1, 9)),
        "price": float(rng.integers(500, 9000)) / 100,
        **cost,
    }


LINES = made_lines()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    house = Storehouse(tmp_path_factory.mktemp("shop") / "home")
    house.add(
        "sales",
        [
            sale(str(i), row["day"].isoformat(), "A", row["quantity"], row["price"],
                 customer_id=row["customer"], unit_cost=row.get("unit_cost"),
                 country="FR" if int(row["customer"][1:]) % 2 else "DE")
            for i, row in enumerate(LINES)
        ],
    )  # fmt: skip
    yield house
    house.close()


def run(house: Storehouse, past: tuple[PastRun, ...] = (), **pairs: str) -> AnalysisResult:
    analysis = get_analysis("rfm")
    assert analysis.study is not None
    return analysis.study(
        Study(
            metrics=house.metrics,
            customers=CustomerFacts(house.metrics),
            params=analysis.params_from({"period": "all", **pairs}.items()),
            scope=Scope(),
            report=lambda _fraction, _step: None,
            past=past,
        )
    )


@pytest.fixture(scope="module")
def result(shop: Storehouse) -> AnalysisResult:
    return run(shop)


def rows(result: AnalysisResult, table: str) -> list[dict[str, Any]]:
    return result.tables[table].rows()


def expected(cut_off: date) -> pd.DataFrame:
    """Return scores and segments of every customer on a day."""
    frame = pd.DataFrame(LINES)
    frame["amount"] = frame["quantity"] * frame["price"]
    frame = frame[frame["day"] <= cut_off]
    days = frame.groupby(["customer", "day"], as_index=False).agg(
        amount=("amount", "sum"), most=("quantity", "max")
    )
    bought = days[days["most"] > 0]
    by = bought.groupby("customer")
    table = pd.DataFrame(
        {
            "recency": by["day"].max().map(lambda day: (cut_off - day).days),
            "frequency": by.size(),
            "monetary": by["amount"].mean().round(6),
        }
    )
    for score, column, sign in (("r", "recency", -1), ("f", "frequency", 1), ("m", "monetary", 1)):
        share = (sign * table[column]).rank(pct=True, method="average")
        table[score] = np.ceil((5 * share).round(9)).astype(int)
    table["segment"] = [
        next(
            rule.key
            for rule in DEFAULT_RULES
            if all(
                low <= score <= high
                for score, (low, high) in zip(
                    scores, (rule.recency, rule.frequency, rule.monetary), strict=True
                )
            )
        )
        for scores in zip(table["r"], table["f"], table["m"], strict=True)
    ]
    return table


def year_sales(end: date) -> pd.Series:
    frame = pd.DataFrame(LINES)
    frame["amount"] = frame["quantity"] * frame["price"]
    kept = frame[(frame["day"] <= end) & (frame["day"] > end - timedelta(days=365))]
    return kept.groupby("customer")["amount"].sum()


def test_every_customer_has_the_scores_of_a_recomputation(result: AnalysisResult) -> None:
    now, before = expected(END), expected(BEFORE)
    found = {row["customer"]: row for row in rows(result, "customers")}
    assert set(found) == set(now.index)
    names = {rule.key: rule.name for rule in DEFAULT_RULES}
    for who, wanted in now.iterrows():
        row = found[str(who)]
        assert (row["r"], row["f"], row["m"]) == (wanted["r"], wanted["f"], wanted["m"])
        assert row["scores"] == f"{wanted['r']}{wanted['f']}{wanted['m']}"
        assert (row["recency"], row["frequency"]) == (wanted["recency"], wanted["frequency"])
        assert row["monetary"] == pytest.approx(wanted["monetary"], abs=1e-6)
        assert translate(row["segment_name"]) == names[wanted["segment"]]
        was = names[before["segment"][who]] if who in before.index else "Not yet a customer"
        assert translate(row["previous_name"]) == was


def test_segments_add_up_to_a_recomputation(result: AnalysisResult) -> None:
    now, before, sales = expected(END), expected(BEFORE), year_sales(END)
    lines = pd.DataFrame(LINES)
    lines["amount"] = lines["quantity"] * lines["price"]
    recent = lines[lines["day"] > END - timedelta(days=365)]
    costed = recent[recent["unit_cost"].notna()]
    margin = costed["amount"] - costed["quantity"] * costed["unit_cost"]
    total = sales.sum()
    found = rows(result, "segments")
    assert [row["segment_key"] for row in found] == [rule.key for rule in DEFAULT_RULES]
    for row in found:
        who = now.index[now["segment"] == row["segment_key"]]
        assert row["customers"] == len(who)
        assert row["share"] == pytest.approx(len(who) / len(now))
        assert row["customers_change"] == len(who) - (before["segment"] == row["segment_key"]).sum()
        amount = sales.reindex(who).sum()
        assert row["net_sales"] == pytest.approx(amount)
        assert row["net_sales_share"] == pytest.approx(amount / total)
        assert row["net_sales_ever"] == pytest.approx(
            lines.loc[lines["customer"].isin(who), "amount"].sum()
        )
        own = costed["customer"].isin(who)
        if own.any():
            assert row["gross_margin"] == pytest.approx(margin[own].sum())
            rate = margin[own].sum() / costed.loc[own, "amount"].sum()
            assert row["margin_rate"] == pytest.approx(rate)
        else:
            assert row["gross_margin"] is None
        if len(who):
            assert row["frequency"] == pytest.approx(now.loc[who, "frequency"].mean())
            assert row["recency"] == round(now.loc[who, "recency"].mean())
        else:
            assert row["recency"] is None
    assert result.tables["segments"].total["customers"] == len(now)
    assert sum(row["customers"] for row in rows(result, "rules")) == len(now)


def test_moves_are_those_of_the_two_days(result: AnalysisResult) -> None:
    now, before = expected(END), expected(BEFORE)
    was = before["segment"].reindex(now.index).fillna("not_yet")
    wanted = pd.crosstab(was, now["segment"]).stack()
    wanted = {pair: count for pair, count in wanted.items() if count}
    found = {(r["from_key"], r["to_key"]): r for r in rows(result, "migration")}
    assert {pair: row["customers"] for pair, row in found.items()} == wanted
    sales, sales_before = year_sales(END), year_sales(BEFORE)
    for (start, end), row in found.items():
        who = now.index[(was == start) & (now["segment"] == end)]
        assert row["net_sales"] == pytest.approx(sales.reindex(who).sum())
        assert row["net_sales_compared"] == pytest.approx(sales_before.reindex(who).sum())
        assert row["share"] == pytest.approx(len(who) / (was == start).sum())


def test_key_figures_are_set_against_the_earlier_day(result: AnalysisResult) -> None:
    now, before = expected(END), expected(BEFORE)
    kpis = {row["metric"]: row for row in rows(result, "kpis")}
    assert (kpis["customers"]["value"], kpis["customers"]["compared"]) == (len(now), len(before))
    active, was_active = (now["recency"] < 365).sum(), (before["recency"] < 365).sum()
    assert kpis["active_share"]["value"] == pytest.approx(active / len(now))
    assert kpis["active_share"]["compared"] == pytest.approx(was_active / len(before))
    sales = year_sales(END)
    assert kpis["sales_per_active"]["value"] == pytest.approx(sales.sum() / active)
    top = sales.groupby(now["segment"].reindex(sales.index)).sum()
    assert kpis["top_sales"]["value"] == pytest.approx(top.max())
    both = before.index
    moved = (now.loc[both, "segment"] != before["segment"]).mean()
    assert kpis["moved"]["value"] == pytest.approx(moved)
    assert result.headline["customers"] == len(now)


def test_the_grid_and_the_ranges_of_scores(result: AnalysisResult) -> None:
    now, sales = expected(END), year_sales(END)
    cells = now.groupby(["r", "f"])
    found = {(row["r"], row["f"]): row for row in rows(result, "grid")}
    assert {pair: row["customers"] for pair, row in found.items()} == cells.size().to_dict()
    for pair, members in cells.groups.items():
        assert found[pair]["net_sales"] == pytest.approx(sales.reindex(members).sum())
    recency = [row for row in rows(result, "scores") if translate(row["scale"]) == "Recency"]
    assert [row["score"] for row in recency] == sorted(now["r"].unique(), reverse=True)
    for row in recency:
        chosen = now.loc[now["r"] == row["score"], "recency"]
        assert (row["low"], row["high"]) == (chosen.min(), chosen.max())


def test_counts_before_saving_equal_those_of_the_study(
    shop: Storehouse, result: AnalysisResult
) -> None:
    cells = score_cells(CustomerFacts(shop.metrics), Scope())
    assert sum(cell[-1] for cell in cells) == len(expected(END))
    wanted = [row["customers"] for row in rows(result, "segments")]
    assert sizes(DEFAULT_RULES, cells) == wanted
    # Without the first rule its customers fall to later ones.
    fewer = sizes(DEFAULT_RULES[1:], cells)
    assert sum(fewer) == sum(wanted)
    assert any(a > b for a, b in zip(fewer, wanted[1:], strict=True)) == bool(wanted[0])


def test_groups_can_be_switched_off(shop: Storehouse) -> None:
    found = run(shop, groups="no")
    for table in ("clusters", "ks"):
        assert rows(found, table) == []
        assert "switched off" in str(found.tables[table].caveats[0])
    assert found.outcome is not None
    assert found.outcome.card["groups"] is None
    assert all(row["cluster"] is None for row in rows(found, "customers"))


def test_every_number_of_groups_has_a_verdict(shop: Storehouse) -> None:
    found = run(shop, max_groups="3")
    assert [row["k"] for row in rows(found, "ks")] == [2, 3]
    for row in rows(found, "ks"):
        assert translate(row["verdict"]).startswith(("Taken", "Confirmed", "Refused"))
        assert row["ari_low"] <= row["ari"] <= row["ari_high"]
    groups = rows(found, "clusters")
    if groups:
        assert sum(row["customers"] for row in groups) == len(expected(END))
        assert "{" not in translate(groups[0]["cluster_name"])


def test_a_filter_compares_its_own_customers_and_says_so(
    shop: Storehouse, result: AnalysisResult
) -> None:
    french = run(shop, country="FR", groups="no")
    who = {row["customer"] for row in rows(french, "customers")}
    assert who == {w for w in expected(END).index if int(w[1:]) % 2}
    assert any("compare all customers" in str(caveat) for caveat in french.caveats)
    assert not any("compare all customers" in str(caveat) for caveat in result.caveats)
    assert max(row["r"] for row in rows(french, "customers")) == 5


def test_another_day_can_be_compared_with(shop: Storehouse) -> None:
    found = run(shop, before="2025-06-30", groups="no")
    before = expected(date(2025, 6, 30))
    sizes_before = {r["segment_key"]: r["customers_compared"] for r in rows(found, "segments")}
    assert sizes_before["champions"] == (before["segment"] == "champions").sum()


def test_a_day_without_customers_is_explained(shop: Storehouse) -> None:
    found = run(shop, before="2022-06-30", groups="no")
    assert rows(found, "migration") == []
    assert "nothing to compare with" in str(found.tables["migration"].caveats[0])
    assert all(row["customers_change"] is None for row in rows(found, "segments"))
    assert {row["compared"] for row in rows(found, "kpis")} == {None}


def test_a_day_that_is_not_earlier_is_refused(shop: Storehouse) -> None:
    with pytest.raises(PicholineError) as caught:
        run(shop, before=END.isoformat())
    assert caught.value.code == "segments.before"
    assert "31 Dec 2025" in str(caught.value.title)


def test_the_card_tells_what_moved_since_the_last_run(
    shop: Storehouse, result: AnalysisResult
) -> None:
    assert result.outcome is not None
    scores = result.outcome.scores
    assert scores is not None
    assert scores.column("rfm_segment").to_pylist() == expected(END)["segment"].tolist()
    shifted = scores.set_column(
        scores.column_names.index("recency"),
        "recency",
        pa.array([days + 200 for days in scores.column("recency").to_pylist()]),
    )
    same_question = (("groups", "no"),)
    gone = PastRun(1, datetime(2026, 1, 1), 1, same_question, {}, lambda: None)  # noqa: DTZ001
    same = PastRun(2, datetime(2026, 1, 2), 1, same_question, {}, lambda: scores)  # noqa: DTZ001
    other = PastRun(3, datetime(2026, 1, 3), 1, same_question, {}, lambda: shifted)  # noqa: DTZ001
    still, far = (facts(run(shop, past, groups="no")) for past in ((gone, same), (other, same)))
    assert still["Compared with the run of"] == "2 Jan 2026"
    assert still["Shift of “Recency” since then (PSI)"] == pytest.approx(0.0, abs=1e-9)
    assert still["Shift of “Recency” since then (KS)"] == 0.0
    assert still["Changed segment since that run"] == 0.0
    assert far["Shift of “Recency” since then (PSI)"] > 0.25
    assert facts(result)["Compared with the last run"] == "There is no earlier run."


def facts(found: AnalysisResult) -> dict[str, Any]:
    return {
        translate(row["fact"]): row["value"] if row["text"] is None else translate(row["text"])
        for row in rows(found, "model_card")
    }


def test_findings_are_said_in_words(result: AnalysisResult) -> None:
    texts = [str(note) for note in result.notes]
    assert "of the net sales of the last 12 months" in texts[0]
    assert all("{" not in text for text in texts)
