"""How many customers each rule would take, before it is saved."""

from collections.abc import Sequence

import pyarrow as pa

from core.models.filters import FilterState, Preset
from core.models.query import Scope
from core.models.rfm import SegmentRule
from core.repository.customers.rfm import customer_scores
from core.services.customers import CustomerFacts

Cell = tuple[int, int, int | None, int]  # scores R, F and M, and customers that have them


def score_cells(customers: CustomerFacts, scope: Scope) -> list[Cell]:
    """Return how many customers have which scores today, whatever the rules.

    Args:
        customers: the door to what they bought.
        scope: whose customers count.

    Raises:
        PicholineError: there are no customers.
    """
    with customers.open(FilterState(Preset.ALL), scope) as history:
        scored = customer_scores(history.cursor, (), history.cut_off)
    cells = scored.group_by(["r", "f", "m"]).aggregate([([], "count_all")])
    columns = (cells.column(name).cast(pa.int64()).to_pylist() for name in ("r", "f", "m"))
    found = zip(*columns, cells.column("count_all").to_pylist(), strict=True)
    return sorted(found, key=lambda cell: [score or 0 for score in cell])


def sizes(rules: Sequence[SegmentRule], cells: Sequence[Sequence[int | None]]) -> list[int]:
    """Return the customers each rule takes; the first one that fits counts.

    Args:
        rules: in their order; they need not be fit to be saved.
        cells: as `score_cells` returns them.
    """
    found = [0] * len(rules)
    for r, f, m, customers in cells:
        for place, rule in enumerate(rules):
            if rule.takes(r, f, m):
                found[place] += customers or 0
                break
    return found
