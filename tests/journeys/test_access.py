"""What axe-core finds on every page, in dialogues and menus; the keyboard, zoom, motion."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Site
from tests.journeys.test_pictures import PAGES, computed

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
GRAVE = ("serious", "critical")
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast"]
# Dash draws the options of a list as labels of check boxes, with the role of an option: the keys of
# its list need the boxes. Known, and not ours to change.
DASH = ("nested-interactive", "data-option-index")
NAMES = list(PAGES)
LOADING = ".slot:not([hidden]) .page-notes[data-dash-is-loading=true]"
# Which page reads what: every page in both languages and all colours, over two loads.
PARTS = [NAMES[start::3] for start in range(3)]
EXAMINE = """([kind, values]) => axe
    .run(document, {
      runOnly: { type: kind, values },
      rules: kind === 'tag' ? { 'target-size': { enabled: true } } : {},
      resultTypes: ['violations'],
    })
    .then(({ violations }) => violations.flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target, failureSummary }) => [id, impact, String(target), failureSummary])))"""


def grave(page: Any, kind: str, values: list[str], where: str) -> list[str]:
    """Return what axe finds serious or critical, with its place."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    found = page.evaluate(EXAMINE, [kind, values])
    return [
        f"{where}: {name} {target} {why}"
        for name, impact, target, why in found
        if impact in GRAVE and not (name == DASH[0] and DASH[1] in target)
    ]


def coloured(page: Any, theme: str) -> None:
    """Choose colours as the menu does, and wait until charts have them too."""
    page.evaluate("name => picholine.setTheme(name)", theme)
    page.wait_for_timeout(150)
    expect(page.locator(LOADING)).to_have_count(0)


def gone(page: Any, site: Site, name: str) -> None:
    """Open a page by its link, or by its address where nothing is open yet."""
    if page.url.startswith(site.url):
        page.evaluate("name => picholine.desk.go('/' + name)", name)
    else:
        page.goto(f"{site.url}/{name}")
    expect(page.locator(f"#{name}-slot")).to_be_visible()
    page.wait_for_selector(PAGES[name], state="attached")
    expect(page.locator(LOADING)).to_have_count(0)
    page.wait_for_timeout(600)  # a grid measures its columns, a chart has its last frame


@pytest.mark.parametrize("names", PARTS, ids="-".join)
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("fr", "dark")])
def test_nothing_grave_on_any_page(
    open_page: Callable[..., Any], site: Site, language: str, theme: str, names: list[str]
) -> None:
    """English is read in light colours and in high contrast, French in dark ones."""
    page = open_page(locale=f"{language}-FR", color_scheme=theme, reduced_motion="reduce")
    found: list[str] = []
    for name in names:
        computed(site, name)
        gone(page, site, name)
        found += grave(page, "tag", STANDARD, f"{name} {theme} {language}")
        if language == "en":
            coloured(page, "contrast")
            found += grave(page, "rule", COLOURS, f"{name} contrast")
            coloured(page, "light")
    assert found == []


def test_nothing_grave_in_dialogues_and_menus(open_page: Callable[..., Any], site: Site) -> None:
    """The search, the map of shortcuts, menus, a list, a tile's menu, a table, the drawer."""
    page = open_page(reduced_motion="reduce")
    gone(page, site, "overview")
    found: list[str] = []

    def look(what: str, *, leave: str = "Escape") -> None:
        page.wait_for_timeout(200)
        found.extend(grave(page, "tag", STANDARD, what))
        page.keyboard.press(leave)

    page.keyboard.press("Control+k")
    page.keyboard.type("a")
    expect(page.locator(".palette-item").first).to_be_visible()
    look("search")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    look("shortcuts")
    page.locator("[role=menubar] [role=menuitem]").first.click()
    expect(page.locator("[role=menu]:visible").first).to_be_visible()
    look("menu")
    page.click("#filter-country")
    expect(page.locator(".dash-dropdown-option").first).to_be_visible()
    look("list")
    page.evaluate("picholine.desk.focusTile(document.querySelector('#overview-countries-frame'))")
    page.keyboard.press("Shift+F10")
    expect(page.locator("[role=menu]:visible").first).to_be_visible()
    look("menu of a tile")
    coloured(page, "contrast")
    page.keyboard.press("Control+k")
    expect(page.locator(".palette-item").first).to_be_visible()
    look("search in high contrast")
    assert found == []


def test_charts_have_names_sentences_and_tables(open_page: Callable[..., Any], site: Site) -> None:
    """A chart is a picture with a name, a sentence with figures, and its table one press away."""
    page = open_page(reduced_motion="reduce")
    for name in ("overview", "margins", "roi"):
        gone(page, site, name)
        graphs = page.locator(f"#{name}-slot .panel-chart:not(.is-blank) .panel-graph")
        expect(graphs.first).to_have_attribute("role", "img")
        lacking = graphs.evaluate_all(
            "all => all.filter(one => !['aria-labelledby', 'aria-describedby'].every(name => {"
            "  const told = document.getElementById(one.getAttribute(name));"
            "  return told && told.textContent.trim().length > 3;"
            "})).map(one => one.id)"
        )
        assert lacking == []
        without = page.evaluate(
            "name => [...document.querySelectorAll(`#${name}-slot .panel-chart`)].filter("
            "one => !one.querySelector('.panel-tools [id*=table]')).map(one => one.id)",
            name,
        )
        assert without == []


def test_the_keyboard_is_always_seen_and_never_caught(
    open_page: Callable[..., Any], site: Site
) -> None:
    """Tab goes through the whole Overview and out again; what has the keyboard is in sight."""
    page = open_page(reduced_motion="reduce")
    gone(page, site, "overview")
    seen: list[str] = []
    for _step in range(160):
        page.keyboard.press("Tab")
        place = page.evaluate(
            "() => { const one = document.activeElement;"
            " if (!one || one === document.body) return null;"
            " const box = one.getBoundingClientRect();"
            " const there = document.elementFromPoint("
            "   Math.min(innerWidth - 1, Math.max(0, box.x + box.width / 2)),"
            "   Math.min(innerHeight - 1, Math.max(0, box.y + box.height / 2)));"
            " const sight = box.width > 0 && box.bottom > 0 && box.top < innerHeight"
            "   && there && (one.contains(there) || there.contains(one));"
            " return [sight, one.outerHTML.slice(0, 120)]; }"
        )
        if place is None:
            break
        assert place[0], place[1]
        seen.append(place[1])
    else:
        pytest.fail(f"Tab does not leave the page: {seen[-5:]}")
    assert len(seen) > 30


def test_twice_as_large_loses_nothing(open_page: Callable[..., Any], site: Site) -> None:
    """At 200 % of a laptop's window nothing sticks out, and menus and filters are there."""
    page = open_page(720, 450, device_scale_factor=2, reduced_motion="reduce")
    for name in ("overview", "margins", "customers", "imports"):
        gone(page, site, name)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    gone(page, site, "overview")
    for part in ("#filters-open", "#status-filters", "#overview-nav"):
        expect(page.locator(part)).to_be_attached()
    page.click("#filters-open")
    expect(page.locator("#filter-country")).to_be_visible()


def test_motion_stops_where_it_is_not_wanted(open_page: Callable[..., Any], site: Site) -> None:
    page = open_page(reduced_motion="reduce")
    gone(page, site, "overview")
    moving = page.evaluate(
        "[...document.querySelectorAll('#desk *')].filter(one => {"
        "  const style = getComputedStyle(one);"
        "  return style.transitionDuration.split(', ').some(t => parseFloat(t) > 0)"
        "    || style.animationName !== 'none';"
        "}).length"
    )
    assert moving == 0
