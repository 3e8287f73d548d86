"""A small shop whose customers follow BG/NBD and Gamma-Gamma with known parameters."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from core.i18n import translate
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import Study, get_analysis
from core.services.customers import CustomerFacts
from tests.storehouse import Row, Storehouse, sale

FIRST, DAYS = date(2023, 1, 1), 730
COUNTRIES, CHANNELS, SEGMENTS = ("FR", "DE"), ("shop", "web"), ("trade", "private")


def simulated_sales(customers: int, seed: int = 5, **fixed: Any) -> list[Row]:
    """Return one line per purchase day, margin 40 % of the price; the last day has a sale."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for number in range(customers):
        rate = rng.gamma(0.8, 1 / 45)
        leaving = rng.beta(0.8, 6.0)
        level = rng.gamma(4.0, 1 / 60)
        day = float(rng.integers(0, 500)) if number else float(DAYS - 1)
        country, channel = COUNTRIES[number % 2], CHANNELS[number % 3 == 0]
        while day < DAYS:
            price = round(float(rng.gamma(2.0, 1 / level)) + 0.01, 2)
            when = (FIRST + timedelta(days=int(day))).isoformat()
            given = {"country": country, "channel": channel, "unit_cost": round(price * 0.6, 4)}
            rows.append(
                sale(
                    f"{number}-{int(day)}", when, "P", 1, price,
                    customer_id=f"C{number:04d}", **(given | fixed),
                )
            )  # fmt: skip
            if rng.random() < leaving:
                break
            day = max(day + rng.exponential(1 / rate), int(day) + 1)
    return rows


def ask(
    house: Storehouse, scope: Scope | None = None, past: Sequence[Any] = (), **pairs: str
) -> AnalysisResult:
    """Run the analysis over all data."""
    analysis = get_analysis("clv")
    assert analysis.study
    return analysis.study(
        Study(
            metrics=house.metrics,
            customers=CustomerFacts(house.metrics),
            params=analysis.params_from({"period": "all", "draws": "60", **pairs}.items()),
            scope=scope or Scope(),
            report=lambda _share, _step: None,
            past=tuple(past),
        )
    )


def ask_about(home: Path, rows: Sequence[Row], **pairs: str) -> AnalysisResult:
    """Run the analysis over some sales lines in a home of their own."""
    house = Storehouse(home)
    try:
        house.add("sales", rows)
        return ask(house, **pairs)
    finally:
        house.close()


def said(result: AnalysisResult) -> str:
    """Return all caveats of a result in one text."""
    tables = [str(c) for table in result.tables.values() for c in table.caveats]
    return " ".join([*(str(c) for c in result.caveats), *tables])


def kpi(result: AnalysisResult, key: str) -> dict[str, Any]:
    """Return one key figure."""
    return {row["metric"]: row for row in result.tables["kpis"].rows()}[key]


def facts(result: AnalysisResult) -> dict[str, Any]:
    """Return the model card's facts by their English name."""
    return {
        translate(row["fact"]): translate(row["text"] or "")
        if row["value"] is None
        else row["value"]
        for row in result.tables["model_card"].rows()
    }
