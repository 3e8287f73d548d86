"""Which files hold which data: a base, the deltas on top of it, and the segments they are made of.

A chain is found by the fingerprint of the visible segments, not by the data version: an import
that is undone, or brought back, leads to files that are there already.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import time

from core.models.rfm import SegmentRule
from core.models.tables import Segment
from core.repository.visible import Hiding
from core.repository.warehouse.info import LAYOUT
from core.repository.warehouse.stage import STAGED

_DIGITS = 32


@dataclass(frozen=True)
class Wanted:
    """What a data version consists of.

    Attributes:
        version: its number.
        segments: the visible ones that take part in the warehouse, oldest first.
        rules: of the RFM segments.
        base_currency: three letters.
        hidings: what imports hide of earlier rows.
        countries: spellings of countries, as they are compared, with the codes they mean.
    """

    version: int
    segments: tuple[Segment, ...]
    rules: tuple[SegmentRule, ...]
    base_currency: str
    hidings: tuple[Hiding, ...] = ()
    countries: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(
        cls,
        version: int,
        visible: Iterable[Segment],
        rules: Sequence[SegmentRule],
        base_currency: str,
        hidings: Iterable[Hiding] = (),
        countries: tuple[tuple[str, str], ...] = (),
    ) -> "Wanted":
        """Leave out the segments of tables the warehouse does not read."""
        segments = tuple(s for s in visible if s.table_name in STAGED)
        hiding = tuple(h for h in hidings if h.table in STAGED)
        return cls(version, segments, tuple(rules), base_currency, hiding, countries)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Name what of the segments is read otherwise; a delta adds to files that do the same."""
        meant = tuple(f"country:{words}={code}" for words, code in self.countries)
        return tuple(hiding.token for hiding in self.hidings) + meant

    @property
    def fingerprint(self) -> str:
        """Name what it consists of; equal data and rules have equal ones."""
        made_of: dict[str, object] = {
            "layout": LAYOUT,
            "currency": self.base_currency,
            "segments": [(s.file, s.derived) for s in self.segments],
            "rules": [rule.as_dict() for rule in self.rules],
        }
        if self.hidden:
            made_of["hidden"] = self.hidden
        return sha256(json.dumps(made_of).encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True)
class Chain:
    """Files that together hold one fingerprint's data.

    Attributes:
        fingerprint: what they hold.
        files: names in the folder, the base first.
        segments: files of the segments they are made of.
        lines: sales lines in each file.
        base_currency: three letters.
        layout: of the tables.
        hidden: what imports hide of the segments.
    """

    fingerprint: str
    files: tuple[str, ...]
    segments: tuple[str, ...]
    lines: tuple[int, ...]
    base_currency: str
    layout: int = LAYOUT
    hidden: tuple[str, ...] = ()

    @property
    def deltas(self) -> int:
        """Number of files on top of the base."""
        return len(self.files) - 1

    @property
    def share(self) -> float:
        """Lines of the deltas per line of the base."""
        return sum(self.lines[1:]) / max(self.lines[0], 1)


class Chains:
    """The small files that name the chains of one folder; each is written as a whole."""

    def __init__(self, folder: Path) -> None:
        """Look into the warehouse's folder."""
        self._files = folder
        self._folder = folder / "chains"

    def find(self, fingerprint: str) -> Chain | None:
        """Return the chain with this fingerprint if all of its files are there."""
        return self._read(self._folder / f"{fingerprint}.json")

    def all(self) -> list[Chain]:
        """Return every usable chain, the last used one first."""
        paths = sorted(self._folder.glob("*.json"), key=_used_at, reverse=True)
        return [chain for chain in map(self._read, paths) if chain]

    def write(self, chain: Chain) -> None:
        """Make a chain known; readers see all of it or nothing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{chain.fingerprint}.json"
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(chain)), "utf-8")
        draft.replace(path)

    def use(self, chain: Chain) -> None:
        """Note that a chain was opened now."""
        try:
            os.utime(self._folder / f"{chain.fingerprint}.json", (time(), time()))
        except OSError:
            return  # collected meanwhile; its files stay open

    def forget(self, fingerprint: str) -> None:
        """Take a chain's name away; its files stay."""
        (self._folder / f"{fingerprint}.json").unlink(missing_ok=True)

    def tidy(self) -> None:
        """Delete names of chains whose files are gone, and unfinished ones."""
        for path in self._folder.glob("*"):
            if path.suffix != ".json" or self._read(path) is None:
                path.unlink(missing_ok=True)

    def _read(self, path: Path) -> Chain | None:
        try:
            stored = json.loads(path.read_text("utf-8"))
            chain = Chain(
                stored["fingerprint"],
                tuple(stored["files"]),
                tuple(stored["segments"]),
                tuple(stored["lines"]),
                stored["base_currency"],
                stored["layout"],
                tuple(stored.get("hidden", ())),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        usable = chain.layout == LAYOUT and chain.fingerprint == path.stem
        return chain if usable and all(self._is_file(name) for name in chain.files) else None

    def _is_file(self, name: str) -> bool:
        return Path(name).name == name and (self._files / name).is_file()


def best_parent(
    chains: Iterable[Chain], wanted: Wanted, most_deltas: int, most_share: float
) -> Chain | None:
    """Return the chain a delta is best built on, None if a whole build is better.

    Deltas no larger than what is to be added are built again together with it: their number
    grows with the logarithm of what was added, not with the number of imports.

    Args:
        chains: what there is.
        wanted: what is asked for.
        most_deltas: a chain has no more of them, the new one included.
        most_share: they hold no more lines per line of the base, the new ones included.
    """
    rows = {s.file: s.rows if s.table_name == "sales" else 0 for s in wanted.segments}
    able = [
        chain
        for chain in chains
        if chain.base_currency == wanted.base_currency
        and chain.hidden == wanted.hidden
        and rows.keys() >= set(chain.segments)
    ]
    if not able:
        return None
    total = sum(rows.values())
    chosen = max(
        able, key=lambda chain: (sum(rows[file] for file in chain.segments), -chain.deltas)
    )
    while chosen.deltas:
        added = total - sum(rows[file] for file in chosen.segments)
        shorter = next((c for c in able if c.files == chosen.files[:-1]), None)
        if shorter is None or chosen.lines[-1] > added:
            break
        chosen = shorter
    added = total - chosen.lines[0]
    if chosen.deltas >= most_deltas or added > most_share * chosen.lines[0]:
        return None
    return chosen


def _used_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
