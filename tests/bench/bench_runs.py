"""A kept result beside computing it: cohorts of the demo company, and a large result.

The second reader is answered from what is kept: question, entry, bytes, tables.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import pyarrow as pa

from core.i18n import msg
from core.models.formats import Format
from core.models.query import Scope
from core.models.result import AnalysisResult, Column, ResultTable
from core.services import studies
from core.services.analytics.base import get_analysis
from core.services.runs import Made, Question
from tests.desk import demo_application

LINES = 200_000
ROUNDS = 21
CUSTOMERS = 100_000
LIMIT_MS = 50


def main() -> None:
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        application = demo_application(Path(folder) / "home", LINES)
        application.warehouse.ensure()
        for key in ("cohorts", "clv"):
            analysis = get_analysis(key)
            params = analysis.params_from([])
            began = perf_counter()
            studies.answer(application, analysis, params, Scope(), lambda _done, _step: None)
            computed = perf_counter() - began
            took = timed(partial(studies.find, application, analysis, params, Scope()))
            print(
                f"{key} at {LINES:,} lines: computed in {computed:.2f} s, second reader "
                f"{took:.1f} ms (limit {LIMIT_MS} ms), {computed * 1000 / took:,.0f} times faster"
            )
        question = Question("large", "large", 1, (), 1, Scope())
        application.runs.keep(question, large(), Made(1.0))
        took = timed(partial(application.runs.find, question))
        print(f"a table of {CUSTOMERS:,} customers × 20 columns: read in {took:.1f} ms")
        application.close()


def timed(use: Callable[[], object]) -> float:
    """Return the median of the rounds in milliseconds."""
    times = []
    for _n in range(ROUNDS):
        began = perf_counter()
        use()
        times.append((perf_counter() - began) * 1000)
    return median(times[1:])


def large() -> AnalysisResult:
    """Return a result with a row per customer."""
    names = [f"n{n}" for n in range(19)]
    data = pa.table(
        {
            "customer": [f"C{n:08}" for n in range(CUSTOMERS)],
            **{name: pa.array(range(CUSTOMERS), pa.float64()) for name in names},
        }
    )
    columns = tuple(Column(key, msg(key), Format.NUMBER, "metric") for key in data.column_names)
    return AnalysisResult({"all": ResultTable(columns, data)}, {"all": msg("Customers")})
