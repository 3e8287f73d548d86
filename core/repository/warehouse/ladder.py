"""Steps of 1, 2, 5, 10, 20, 50, … : the bins of a distribution of amounts."""

_DECADES = 9
EDGES: tuple[int, ...] = (0, *(m * 10**p for p in range(_DECADES) for m in (1, 2, 5)))


def step_sql(amount: str) -> str:
    """Return the number of edges not above an amount: 0 below zero, 1 from 0 to below 1."""
    steps = " ".join(f"WHEN {amount} < {edge} THEN {i}" for i, edge in enumerate(EDGES))
    return f"(CASE WHEN {amount} IS NULL THEN NULL {steps} ELSE {len(EDGES)} END)::UTINYINT"
