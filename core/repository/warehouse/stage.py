"""First step of a build: visible segments become typed working tables of the build connection."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from core.models.schema import TABLES, TableDef
from core.repository.segments import rows_sql
from core.repository.visible import Hiding, hidden_sql
from core.repository.warehouse.history import Histories, last_sale, stage_histories

STAGED = (
    "sales",
    "products",
    "customers",
    "suppliers",
    "purchases",
    "investments",
    "fx_rates",
    "stock_moves",
    "stock_counts",
    "budgets",
)
OIL_KG_PER_LITRE = "0.916"
# Tables with one row per key, and where their rows stand in a warehouse file.
DIMENSIONS = {
    "products": ("product_id", "d_products"),
    "customers": ("customer_id", "d_customers"),
    "suppliers": ("supplier_id", "d_suppliers"),
}
# Bits of the order of later rows: a row's place in its segment, its segment, the day it is valid
# from, whether a file of its own table stated it.
_DIMENSION_ROW, _VALID, _STATED = 36, 80, 104
_UNKNOWN = "unknown: "  # before a country's words that are no country's


@dataclass(frozen=True)
class SourceFile:
    """A visible segment as the build reads it, with what later imports hide of its table.

    Attributes:
        countries: spellings of countries, as they are compared, with the codes they mean.
    """

    table: str
    path: Path
    segment_id: int
    import_id: int
    derived: bool
    hidings: tuple[Hiding, ...] = ()
    countries: tuple[tuple[str, str], ...] = ()


def stage(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[SourceFile],
    base_currency: str,
    sales: str = "",
    today: date | None = None,
) -> Histories:
    """Load every table the lines are built from, and prepare dimensions and rates.

    Args:
        connection: of a build.
        files: the segments that count.
        base_currency: three letters.
        sales: a condition on the sales lines `f`; "" for all of them.
        today: the last day with sales; None: that of the loaded lines.

    Returns:
        The values of products and customers that were others before.
    """
    load(connection, files, [table for table in STAGED if table != "sales"])
    load(connection, files, ("sales",), sales)
    today = today or last_sale(connection)
    for table in DIMENSIONS:
        latest(connection, table, today=today)
    histories = stage_histories(connection, today)
    product_measures(connection)
    rates(connection, base_currency)
    return histories


def load(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[SourceFile],
    tables: Sequence[str] = STAGED,
    among: str = "",
    columns: Collection[str] | None = None,
) -> None:
    """Load the rows of tables as `s_<table>`; those without files are empty.

    Args:
        connection: of a build.
        files: the segments; rows that later imports hide are left out.
        tables: keys of the business schema.
        among: a condition on the rows `f`; "" for all of them.
        columns: the fields that are wanted; None: all.
    """
    for key in tables:
        table = TABLES[key]
        names = [n for n in table.arrow_schema().names if columns is None or n in columns]
        _load(connection, table, names, [file for file in files if file.table == key], among)


def _load(
    connection: duckdb.DuckDBPyConnection,
    table: TableDef,
    names: Sequence[str],
    files: Sequence[SourceFile],
    among: str,
) -> None:
    """Load one table's rows with their import and `ord`: later rows, stated ones, are higher."""
    columns = ", ".join(f'"{name}"' for name in names)
    if not files:
        connection.register("empty_rows", table.arrow_schema().empty_table())
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE s_{table.key} AS SELECT {columns}, "  # noqa: S608
            "0::BIGINT AS import_id, 0::HUGEINT AS ord FROM empty_rows"
        )
        connection.unregister("empty_rows")
        return
    paths = [file.path.as_posix() for file in files]
    known = pa.table(
        {
            "path": paths,
            "segment_id": [file.segment_id for file in files],
            "import_id": [file.import_id for file in files],
            "stated": [0 if file.derived else 1 for file in files],
        }
    )
    read = ", ".join(_read_sql(name, files[0]) for name in names)
    connection.register("source_files", known)
    hiding = {hidden.import_id: hidden for file in files for hidden in file.hidings}
    join, where = hidden_sql(table.key, [*hiding.values()], (file.import_id for file in files))
    if among:
        where = f"{where} AND ({among})" if where else f" WHERE {among}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE s_{table.key} AS SELECT {read}, k.import_id, "  # noqa: S608
        f"(k.stated::HUGEINT << {_STATED}) + {_valid_sql(table)}"
        f"(k.segment_id::HUGEINT << {_DIMENSION_ROW}) + f.file_row_number AS ord "
        f"FROM {rows_sql(table.key, '$paths')} f "
        f"JOIN source_files k ON k.path = f.filename{join}{where}",
        {"paths": paths},
    )
    connection.unregister("source_files")


def _valid_sql(table: TableDef) -> str:
    """Return what lets rows that are valid from a later day be higher; "" where none state it."""
    if "valid_from" not in table.added:
        return ""
    days = "coalesce(f.valid_from - DATE '0001-01-01' + 1, 0)"
    return f"({days}::HUGEINT << {_VALID}) + "


def _read_sql(name: str, file: SourceFile) -> str:
    """Return a column as it is read: an unknown country by what its words are known to mean.

    The words are compared as `core.services.ingest.vocabulary.plain` writes them.
    """
    if name != "country" or not file.countries:
        return f'"{name}"'
    pairs = ", ".join(f"{_text(words)}: {_text(code)}" for words, code in file.countries)
    words = (
        f"trim(regexp_replace(strip_accents(lower(substr(f.country, {len(_UNKNOWN) + 1}))), "
        "'[^\\p{L}\\p{N}%€$£¥]+', ' ', 'g'))"
    )
    return (
        f"CASE WHEN starts_with(f.country, {_text(_UNKNOWN)}) "
        f"THEN coalesce(MAP {{{pairs}}}[{words}], f.country) ELSE f.country END AS country"
    )


def _text(value: str) -> str:
    """Return a text for SQL."""
    return "'" + value.replace("'", "''") + "'"


def latest(
    connection: duckdb.DuckDBPyConnection, table: str, among: str = "", today: date | None = None
) -> None:
    """One row per key: the latest stated value of each attribute, derived ones only in its place.

    Attribute by attribute, so that a price list without names does not take the names away. The
    latest value is that of the row valid from the latest day.

    Args:
        connection: of a build; `s_<table>` stands.
        table: a key of `DIMENSIONS`.
        among: a query of the keys that are wanted; "" for all.
        today: what is valid from a later day does not count yet; None: all of it counts.
    """
    key, target = DIMENSIONS[table]
    added = TABLES[table].added
    # A member that begins only later is there all the same, without attributes yet.
    dated = today and "valid_from" in added
    holds = f" FILTER (coalesce(valid_from <= DATE '{today}', true))" if dated else ""
    attributes = ", ".join(
        f'arg_max("{f.key}", ord){holds} AS "{f.key}"'
        for f in TABLES[table].fields
        if f.key not in {key, *added}
    )
    wanted = f" AND {key} IN ({among})" if among else ""
    connection.execute(
        f"CREATE TABLE {target} AS SELECT {key}, {attributes} FROM s_{table} "  # noqa: S608
        f"WHERE {key} IS NOT NULL{wanted} GROUP BY {key}"
    )


def product_measures(connection: duckdb.DuckDBPyConnection) -> None:
    """Give every product a bit for its kind of unit and the kilograms in one unit."""
    connection.execute(
        f"""
        CREATE TABLE product AS
        WITH named AS (
            SELECT *, CASE
                WHEN unit IS NULL OR lower(trim(unit)) IN
                    ('', 'each', 'piece', 'pieces', 'pc', 'pcs', 'unit', 'pièce', 'unité', 'u')
                    THEN 'each'
                WHEN lower(trim(unit)) IN ('kg', 'kgs', 'kilo', 'kilogram', 'kilogramme') THEN 'kg'
                WHEN lower(trim(unit)) IN ('l', 'lt', 'ltr', 'litre', 'liter', 'litres') THEN 'L'
                ELSE lower(trim(unit)) END AS unit_name,
                grade IS NOT NULL OR regexp_matches(
                    concat_ws(' ', category, subcategory), '\\b(oils?|huiles?)\\b', 'i') AS is_oil
            FROM d_products
        ), other_units AS (
            SELECT unit_name, row_number() OVER (ORDER BY unit_name) AS place
            FROM (SELECT DISTINCT unit_name FROM named WHERE unit_name NOT IN ('each', 'kg', 'L'))
        )
        SELECT n.* EXCLUDE (unit_name, is_oil),
            CASE n.unit_name WHEN 'each' THEN 1 WHEN 'kg' THEN 2 WHEN 'L' THEN 4
                ELSE 1 << (2 + least(o.place, 27))::INTEGER END::INTEGER AS unit_mask,
            CASE
                WHEN n.unit_name = 'kg' THEN 1
                WHEN n.unit_name = 'L' AND is_oil THEN {OIL_KG_PER_LITRE}
                WHEN n.unit_name = 'each' AND is_oil THEN
                    TRY_CAST(content::DECIMAL(36, 6) * {OIL_KG_PER_LITRE} AS DECIMAL(18, 6))
                WHEN n.unit_name = 'each' THEN content
            END::DECIMAL(18, 6) AS kg_per_unit
        FROM named n LEFT JOIN other_units o USING (unit_name)
        """  # noqa: S608 - the only value put in is the density above
    )


def rates(connection: duckdb.DuckDBPyConnection, base_currency: str) -> None:
    """The rate of every (currency, day) in use: the latest on or before the day, never a guess."""
    connection.execute("CREATE TABLE rate_on AS " + rated_sql(_USED_DAYS), {"base": base_currency})


def rated_sql(days: str) -> str:
    """Return a query of the rates (NULL where there is none) on the days of another one."""
    return f"""
        WITH fx AS (
            SELECT currency, date, arg_max(rate_to_base, ord) AS rate FROM s_fx_rates
            WHERE rate_to_base > 0 GROUP BY currency, date
        )
        SELECT w.currency, w.date, fx.rate
        FROM ({days}) w ASOF LEFT JOIN fx ON w.currency = fx.currency AND w.date >= fx.date
        """  # noqa: S608 - the query is one of the package's own texts


_USED_DAYS = """
SELECT currency, date FROM (
    SELECT currency, date FROM s_sales
    UNION SELECT currency, date FROM s_purchases
    UNION SELECT currency, coalesce(from_date, date, to_date) FROM s_investments
) WHERE currency IS NOT NULL AND currency <> $base AND date IS NOT NULL
"""
