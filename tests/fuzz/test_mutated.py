"""A fixed sample of the mutated files: `make fuzz` tries as many as one likes."""

from collections import Counter

from tests.fuzz.__main__ import found_in
from tests.fuzz.crew import File, try_files
from tests.fuzz.mutated import mutated
from tests.fuzz.seeds import FORMATS
from tests.fuzz.trial import Outcome

_QUICK = ("xlsx", "xlsm", "csv", "tsv", "zip", "parquet")
# What once was found: texts that are no UTF-8, a description that ended the process.
_FOUND = ((20261122, 755), (20261122, 6722))
_SLOW = tuple(kind for kind in FORMATS if kind not in _QUICK)  # tried by a process of their own


def test_mutated_files_are_imported_or_refused_in_words() -> None:
    files = [File(*mutated(5, number, _QUICK)) for number in range(54)]
    files += [File(*mutated(5, number, _SLOW)) for number in range(12)]
    files += [File(*mutated(seed, number)) for seed, number in _FOUND]
    outcomes: dict[str, Outcome] = {}
    try_files(files, 1, lambda file, outcome: outcomes.update({file.name: outcome}), 120.0)
    assert len(outcomes) == len(files)
    found = {name: found_in(outcome) for name, outcome in outcomes.items() if found_in(outcome)}
    assert found == {}
    codes = Counter(outcome.code for outcome in outcomes.values())
    # Sound and unsound files both, or the mutations are too tame or too wild to find anything.
    assert codes["imported"] >= 10
    assert codes["file.unreadable"] >= 10


def test_the_same_seed_and_number_are_the_same_file() -> None:
    assert mutated(7, 12) == mutated(7, 12)
    assert mutated(7, 12) != mutated(8, 12)
