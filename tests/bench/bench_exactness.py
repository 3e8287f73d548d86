"""Exactness: every metric by every dimension under random filters equals the definitions.

Amounts, quantities and counts to the last digit, quotients to the last places of a binary number.
Every question is answered for all its groups and its total; a difference is printed with its
question, and ends the run with an error.
"""

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.exact.questions import Compared, every_dimension, open_company
from tests.storehouse import Storehouse

LINES = 3000
FILTERS = int(os.environ.get("PICHOLINE_BENCH_FILTERS", "200"))  # for each dimension
SHOWN = 20


def main() -> None:
    with TemporaryDirectory() as folder:
        house = Storehouse(Path(folder) / "home")
        recomputed = open_company(house, LINES)
        begun, worked = time.perf_counter(), time.process_time()
        dimensions, found = 0, Compared()
        for (key, stock), one in every_dimension(house, recomputed, each=FILTERS, seed=29):
            kind = "stock" if stock else "sales"
            values = f"{one.values:>10,} values, {one.known:>10,} of them not empty"
            print(f"{key:14} {kind:6} {values} {len(one.wrong):>6} rows different", flush=True)
            dimensions, found = dimensions + 1, found + one
        seconds, worked = time.perf_counter() - begun, time.process_time() - worked
        house.close()
    print(
        f"{FILTERS * dimensions:,} questions, {found.values:,} values ({found.known:,} not empty), "
        f"{len(found.wrong)} rows different, {seconds:.0f} s, {worked:.0f} s of processor time"
    )
    for query, group, seen in found.wrong[:SHOWN]:
        print(f"  {query.by} {query.where} {query.period} {group}: {seen}")
    if found.wrong:
        sys.exit(1)
