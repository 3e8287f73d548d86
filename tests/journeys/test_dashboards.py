"""A board of one's own: tiles picked, built, moved, sized; doubled, taken along, undone."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import Site


def place(page: Any, key: str) -> tuple[int, ...]:
    """Return column, row, width and height of a tile, counted from 1."""
    style = page.locator(f"[data-tile={key}]").evaluate(
        "(tile) => `${tile.style.gridColumn} ${tile.style.gridRow}`"
    )
    column, width, row, height = map(int, re.findall(r"\d+", style))
    return column, row, width, height


def stands(page: Any, key: str, wanted: tuple[int, ...]) -> None:
    """Wait until a tile stands where it is wanted."""
    column, row, width, height = wanted
    style = f"grid-area: {row} / {column} / span {height} / span {width};"
    expect(page.locator(f"[data-tile={key}]")).to_have_attribute(
        "style", re.compile("^" + re.escape(style))
    )


def drag(page: Any, selector: str, dx: float, dy: float) -> None:
    box = page.locator(selector).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=6)
    page.mouse.up()


def saved(page: Any) -> Any:
    """Wait for the answer that a change of a board is kept by."""
    return page.expect_response(
        lambda answer: (
            "boards-changed.data" in (answer.request.post_data or "")
            and '"boards-pressed"' in (answer.request.post_data or "")
        )
    )


def pick(page: Any, site: Site) -> None:
    """Put a tile of the overview on a new board."""
    page.goto(f"{site.url}/overview?period=all")
    tile = page.locator("#overview-trend-frame")
    expect(tile.locator(".main-svg").first).to_be_visible()
    tile.focus()
    page.keyboard.press("+")
    dialog = page.locator("#board-dialog")
    expect(dialog).to_contain_text("Add “Net sales and margin by month” to a dashboard")
    dialog.locator("[data-field=name] input").fill("Monday round")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Saved: Monday round")
    expect(dialog).to_be_hidden()


def build(page: Any) -> None:
    """Open the board from the menu's page, and add figures of the catalogue."""
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.get_by_role("link", name="Monday round").click()
    expect(page).to_have_url(re.compile(r"board=\d+&period=all"))
    expect(page.locator("[data-tile=t1] .main-svg").first).to_be_visible()
    page.get_by_role("button", name="Add figures…").click()
    dialog = page.locator("#board-dialog")
    dialog.locator("[data-field=show] select").select_option("number")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("[data-tile=t2] .tile-value")).to_contain_text("€")


def arrange(page: Any) -> None:
    """Move with the mouse, size with the corner, size with the arrows."""
    before = (place(page, "t1"), place(page, "t2"))
    width = page.locator("#board-tiles").bounding_box()["width"]
    with saved(page):
        drag(page, "[data-tile=t2] .board-grip", -width / 2, -300)
    with saved(page):
        drag(page, "[data-tile=t2] .board-corner", width / 3, 52)
    sized = place(page, "t2")
    assert sized[2] > before[1][2]
    assert sized[3] == before[1][3] + 1
    page.locator("[data-tile=t1] .board-grip").focus()
    with saved(page):
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Shift+ArrowLeft")
    wide = before[0][2] - 2
    expect(page.locator("#desk-said")).to_contain_text(f"{wide} wide")
    assert place(page, "t1")[2] == wide


def exchange(page: Any, file: Path) -> None:
    """Double the board, take it out as a file, and bring it in again."""
    page.locator("#board-head summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as a file").click()
    download.value.save_as(file)
    more = page.locator("#board-head .board-menu")
    if not more.is_visible():
        page.locator("#board-head summary").click()
    more.get_by_role("button", name="Duplicate").click()
    expect(page.locator(".board-name")).to_have_text("Monday round (copy)")
    page.get_by_role("link", name="All dashboards").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import a file…").click()
    chooser.value.set_files(file)
    expect(page.locator(".board-name")).to_have_text("Monday round 2")
    expect(page.locator(".board-tile")).to_have_count(2)


def test_a_board_of_ones_own(page: Any, site: Site, tmp_path: Path) -> None:
    pick(page, site)
    build(page)
    before = (place(page, "t1"), place(page, "t2"))
    arrange(page)
    after = (place(page, "t1"), place(page, "t2"))
    page.reload()
    expect(page.locator("[data-tile=t2] .tile-value")).to_contain_text("€")
    stands(page, "t1", after[0])
    stands(page, "t2", after[1])
    for _step in range(3):
        with saved(page):
            page.keyboard.press("Control+z")
    stands(page, "t1", before[0])
    stands(page, "t2", before[1])
    exchange(page, tmp_path / "board.json")
    page.locator("[data-tile=t1]").focus()
    page.keyboard.press(".")
    page.get_by_role("menuitem", name="Remove the tile").click()
    expect(page.locator(".board-tile")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator(".board-tile")).to_have_count(2)
    me = site.application.access.scope_of("local")
    for board in site.application.dashboards.all(me):
        site.application.dashboards.remove(board.id, me)  # other journeys find the page empty
