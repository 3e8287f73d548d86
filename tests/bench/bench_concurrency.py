"""1, 8 and 32 pages at the same time against the real server: throughput, waiting, nothing wrong.

The server is `picholine serve` in a process of its own. Each of the simultaneous readers asks for
pages under filters of its own and common ones, in turn with kept answers and with questions nobody
asked before. Every answer is compared with the one a lone reader gets.

PICHOLINE_BENCH_LINES sets the sales lines (200,000), PICHOLINE_BENCH_HOME names a home folder to
copy instead.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Barrier
from time import perf_counter
from typing import Any

from core.settings import load_settings
from dashboard.security import CSRF_COOKIE, CSRF_HEADER
from tests.desk import _filled, _outputs, demo_application

READERS = (1, 8, 32)
PAGES = 6  # of each reader
LONGEST = 120  # seconds; whoever waits longer is stuck
START_SECONDS = 300
COUNTRIES = ("FR", "DE", "US", "GB", "IT", "ES", "BE", "JP", "CH", "NL", "PT", "SE")
PERIODS = ("all", "last_campaign", "last_year", "year_to_date")


class Reader:
    """A browser without a screen over HTTP, with its own connection and cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.opener.open(address, timeout=LONGEST).read()
        self.token = next(c.value or "" for c in self.jar if c.name == CSRF_COOKIE)
        with self.opener.open(f"{address}/_dash-dependencies", timeout=LONGEST) as answer:
            self.callbacks: Any = json.load(answer)

    def page(self, query: str, key: str = "overview") -> Any:
        values = {f"{key}-query.data": query, "theme.data": "light", "data-version.data": 1}
        found = next(c for c in self.callbacks if f"{key}-shown.data" in c["output"])
        body = {
            "output": found["output"],
            "outputs": _outputs(found["output"]),
            "inputs": [_filled(i, values) for i in found["inputs"]],
            "state": [_filled(s, values) for s in found["state"]],
            "changedPropIds": [f"{key}-query.data"],
        }
        request = urllib.request.Request(
            f"{self.address}/_dash-update-component",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", CSRF_HEADER: self.token},
        )
        with self.opener.open(request, timeout=LONGEST) as answer:
            return json.load(answer)["response"]


def queries(reader: int) -> list[str]:
    """Return what a reader looks at: half of it everybody looks at, half nobody else."""
    own = COUNTRIES[reader % len(COUNTRIES)]
    common = [f"period={PERIODS[n % len(PERIODS)]}" for n in range(PAGES // 2)]
    single = [f"from=2024-{n + 1:02}-{reader % 27 + 1:02}&country={own}" for n in range(PAGES // 2)]
    return [query for pair in zip(common, single, strict=True) for query in pair]


def measured(address: str, count: int, truth: dict[str, Any]) -> None:
    readers = [Reader(address) for _n in range(count)]
    start = Barrier(count)

    def read(n: int) -> list[float]:
        start.wait()
        times = []
        for query in queries(n):
            began = perf_counter()
            found = readers[n].page(query)
            times.append(perf_counter() - began)
            assert found["overview-shown"] == truth[query], f"{query}: another answer"
        return times

    began = perf_counter()
    with ThreadPoolExecutor(count) as pool:
        times = sorted(t for found in pool.map(read, range(count)) for t in found)
    seconds = perf_counter() - began
    p95 = times[int(len(times) * 0.95) - 1]
    print(
        f"  {count:>2} readers: {len(times) / seconds:6.1f} pages/s, median "
        f"{median(times) * 1000:6.1f} ms, p95 {p95 * 1000:6.1f} ms, slowest "
        f"{times[-1] * 1000:6.1f} ms; all answers right, none stuck"
    )


def served(home: Path) -> tuple[subprocess.Popen[str], str]:
    """Start the server on a free port; return it and its address."""
    server = subprocess.Popen(
        [sys.executable, "-m", "dashboard.cli", "serve", "--port", "0", "--no-browser"],
        env={**os.environ, "PICHOLINE_HOME": str(home), "PICHOLINE_LANGUAGE": "en"},
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = perf_counter() + START_SECONDS
    said: list[str] = []
    for line in server.stderr or ():
        said.append(line)
        if "http://" in line:
            address = line[line.index("http://") :].split()[0]
            return server, address
        if perf_counter() > limit:
            break
    server.kill()
    raise RuntimeError("the server did not start: " + "".join(said[-5:]))


def truths(home: Path) -> dict[str, Any]:
    """Return what every query answers to a lone reader of a server that keeps nothing."""
    server, address = served(home)
    try:
        reader = Reader(address)
        wanted = dict.fromkeys(q for n in range(max(READERS)) for q in queries(n))
        return {query: reader.page(query)["overview-shown"] for query in wanted}
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def main() -> None:
    named = os.environ.get("PICHOLINE_BENCH_HOME")
    lines = int(os.environ.get("PICHOLINE_BENCH_LINES", "200000"))
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        home = Path(folder) / "home"
        if named:
            shutil.copytree(named, home)
        else:
            demo_application(home, lines).close()
        truth = truths(home)
        print(f"Simultaneous readers of the Overview, {PAGES} pages each:")
        for count in READERS:
            shutil.rmtree(load_settings(home).cache / "answers", ignore_errors=True)
            server, address = served(home)
            try:
                measured(address, count, truth)
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(60)


if __name__ == "__main__":
    main()
