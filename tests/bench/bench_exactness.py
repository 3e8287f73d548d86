"""Exactness: every metric by every dimension under random filters equals pandas.

Amounts to the cent, counts and sales to the last digit. Every question is answered for all its
groups and its total; a difference is printed with its question, and ends the run with an error.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.exactness import every_dimension, open_company
from tests.storehouse import Storehouse

LINES = 3000
FILTERS = 200
SHOWN = 20


def main() -> None:
    with TemporaryDirectory() as folder:
        house = Storehouse(Path(folder) / "home")
        recomputed = open_company(house, LINES)
        begun = time.perf_counter()
        found = every_dimension(house, recomputed, each=FILTERS, seed=29)
        seconds = time.perf_counter() - begun
        house.close()
    for (key, stock), one in found.items():
        kind = "stock" if stock else "sales"
        print(f"{key:14} {kind:6} {one.values:>10,} values {len(one.wrong):>6} different")
    values = sum(one.values for one in found.values())
    wrong = [each for one in found.values() for each in one.wrong]
    questions = FILTERS * len(found)
    print(
        f"{questions:,} questions, {values:,} values, {len(wrong)} rows different, {seconds:.0f} s"
    )
    for query, group, seen in wrong[:SHOWN]:
        print(f"  {query.by} {query.where} {query.period} {group}: {seen}")
    if wrong:
        sys.exit(1)
