"""Counters of a home folder that several processes add to: one small JSON file under a lock."""

import json
from collections.abc import Mapping
from pathlib import Path

from core import log
from core.repository.warehouse.lock import file_lock


class Tally:
    """Numbers by name; losing them costs nothing but knowledge of the past."""

    def __init__(self, file: Path) -> None:
        """Use a file; it is made with the first number."""
        self._file = file

    def read(self) -> dict[str, float]:
        """Return the numbers; none where the file is missing or is no tally."""
        try:
            stored = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(name): float(value) for name, value in stored.items()}
        except FileNotFoundError:
            return {}
        except (OSError, AttributeError, TypeError, ValueError):
            log.event("tally.unusable", file=self._file.name)
            return {}

    def add(self, more: Mapping[str, float], start: Mapping[str, float], wait: float = 0.0) -> bool:
        """Add to the numbers; return whether it could be done now.

        Args:
            more: what to add.
            start: names a new tally begins with.
            wait: seconds to wait for another process that is adding.
        """
        try:
            with file_lock(self._file.with_suffix(".lock"), wait) as held:
                if not held:
                    return False
                known = self.read() or dict(start)
                for name, value in more.items():
                    known[name] = known.get(name, 0) + value
                part = self._file.with_suffix(".part")
                part.write_text(json.dumps(known), encoding="utf-8")
                part.replace(self._file)
        except OSError as error:
            log.event("tally.unusable", why=str(error))
            return False
        return True

    def clear(self) -> None:
        """Begin anew."""
        self._file.unlink(missing_ok=True)
