"""Scores of the customers who bought in a slice, joined from a published Parquet file."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from core.repository.sql.columns import group_sql, source_text
from core.repository.sql.compile import Shape, source_sql, where_sql

BUYERS = "buyers"  # customers who bought in the slice, with a score or without


@dataclass(frozen=True)
class Score:
    """One score of the customers.

    Attributes:
        measure: name of the answer's column; `known_of` names the one with its customers.
        column: of the file.
        how: the sum or the mean over the distinct customers of the slice.
        file: Parquet with `customer_id`.
    """

    measure: str
    column: str
    how: Literal["sum", "mean"]
    file: Path


def known_of(measure: str) -> str:
    """Return the column that counts the customers with a score."""
    return f"{measure}_known"


@lru_cache(maxsize=256)
def compile_scored(shape: Shape, scores: tuple[tuple[str, str, str], ...]) -> str:
    """Return the statement; the file's path is the value `scores`.

    Columns as those of `compile_shape`, with the scores as measures. A customer counts once in
    each group and once in the total; sums are exact, hence do not depend on the order of rows.

    Args:
        shape: says which lines are looked at; its own measures play no part.
        scores: measure, column and how.
    """
    places = range(len(shape.groups))
    side = "(date BETWEEN $compared_start AND $compared_end)::INTEGER"
    columns = [f"{side if shape.side == 'both' else shape.side}::BIGINT AS side"]
    columns += [f"{group_sql(g, i, shape.side)} AS g{i}" for i, g in enumerate(shape.groups)]
    labels = {i: group.label for i, group in enumerate(shape.groups) if group.label}
    columns += [f"any_value({source_text(label)}) AS n{i}" for i, label in labels.items()]
    keys = ", ".join(["side", *(f"g{i}" for i in places)])
    names = [f"n{i}" for i in labels]
    cells = [f'max(TRY_CAST("{c}" AS DECIMAL(38, 12))) AS c{i}' for i, (_, c, _) in _each(scores)]
    measures = ", ".join(
        [f"{_value_sql(how, i)} AS {m}" for i, (m, _, how) in _each(scores)]
        + [f"count(c{i})::BIGINT AS {known_of(m)}" for i, (m, _, _) in _each(scores)]
        + [f"count(*)::BIGINT AS {BUYERS}"]
    )
    text = f"""
WITH buyer AS (
    SELECT {", ".join(columns)}, customer_key, any_value(customer_id) AS customer_id
    FROM {source_sql(shape)}
    WHERE {" AND ".join([*where_sql(shape), "sold_lines > 0", "customer_key IS NOT NULL"])}
    GROUP BY {keys}, customer_key
), score AS (
    SELECT customer_id::VARCHAR AS customer_id, {", ".join(cells)}
    FROM read_parquet($scores) GROUP BY 1
), scored AS (
    SELECT * FROM buyer LEFT JOIN score USING (customer_id)
)
SELECT {", ".join(["side", "0::BIGINT AS is_total", *(f"g{i}" for i in places)])}
    {"".join(f", any_value({name}) AS {name}" for name in names)}, {measures}
FROM scored GROUP BY {keys}"""  # noqa: S608 - declared columns and names only
    if not shape.totals:
        return text
    empty = "".join(f", NULL AS {name}" for name in [*(f"g{i}" for i in places), *names])
    once = ", ".join(f"any_value(c{i}) AS c{i}" for i, _ in _each(scores))
    return (
        f"{text}\nUNION ALL SELECT side, 1 AS is_total{empty}, {measures} FROM "  # noqa: S608
        f"(SELECT side, customer_key, {once} FROM scored GROUP BY side, customer_key) GROUP BY side"
    )


def _each(
    scores: tuple[tuple[str, str, str], ...],
) -> list[tuple[int, tuple[str, str, str]]]:
    return list(enumerate(scores))


def _value_sql(how: str, place: int) -> str:
    if how == "sum":
        return f"sum(c{place})::DECIMAL(38, 6)"
    return f"sum(c{place})::DOUBLE / nullif(count(c{place}), 0)"
