"""Exactness: every metric by every dimension under random filters equals pandas.

Amounts to the cent, counts and sales to the last digit. Every question is answered for all its
groups and its total; a difference is printed with its question, and ends the run with an error.
"""

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.exactness import Compared, every_dimension, open_company
from tests.storehouse import Storehouse

LINES = 3000
FILTERS = int(os.environ.get("PICHOLINE_BENCH_FILTERS", "200"))  # for each dimension
SHOWN = 20


def main() -> None:
    with TemporaryDirectory() as folder:
        house = Storehouse(Path(folder) / "home")
        recomputed = open_company(house, LINES)
        begun = time.perf_counter()
        found: list[Compared] = []
        for (key, stock), one in every_dimension(house, recomputed, each=FILTERS, seed=29):
            kind = "stock" if stock else "sales"
            counts = f"{one.values:>10,} values {len(one.wrong):>6} rows different"
            print(f"{key:14} {kind:6} {counts}", flush=True)
            found.append(one)
        seconds = time.perf_counter() - begun
        house.close()
    values = sum(one.values for one in found)
    wrong = [each for one in found for each in one.wrong]
    questions = FILTERS * len(found)
    print(
        f"{questions:,} questions, {values:,} values, {len(wrong)} rows different, {seconds:.0f} s"
    )
    for query, group, seen in wrong[:SHOWN]:
        print(f"  {query.by} {query.where} {query.period} {group}: {seen}")
    if wrong:
        sys.exit(1)
