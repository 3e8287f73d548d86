"""The mutated files: the same for the same seed and number, on every machine."""

from random import Random

from tests.fuzz.packed import PACKED
from tests.fuzz.raw_bytes import ANY, Mutation
from tests.fuzz.records import BIFF, PARQUET
from tests.fuzz.seeds import FORMATS, seeds
from tests.fuzz.texts import TEXTS

_OWN: dict[str, tuple[Mutation, ...]] = {
    "ods": PACKED, "xlsx": PACKED, "xlsm": PACKED, "xlsb": PACKED, "zip": PACKED, "xls": BIFF,
    "csv": TEXTS, "tsv": TEXTS, "parquet": PARQUET,
}  # fmt: skip
_KNOWING = 0.75  # of the mutations know the format; the others change its bytes


def mutated(seed: int, number: int, kinds: tuple[str, ...] = FORMATS) -> tuple[str, str, bytes]:
    """Return format, name and content of a mutated file."""
    chance = Random(f"{seed}:{number}")
    kind = kinds[number % len(kinds)]
    data = chance.choice(seeds()[kind])
    knowing = chance.random() < _KNOWING
    times = 1 if kind not in ("csv", "tsv") else chance.choice((1, 2, 4))
    for _ in range(times):
        data = chance.choice(_OWN[kind] if knowing else ANY)(data, chance) or b"\0"
    return kind, f"{number:06}.{kind}", data
