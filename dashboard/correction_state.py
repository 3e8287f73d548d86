"""What the address of the page “Corrections” says: which import, which rows, which page of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from core.services.corrections import OPEN, STATES

NAMES = ("import", "state", "reason", "page")
PAGE_ROWS = 200
_MOST_DIGITS = 12


@dataclass(frozen=True)
class CorrectionsState:
    """What is shown.

    Attributes:
        import_id: the import whose quarantine it is; None: the newest one with open rows.
        state: one of `STATES`.
        reason: a code, or "": every reason.
        page: from 1.
    """

    import_id: int | None = None
    state: str = OPEN
    reason: str = ""
    page: int = 1

    def link(self, **changes: object) -> str:
        """Return the address with these changes; it begins with page 1 again."""
        found = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        pairs = {
            "import": found.import_id or "",
            "state": "" if found.state == OPEN else found.state,
            "reason": found.reason,
            "page": found.page if found.page > 1 else "",
        }
        return "/corrections?" + urlencode({name: value for name, value in pairs.items() if value})


def corrections_link(import_id: int) -> str:
    """Return the address of an import's corrections."""
    return CorrectionsState(import_id).link()


def parse(pairs: Iterable[tuple[str, str]]) -> CorrectionsState:
    """Read an address; what it does not know is left out."""
    found = dict(pairs)
    number, page = _whole(found.get("import")), _whole(found.get("page"))
    state = found.get("state", "")
    return CorrectionsState(
        import_id=number or None,
        state=state if state in STATES else OPEN,
        reason=found.get("reason", "")[:80],
        page=max(page, 1),
    )


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) <= _MOST_DIGITS else 0
