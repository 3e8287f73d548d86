"""The desk: menus and search by keyboard, every shortcut, undo of mixed actions, tiles, tabs."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from core.services.ingest import ImportOptions
from tests.journeys.conftest import Site

HEAD = "Invoice;Date;Product;Category;Supplier;Quantity;Unit price;Unit cost;Country;Customer\n"
COUNTRIES = ("France", "Italy", "Germany", "Spain")
ROWS = 160
TRENDS = "#margins-monthly-frame"


@pytest.fixture(scope="module")
def desk(serve: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Serve a company of one small file over a year and a half."""
    folder = tmp_path_factory.mktemp("desk")
    found = serve(folder / "home", 0)
    first = date(2024, 1, 1)
    rows = (
        f"F{i};{(first + timedelta(days=i * 3)).isoformat()};P{i % 7};C{i % 3};S{i % 2};"
        f"{i % 9 + 1};{i % 13 + 5}.50;4.25;{COUNTRIES[i % 4]};K{i % 11}\n"
        for i in range(ROWS)
    )
    path = folder / "sales.csv"
    path.write_text(HEAD + "".join(rows), "utf-8")
    found.application.intake.run(path, ImportOptions(file_name=path.name))
    return found


def opened(page: Any, site: Site, path: str = "/margins") -> None:
    page.goto(site.url + path)
    expect(page.locator(".slot:not([hidden]) .panel .tile-value").first).to_be_visible()


def keys(page: Any, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def search(page: Any, text: str, found: str) -> None:
    """Search, and wait until what is meant is the one that Enter would choose."""
    keys(page, "Control+k")
    page.keyboard.type(text)
    expect(page.locator(".palette-item[aria-selected=true]")).to_contain_text(found)


def steps(page: Any) -> list[int]:
    return page.evaluate("(s => [s.done.length, s.undone.length])(picholine.desk.steps())")


def test_the_menu_bar_by_keyboard(page: Any, desk: Site) -> None:
    """Arrows, type-ahead and Escape, as in a desktop application."""
    opened(page, desk)
    keys(page, "F10")
    expect(page.get_by_role("menuitem", name="File", exact=True)).to_be_focused()
    keys(page, "ArrowDown", "ArrowRight", "ArrowRight")
    expect(page.get_by_role("menu", name="View")).to_be_visible()
    keys(page, "c")  # the first entry that begins so
    expect(page.get_by_role("menuitemradio", name="Comfortable spacing")).to_be_focused()
    keys(page, "Escape")
    expect(page.locator(".desk-menu")).to_have_count(0)
    expect(page.get_by_role("menuitem", name="View", exact=True)).to_be_focused()
    keys(page, "ArrowRight", "ArrowDown", "m")
    keys(page, "Enter")
    expect(page).to_have_url(f"{desk.url}/margins")
    expect(page.locator(".desk-menu")).to_have_count(0)


def test_the_search_filters_and_goes(page: Any, desk: Site) -> None:
    """A country, a member's own page, a command; what was chosen lately comes first."""
    opened(page, desk)
    search(page, "germ", "Germany")
    assert page.locator(".palette-item mark").first.inner_text() == "Germ"
    keys(page, "Enter")
    expect(page).to_have_url(f"{desk.url}/margins?country=DE")
    expect(page.locator("#status-filters")).to_have_text("1 active filter")
    expect(page.locator("#status-rows")).to_contain_text("lines in view")
    search(page, "spain", "Spain")
    keys(page, "Alt+Enter")
    expect(page).to_have_url(f"{desk.url}/countries?country=DE&member=ES")
    search(page, "mrgins", "Margins")  # a letter is missing
    keys(page, "Enter")
    expect(page).to_have_url(f"{desk.url}/margins?country=DE")
    keys(page, "Control+k")
    expect(page.locator(".palette-item").first).to_contain_text("Recent")
    keys(page, "Escape")
    expect(page.locator(".palette")).to_have_count(0)
    page.click("#status-filters")
    expect(page.get_by_role("menuitem", name="Country: Germany")).to_be_focused()
    keys(page, "Enter")
    expect(page).to_have_url(re.compile(r"/margins\??$"))


def test_every_shortcut_of_the_map_does_its_thing(page: Any, desk: Site) -> None:
    """The register names the keys; each of them is pressed, and runs its own action."""
    opened(page, desk)
    keys(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    keys(page, "Escape")
    page.evaluate(
        "window.ran = []; document.addEventListener('desk-ran', e => window.ran.push(e.detail));"
        # What would leave the page, or ask the system, is only noted.
        "for (const name of ['print', 'exportPage', 'tileDetach', 'tileXlsx', 'tileCsv'])"
        "  picholine.desk.functions[name] = () => {};"
        # Pages are gone to in other journeys: here their links are pressed, and nothing is loaded.
        "document.addEventListener('click', e => {"
        "  const link = e.target.closest('.nav-link');"
        "  if (link) { window.went = link.id; e.preventDefault(); e.stopPropagation(); }"
        "}, true);"
    )
    wanted = page.evaluate(
        "picholine.desk.actions().flatMap(a => (a.keys || []).map(k => [a.key, k, a.when || '']))"
    )
    assert len(wanted) > 40
    tried = [
        (key, combination)
        for key, combination, when in wanted
        if when not in ("tabs", "detached") and key not in ("file.import", "file.tab")
    ]
    for key, combination in tried:
        page.evaluate(
            "if (!location.pathname.startsWith('/margins') || !location.search)"
            " picholine.desk.go('/margins?country=FR')"
        )
        expect(page.locator("#filter-reset")).to_be_attached()
        page.evaluate(f"picholine.desk.focusTile(document.querySelector('{TRENDS}'))")
        if key in ("edit.undo", "edit.redo"):
            page.evaluate("picholine.desk.filterTo('category', 'C0')")
            page.wait_for_function("() => picholine.desk.steps().done.length > 0")
        if key == "edit.redo":
            page.evaluate("picholine.desk.run('edit.undo')")
        page.evaluate("window.ran = []")
        keys(page, *(part.replace("Mod", "Control") for part in combination.split(" ")))
        assert page.evaluate("window.ran") == [key], combination
        if key.startswith("go."):
            assert page.evaluate("window.went") == f"{key[3:]}-nav"
        if key == "tile.table":
            keys(page, combination)  # back: a table has no marks
        if key == "tile.add":  # the server says which dashboards there are
            expect(page.locator("#board-dialog")).to_be_visible()
        keys(page, "Escape")
        page.evaluate(
            "while (picholine.desk.layers.length)"
            " picholine.desk.closeLayer(picholine.desk.layers.at(-1))"
        )


def test_nothing_acts_while_somebody_types(page: Any, desk: Site) -> None:
    opened(page, desk)
    keys(page, "Control+k")
    page.keyboard.type("gx/?[")
    expect(page.locator(".palette-input")).to_have_value("gx/?[")
    expect(page).to_have_url(f"{desk.url}/margins")
    assert page.locator("html").get_attribute("data-nav") is None


def test_twenty_mixed_actions_are_undone_and_done_again(page: Any, desk: Site) -> None:
    """Filters on two pages, navigation folded, spacing, colours; then all of it back and forth."""
    opened(page, desk)
    acts = [
        *(f"picholine.desk.filterTo('country', '{code}')" for code in ("FR", "IT", "DE", "ES")),
        "picholine.desk.run('view.nav')",
        "picholine.desk.run('view.density-compact')",
        "picholine.desk.run('view.theme-dark')",
        *(f"picholine.desk.filterTo('category', 'C{n}')" for n in range(3)),
        "document.querySelector('#overview-nav').click()",  # going is no step
        *(f"picholine.desk.filterTo('supplier', 'S{n}')" for n in range(2)),
        "picholine.desk.run('view.theme-contrast')",
        "picholine.desk.run('view.filterpane')",
        *(f"picholine.desk.filterTo('own.product', 'P{n}')" for n in range(7)),
    ]
    made = 0
    for act in acts:
        page.evaluate(act)
        made += "nav').click" not in act
        page.wait_for_function("n => picholine.desk.steps().done.length === n", arg=made)
    assert made >= 20
    end = page.url
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme-choice", "contrast")
    page.evaluate("document.activeElement.blur()")
    for left in range(made - 1, -1, -1):
        keys(page, "Control+z")
        page.wait_for_function("n => picholine.desk.steps().done.length === n", arg=left)
    expect(page).to_have_url(f"{desk.url}/overview")
    assert [root.get_attribute(f"data-{n}") for n in ("nav", "density", "filters")] == [None] * 3
    expect(root).to_have_attribute("data-theme-choice", "auto")
    for back in range(made):
        keys(page, "Control+y" if back % 2 else "Control+Shift+Z")
        page.wait_for_function("n => picholine.desk.steps().done.length === n", arg=back + 1)
    assert sorted(page.url.split("?")[1].split("&")) == sorted(end.split("?")[1].split("&"))
    expect(root).to_have_attribute("data-nav", "closed")
    page.go_back()  # is an undo
    page.wait_for_function("n => picholine.desk.steps().done.length >= n - 1", arg=made)
    page.reload()
    expect(root).to_have_attribute("data-density", "compact")  # remembered
    assert steps(page)[0] >= made - 1


def test_an_undone_import_is_undone_through_its_question(page: Any, desk: Site) -> None:
    opened(page, desk)
    page.goto(f"{desk.url}/imports")
    page.get_by_role("button", name="Undo import 1").click()
    page.locator("#import-confirm .btn-primary, #import-confirm .btn-danger").first.click()
    page.wait_for_function("() => picholine.desk.steps().done.length === 1")
    keys(page, "F10", "ArrowRight", "ArrowDown")
    expect(page.get_by_role("menuitem", name="Undo: import 1")).to_be_focused()
    keys(page, "Enter")
    expect(page.locator("#import-confirm")).to_be_visible()
    page.locator("#import-confirm .btn-primary, #import-confirm .btn-danger").first.click()
    page.wait_for_function("() => picholine.desk.steps().undone.length === 1")
    expect(page.get_by_role("button", name="Undo import 1")).to_be_visible()


def test_tiles_are_walked_maximised_and_have_a_menu(page: Any, desk: Site) -> None:
    opened(page, desk)
    keys(page, "j", "j")
    expect(page.locator(TRENDS)).to_be_focused()
    small = page.locator(TRENDS).bounding_box()
    keys(page, "z")
    expect(page.locator(TRENDS)).to_have_attribute("data-large", "")
    assert page.locator(TRENDS).bounding_box()["width"] > small["width"]
    keys(page, "Escape")
    assert page.locator(TRENDS).get_attribute("data-large") is None
    expect(page.locator(TRENDS)).to_be_focused()
    page.locator(f"{TRENDS} .panel-title").click(button="right")
    expect(page.get_by_role("menuitem", name="Maximise the tile")).to_be_focused()
    keys(page, "Escape")
    page.locator(f"{TRENDS} .tile-menu").click()
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="Export as CSV").click()
    assert saved.value.suggested_filename.endswith(".csv")
    cell = page.locator("#margins-by-body .ag-cell[col-id=net_sales]").first
    cell.click(button="right")
    page.get_by_role("menuitem", name="Filter to this: Product").click()
    expect(page.locator("#filter-chips .chip")).to_have_count(1)


def test_selected_cells_are_added_up(page: Any, desk: Site) -> None:
    opened(page, desk, "/margins?period=all&split=country")
    cells = page.locator("#margins-by-body .ag-cell[col-id=net_sales]")
    cells.first.click()
    keys(page, "Shift+ArrowDown", "Shift+ArrowDown")
    expect(page.locator("#status-cells")).to_contain_text("3 cells · sum €")
    keys(page, "ArrowUp")
    expect(page.locator("#status-cells")).to_be_empty()


def test_tabs_keep_their_own_filters(page: Any, desk: Site) -> None:
    opened(page, desk)
    keys(page, "t", "n")
    page.evaluate("picholine.desk.filterTo('country', 'FR')")
    expect(page.get_by_role("tab", name="Margins – France")).to_be_visible()
    keys(page, "t", "1")
    expect(page).to_have_url(f"{desk.url}/margins")
    assert steps(page) == [1, 0]  # changing tabs is no step
    page.reload()
    expect(page.get_by_role("tab")).to_have_count(2)
    keys(page, "t", "]")
    expect(page).to_have_url(f"{desk.url}/margins?country=FR")
    keys(page, "t", "w")
    expect(page.get_by_role("tab")).to_have_count(0)


def test_a_detached_tile_stays_in_step(page: Any, desk: Site) -> None:
    opened(page, desk)
    page.evaluate(f"picholine.desk.focusTile(document.querySelector('{TRENDS}'))")
    with page.context.expect_page() as window:
        keys(page, "d")
    other = window.value
    expect(other.locator(TRENDS)).to_have_attribute("data-large", "")
    page.evaluate("picholine.desk.filterTo('country', 'FR')")
    expect(other.locator("#filter-chips .chip")).to_contain_text("France")
    other.locator("#filter-chips .chip").click()
    expect(page.locator("#filter-chips .chip")).to_have_count(0)
    other.close()


def test_one_menu_on_a_phone(open_page: Callable[..., Any], desk: Site) -> None:
    page = open_page(390, 844)
    opened(page, desk)
    page.click("#desk-menu-button")
    page.get_by_role("menuitem", name="Lines behind this view").click()
    expect(page).to_have_url(f"{desk.url}/lines")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
