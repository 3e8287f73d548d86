"""Colours and layout of one person, for every browser this person uses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from core.models.query import Scope
from core.repository.catalogue import Catalogue
from core.repository.preferences import PreferenceStore

THEMES = ("auto", "light", "dark", "contrast")
_NAME, _VALUE = re.compile(r"[a-z][a-z-]{0,30}"), re.compile(r"[\w.-]{0,40}")
_MOST = 40  # pieces of layout


@dataclass(frozen=True)
class Kept:
    """What is kept of a person.

    Attributes:
        stamp: raised by every change: by it a browser's copy is known to be old.
        theme: one of `THEMES`.
        desk: pieces of the layout as pairs of a URL.
    """

    stamp: str
    theme: str
    desk: str


class PersonalLayout:
    """The preferences of one home's people."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the store."""
        self._store = PreferenceStore(catalogue)

    def of(self, scope: Scope) -> Kept | None:
        """Return what this person has chosen; None where nothing was."""
        found = self._store.of(scope.owner)
        if found is None:
            return None
        stamp = f"{found.changed_at.timestamp():.6f}"
        return Kept(stamp, found.values.get("theme", "auto"), found.values.get("desk", ""))

    def keep(self, told: Mapping[str, object], scope: Scope) -> Kept | None:
        """Keep what a browser tells; what is no preference is left out."""
        theme = str(told.get("theme") or "")
        self._store.keep(
            scope.owner,
            {
                "theme": theme if theme in THEMES else THEMES[0],
                "desk": _pieces(str(told.get("desk") or "")),
            },
        )
        return self.of(scope)

    def forget(self, scope: Scope) -> None:
        """Open as delivered from now on."""
        self._store.forget(scope.owner)


def _pieces(text: str) -> str:
    pairs = [
        (name, value)
        for name, value in parse_qsl(text[:4000])
        if _NAME.fullmatch(name) and _VALUE.fullmatch(value)
    ]
    return urlencode(dict(pairs[:_MOST]))
