"""Purchase models for 2,357, 100,000 and 1,000,000 simulated customers, beside clvkit.

Each size and library runs in a process of its own, in turns; medians of three. Histories are
simulated by `tests/purchase_histories.py`, in whole days. The fit is measured after aggregation,
as the limits are; clvkit knows no aggregation. CPU seconds stand beside: on a machine shared with
other work, only they are stable. PICHOLINE_BENCH_CLVKIT sets the largest number of customers that
clvkit is given (100,000 by default; a million takes it minutes).
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from tests.purchase_histories import simulate

ROOT = Path(__file__).parents[2]
RUNS = 3
SIZES = {2_357: 0.1, 100_000: 1.0, 1_000_000: 3.0}  # customers: seconds allowed for the fit
MOST_MB = 500
DRAWS = 200
_COMMON = """
import json, resource, sys, time
import numpy as np
data = np.load(sys.argv[1])
x, t_x, T, mean = (data[name] for name in ("x", "t_x", "T", "mean"))
found = {}
def start():
    global began, used
    began, used = time.perf_counter(), time.process_time()
def lap(name):
    found[name] = time.perf_counter() - began
    found[name + " CPU"] = time.process_time() - used
    start()
start()
def done(values):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "MB": peak, "params": list(values)}))
"""
OURS = f"""{_COMMON}
from core.services.methods.purchases.cells import aggregate
from core.services.methods.purchases.fitting import fit_cells
fit_cells("bgnbd", aggregate(x[:500], t_x[:500], T[:500]))  # libraries load at the first call
start()
cells = aggregate(x, t_x, T)
lap("aggregation")
model = fit_cells("bgnbd", cells)
lap("fit")
done(model.params.values())
"""
VALUES = f"""{_COMMON}
from core.services.methods.purchases import Customers, Horizon, clv, clv_draws, fit, fit_value
model = fit(sys.argv[2], x, t_x, T)
lap("fit")
value = fit_value(x, mean)
lap("order values")
people, horizon = Customers(x, t_x, T, mean), Horizon(12, 0.1)
clv(model, value, people, horizon)
lap("lifetime values")
clv_draws(model, value, people, horizon, int(sys.argv[3]), np.random.default_rng(0))
lap("intervals")
done(model.params.values())
"""
CLVKIT = f"""{_COMMON}
import pandas as pd
from clvkit import BGNBD, CustomerBase
summary = pd.DataFrame({{"frequency": x, "recency": t_x, "T": T}})
def base(rows):
    end = pd.Timestamp("2026-01-01")
    return CustomerBase(
        rows, time_unit="D", observation_period_end=end, has_monetary=False, on_negative="raise"
    )
BGNBD().fit(base(summary[:500]))
start()
model = BGNBD().fit(base(summary))
lap("fit")
done(model.params_)
"""


def measure(code: str, *arguments: object) -> dict[str, float]:
    """Run code in a process of its own; return seconds by step and peak memory in MB."""
    ran = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(ran.stdout)


def middle(runs: list[dict[str, float]], name: str) -> float:
    return median(run[name] for run in runs)


def report(file: Path, customers: int, with_clvkit: bool) -> None:
    ours: list[dict[str, float]] = []
    theirs: list[dict[str, float]] = []
    for _ in range(RUNS):
        ours.append(measure(OURS, file))
        if with_clvkit:
            theirs.append(measure(CLVKIT, file))
    fit, memory = middle(ours, "fit"), middle(ours, "MB")
    print(
        f"{customers:9,} customers: aggregation {middle(ours, 'aggregation'):.3f} s, "
        f"BG/NBD fit {fit:.3f} s (limit {SIZES[customers]}, CPU {middle(ours, 'fit CPU'):.3f} s), "
        f"{memory:.0f} MB (limit {MOST_MB})"
    )
    if theirs:
        whole = fit + middle(ours, "aggregation")
        apart = np.abs(np.log(np.divide(ours[0]["params"], theirs[0]["params"]))).max()
        print(
            f"{'':9} clvkit fit {middle(theirs, 'fit'):.2f} s (CPU "
            f"{middle(theirs, 'fit CPU'):.2f} s), {middle(theirs, 'MB'):.0f} MB: "
            f"{middle(theirs, 'fit') / fit:.0f} × the time of ours, "
            f"{middle(theirs, 'fit') / whole:.0f} × with aggregation; "
            f"parameters {apart:.1e} apart"
        )


def main() -> None:
    """Print medians and ratios."""
    installed = find_spec("clvkit") is not None
    if not installed:
        print("clvkit is not installed: not compared")
    most = int(os.environ.get("PICHOLINE_BENCH_CLVKIT", "100000"))
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        for customers in SIZES:
            world = simulate("bgnbd", customers, seed=1, ahead=0.0)
            file = Path(folder) / f"{customers}.npz"
            days = np.where(world.x > 0, np.ceil(world.t_x), 0.0)
            np.savez(file, x=world.x, t_x=days, T=world.T, mean=world.mean)
            del world
            report(file, customers, installed and customers <= most)
        for key, customers in (("bgnbd", 100_000), ("pareto", 100_000), ("bgnbd", 1_000_000)):
            run = measure(VALUES, Path(folder) / f"{customers}.npz", key, DRAWS)
            names = [name.removesuffix(" CPU") for name in run if name.endswith(" CPU")]
            steps = ", ".join(f"{n} {run[n]:.2f} s (CPU {run[n + ' CPU']:.2f})" for n in names)
            print(f"{key} for {customers:,}, {DRAWS} futures each: {steps}; {run['MB']:.0f} MB")


if __name__ == "__main__":
    main()
