"""Pages as they were drawn: the same page of the same data, rights and language is not drawn twice.

Only pages whose panels are computed from questions alone are kept; a page that failed is not.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import orjson
from dash.development.base_component import Component
from flask import current_app
from plotly.io.json import to_json_plotly

from callbacks.support import scope, services
from core.i18n import current_language

_LIMIT_BYTES = 48 << 20
Drawn = dict[str, Any]


@dataclass
class KeptPages:
    """Drawn pages of one web process; the longest unused go first."""

    limit: int = _LIMIT_BYTES
    _found: OrderedDict[Any, tuple[Drawn, int]] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Any) -> Drawn | None:
        """Return a page drawn before."""
        with self._lock:
            held = self._found.get(key)
            if held is None:
                return None
            self._found.move_to_end(key)
            return held[0]

    def put(self, key: Any, drawn: Drawn, size: int) -> None:
        """Keep a page of so many bytes."""
        with self._lock:
            before = self._found.pop(key, None)
            self._bytes += size - (before[1] if before else 0)
            self._found[key] = (drawn, size)
            while self._bytes > self.limit:
                _key, (_drawn, gone) = self._found.popitem(last=False)
                self._bytes -= gone


def _written(value: Any) -> Any:
    """Return figures and components as the JSON they are sent as; Dash sends it as it is."""
    if isinstance(value, (dict, list, Component)):
        return orjson.Fragment(to_json_plotly(value) or "null")
    return value


def kept_page(page: str, looked: tuple[Any, ...], draw: Callable[[], tuple[Drawn, int]]) -> Drawn:
    """Return a page as it was drawn before, or draw it now.

    Args:
        page: its key.
        looked: all the browser said about how it is looked at.
        draw: returns what is drawn and its size in bytes; 0: it must not be kept.
    """
    pages: KeptPages = current_app.extensions.setdefault("picholine_pages", KeptPages())
    metrics = services().metrics
    depends = (metrics.state(), metrics.known().version, metrics.today(), scope().where)
    key = (page, current_language(), looked, depends)
    found = pages.get(key)
    if found is None:
        drawn, size = draw()
        found = {name: (digest, [_written(v) for v in vs]) for name, (digest, vs) in drawn.items()}
        # Drawn over a change of the data or the definitions: part of it may be of either state.
        if size and (metrics.state(), metrics.known().version) == depends[:2]:
            pages.put(key, found, size)
    return found
