"""`make kills KILLS=100`: imports, undos, builds and uploads killed at random moments."""

import argparse
import shutil
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from tests.kills.killing import KINDS, kill_once
from tests.kills.shop import make_shop

_WEIGHTS = (7, 1, 1, 1)  # most kills are of imports


def main() -> None:
    """Kill as often as is asked for; leave with 1 where anything was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--lines", type=int, default=30_000)
    parser.add_argument("--kinds", default=",".join(KINDS))
    asked = parser.parse_args()
    chance, folder = Random(asked.seed), Path(mkdtemp(prefix="picholine-kills-"))
    print(f"seed {asked.seed}: {asked.kills} kills", flush=True)
    shop = make_shop(folder, asked.lines)
    print(f"an import of {asked.lines} lines takes {shop.seconds['import']:.2f} s", flush=True)
    kinds = [kind for kind in KINDS if kind in asked.kinds.split(",")]
    weights = [_WEIGHTS[KINDS.index(kind)] for kind in kinds]
    found: Counter[str] = Counter()
    failed = 0
    for number in range(asked.kills):
        kind = chance.choices(kinds, weights)[0]
        place = folder / f"kill-{number}"
        place.mkdir()
        try:
            said = kill_once(shop, kind, place, chance)
            found[f"{kind}: {said}" if kind != "upload" else kind] += 1
            print(f"{number + 1:4} {kind}: {said}", flush=True)
        except AssertionError:
            failed += 1
            print(f"{number + 1:4} {kind}: FAILED in {place}\n{traceback.format_exc()}", flush=True)
            continue
        shutil.rmtree(place)
    print(", ".join(f"{name} {count}" for name, count in sorted(found.items())))
    print(f"{asked.kills} kills, seed {asked.seed}, failed: {failed}")
    if not failed:
        shutil.rmtree(folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
