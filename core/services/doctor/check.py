"""One finding of the doctor."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.i18n import Message


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, what to do about it."""

    key: str
    level: Level
    title: Message
    found: Message | str
    remedy: Message | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values in the current language."""
        return {
            "key": self.key,
            "level": self.level.value,
            "title": str(self.title),
            "found": str(self.found),
            "remedy": str(self.remedy) if self.remedy else None,
        }
