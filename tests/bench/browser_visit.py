"""What a person sees in Chromium: when everything is drawn, what travelled, what held the page."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.conftest import CHROMIUM_ARGS

BYTES_PER_SECOND = 20_000_000 / 8  # 20 Mbit/s
QUIET_MS = 1200  # without a change in any chart or tile: everything is drawn
PATIENCE_MS = 120_000
# Notes when a chart or a figure changed last, which charts have changed, and every long task.
WATCH = """
(() => {
  const seen = window.benchSeen = { last: 0, charts: new Set(), long: [] };
  const parts = '.js-plotly-plot, .tile';
  new MutationObserver((changes) => {
    for (const change of changes) {
      const node = change.target.nodeType === 1 ? change.target : change.target.parentElement;
      const part = node && node.closest(parts);
      if (!part) continue;
      seen.last = performance.now();
      if (part.matches('.js-plotly-plot')) seen.charts.add(part);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.long.push([entry.startTime, entry.duration]);
  }).observe({ type: 'longtask', buffered: true });
})();
"""
# How many charts must have changed since then, and for how long none has.
DRAWN = """([count, from, rest]) => {
  const seen = window.benchSeen;
  const isDrawn = (part) => part.isConnected && part.querySelector('.main-svg');
  const quiet = performance.now() - seen.last > rest;
  const drawn = [...seen.charts].filter(isDrawn).length;
  return drawn >= count && seen.last > from && quiet ? seen.last : 0;
}"""


@dataclass
class Visit:
    """One window, its connection and what travelled over it."""

    page: Any
    tools: Any
    bytes: int = 0
    requests: int = 0
    _kinds: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """Count what travels from here on."""
        self.bytes = self.requests = 0

    def drawn(self, charts: int, begun: float = 0.0) -> float:
        """Wait until so many charts changed and all rest; return when that was, in ms."""
        for _ in range(PATIENCE_MS // 100):
            self.page.wait_for_timeout(100)
            found = self.page.evaluate(DRAWN, [charts, begun, QUIET_MS])
            if found:
                return float(found)
        message = f"{self.page.url}: not {charts} charts drawn"
        raise RuntimeError(message)

    def opened(self, address: str, charts: int) -> float:
        """Go to a page; return the milliseconds from the start to the last stroke."""
        self.forget()
        self.page.goto(address, wait_until="commit", timeout=PATIENCE_MS)
        return self.drawn(charts)

    def after(self, act: Callable[[], None], charts: int) -> float:
        """Do something that ends with a click; return the ms from it to the last stroke."""
        self.page.evaluate(
            """() => {
                 window.benchSeen.charts.clear();
                 const note = () => { window.benchClick = performance.now(); };
                 window.benchClick = 0;
                 ['pointerdown', 'keydown'].forEach((name) => addEventListener(name, note, true));
               }"""
        )
        act()
        clicked = float(self.page.evaluate("window.benchClick"))
        return self.drawn(charts, clicked) - clicked

    def long_tasks(self, act: Callable[[], None]) -> list[float]:
        """Return how long tasks over 50 ms took while something was done."""
        begun = self.page.evaluate("performance.now()")
        act()
        self.page.wait_for_timeout(400)
        tasks = self.page.evaluate("window.benchSeen.long")
        return [length for start, length in tasks if start >= begun]

    def memory(self) -> tuple[float, int]:
        """Return megabytes of the scripts' heap and the number of nodes, after collecting."""
        for _ in range(2):
            self.tools.send("HeapProfiler.collectGarbage")
        found = self.tools.send("Performance.getMetrics")["metrics"]
        told = {metric["name"]: metric["value"] for metric in found}
        return told["JSHeapUsedSize"] / (1 << 20), int(told["Nodes"])


@contextmanager
def browser() -> Iterator[Any]:
    """Run headless Chromium inside the block."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


@contextmanager
def visiting(launched: Any) -> Iterator[Visit]:
    """Open a window with nothing kept, on a connection of 20 Mbit/s."""
    # A page of 1440 by 3000: charts that are drawn when they come into sight are in sight.
    context = launched.new_context(
        viewport={"width": 1440, "height": 3000}, locale="en-GB", color_scheme="light"
    )
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    tools = context.new_cdp_session(page)
    visit = Visit(page, tools)

    def arrived(event: Any) -> None:
        visit.bytes += int(event["encodedDataLength"])
        visit.requests += 1

    tools.on("Network.loadingFinished", arrived)
    for command in ("Network.enable", "Performance.enable", "HeapProfiler.enable"):
        tools.send(command)
    limits = {"offline": False, "latency": 0, "downloadThroughput": BYTES_PER_SECOND,
              "uploadThroughput": BYTES_PER_SECOND}  # fmt: skip
    tools.send("Network.emulateNetworkConditions", limits)
    try:
        yield visit
    finally:
        context.close()
