"""Steps of 1, 2, 5, 10, 20, 50, … : the bins of a distribution of amounts, and finer ones in them.

The finer ones tell where a median lies without sorting all amounts.
"""

from itertools import pairwise

_DECADES = 9
EDGES: tuple[int, ...] = (0, *(m * 10**p for p in range(_DECADES) for m in (1, 2, 5)))
FINER = 64  # bins in a step: those of step s are numbered from s × 64


def bin_sql(amount: str) -> str:
    """Return an amount's bin; step 0 lies below zero, step s from the s-th edge to the next."""
    steps = [f"WHEN {amount} < {EDGES[0]} THEN 0"]
    for step, (low, high) in enumerate(pairwise(EDGES), start=1):
        part = f"floor(({amount} - {low})::DOUBLE * {FINER} / {high - low})"
        steps.append(f"WHEN {amount} < {high} THEN {step * FINER} + least({FINER - 1}, {part})")
    last = len(EDGES) * FINER
    return f"(CASE WHEN {amount} IS NULL THEN NULL {' '.join(steps)} ELSE {last} END)::USMALLINT"
