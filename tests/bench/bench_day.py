"""A working day of five people and two imports: how many panels come from kept answers.

The day is played from a seed: everybody has a page and values of their own, goes back to earlier
states, picks filters, changes the period. Twice with the same script: once computing likely next
answers while people think, once without. Every answer of a sample is compared with one computed
anew.

PICHOLINE_BENCH_LINES sets the sales lines (200,000), PICHOLINE_BENCH_HOME names a home folder to
copy instead, PICHOLINE_BENCH_THINK the seconds somebody looks at a page (3). Times are those of
the processor, so that a busy machine counts less.
"""

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import sleep, thread_time
from urllib.parse import urlencode

from core.models.query import Scope
from core.services.analytics.base import get_analysis
from core.services.application import Application
from core.services.ingest import ImportOptions
from core.services.prefetch import Prefetch
from core.settings import load_settings
from dashboard.app import create_app
from dashboard.page import PAGES
from tests.desk import Visitor, demo_application

SEED = 20_251_001
VISITS = 24  # of each person
PEOPLE = 5
LIMIT_RATIO, LIMIT_MS = 0.8, 10
MILLISECONDS = 1000
PAGES_USED = ("overview", "margins")
PERIODS = ("campaign_to_date", "last_campaign", "year_to_date", "last_year", "month_to_date", "all")
COMPARES = ("previous", "none")
COUNTRIES = ("FR", "DE", "US", "GB", "IT", "ES", "BE", "JP")
CHANNELS = ("web", "retail", "brand")

Pairs = tuple[tuple[str, str], ...]


@dataclass
class Person:
    """Somebody with habits: an own country, a favourite page, and the states seen before."""

    country: str
    page: str
    state: Pairs = ()
    seen: list[tuple[str, Pairs]] = field(default_factory=list)

    def step(self, chance: random.Random) -> tuple[str, Pairs]:
        """Return the page and state looked at next."""
        roll = chance.random()
        if roll < 0.30 and self.seen:  # back to what was looked at before
            self.page, self.state = chance.choice(self.seen)
        elif roll < 0.50:  # the other page, same filters
            self.page = next(p for p in PAGES_USED if p != self.page)
        elif roll < 0.70:  # a pick in the filter of countries, mostly the own one
            other = chance.choice(COUNTRIES) if chance.random() < 0.3 else self.country
            self.state = changed(self.state, "country", other)
        elif roll < 0.76:
            self.state = changed(self.state, "channel", chance.choice(CHANNELS))
        elif roll < 0.90:
            self.state = changed(self.state, "period", chance.choice(PERIODS))
        elif roll < 0.94:
            self.state = changed(self.state, "compare", chance.choice(COMPARES))
        else:
            self.state = ()
        self.seen.append((self.page, self.state))
        return self.page, self.state


def changed(state: Pairs, name: str, value: str) -> Pairs:
    return (*(pair for pair in state if pair[0] != name), (name, value))


def day(seed: int) -> Iterator[tuple[str, Pairs] | None]:
    """Yield what is looked at, one person after the other; None where an import comes."""
    chance = random.Random(seed)
    people = [Person(COUNTRIES[n], PAGES_USED[n % 2]) for n in range(PEOPLE)]
    for person in people:  # the morning begins with everybody's own page
        person.seen.append((person.page, ()))
        yield person.page, ()
    total = PEOPLE * (VISITS - 1)
    for n in range(total):
        if n in {total // 3, 2 * total // 3}:
            yield None
        yield chance.choice(people).step(chance)


def bring_in(application: Application, number: int) -> None:
    """Import a small sales file through the real intake, and have the numbers prepared."""
    file = application.settings.home / f"day-{number}.csv"
    rows = [
        f"D{number}-{n},2025-06-{n % 28 + 1:02},P{n % 40:03},{n % 7 + 1},9.5,FR,web"
        for n in range(500)
    ]
    file.write_text(
        "invoice_id,date,product_id,quantity,unit_price,country,channel\n" + "\n".join(rows)
    )
    application.intake.run(file, ImportOptions(table="sales"))
    application.warehouse.ensure()


def play(home: Path, think: float, *, ahead: bool) -> None:
    application = Application.open(load_settings(home))
    application.metrics.answers.clear()
    prefetch = Prefetch(application, has_room=lambda: True, quiet_seconds=0.05) if ahead else None
    visitor = Visitor(create_app(application, prefetch=prefetch).test_client())
    answers = application.metrics.answers
    panel_counts = {page.key: len(page.panels) for page in PAGES}
    panels = kept = visits = imports = 0
    cached: list[float] = []
    redrawn: list[float] = []
    fresh: list[float] = []
    for visit in day(SEED):
        if visit is None:
            imports += 1
            bring_in(application, imports)
            if prefetch is not None:
                sleep(2.5)  # it looks at the data version now and then
                prefetch.settled(think * 10)
            continue
        page, state = visit
        before = dict(answers.state(on_disk=False).counts)
        before_drawn = drawn_pages(visitor)
        began = thread_time()
        visitor.page(page, urlencode(state))
        took = (thread_time() - began) * MILLISECONDS
        after = answers.state(on_disk=False).counts
        computed = after.get("computed", 0) - before.get("computed", 0)
        given = sum(after.get(k, 0) - before.get(k, 0) for k in ("memory", "disk", "joined"))
        number = panel_counts[page]
        panels += number
        # A page kept as it was drawn asks nothing; else its panels share its questions.
        kept += number * (given / (given + computed) if computed else 1)
        as_drawn = drawn_pages(visitor) == before_drawn
        (fresh if computed else cached if as_drawn else redrawn).append(took)
        visits += 1
        if visits % 20 == 0:
            check(application, page, state)
        if prefetch is not None:
            prefetch.settled(think)
    if prefetch is not None:
        prefetch.stop()
    ratio = kept / panels
    name = "with computing ahead" if ahead else "without computing ahead"
    print(f"  {name}: {visits} pages, {imports} imports, {ratio:.0%} of {panels} panels kept")
    for kind, times in (
        ("kept as drawn", cached),
        ("answers kept, drawn anew", redrawn),
        ("something computed", fresh),
    ):
        if times:
            ordered = sorted(times)
            print(
                f"    {kind}: {len(times)} pages, median {median(times):.1f} ms, "
                f"p95 {ordered[int(len(times) * 0.95) - 1]:.1f} ms"
            )
    counts = answers.state().counts
    print(f"    questions: {', '.join(f'{k} {v}' for k, v in sorted(counts.items()))}")
    if ahead:
        verdict = "kept" if ratio >= LIMIT_RATIO and median(cached) < LIMIT_MS else "MISSED"
        print(f"  limits (at least {LIMIT_RATIO:.0%}, median under {LIMIT_MS} ms): {verdict}")
    application.close()


def drawn_pages(visitor: Visitor) -> int:
    """Return how many pages are kept as they were drawn."""
    kept = visitor.client.application.extensions.get("picholine_pages")
    return len(kept._found) if kept else 0


def check(application: Application, page: str, state: Pairs) -> None:
    """Compare a page's tables with those of a process that kept nothing."""
    analysis = get_analysis(page)
    params = analysis.params_from(state)
    mine = analysis.run(application.metrics, params, Scope())  # type: ignore[misc]
    other = Application.open(application.settings.model_copy(update={"answers_mb": 0}))
    theirs = analysis.run(other.metrics, params, Scope())  # type: ignore[misc]
    for key, table in theirs.tables.items():
        assert table.rows() == mine.tables[key].rows(), (page, state, key)
    other.close()


def main() -> None:
    think = float(os.environ.get("PICHOLINE_BENCH_THINK", "3"))
    named = os.environ.get("PICHOLINE_BENCH_HOME")
    lines = int(os.environ.get("PICHOLINE_BENCH_LINES", "200000"))
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        first = Path(folder) / "home"
        if named:
            shutil.copytree(named, first)
        else:
            demo_application(first, lines).close()
        application = Application.open(load_settings(first))
        application.warehouse.ensure()
        stored = application.warehouse.info().lines
        print(f"A day of {PEOPLE} people at {stored:,} lines, seed {SEED}:")
        application.close()
        for ahead in (False, True):
            home = Path(folder) / f"home-{ahead}"
            shutil.copytree(first, home)
            play(home, think, ahead=ahead)
            shutil.rmtree(home)


if __name__ == "__main__":
    main()
