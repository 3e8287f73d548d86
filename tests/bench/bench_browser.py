"""The Overview in headless Chromium at 20 Mbit/s, as `picholine serve` gives it, beside its peers.

Milliseconds end with the last stroke in any chart or tile; medians of several windows. The peers
draw the same eight charts from the same lines, held in memory by pandas, in a venv of their own.

    PICHOLINE_BENCH_LINES   sales lines of the demo company that is made (200,000)
    PICHOLINE_BENCH_HOME    a home folder that is there already, instead
    PICHOLINE_BENCH_PEERS   which of vizro, streamlit; "none" leaves them out
    PICHOLINE_BENCH_VENV    a folder to keep the peers' venv in
    PICHOLINE_BENCH_ROUNDS  windows opened of each (5)
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.browser_servers import peer, peers_python, picholine, write_lines
from tests.bench.browser_visit import Visit, browser, visiting
from tests.desk import demo_application

_ENV = "PICHOLINE_BENCH_"
KIB = 1024
PICKS = 6
CHANGES = 200
LARGE = 1_000_000  # lines from which the wider limit holds
CHARTS = {"picholine": 6, "vizro": 8, "streamlit": 8}  # ours has tiles with sparklines beside them


@dataclass
class Times:
    """What was measured of one program, in milliseconds and bytes."""

    cold: float
    warm: float
    filtered: float
    kib: float
    requests: int


def _pick_ours(visit: Visit, place: int) -> None:
    if not visit.page.locator(".dash-dropdown-option").count():
        visit.page.click("#filter-country")
    visit.page.locator(".dash-dropdown-option").nth(place).click()


def _pick_vizro(visit: Visit, place: int) -> None:
    if not visit.page.locator(".dash-dropdown-option").count():
        visit.page.locator(".dash-dropdown").first.click()
    visit.page.locator(".dash-dropdown-option").nth(place + 1).click()


def _pick_streamlit(visit: Visit, _place: int) -> None:
    if not visit.page.locator("[role=option]").count():
        visit.page.locator("[data-testid=stMultiSelect] input").click()
    visit.page.locator("[role=option]").first.click()


PICK: dict[str, Callable[[Visit, int], None]] = {
    "picholine": _pick_ours,
    "vizro": _pick_vizro,
    "streamlit": _pick_streamlit,
}


def measured(launched: Any, name: str, address: str, rounds: int) -> Times:
    """Open new windows, each once with nothing kept and once again; then filter in the last."""
    charts, pick = CHARTS[name], PICK[name]
    with visiting(launched) as visit:  # the server has compressed and computed everything once
        visit.opened(address, charts)
    cold, warm, kib, requests = [], [], [], []
    filtered: list[float] = []
    for turn in range(rounds):
        with visiting(launched) as visit:
            cold.append(visit.opened(address, charts))
            kib.append(visit.bytes / KIB)
            requests.append(visit.requests)
            warm.append(visit.opened(address, charts))
            if turn == rounds - 1:
                for place in range(PICKS):
                    took = visit.after(lambda at=place: pick(visit, at), charts)
                    filtered.append(took)
    return Times(median(cold), median(warm), median(filtered), median(kib), round(median(requests)))


def _typed(visit: Visit) -> None:
    """Type into the search and into the search of a list."""
    visit.page.keyboard.press("Control+k")
    visit.page.keyboard.type("olive oil germany", delay=60)
    visit.page.keyboard.press("Escape")
    visit.page.click("#filter-supplier")
    visit.page.keyboard.type("coop", delay=60)
    visit.page.keyboard.press("Escape")


def _dragged(visit: Visit) -> None:
    """Make the navigation wider and narrower."""
    box = visit.page.locator("#nav-edge").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 300
    visit.page.mouse.move(x, y)
    visit.page.mouse.down()
    for step in [*range(0, 120, 6), *range(120, 0, -6)]:
        visit.page.mouse.move(x + step, y)
        visit.page.wait_for_timeout(16)
    visit.page.mouse.up()


def hands(launched: Any, address: str) -> None:
    """Print long tasks while typing and dragging, and the memory of many filter changes."""
    with visiting(launched) as visit:
        visit.opened(address, CHARTS["picholine"])
        visit.page.wait_for_timeout(1500)
        for what, act in (("typing", _typed), ("dragging", _dragged)):
            long = visit.long_tasks(lambda act=act: act(visit))
            longest = max(long, default=0.0)
            print(f"  {what}: longest task {longest:.0f} ms (limit 100; 0: none over 50)")
        names = visit.page.evaluate(
            "dash_component_api.getLayout('filter-country').props.options.map(o => o.value)"
        )[:10]
        told = [_changes(visit, names, CHANGES // 10), _changes(visit, names, CHANGES)]
        (early, fewer), (late, more) = told
        print(
            f"  memory after {CHANGES // 10} filter changes {early:.1f} MB and {fewer:,} nodes, "
            f"after {CHANGES} more {late:.1f} MB and {more:,} nodes"
        )


def _changes(visit: Visit, names: list[str], count: int) -> tuple[float, int]:
    """Change the filter so many times, and return memory and nodes without any filter."""
    for turn in range(count):
        chosen = names[turn % len(names)]
        visit.page.evaluate(
            "value => picholine.controls.navigate(value ? [['country', value]] : [])",
            chosen if turn + 1 < count else "",
        )
        visit.page.wait_for_timeout(50)
        visit.page.wait_for_selector("#overview-notes[data-dash-is-loading=true]", state="detached")
        visit.page.wait_for_timeout(150)
    visit.page.wait_for_timeout(1500)
    return visit.memory()


@contextmanager
def _home(folder: Path) -> Iterator[tuple[Path, int]]:
    """Return the home to serve and its number of lines."""
    given = os.environ.get(f"{_ENV}HOME")
    lines = int(os.environ.get(f"{_ENV}LINES", "200000"))
    application = demo_application(Path(given) if given else folder / "home", 0 if given else lines)
    application.warehouse.ensure()
    found = application.metrics.status().lines
    application.close()
    yield (Path(given) if given else folder / "home"), found


def _print(name: str, times: Times, ours: Times | None = None) -> None:
    def ratio(theirs: float, own: float) -> str:
        return f" ({theirs / own:.1f} ×)"

    against = (
        [ratio(getattr(times, part), getattr(ours, part)) for part in ("cold", "warm", "filtered")]
        if ours
        else [""] * 3
    )
    print(
        f"  {name}: cold {times.cold:.0f} ms{against[0]}, warm {times.warm:.0f} ms{against[1]}, "
        f"filter {times.filtered:.0f} ms{against[2]}, {times.kib:.0f} KiB, "
        f"{times.requests} requests"
    )


def main() -> None:
    rounds = int(os.environ.get(f"{_ENV}ROUNDS", "5"))
    wanted = os.environ.get(f"{_ENV}PEERS", "vizro,streamlit")
    names = [] if wanted == "none" else wanted.split(",")
    with (
        TemporaryDirectory(prefix="picholine-bench-") as name,
        _home(Path(name)) as (home, lines),
        browser() as launched,
    ):
        folder = Path(name)
        limit = 400 if lines >= LARGE else 300
        print(
            f"Overview, {lines:,} lines, 20 Mbit/s, medians of {rounds} windows (limits: cold "
            f"2,200 ms and 900 KiB, warm 800 ms, filter {limit} ms):"
        )
        with picholine(home) as address:
            ours = measured(launched, "picholine", f"{address}/overview", rounds)
            _print("picholine", ours)
            hands(launched, f"{address}/overview")
        if not names:
            return
        try:
            python = peers_python(Path(os.environ.get(f"{_ENV}VENV", folder / "venv")))
        except subprocess.CalledProcessError as error:
            print(f"  peers: cannot be installed here ({error})")
            return
        file = folder / "lines.parquet"
        write_lines(home, file)
        for one in names:
            with peer(python, one, file) as address:
                _print(one, measured(launched, one, address, rounds), ours)


if __name__ == "__main__":
    main()
