"""What every callback module needs: the services, the URL's pairs, addresses."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from flask import current_app, g

from core.models.query import Scope
from core.services.application import Application
from core.services.prefetch import Prefetch


def services() -> Application:
    """Return the application's services."""
    found: Application = current_app.extensions["picholine"]
    return found


def scope() -> Scope:
    """Return who asks and what this person may see now; read once in a request."""
    found: Scope | None = g.get("scope")
    if found is None:
        found = services().access.scope_of(current_app.extensions["picholine_user"])
        g.scope = found
    return found


def visited(analysis: str, pairs: Iterable[tuple[str, str]], look: tuple[str, ...]) -> None:
    """Say that somebody looked at a page, so that what may come next is computed ahead."""
    prefetch: Prefetch | None = current_app.extensions.get("picholine_prefetch")
    if prefetch is not None:
        prefetch.visited(analysis, pairs, scope().owner, look)


def pairs_of(search: str | None) -> list[tuple[str, str]]:
    """Return the pairs of a URL's query."""
    return parse_qsl((search or "").removeprefix("?"))


def search_of(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the query of a URL, with its question mark, or an empty text."""
    text = urlencode(list(pairs))
    return f"?{text}" if text else ""
