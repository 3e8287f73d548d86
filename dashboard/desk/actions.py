"""The register of actions: menu bar, palette, shortcut map and context menus read it alike.

A page or a panel contributes an action by `ACTIONS.add(Action(...))`: it has a place in its menu,
is found by the palette and stands in the map of shortcuts without another line anywhere.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import N_, translate
from core.registry import Registry

MENUS: Mapping[str, str] = {
    "file": N_("File"),
    "edit": N_("Edit"),
    "view": N_("View"),
    "go": N_("Go"),
    "data": N_("Data"),
    "help": N_("Help"),
}
NO_MENU, TILE = "", "tile"  # of the palette only; of a tile's own menu

# What browsers do themselves on any system; taken from their manuals. F1 is left out: it is asked
# for, and a browser's own help is in its menu.
BROWSER_KEYS = frozenset(
    {
        *(f"Mod+{key}" for key in "ACDEFGHIJLNOPQRSTUVWX0123456789+-="),
        *(f"Mod+Shift+{key}" for key in "ABCDIJKMNOPRTVW"),
        *("F3", "F5", "F6", "F7", "F11", "F12", "Alt+Left", "Alt+Right", "Alt+Home"),
        *("Mod+Tab", "Mod+Shift+Tab", "Mod+F4", "Mod+F5", "Mod+Enter", "Alt+F4", "Alt+D", "Alt+E"),
        *("Alt+F", "Tab", "Shift+Tab", "Space", "PageUp", "PageDown", "Home", "End"),
        *(f"Alt+{n}" for n in range(1, 10)),
    }
)
_KEY = re.compile(
    r"(?:(?:Mod\+)?(?:Shift\+)?(?:Alt\+)?(?:[A-Z0-9]|F\d{1,2}|Enter)"
    r"|[^A-Z\s]|g [a-z]|t [a-z0-9\[\]])"
)


@dataclass(frozen=True)
class Action:
    """One thing a person can do.

    Exactly one of `run`, `address` and `press` says how.

    Attributes:
        key: unique, such as `edit.undo`.
        label: marked English label.
        menu: key of `MENUS`, `TILE` for tiles, or `NO_MENU`.
        section: entries of a menu with different sections are parted by a line.
        shortcuts: the first one is shown: `Mod+Z` (Ctrl, or Cmd on a Mac), `g o` (one after the
            other), or a character as the keyboard writes it.
        icon: name of an icon, or nothing.
        run: name of a function the scripts of the desk have.
        told: what the function is told.
        address: to open, in this window.
        press: selector of a control to press.
        when: name of a condition the scripts know; nothing: always.
        pages: keys of the pages it makes sense on; nothing: on all.
    """

    key: str
    label: str
    menu: str
    section: int = 0
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    run: str = ""
    told: str = ""
    address: str = ""
    press: str = ""
    when: str = ""
    pages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an action that does nothing, or takes a key of the browser."""
        if sum(map(bool, (self.run, self.address, self.press))) != 1:
            message = f"{self.key!r} says not in one way how it is done"
            raise ValueError(message)
        taken = [key for key in self.shortcuts if key in BROWSER_KEYS or not _KEY.fullmatch(key)]
        if taken:
            message = f"{self.key!r}: the browser's, or no key: {taken}"
            raise ValueError(message)

    def as_dict(self) -> dict[str, Any]:
        """Return it for the scripts, in the current language and without what is empty."""
        found = {
            "key": self.key,
            "label": translate(self.label),
            "menu": self.menu,
            "section": self.section,
            "keys": list(self.shortcuts),
            "icon": self.icon,
            "run": self.run,
            "told": self.told,
            "address": self.address,
            "press": self.press,
            "when": self.when,
            "pages": list(self.pages),
        }
        return {name: value for name, value in found.items() if value}


ACTIONS: Registry[Action] = Registry()


def check_shortcuts(actions: Iterable[Action]) -> None:
    """Refuse two actions with one shortcut, or a key that another sequence begins with.

    Raises:
        ValueError: names the actions.
    """
    seen: dict[str, str] = {}
    for action in actions:
        for key in action.shortcuts:
            if key in seen:
                message = f"{key!r} is of {seen[key]!r} and of {action.key!r}"
                raise ValueError(message)
            seen[key] = action.key
    first = {key.split(" ")[0] for key in seen if " " in key}
    if alone := first & set(seen):
        message = f"keys that begin others: {sorted(alone)}"
        raise ValueError(message)
