"""The eight-panel page for five filter states, against pandas, polars and plain DuckDB SQL.

All peers answer from the same lines in one process, on two threads, and give equal numbers:
amounts to the cent, counts exactly. Settings:

    PICHOLINE_BENCH_LINES   sales lines of the demo company that is made (200,000)
    PICHOLINE_BENCH_HOME    a home folder that is there already, instead
    PICHOLINE_BENCH_PEERS   which of pandas, polars, duckdb; "none" for the engine alone
    PICHOLINE_BENCH_ROUNDS  pages asked of the engine for each state (15)
"""

import gc
import os
import resource
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from core.services.demo import generate
from core.services.metrics import Metrics
from core.services.side_by_side import side_by_side
from tests.bench.engine_panels import Numbers, State, numbers, panels, states
from tests.storehouse import Storehouse

LIMIT_MEDIAN, LIMIT_P95 = 100.0, 250.0  # milliseconds at ten million lines
PEER_ROUNDS = 3
THREADS = 2
MEGABYTES_PER_BLOCK = 0.262144
_ENV = "PICHOLINE_BENCH_"


@dataclass(frozen=True)
class Times:
    """Wall and processor milliseconds of a page, round by round."""

    wall: list[float]
    cpu: list[float]

    @property
    def p95(self) -> float:
        return sorted(self.wall)[min(len(self.wall) - 1, int(0.95 * len(self.wall)))]


def timed(rounds: int, work: Callable[[], object]) -> Times:
    """Run once to warm up, then measure."""
    work()
    wall, cpu = [], []
    for _ in range(rounds):
        began, used = perf_counter(), process_time()
        work()
        wall.append((perf_counter() - began) * 1000)
        cpu.append((process_time() - used) * 1000)
    return Times(wall, cpu)


@contextmanager
def opened() -> Iterator[Storehouse]:
    """Open the home named by the environment, or make one with the demo company."""
    given = os.environ.get(f"{_ENV}HOME")
    if given:
        house = Storehouse(Path(given))
        yield house
        house.close()
        return
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        house = Storehouse(Path(folder) / "home")
        company = generate(lines=int(os.environ.get(f"{_ENV}LINES", "200000")), seed=7)
        for name, table in company.dimensions.items():
            house.add(name, table)
        house.add_batches("sales", company.sales_batches())
        yield house
        house.close()


def sizes(house: Storehouse) -> None:
    """Print rows and room of the lines and of each roll-up, and what the build took."""
    info = house.warehouse.info()
    print(f"{info.lines:,} lines; the lines took {info.build_seconds:.1f} s to build")
    made = {source.table: source.rows for source in info.sources}
    with house.warehouse.read() as cursor:
        room: dict[str, float] = {}
        tables = cursor.execute(
            "SELECT table_name, concat_ws('.', database_name, schema_name, table_name) "
            "FROM duckdb_tables() WHERE table_name IN (SELECT unnest($names))",
            {"names": ["sold", "invested", *made]},
        ).fetchall()
        for table, name in tables:
            blocks = cursor.execute(
                "SELECT count(DISTINCT block_id) FROM pragma_storage_info($name)", {"name": name}
            ).fetchall()[0][0]
            room[table] = room.get(table, 0.0) + blocks * MEGABYTES_PER_BLOCK
    lines = room.pop("sold") + room.pop("invested")
    print(f"  lines {lines:.0f} MB, {len(room)} roll-ups {sum(room.values()):.0f} MB:", end=" ")
    print(", ".join(f"{name} {made[name]:,} rows {mb:.0f} MB" for name, mb in room.items()))


def page(metrics: Metrics, state: State) -> Numbers:
    """Ask the panels as a page does."""
    return numbers(side_by_side(panels(metrics, state)))


def same(ours: Numbers, theirs: Numbers, who: str) -> None:
    """Assert equal numbers; a median may differ by the rounding of a millionth."""
    own, other = ours["values"], theirs["values"]
    assert abs(own.pop("median") - other.pop("median")) <= 1, who
    for panel, found in ours.items():
        assert found == theirs[panel], (who, panel, found, theirs[panel])


def peers(house: Storehouse) -> Mapping[str, Callable[[State], Numbers]]:
    """Load what is to be compared with."""
    wanted = os.environ.get(f"{_ENV}PEERS", "pandas,polars,duckdb").split(",")
    if wanted == ["none"]:
        return {}
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)  # read when polars is imported
    from tests.bench import engine_peers

    with house.warehouse.read() as cursor:
        table, memory = engine_peers.load(cursor, THREADS)
    made = {
        "pandas": lambda: engine_peers.by_pandas(table),
        "polars": lambda: engine_peers.by_polars(table),
        "duckdb": lambda: engine_peers.by_sql(memory),
    }
    return {name: made[name]() for name in wanted}


def main() -> None:
    rounds = int(os.environ.get(f"{_ENV}ROUNDS", "15"))
    with opened() as house:
        began = perf_counter()
        house.warehouse.ensure()
        print(f"opened or built in {perf_counter() - began:.1f} s")
        sizes(house)
        found = states(house.metrics)
        report(house, found, rounds)
        print(f"  peak memory of the engine: {_peak()} MB", flush=True)
        theirs = peers(house)
        for state in found if theirs else []:
            compare(house.metrics, state, theirs)


def report(house: Storehouse, found: list[State], rounds: int) -> None:
    """Print the engine's own times."""
    metrics = house.metrics
    for state in found:
        asked = panels(metrics, state)
        shown = timed(rounds, lambda a=asked: side_by_side(a))  # type: ignore[misc]
        one = timed(rounds, lambda a=asked: [ask() for ask in a.values()])  # type: ignore[misc]
        each = {name: timed(5, ask) for name, ask in asked.items()}
        print(
            f"  {state.name}: median {median(shown.wall):.0f} ms, p95 {shown.p95:.0f} ms "
            f"(limits at ten million {LIMIT_MEDIAN:.0f}, {LIMIT_P95:.0f}), "
            f"processor {median(shown.cpu):.0f} ms; one panel after the other "
            f"{median(one.wall):.0f} ms, p95 {one.p95:.0f} ms"
        )
        for name, times in each.items():
            source = asked[name]().source
            wall, cpu = median(times.wall), median(times.cpu)
            print(f"    {name}: {wall:.1f} ms, processor {cpu:.1f} ms, {source}")


def compare(
    metrics: Metrics, state: State, theirs: Mapping[str, Callable[[State], Numbers]]
) -> None:
    """Print how many times faster the engine is, measured in turns, and assert equal numbers."""
    own, parts = timed(PEER_ROUNDS, lambda: page(metrics, state)), []
    for name, answer in theirs.items():
        same(page(metrics, state), answer(state), name)
        times = timed(PEER_ROUNDS, lambda a=answer: a(state))  # type: ignore[misc]
        again = timed(PEER_ROUNDS, lambda: page(metrics, state))
        own = Times(own.wall + again.wall, own.cpu + again.cpu)
        ratio = median(times.wall) / median(own.wall)
        cpu = median(times.cpu) / median(own.cpu)
        parts.append(f"{name} {median(times.wall):.0f} ms ({ratio:.1f} x, processor {cpu:.1f} x)")
        gc.collect()
    print(f"  {state.name}: ours {median(own.wall):.0f} ms, " + ", ".join(parts), flush=True)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
