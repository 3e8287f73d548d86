"""A large French semicolon file: our import against what others need to read it.

Each runs in a process of its own, in turns. DuckDB reads into a table of a database file with the
types stated, pandas and polars into memory; the import reads, types, checks, judges by the rules,
compares, writes its segment and commits. Processor time is told beside the clock: on a machine
that others use, it is the steadier of the two; it holds the start of the process, the clock
does not. `PICHOLINE_BENCH_LINES` sets the lines.
"""

import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.bench_import import COMMON, IMPORT, measure
from tests.bench.large_csv import write_large_csv

LINES = 10_000_000
RUNS = 3
SLOWEST = 1.5
MOST_MB = 2_000
DUCKDB = f"""{COMMON}
import duckdb
from tests.bench.large_csv import DUCKDB_TYPES
started = time.perf_counter()
with tempfile.TemporaryDirectory() as folder:
    connection = duckdb.connect(f"{{folder}}/a.db")
    connection.execute("SET enable_progress_bar = false")
    connection.execute(
        f"CREATE TABLE sales AS FROM read_csv('{{path}}', delim=';', header=true, quote='\\"', "
        f"decimal_separator=',', dateformat='%d/%m/%Y', ignore_errors=true, "
        f"columns={{DUCKDB_TYPES}})"
    )
    done(started, connection.execute("SELECT count(*) FROM sales").fetchall()[0][0])
"""
PANDAS = f"""{COMMON}
import pandas as pd
started = time.perf_counter()
done(started, len(pd.read_csv(path, sep=";", decimal=",", low_memory=False)))
"""
POLARS = f"""{COMMON}
import polars as pl
started = time.perf_counter()
frame = pl.read_csv(path, separator=";", decimal_comma=True, ignore_errors=True)
done(started, len(frame))
"""


def main() -> None:
    """Print medians and ratios."""
    lines = int(os.environ.get("PICHOLINE_BENCH_LINES") or LINES)
    codes = {"DuckDB into a table": DUCKDB, "import": IMPORT, "pandas": PANDAS, "polars": POLARS}
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        path = Path(folder) / "ventes.csv"
        write_large_csv(path, lines)
        print(f"{lines:,} lines, {path.stat().st_size / 1e6:,.0f} MB")
        turns = [{name: measure(code, path) for name, code in codes.items()} for _ in range(RUNS)]
    runs = {name: [turn[name] for turn in turns] for name in codes}
    found = {
        name: {key: median(run[key] for run in one) for key in one[0]} for name, one in runs.items()
    }
    for name, one in found.items():
        print(
            f"{name:20} {one['seconds']:7.1f} s {one['processor']:7.1f} s of processor time "
            f"{one['mb']:7.0f} MB {one['rows']:12,.0f} rows"
        )
    ours, theirs = found["import"], found["DuckDB into a table"]
    print(
        f"import ÷ DuckDB: {ours['seconds'] / theirs['seconds']:.2f} by the clock, "
        f"{ours['processor'] / theirs['processor']:.2f} of processor time (limit {SLOWEST}); "
        f"{ours['mb']:.0f} MB (limit {MOST_MB})"
    )


if __name__ == "__main__":
    main()
