"""`make fuzz FUZZ_FILES=10000`: mutated files, a table by format, a failure where one is found."""

import argparse
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.crew import File, try_files
from tests.fuzz.mutated import mutated
from tests.fuzz.seeds import FORMATS
from tests.fuzz.trial import Outcome

_MOST_MEGABYTES = 1_000
_EVERY = 250


@dataclass
class Tally:
    """What became of the files of one format."""

    codes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    megabytes: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.codes[outcome.code] += 1
        self.slowest = max(self.slowest, outcome.seconds)
        self.megabytes = max(self.megabytes, outcome.megabytes)


def found_in(outcome: Outcome) -> list[str]:
    """Return what must not be; too much memory is a finding too."""
    if outcome.megabytes > _MOST_MEGABYTES:
        return [*outcome.findings, f"memory: {outcome.megabytes} MB"]
    if outcome.code == "crash" and not outcome.findings:
        return ["crash"]
    return outcome.findings


def main() -> None:
    """Try as many files as are asked for; leave with 1 where anything was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=90.0, help="for one file")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    asked = parser.parse_args()
    kinds = tuple(asked.formats.split(","))
    print(f"seed {asked.seed}: {asked.files} files of {', '.join(kinds)}", flush=True)
    tallies = {kind: Tally() for kind in kinds}
    faulty: list[str] = []
    started = time.monotonic()

    def told(file: File, outcome: Outcome) -> None:
        tallies[file.kind].add(outcome)
        findings = found_in(outcome)
        if findings:
            asked.keep.mkdir(exist_ok=True)
            (asked.keep / file.name).write_bytes(file.data)
            faulty.append(file.name)
            print(f"{file.name}: {outcome.code}: {' | '.join(findings)}", flush=True)
        done = sum(tally.codes.total() for tally in tallies.values())
        if done % _EVERY == 0:
            print(f"{done} files, {time.monotonic() - started:.0f} s", flush=True)

    numbers = range(asked.first, asked.first + asked.files)
    files = (File(*mutated(asked.seed, number, kinds)) for number in numbers)
    try_files(files, asked.processes, told, asked.seconds)
    print(report(tallies))
    print(f"{asked.files} files in {time.monotonic() - started:.0f} s, seed {asked.seed}, "
          f"findings: {len(faulty)}")  # fmt: skip
    sys.exit(1 if faulty else 0)


def report(tallies: dict[str, Tally]) -> str:
    """Return a table by format."""
    lines = [f"{'format':8} {'files':>6} {'imported':>8} {'slowest':>8} {'memory':>8}  refused"]
    for kind, tally in tallies.items():
        refused = ", ".join(
            f"{code} {count}" for code, count in tally.codes.most_common() if code != "imported"
        )
        lines.append(
            f"{kind:8} {tally.codes.total():6} {tally.codes['imported']:8} "
            f"{tally.slowest:6.1f} s {tally.megabytes:5} MB  {refused}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
