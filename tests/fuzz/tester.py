"""The process that tries files: paths come in, outcomes go out, one line each."""

import resource
import shutil
import sys
from pathlib import Path

from tests.fuzz.trial import Trials

_MOST = 8 << 30  # a fence for the machine; the limit of a file is on what is really in use


def main() -> None:
    """Try files until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST, _MOST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = Path(sys.argv[1]) / "homes"
    shutil.rmtree(folder, ignore_errors=True)  # of a predecessor that died
    folder.mkdir()
    trials = Trials(folder)
    print("ready", flush=True)
    for line in sys.stdin:
        print(trials.run(Path(line.rstrip("\n"))).as_json(), flush=True)


if __name__ == "__main__":
    main()
