"""Import of the 541,909-row workbook against `pandas.read_excel(engine="calamine")`.

Each runs in a process of its own, in turns; medians of three. Pandas only reads; the import reads,
types, checks, compares, writes its segment and commits.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
RUNS = 3
SLOWEST = 0.8
COMMON = """
import json, os, resource, sys, tempfile, time
from pathlib import Path
path = Path(sys.argv[1])
def done(started, rows):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    used = os.times()
    print(json.dumps({"seconds": time.perf_counter() - started, "mb": peak, "rows": rows,
                      "processor": used.user + used.system}))
"""
PANDAS = f"""{COMMON}
import pandas as pd
started = time.perf_counter()
frame = pd.read_excel(path, engine="calamine")
done(started, len(frame))
"""
IMPORT = f"""{COMMON}
from core.services.ingest import ImportOptions, Intake
from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.settings import load_settings
with tempfile.TemporaryDirectory() as folder:
    settings = load_settings(Path(folder))
    settings.create_home()
    catalogue = Catalogue(settings.catalogue_url)
    catalogue.create()
    intake = Intake(settings, catalogue, SegmentStore(settings.segments))
    started = time.perf_counter()
    (report,) = intake.run(path, ImportOptions())
    done(started, report.accepted)
    catalogue.engine.dispose()
"""


def measure(code: str, path: Path) -> dict[str, float]:
    """Run code in a process of its own; return seconds, peak memory in MB and rows."""
    found = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(found.stdout.splitlines()[-1])


def main() -> None:
    """Print medians and ratios."""
    named = os.environ.get("PICHOLINE_REAL_DATA")
    path = Path(named or "") / "online_retail" / "online_retail_2010_2011.xlsx"
    if not named or not path.is_file():
        print("PICHOLINE_REAL_DATA does not name the real data: not measured")
        return
    runs: dict[str, list[dict[str, float]]] = {"pandas with calamine": [], "import": []}
    for _ in range(RUNS):
        for name, code in zip(runs, (PANDAS, IMPORT), strict=True):
            runs[name].append(measure(code, path))
    seconds = {name: median(run["seconds"] for run in found) for name, found in runs.items()}
    memory = {name: median(run["mb"] for run in found) for name, found in runs.items()}
    for name, found in runs.items():
        print(
            f"{name:22} {seconds[name]:6.2f} s {memory[name]:7.0f} MB {found[0]['rows']:9,.0f} rows"
        )
    time_ratio = seconds["import"] / seconds["pandas with calamine"]
    memory_ratio = memory["import"] / memory["pandas with calamine"]
    print(
        f"time ratio {time_ratio:.2f} (limit {SLOWEST}), memory ratio {memory_ratio:.2f} (limit 1)"
    )


if __name__ == "__main__":
    main()
