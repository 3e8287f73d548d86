"""The register of actions: one way each, no key twice, none of the browser's."""

import re
from pathlib import Path

import pytest

from core.paths import assets_dir
from core.registry import load_modules
from dashboard.desk.actions import BROWSER_KEYS, MENUS, NO_MENU, TILE, Action, check_shortcuts
from dashboard.desk.frame import all_actions
from dashboard.desk.going import letters
from dashboard.desk.words import words
from dashboard.page import Page, pages

load_modules("dashboard.pages")
ACTIONS = all_actions(pages())
SCRIPTS = "\n".join(
    p.read_text("utf-8")
    for p in sorted([*Path(assets_dir()).glob("*.js"), *Path(assets_dir()).glob("late/*.js")])
)


def test_keys_and_shortcuts_are_given_once() -> None:
    assert len({action.key for action in ACTIONS}) == len(ACTIONS)
    check_shortcuts(ACTIONS)
    assert {action.menu for action in ACTIONS} <= {*MENUS, TILE, NO_MENU}


def test_no_shortcut_is_the_browsers() -> None:
    used = {key for action in ACTIONS for key in action.shortcuts}
    assert not used & BROWSER_KEYS
    assert {"Mod+T", "Mod+W", "Mod+1", "F5", "Alt+Left", "Mod+F", "Mod+P", "Mod+C"} <= BROWSER_KEYS


def test_an_action_says_one_way_and_a_free_key() -> None:
    with pytest.raises(ValueError, match="one way"):
        Action("x.none", "X", "file")
    with pytest.raises(ValueError, match="one way"):
        Action("x.two", "X", "file", run="print", address="/")
    with pytest.raises(ValueError, match="browser"):
        Action("x.tab", "X", "file", shortcuts=("Mod+T",), run="print")
    with pytest.raises(ValueError, match="is of 'a' and of 'b'"):
        check_shortcuts([Action(k, "X", "file", shortcuts=("q",), run="print") for k in "ab"])
    with pytest.raises(ValueError, match="begin others"):
        check_shortcuts([
            Action("a", "X", "file", shortcuts=("g",), run="print"),
            Action("b", "X", "file", shortcuts=("g o",), run="print"),
        ])  # fmt: skip


def test_every_page_has_a_letter_of_its_own() -> None:
    found = letters(pages())
    assert set(found) == {page.key for page in pages()}
    assert len(set(found.values())) == len(found)
    new = [*pages(), Page("weather", "Weather", "i"), Page("moon", "Moon", "i")]
    grown = letters(new)
    assert len(set(grown.values())) == len(new)
    assert {key: grown[key] for key in found if key not in ("weather", "moon")} == found


def test_the_scripts_know_every_function_and_condition() -> None:
    """An action whose function is missing would be a control that does nothing."""
    functions = set(re.findall(r"functions\.(\w+) =", SCRIPTS))
    conditions = set(re.findall(r"conditions\.(\w+) =", SCRIPTS))
    assert {action.run for action in ACTIONS if action.run} <= functions
    assert {action.when for action in ACTIONS if action.when} <= conditions


def test_the_scripts_texts_are_all_there() -> None:
    used = set(re.findall(r'\bword\(\s*"([\w-]+)"', SCRIPTS))
    assert used
    assert used - {"step-"} <= set(words())  # the layout’s steps are put together
    assert {f"step-{name}" for name in ("theme", "density", "nav", "filters", "width")} <= set(
        words()
    )
