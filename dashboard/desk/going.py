"""Actions that go to pages: every registered page has one, with a letter after `g`."""

from collections.abc import Iterable

from dashboard.desk.actions import Action
from dashboard.page import Page

# Chosen so that they are remembered in both languages; a page without one takes a free letter.
_LETTERS = {
    "overview": "o", "margins": "m", "roi": "r", "budget": "b", "lines": "l", "explorer": "e",
    "dashboards": "n",
    "products": "p", "customers": "c", "suppliers": "f", "countries": "y", "segments": "s",
    "clv": "v", "cohorts": "h", "churn": "a", "imports": "i", "corrections": "k",
    "definitions": "d", "rules": "q",
}  # fmt: skip
_ALPHABET = "nuwxzjtabcdefhiklmopqrsvy"


def letters(pages: Iterable[Page]) -> dict[str, str]:
    """Return each page's letter; pages beyond the alphabet have none."""
    keys = [page.key for page in pages]
    found = {key: _LETTERS[key] for key in keys if key in _LETTERS}
    free = [letter for letter in _ALPHABET if letter not in _LETTERS.values()]
    free += [letter for key, letter in _LETTERS.items() if key not in found]
    rest = [key for key in keys if key not in found]
    return found | dict(zip(rest, free, strict=False))


def page_actions(pages: Iterable[Page]) -> list[Action]:
    """Return an action for each page, in the order and the groups of the navigation."""
    listed = list(pages)
    letter = letters(listed)
    groups = ["", *dict.fromkeys(page.group for page in listed if page.group)]
    return [
        Action(
            key=f"go.{page.key}",
            label=page.title,
            menu="go",
            section=1 + groups.index(page.group),
            shortcuts=(f"g {letter[page.key]}",) if page.key in letter else (),
            icon=page.icon,
            press=f"#{page.key}-nav",  # its link keeps the filters
        )
        for page in sorted(listed, key=lambda page: groups.index(page.group))
    ]
