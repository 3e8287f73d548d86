"""Churn end to end on simulated customers: reading, features, test, training, explanations.

PICHOLINE_BENCH_CHURN_LINES sets the number of sales lines (1,000,000 by default, one customer for
every 100 lines). The limit of 60 s is for 10,000,000 lines of 100,000 customers on two cores.
"""

import os
import resource
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
import pyarrow as pa

from core.i18n import Message
from core.models.query import Scope
from core.models.schema import TABLES
from core.services.analytics.base import Params, Study
from core.services.analytics.churn import OPTIONS, run
from core.services.customers import CustomerFacts
from tests.storehouse import Storehouse

LINES_PER_CUSTOMER = 100
LINES_PER_ORDER = 3
DAYS = 1461
PRODUCTS = 400
BATCH_CUSTOMERS = 10_000
LIMIT_SECONDS = 60
FULL_LINES = 10_000_000


def lines_of(first: int, customers: int, rng: np.random.Generator) -> pa.Table:
    """Return the lines of some customers: gamma-distributed pace, exponential lifetimes."""
    start = rng.integers(0, DAYS - 30, customers)
    stay = np.minimum(rng.exponential(900, customers), DAYS - start)
    pace = rng.gamma(0.9, 1.0, customers) * stay
    wanted = customers * LINES_PER_CUSTOMER / LINES_PER_ORDER
    orders = np.maximum(rng.poisson(pace * wanted / pace.sum()), 1)
    who = np.repeat(np.arange(customers), orders)
    day = start[who] + (rng.random(len(who)) * stay[who]).astype(np.int64)
    line = np.repeat(np.arange(len(who)), LINES_PER_ORDER)
    count = len(line)
    epoch = (date(2022, 10, 1) - date(1970, 1, 1)).days
    numbers = pa.array(first + who[line]).cast(pa.string())
    given = {
        "invoice_id": pa.array(first * 1_000_000 + line).cast(pa.string()),
        "date": pa.array((epoch + day[line]).astype(np.int32)).cast(pa.date32()),
        "product_id": pa.array(rng.integers(0, PRODUCTS, count)).cast(pa.string()),
        "quantity": pa.array(rng.integers(1, 20, count).astype(np.int32)),
        "unit_price": pa.array(rng.integers(1, 50, count).astype(np.int32)),
        "unit_cost": pa.array(rng.integers(1, 30, count).astype(np.int32)),
        "customer_id": numbers,
        "_row": pa.array(np.arange(count)),
    }
    return pa.table(
        {
            field.name: given[field.name].cast(field.type)
            if field.name in given
            else pa.nulls(count, field.type)
            for field in TABLES["sales"].arrow_schema()
        }
    )


def batches(customers: int) -> Iterator[pa.Table]:
    rng = np.random.default_rng(11)
    for first in range(0, customers, BATCH_CUSTOMERS):
        yield lines_of(first, min(BATCH_CUSTOMERS, customers - first), rng)


class Steps:
    """Prints how long each step took, and its processor time, in the words the run reports."""

    def __init__(self) -> None:
        self.began = self.last = perf_counter()
        self.worked = process_time()
        self.before = self.worked
        self.step = "Reading what each customer bought on each day"

    def __call__(self, _fraction: float, step: Message) -> None:
        self.close()
        self.step = str(step)

    def close(self) -> None:
        now, worked = perf_counter(), process_time()
        print(f"  {now - self.last:6.1f} s ({worked - self.worked:5.1f} s of processors)  ", end="")
        print(self.step)
        self.last, self.worked = now, worked

    @property
    def total(self) -> float:
        return self.last - self.began


def main() -> None:
    lines = int(os.environ.get("PICHOLINE_BENCH_CHURN_LINES", "1000000"))
    customers = lines // LINES_PER_CUSTOMER
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        house = Storehouse(Path(folder) / "home")
        house.add_batches("sales", batches(customers))
        began = perf_counter()
        house.warehouse.ensure()
        print(f"{lines:,} lines, {customers:,} customers: ", end="")
        print(f"warehouse built in {perf_counter() - began:.1f} s (not counted)")
        steps = Steps()
        result = run(
            Study(
                metrics=house.metrics,
                customers=CustomerFacts(house.metrics),
                params=Params.from_pairs([("period", "all")], OPTIONS),
                scope=Scope(),
                report=steps,
            )
        )
        steps.close()
        house.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    share = steps.total / LIMIT_SECONDS
    print(f"  {steps.total:6.1f} s ({steps.worked - steps.before:5.1f} s of processors)  ", end="")
    print(f"in all, {share:.2f} of the limit; peak of the process {peak:,.0f} MB")
    for row in result.tables["models"].rows():
        print(f"  {row['model']}: AUC {row['auc']:.3f}")
    learnt = result.outcome.model["learnt"] if result.outcome else None
    print(f"  {learnt['rows'] if learnt else 0:,} rows learnt from")
    if lines >= FULL_LINES:
        assert steps.total < LIMIT_SECONDS


if __name__ == "__main__":
    main()
