"""Which stored rows count: imports may hide earlier rows of their table, row by row.

Segments never change. An import that replaces a period hides the earlier rows of that period, one
that updates by key the earlier rows of its keys (of sales: whole invoices), for as long as it
counts itself. What is hidden is worked out whenever rows are read; nothing is stored about it
beside the import's mode.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlmodel import col, select

from core.models.tables import Import, ImportMode, ImportStatus, Segment
from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore, rows_sql

# What a later row replaces: documents are replaced as a whole.
UPSERT_KEYS: Mapping[str, tuple[str, ...]] = {
    "sales": ("invoice_id",),
    "purchases": ("purchase_id",),
    "payments": ("payment_id",),
    "stock_counts": ("date", "warehouse", "product_id"),
}
# The day a row belongs to: the first of these columns that is filled in.
PERIOD_DAYS: Mapping[str, tuple[str, ...]] = {
    "sales": ("date",),
    "purchases": ("date",),
    "stock_moves": ("date",),
    "stock_counts": ("date",),
    "investments": ("date", "from_date", "to_date"),
    "fx_rates": ("date",),
    "budgets": ("month",),
    "reviews": ("date",),
    "payments": ("date",),
    "competitor_prices": ("date",),
}


@dataclass(frozen=True)
class Hiding:
    """What one import hides of its table.

    Attributes:
        import_id: the import.
        table: key of the business schema.
        before: rows of imports with a lower number are hidden; sheets of one file spare another.
        first, last: days of a replaced period, both included; None for an update by key.
        files: segments that hold the keys of an update; empty for a period.
    """

    import_id: int
    table: str
    before: int
    first: date | None = None
    last: date | None = None
    files: tuple[Path, ...] = ()

    @property
    def token(self) -> str:
        """What it hides, in words that stay the same wherever the home folder lies."""
        files = ",".join(f"{path.parent.name}/{path.name}" for path in self.files)
        return f"{self.table}:{self.before}:{self.first or ''}:{self.last or ''}:{files}"


@dataclass(frozen=True)
class StoredTable:
    """The rows of one table that count: its segments, oldest first, without what is hidden.

    Attributes:
        table: key of the business schema.
        files: segments with the import each belongs to.
        hidings: what imports hide of this table.
        only: a condition on the rows; "" for all that count.
    """

    table: str
    files: tuple[tuple[Path, int], ...] = ()
    hidings: tuple[Hiding, ...] = ()
    only: str = ""

    def __bool__(self) -> bool:
        """Whether there is any segment."""
        return bool(self.files)

    @property
    def paths(self) -> list[Path]:
        """The segments; rows in them may be hidden."""
        return [path for path, _ in self.files]

    def hiding(self, more: Hiding) -> "StoredTable":
        """Return the table as it is when one more import hides rows of it."""
        return replace(self, hidings=(*self.hidings, more))

    def among(self, key: Sequence[str], others: Sequence[Path]) -> "StoredTable":
        """Return the rows whose key stands in other files too."""
        names = ", ".join(key)
        listed = ", ".join(quoted(path) for path in others)
        sql = f"({names}) IN (SELECT ({names}) FROM read_parquet([{listed}]))"  # noqa: S608
        return replace(self, only=sql)

    def sql(self) -> str:
        """Return a relation of the rows that count, with `filename` and `file_row_number`."""
        if not self.files:
            message = f"{self.table} has no segment to read"
            raise ValueError(message)
        listed = ", ".join(quoted(path) for path in self.paths)
        source = rows_sql(self.table, f"[{listed}]")
        join, where = hidden_sql(self.table, self.hidings, (number for _, number in self.files))
        if join or where:
            pairs = ", ".join(f"({quoted(path)}, {number})" for path, number in self.files)
            source = (
                f"(SELECT f.* FROM {source} f "  # noqa: S608 - our own files, declared columns
                f"JOIN (VALUES {pairs}) k(path, import_id) ON k.path = f.filename{join}{where})"
            )
        return f"(SELECT * FROM {source} WHERE {self.only})" if self.only else source  # noqa: S608


def hidings(catalogue: Catalogue, segments: SegmentStore, without: int = 0) -> tuple[Hiding, ...]:
    """Return what the imports that count hide, the oldest first.

    Args:
        catalogue: of the home.
        segments: its segments.
        without: an import to leave out, as if it were undone; 0 for none.
    """
    with catalogue.session() as session:
        modes = session.exec(
            select(ImportMode)
            .join(Import)
            .where(Import.status == ImportStatus.COMMITTED, col(ImportMode.import_id) != without)
            .order_by(col(ImportMode.import_id))
        ).all()
        keyed = [mode.import_id for mode in modes if mode.first_day is None]
        held = session.exec(select(Segment).where(col(Segment.import_id).in_(keyed))).all()
    found: list[Hiding] = []
    for mode in modes:
        files = tuple(
            segments.path(s.file)
            for s in held
            if s.import_id == mode.import_id and s.table_name == mode.table_name
        )
        if mode.first_day is None and not files:
            continue  # nothing was new: no key is replaced
        days = (mode.first_day, mode.last_day)
        found.append(Hiding(mode.import_id, mode.table_name, mode.before, *days, files))
    return tuple(found)


def stored_table(
    catalogue: Catalogue,
    segments: SegmentStore,
    table: str,
    *,
    derived: bool = False,
    without: int = 0,
) -> StoredTable:
    """Return the rows of a table that count.

    Args:
        catalogue: of the home.
        segments: its segments.
        table: key of the business schema.
        derived: with what was read out of sales lines too.
        without: an import to leave out, as if it were undone; 0 for none.
    """
    files = tuple(
        (segments.path(s.file), s.import_id)
        for s in catalogue.visible_segments(table, without=without)
        if derived or not s.derived
    )
    hiding = tuple(h for h in hidings(catalogue, segments, without) if h.table == table)
    return StoredTable(table, files, hiding)


def hidden_sql(
    table: str, found: Sequence[Hiding], imports: Iterable[int], *, reach: str = "k.import_id"
) -> tuple[str, str]:
    """Return the join and the condition that leave hidden rows out of `f`; "" where none is.

    Args:
        table: key of the business schema.
        found: what may hide rows; of other tables too.
        imports: numbers of the imports whose rows are read.
        reach: the column with the number of a row's import.
    """
    oldest = min(imports, default=0)
    mine = [h for h in found if h.table == table and h.before > oldest]
    days = [
        f"{reach} < {h.before} AND {day_sql(table)} BETWEEN DATE '{h.first}' AND DATE '{h.last}'"
        for h in mine
        if not h.files
    ]
    # A row without a day is in no period.
    where = " WHERE " + " AND ".join(f"({day}) IS NOT TRUE" for day in days) if days else ""
    keyed = [h for h in mine if h.files]
    if not keyed:
        return "", where
    key = ", ".join(UPSERT_KEYS[table])
    parts = " UNION ALL ".join(
        f"SELECT DISTINCT {key}, {h.before} AS before "  # noqa: S608 - declared columns, own files
        f"FROM read_parquet([{', '.join(quoted(path) for path in h.files)}])"
        for h in keyed
    )
    same = " AND ".join(f"h.{name} IS NOT DISTINCT FROM f.{name}" for name in UPSERT_KEYS[table])
    join = (
        f" ANTI JOIN (SELECT {key}, max(before) AS before FROM ({parts}) GROUP BY ALL) h "  # noqa: S608
        f"ON {same} AND h.before > {reach}"
    )
    return join, where


def day_sql(table: str, row: str = "f") -> str:
    """Return the day a row of a table belongs to, as an expression over its columns."""
    return f"coalesce({', '.join(f'{row}.{name}' for name in PERIOD_DAYS[table])})"


def quoted(path: Path) -> str:
    """Return a path as an SQL text."""
    return "'" + path.as_posix().replace("'", "''") + "'"
