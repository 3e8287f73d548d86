"""The Overview of the demo company as the browser gets it: the callback's whole HTTP answer.

Once with every question asked anew, once with the answers kept for the data version.
"""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from core.models.query import Scope
from core.services.analytics.base import get_analysis
from core.services.studies import answer
from dashboard.app import create_app
from tests.desk import Visitor, demo_application

LINES = 200_000
ROUNDS = 21


def main() -> None:
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        application = demo_application(Path(folder) / "home", LINES)
        visitor = Visitor(create_app(application).test_client())
        analysis = get_analysis("overview")
        params = analysis.params_from([])

        def forget() -> None:
            application.metrics.answers.clear()

        def numbers() -> None:
            answer(application, analysis, params, Scope(), lambda _done, _step: None)

        def page() -> None:
            visitor.page("overview")

        print(f"Overview at {LINES:,} lines, warm data, median of {ROUNDS} (limit 30 ms):")
        for name, run in (("numbers", numbers), ("HTTP answer", page)):
            for state, before in (("asked anew", forget), ("answers kept", None)):
                times = []
                for _ in range(ROUNDS + 1):
                    if before:
                        before()
                    began = perf_counter()
                    run()
                    times.append((perf_counter() - began) * 1000)
                print(f"  {name}, {state}: {median(times[1:]):.1f} ms")
        application.close()
