"""The overview's questions on the demo company, against pandas with equal results.

PICHOLINE_BENCH_LINES sets the number of sales lines (200,000 by default).
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import pandas as pd

from core.models.filters import FilterState
from core.models.query import MetricQuery
from core.services.demo import generate
from core.services.metrics import Metrics
from tests.storehouse import Storehouse

ROUNDS = 15
SLOW_ROUNDS = 3
MILLISECONDS = 1000
KPIS = (
    "net_sales", "gross_margin", "margin_rate", "contribution", "orders", "customers", "aov",
    "return_rate",
)  # fmt: skip
SPLIT = ("net_sales", "gross_margin", "margin_rate")
PANELS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (KPIS, ()),
    (KPIS, ("month",)),
    (SPLIT, ("country",)),
    (SPLIT, ("category",)),
    (SPLIT, ("product",)),
)
MORE_PANELS = (*PANELS, (SPLIT, ("channel",)), (SPLIT, ("supplier",)), (SPLIT, ("segment",)))
FILTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "all": {},
    "three countries": {"country": ("FR", "DE", "US")},
    "one channel": {"channel": ("web",)},
}


def overview(metrics: Metrics, state: FilterState, panels: object = PANELS) -> None:
    resolved = metrics.resolve(state)
    for keys, by in panels:  # type: ignore[attr-defined]
        metrics.ask(
            MetricQuery(keys, by, state.where(), resolved.period, state.compare, resolved.compared),
            cached=False,
        )


def timed(rounds: int, work: Callable[[], object]) -> list[float]:
    work()
    found = []
    for _ in range(rounds):
        began = perf_counter()
        work()
        found.append((perf_counter() - began) * MILLISECONDS)
    return sorted(found)


def by_pandas(frame: pd.DataFrame, metrics: Metrics) -> dict[str, object]:
    """Compute the five panels for both periods; the frame holds floats, which favours pandas."""
    resolved = metrics.resolve(FilterState())
    assert resolved.period
    assert resolved.compared
    found: dict[str, object] = {}
    for side, period in (("now", resolved.period), ("then", resolved.compared)):
        start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
        part = frame[(frame["date"] >= start) & (frame["date"] <= end)]
        sold = part[part["sold_lines"] > 0]
        found[side] = float(part["net_sales"].sum())
        found[f"{side} orders"] = sold["order_key"].nunique()
        found[f"{side} customers"] = sold["customer_key"].nunique()
        columns = ["net_sales", "covered_net_sales", "cogs", "variable_costs", "returns"]
        months = part["date"].dt.to_period("M")
        for key in (months, "country", "category", "product_id"):
            part.groupby(key)[columns].sum()
        sold.groupby(months)[["order_key", "customer_key"]].nunique()
    return found


def process_time(home: Path) -> float:
    """Return the seconds from process start to an answer on the command line's path."""
    code = (
        "from core.services.application import Application\n"
        "from core.settings import load_settings\n"
        "from core.models.query import MetricQuery\n"
        "from pathlib import Path\nimport sys\n"
        "app = Application.open(load_settings(Path(sys.argv[1])))\n"
        "app.metrics.ask(MetricQuery(('net_sales', 'orders'), ('country', 'month')))\n"
    )
    began = perf_counter()
    subprocess.run([sys.executable, "-c", code, str(home)], check=True)
    return perf_counter() - began


def main() -> None:
    lines = int(os.environ.get("PICHOLINE_BENCH_LINES", "200000"))
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        house = Storehouse(Path(folder) / "home")
        company = generate(lines=lines, seed=7)
        for name, table in company.dimensions.items():
            house.add(name, table)
        house.add_batches("sales", company.sales_batches())
        began = perf_counter()
        house.warehouse.ensure()
        print(f"{lines:,} lines: warehouse built in {perf_counter() - began:.1f} s")
        size = (house.settings.warehouse / f"v{house.warehouse.ensure()}.duckdb").stat().st_size
        print(f"  file {size / 1e6:.0f} MB; rows by table:", end=" ")
        print(", ".join(f"{s.table} {s.rows:,}" for s in house.warehouse.info().sources))
        report(house, lines)
        print(f"  process start and answer: {process_time(house.settings.home):.2f} s (limit 1)")
        house.close()


def report(house: Storehouse, lines: int) -> None:
    for name, values in FILTERS.items():
        state = FilterState(values=values)
        for panels in (PANELS, MORE_PANELS):
            found = timed(ROUNDS, lambda s=state, p=panels: overview(house.metrics, s, p))  # type: ignore[misc]
            print(
                f"  {len(panels)} panels, {name}: median {median(found):.1f} ms, "
                f"slowest {found[-1]:.1f} ms"
            )
    with house.warehouse.read() as cursor:
        frame = cursor.execute(
            "SELECT * REPLACE (date::TIMESTAMP AS date, net_sales::DOUBLE AS net_sales, "
            "covered_net_sales::DOUBLE AS covered_net_sales, cogs::DOUBLE AS cogs, "
            "variable_costs::DOUBLE AS variable_costs, returns::DOUBLE AS returns) FROM "
            "(SELECT date, country, category, product_id, order_key, customer_key, sold_lines, "
            "net_sales, covered_net_sales, cogs, variable_costs, returns "
            "FROM lines WHERE line_kind <> 'investment')"
        ).df()
    metrics = house.metrics
    state = FilterState()
    resolved = metrics.resolve(state)
    total = metrics.ask(
        MetricQuery(
            ("net_sales", "orders", "customers"), (), (), resolved.period, state.compare,
            resolved.compared,
        )
    ).total or {}  # fmt: skip
    computed = by_pandas(frame, metrics)
    assert abs(float(total["net_sales"]) - computed["now"]) < 0.01  # type: ignore[operator]
    assert total["orders_compared"] == computed["then orders"]
    assert total["customers"] == computed["now customers"]
    ours = median(timed(ROUNDS, lambda: overview(metrics, state)))
    theirs = median(timed(SLOW_ROUNDS, lambda: by_pandas(frame, metrics)))
    print(
        f"  pandas {theirs:.0f} ms, ours {ours:.1f} ms: {theirs / ours:.1f} × faster at {lines:,}"
    )


if __name__ == "__main__":
    main()
