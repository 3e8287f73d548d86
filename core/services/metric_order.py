"""The order of an answer's rows: by a column, by the calendar, subtotals after their rows."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import PicholineError
from core.i18n import msg
from core.models.catalogue import Dimension
from core.models.result import LEVEL
from core.services.metric_cells import Places, whole
from core.services.metric_request import Question, order_parts

OTHERS = "__others__"  # the value of the row that stands for all groups outside a top list


def ordered(rows: pa.Table, asked: Question, places: Sequence[int]) -> pa.Table:
    """Return rows in the asked order; calendar grains ascend and metrics descend by default.

    The rows of others stand last, a subtotal after the rows it is taken over.

    Args:
        rows: groups, others and subtotals.
        asked: the question.
        places: the dimensions the rows are split by.

    Raises:
        PicholineError: the answer has no such column to sort by.
    """
    dimensions = [asked.dimensions[place] for place in places]
    _check(asked, rows)
    if not asked.query.subtotals:
        return rows.take(_sorted(rows, asked, dimensions))
    levels = whole(rows.column(LEVEL)).to_numpy()
    positions: list[dict[tuple[object, ...], int]] = []
    for depth in range(1, len(dimensions) + 1):
        part = rows.filter(pa.array(levels == depth))
        part = part.take(_sorted(part, asked, dimensions[:depth]))
        keys = zip(*(part.column(d.key).to_pylist() for d in dimensions[:depth]), strict=True)
        positions.append({key: place for place, key in enumerate(keys)})
    last = rows.num_rows + 1  # others have no subtotal of their own
    names = list(zip(*(rows.column(d.key).to_pylist() for d in dimensions), strict=True))
    sort_keys = [
        [positions[i].get(name[: i + 1], last) for i in range(level)]
        + [last + 1] * (len(dimensions) - level)
        for name, level in zip(names, levels, strict=True)
    ]
    by = np.array(sort_keys, np.int64).reshape(len(sort_keys), len(dimensions))
    return rows.take(pa.array(np.lexsort(by.T[::-1]).astype(np.int64)))


def ordered_heads(rows: pa.Table, asked: Question, place: int) -> pa.Table:
    """Return the values of a pivoted dimension: in their sequence, or by the first metric."""
    dimension = asked.dimensions[place]
    wanted = [(dimension.key, False)]
    if not dimension.in_sequence:
        wanted.insert(0, (asked.metrics[0].key, True))
    return rows.take(sorted_places(rows, wanted, _is_others(rows, [dimension])))


def _check(asked: Question, rows: pa.Table) -> None:
    if not asked.query.order:
        return
    key = order_parts(asked.query.order)[0]
    if key not in rows.column_names:
        raise PicholineError(
            "query.order",
            msg("The answer has no column “{key}” to sort by.", key=key),
            msg("Sort by one of: {keys}.", keys=", ".join(rows.column_names)),
        )


def _sorted(rows: pa.Table, asked: Question, dimensions: Sequence[Dimension]) -> pa.Array:
    query = asked.query
    keys = [dimension.key for dimension in dimensions]
    first: list[tuple[str, bool]] = []
    if query.order:
        key, descending = order_parts(query.order)
        mine = key not in {d.key for d in asked.dimensions} or key in keys
        first = [(key, descending)] if mine else []
    if not first and dimensions and not dimensions[-1 if query.subtotals else 0].in_sequence:
        metrics = [metric.key for metric in asked.metrics]
        first = [(query.top.by if query.top and query.top.by in metrics else metrics[0], True)]
    taken = {key for key, _ in first}
    wanted = [*first, *((key, False) for key in keys if key not in taken)]
    return sorted_places(rows, wanted, _is_others(rows, dimensions))


def _is_others(rows: pa.Table, dimensions: Sequence[Dimension]) -> pa.Array | None:
    found: pa.Array | None = None
    for dimension in dimensions:
        key = rows.column(dimension.key)
        if pa.types.is_string(key.type):
            mine = whole(pc.fill_null(pc.equal(key, OTHERS), pa.scalar(value=False)))
            found = mine if found is None else pc.or_(found, mine)
    return found


def sorted_places(
    rows: pa.Table, wanted: Sequence[tuple[str, bool]], last: pa.Array | None = None
) -> pa.Array:
    """Return the order of rows by (column, descending) pairs; empty values come last."""
    keys = [(key, "descending" if down else "ascending", "at_end") for key, down in wanted]
    if last is not None:
        rows = rows.append_column("__last", last)
        keys.insert(0, ("__last", "ascending", "at_end"))
    return pc.sort_indices(rows, keys)


def places_by_value(
    keys: Sequence[pa.Array], values: pa.Array, *, first: pa.Array | None = None, lowest: bool
) -> Places:
    """Return the order of groups by their value; unknown values last, ties by key.

    Args:
        keys: of the groups.
        values: of the groups.
        first: groups that come before all others.
        lowest: ascending.
    """
    names = [f"k{i}" for i in range(len(keys))]
    columns = [*keys, values, pa.array(np.zeros(len(values), bool)) if first is None else first]
    rows = pa.table(columns, names=[*names, "value", "first"])
    wanted = [("first", True), ("value", not lowest), *((name, False) for name in names)]
    return sorted_places(rows, wanted).to_numpy().astype(np.int64)
