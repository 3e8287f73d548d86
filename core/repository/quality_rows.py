"""Which rows break data-quality rules: of an incoming file, or of what is stored.

One engine answers both, so that a rule means the same before and after an import.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.models.quality import Outlier, Repeated, Rule, SoldAtLoss, Test, Unknown, Wrong
from core.models.schema import TABLES
from core.repository.quality_outliers import outlier_sql
from core.repository.quality_sql import Compiler
from core.repository.staged import Incoming, Staged, bring
from core.repository.visible import StoredTable, quoted

ROW = "_n"
Rows = NDArray[np.int64]
_KEYS = {"products": "product_id", "customers": "customer_id", "suppliers": "supplier_id"}


@dataclass(frozen=True)
class Around:
    """What rules need to know besides the rows.

    Attributes:
        stated: rows that count of each table, from files that were imported for it.
        derived: rows of dimension tables that were read out of sales lines.
        beside: rows of other sheets of the same file, by table.
        base_currency: ISO 4217 code.
        today: in the company's time zone.
    """

    base_currency: str
    today: date
    stated: Mapping[str, StoredTable] = field(default_factory=dict)
    derived: Mapping[str, StoredTable] = field(default_factory=dict)
    beside: Mapping[str, pa.Table] = field(default_factory=dict)


@dataclass(frozen=True)
class Example:
    """A stored row that breaks a rule: where it came from, and its fields."""

    file: str
    sheet: str | None
    row: int | None
    values: Mapping[str, Any]


class RuleRows:
    """Answers rules about the rows of one table; use it as a context."""

    def __init__(self, table: str, around: Around, threads: int, memory_mb: int) -> None:
        """Prepare; nothing is read before a rule is asked."""
        self._table = table
        self._around = around
        self._config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": f"{memory_mb}MB",
        }
        self._made: set[str] = set()
        self._usual: dict[Outlier, str] = {}
        self._lacking: list[str] = []
        self._base = {"base": around.base_currency}
        self._earlier: StoredTable | None = None
        self._staged: Staged | None = None

    @contextmanager
    def incoming(self, rows: Incoming, *, alone: bool) -> Generator["RuleRows"]:
        """Ask about rows that are about to be stored.

        Args:
            rows: columns of the schema, those the file lacks left out; the row's number in `_n`.
            alone: earlier rows of the table will not count beside them.
        """
        with self._connected():
            bring(self._connection, "given", rows)
            fields = TABLES[self._table].fields
            self._lacking = [f.key for f in fields if f.key not in rows.column_names]
            more = "".join(f', {_EMPTY[key]} AS "{key}"' for key in self._lacking)
            self._connection.execute(f"CREATE TEMP VIEW asked AS SELECT *{more} FROM given")  # noqa: S608
            self._earlier = None if alone else self._around.stated.get(self._table)
            self._staged = rows if isinstance(rows, Staged) else None
            yield self

    @contextmanager
    def stored(self) -> Generator["RuleRows"]:
        """Ask about the rows that count; of a dimension table, its entries as they are now."""
        with self._connected():
            self._connection.execute(f"CREATE TEMP VIEW asked AS {self._stored_sql()}")
            yield self

    @contextmanager
    def _connected(self) -> Generator[None]:
        self._connection = duckdb.connect(":memory:", config=self._config)
        self._made.clear()
        self._usual.clear()
        try:
            yield
        finally:
            self._connection.close()

    def broken(self, rule: Rule) -> Rows:
        """Return the numbers of the rows that break a rule, in ascending order."""
        sql, values = self._question(rule.test)
        found = self._connection.execute(f"SELECT r.{ROW} FROM {sql}", values).fetchnumpy()  # noqa: S608
        return np.sort(np.asarray(found[ROW], dtype=np.int64))

    def height(self) -> int:
        """Return how many rows are asked about."""
        found = self._connection.execute("SELECT count(*) FROM asked").fetchone()
        return int(found[0]) if found else 0

    def count(self, rule: Rule) -> int:
        """Return how many rows break a rule."""
        sql, values = self._question(rule.test)
        found = self._connection.execute(f"SELECT count(*) FROM {sql}", values).fetchone()  # noqa: S608
        return int(found[0]) if found else 0

    def examples(self, rule: Rule, limit: int) -> list[Example]:
        """Return the first stored rows that break a rule."""
        sql, values = self._question(rule.test)
        keys = [field.key for field in TABLES[self._table].fields]
        columns = ", ".join(f'r."{key}"' for key in keys)
        found = self._connection.execute(
            f"SELECT r._file, r._sheet, r._row, {columns} FROM {sql} "  # noqa: S608 - columns of the schema
            f"ORDER BY r.{ROW} LIMIT {int(limit)}",
            values,
        ).fetchall()
        return [
            Example(file, sheet, row, dict(zip(keys, cells, strict=True)))
            for file, sheet, row, *cells in found
        ]

    def places(self, rule: Rule, files: Sequence[str], limit: int) -> list[tuple[str, int]]:
        """Return sheet and row of the stored rows of some files that break a rule."""
        sql, values = self._question(rule.test)
        found = self._connection.execute(
            f"SELECT coalesce(sheet, ''), row FROM (SELECT r._file AS file, r._sheet AS sheet, "  # noqa: S608
            f"r._row AS row FROM {sql}) WHERE list_contains($files, file) AND row IS NOT NULL "
            f"ORDER BY 1, 2 LIMIT {int(limit)}",
            {**values, "files": list(files)},
        ).fetchall()
        return [(str(sheet), int(row)) for sheet, row in found]

    # Questions ---------------------------------------------------------------------------------

    def _question(self, test: Test) -> tuple[str, dict[str, Any]]:
        """Return what follows FROM, with the rows as `r`, and the values to bind."""
        if isinstance(test, Wrong):
            compiler = Compiler(self._table, self._around.today)
            condition = compiler.sql(test.tree)
            return f"asked r WHERE {condition}", compiler.values
        if isinstance(test, Unknown):
            return self._unknown(test), {}
        if isinstance(test, Outlier):
            return self._outlier(test), self._base
        if isinstance(test, Repeated):
            return self._repeated(test), {}
        if isinstance(test, SoldAtLoss):
            self._costs()
            return self._at_loss(), self._base
        self._rates()
        day = f'coalesce(r."{test.day}", r.date)'
        condition = f"r.currency <> $base AND (f.first IS NULL OR {day} < f.first)"
        return f"asked r LEFT JOIN first_rate f USING (currency) WHERE {condition}", self._base

    def _unknown(self, test: Unknown) -> str:
        """Codes are known from the table's own files; without any, from what was seen before."""
        key, name = _KEYS[test.dimension], f"known_{test.dimension}"
        if name not in self._made:
            stated = self._read(test.dimension, [key])
            self._connection.execute(
                f"CREATE TEMP TABLE {name} AS SELECT DISTINCT {key} FROM {stated}"  # noqa: S608
            )
            if not self._connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]:  # noqa: S608
                seen = [
                    _relation(self._around.derived.get(test.dimension), [key]),
                    *(self._read(table, [key]) for table in ("sales", "purchases")
                      if key in {f.key for f in TABLES[table].fields}),
                ]  # fmt: skip
                union = " UNION ".join(f"SELECT {key} FROM {part}" for part in seen if part)  # noqa: S608
                self._connection.execute(f"INSERT INTO {name} {union}")
            self._made.add(name)
        # A join of its own keeps the rows streaming; as a condition it would hold them all.
        some = self._connection.execute(f"SELECT count(*) > 0 FROM {name}").fetchall()[0][0]  # noqa: S608
        return (
            f'asked r ANTI JOIN {name} k ON k.{key} = r."{test.column}" '
            f'WHERE {some} AND r."{test.column}" IS NOT NULL'
        )

    def _outlier(self, test: Outlier) -> str:
        if test in self._usual:
            return self._usual[test]
        columns = list(dict.fromkeys([test.column, *test.per]))
        goods = self._table == "sales"
        earlier = _relation(self._earlier, [*columns, "line_kind"] if goods else columns)
        name = f"usual_{len(self._usual)}"
        spans = self._staged.spans.get((test.column, test.per)) if self._staged else None
        if spans is not None:
            self._connection.register(f"{name}_spans", spans)
        held = None if spans is None else f"{name}_spans"
        creation, found = outlier_sql(test, name, earlier, held, goods=goods)
        base = self._base if "$base" in creation else {}
        self._connection.execute(creation, base)
        self._usual[test] = found
        return found

    def _repeated(self, test: Repeated) -> str:
        besides = {*test.besides, *self._lacking}
        same = [f'r."{f.key}"' for f in TABLES[self._table].fields if f.key not in besides]
        name = "again"
        if name not in self._made:
            self._connection.execute(
                f"CREATE TEMP TABLE {name} AS SELECT {ROW} FROM (SELECT r.{ROW}, row_number() OVER "  # noqa: S608
                f"(PARTITION BY {', '.join(same)} ORDER BY r.{ROW}) AS place FROM asked r "
                f"SEMI JOIN {self._maybe_repeated(test, same)}) WHERE place > 1"
            )
            self._made.add(name)
        return f"asked r SEMI JOIN {name} USING ({ROW})"

    def _maybe_repeated(self, test: Repeated, same: Sequence[str]) -> str:
        """Return what the few rows that may repeat another are found by."""
        if self._staged is not None and self._staged.besides == frozenset(test.besides):
            self._connection.register("twice", pa.table({ROW: self._staged.twice}))
            return f"twice USING ({ROW})"
        print_ = f"hash({', '.join(same)})"
        return (
            f"(SELECT {print_} AS print FROM asked r GROUP BY 1 HAVING count(*) > 1) p "  # noqa: S608
            f"ON p.print = {print_}"
        )

    def _costs(self) -> None:
        """Make `standard`: the standard cost, in base currency, of products without purchases.

        Where a product is bought, the average of its purchases comes before its standard cost.
        """
        if "standard" not in self._made:
            source = self._read("products", ["product_id", "standard_cost"])
            bought = self._read("purchases", ["product_id"])
            self._connection.execute(
                "CREATE TEMP TABLE standard AS SELECT product_id, last(standard_cost) AS cost "  # noqa: S608
                f"FROM {source} WHERE standard_cost IS NOT NULL AND product_id NOT IN "
                f"(SELECT product_id FROM {bought}) GROUP BY product_id"
            )
            self._made.add("standard")

    def _at_loss(self) -> str:
        """Compare net price and cost per unit, as the metrics reckon a line's discount."""
        gross = "(r.quantity::DOUBLE * r.unit_price::DOUBLE)"
        discount = f"coalesce(abs(r.discount_amount::DOUBLE), {gross} * r.discount_rate::DOUBLE, 0)"
        own_money = "coalesce(r.currency, $base) = $base"
        cost = f"coalesce(r.unit_cost, CASE WHEN {own_money} THEN s.cost END)::DOUBLE"
        return (
            "asked r LEFT JOIN standard s USING (product_id) WHERE r.quantity > 0 "
            "AND coalesce(r.line_kind, 'product') = 'product' "
            f"AND round({gross} - {discount}, 6) < round(r.quantity::DOUBLE * {cost}, 6)"
        )

    def _rates(self) -> None:
        """Make `first_rate`: the first day from which a currency has a rate."""
        if "first_rate" not in self._made:
            source = self._read("fx_rates", ["currency", "date", "rate_to_base"])
            self._connection.execute(
                "CREATE TEMP TABLE first_rate AS SELECT currency, min(date) AS first "  # noqa: S608
                f"FROM {source} WHERE rate_to_base > 0 GROUP BY currency"
            )
            self._made.add("first_rate")

    # Sources -----------------------------------------------------------------------------------

    def _read(self, table: str, columns: Sequence[str]) -> str:
        """Return stated rows of a table, those beside in the same file last."""
        parts = [_relation(self._around.stated.get(table), columns)]
        beside = self._around.beside.get(table)
        if beside is not None:
            self._connection.register(f"beside_{table}", beside)
            names = ", ".join(f'"{c}"' for c in columns)
            parts.append(f"(SELECT {names} FROM beside_{table})")  # noqa: S608
        union = " UNION ALL ".join(f"SELECT * FROM {part}" for part in parts)  # noqa: S608
        return f"({union})"

    def _stored_sql(self) -> str:
        defined = TABLES[self._table]
        held = [self._around.derived.get(self._table), self._around.stated.get(self._table)]
        parts = [table for table in held if table]
        if not parts:
            empty = ", ".join(f'{_EMPTY[f.key]} AS "{f.key}"' for f in defined.fields)
            return (
                f"SELECT {empty}, NULL::VARCHAR AS _sheet, NULL::BIGINT AS _row, "
                f"'' AS _file, 0::BIGINT AS {ROW} WHERE false"
            )
        # Rows read out of sales lines come first: what was imported for the table wins.
        ages = ", ".join(
            f"({quoted(path)}, {age})"
            for age, path in enumerate(path for table in parts for path in table.paths)
        )
        both = " UNION ALL BY NAME ".join(f"FROM {table.sql()}" for table in parts)
        rows = (
            f"SELECT s.* EXCLUDE (filename, file_row_number), s.filename AS _file, "  # noqa: S608
            f"(a.age::BIGINT << 40) + s.file_row_number AS {ROW} "
            f"FROM ({both}) s JOIN (VALUES {ages}) a(path, age) ON a.path = s.filename"
        )
        if not defined.dimension:
            return rows
        key = ", ".join(f'"{k}"' for k in defined.natural_key)  # a missing part is a part too
        latest = ", ".join(
            f'arg_max("{name}", {ROW}) AS "{name}"'
            for name in (*(f.key for f in defined.fields), "_sheet", "_row", "_file")
            if name not in defined.natural_key
        )
        return f"SELECT {key}, {latest}, max({ROW}) AS {ROW} FROM ({rows}) GROUP BY {key}"  # noqa: S608


def _relation(table: StoredTable | None, columns: Sequence[str]) -> str:
    """Return columns of stored rows as something to select from."""
    if not table:
        empty = ", ".join(f'{_EMPTY[c]} AS "{c}"' for c in columns)
        return f"(SELECT {empty} WHERE false)"
    names = ", ".join(f'"{c}"' for c in columns)
    return f"(SELECT {names} FROM {table.sql()})"  # noqa: S608


_SQL_TYPES = {
    "string": "VARCHAR", "date32[day]": "DATE", "int64": "BIGINT", "bool": "BOOLEAN",
    "decimal128(18, 6)": "DECIMAL(18, 6)", "decimal128(18, 9)": "DECIMAL(18, 9)",
}  # fmt: skip
_EMPTY = {
    f.name: f"NULL::{_SQL_TYPES[str(f.type)]}"
    for table in TABLES.values()
    for f in table.arrow_schema()
}
