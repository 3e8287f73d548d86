"""The rows one import stored, and what they contribute to the headline numbers now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from sqlmodel import col, select

from core.models.tables import DataVersion, ImportMode
from core.repository.catalogue import Catalogue
from core.repository.segments import rows_sql
from core.repository.visible import Hiding, StoredTable, quoted

COUNTS = "_counts"  # column of a page: whether the row counts now


@dataclass(frozen=True)
class Contribution:
    """What the sales lines of an import add to the numbers now, in base currency.

    Attributes:
        lines: that count.
        net_sales, gross_margin: None where no line's is known.
        first, last: days of these lines.
    """

    lines: int
    net_sales: Decimal | None
    gross_margin: Decimal | None
    first: date
    last: date


def contributions(cursor: duckdb.DuckDBPyConnection) -> dict[int, Contribution]:
    """Return what each import's sales lines contribute, by its number.

    Args:
        cursor: on the warehouse.
    """
    rows = cursor.execute(
        "SELECT import_id, count(*), sum(net_sales), sum(covered_net_sales - cogs), "
        "min(date), max(date) FROM lines WHERE line_kind <> 'investment' GROUP BY 1"
    ).fetchall()
    return {int(number): Contribution(*facts) for number, *facts in rows if number is not None}


def import_modes(catalogue: Catalogue) -> dict[int, ImportMode]:
    """Return how imports treat earlier rows, by their number; appending ones have no entry."""
    with catalogue.session() as session:
        return {mode.import_id: mode for mode in session.exec(select(ImportMode))}


def events_of(catalogue: Catalogue, import_id: int) -> list[tuple[datetime, str, int]]:
    """Return when an import was committed, undone and redone, the oldest first.

    Returns:
        Moment (UTC), reason as the catalogue notes it, data version.
    """
    query = (
        select(DataVersion).where(DataVersion.import_id == import_id).order_by(col(DataVersion.id))
    )
    with catalogue.session() as session:
        return [(v.created_at, v.reason, v.id or 0) for v in session.exec(query)]


def page_of(
    table: str,
    files: Sequence[Path],
    import_id: int,
    hidings: Sequence[Hiding],
    offset: int,
    limit: int,
    only: Sequence[tuple[str, int]] | None = None,
) -> list[dict[str, Any]]:
    """Return some of the rows an import stored, in the order of its file.

    Args:
        table: key of the business schema.
        files: its segments of this table.
        import_id: its number.
        hidings: what later imports hide; `_counts` says whether a row does.
        offset: rows to pass over.
        limit: rows to return at most.
        only: sheet and row of those that are meant; None: all.
    """
    if not files:
        return []
    some, meant = "", {}
    if only is not None:
        some = (
            "WHERE (coalesce(_sheet, ''), _row) IN "
            "(SELECT (s, r) FROM (SELECT unnest($sheets::VARCHAR[]) AS s, "
            "unnest($rows::BIGINT[]) AS r)) "
        )
        meant = {"sheets": [sheet for sheet, _row in only], "rows": [row for _sheet, row in only]}
    listed = ", ".join(quoted(path) for path in files)
    counting = StoredTable(table, tuple((path, import_id) for path in files), tuple(hidings))
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "CREATE TEMP TABLE page AS SELECT * FROM "  # noqa: S608 - our own files
            f"{rows_sql(table, f'[{listed}]')} {some}ORDER BY filename, file_row_number "
            "LIMIT $limit OFFSET $offset",
            {"limit": limit, "offset": offset, **meant},
        )
        found = connection.sql(
            "SELECT page.* EXCLUDE (filename, file_row_number), "  # noqa: S608 - our own files
            f"c.file_row_number IS NOT NULL AS {COUNTS} FROM page "
            f"LEFT JOIN (SELECT filename, file_row_number FROM {counting.sql()}) c "
            "USING (filename, file_row_number) ORDER BY filename, page.file_row_number"
        ).to_arrow_table()
    return found.to_pylist()
