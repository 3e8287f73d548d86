"""Filters, pages and links: numbers follow the URL, and the URL follows the hand."""

from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import Late, Site

WEB = "web+shop"
SALES = "#overview-kpis-body .tile:first-child .tile-value"


def opened(page: Any, site: Site, path: str = "/overview") -> None:
    """Open a page and wait for its numbers."""
    page.goto(site.url + path)
    expect(page.locator(SALES)).to_be_visible()


def choose(page: Any, name: str, option: str) -> None:
    """Choose a value in a filter, by searching for it where the list can be searched."""
    page.click(f"#filter-{name}")
    if name not in ("period", "compare"):
        page.keyboard.type(option)
    page.locator(".dash-dropdown-option", has_text=option).first.click()
    page.keyboard.press("Escape")


def test_first_start_shows_the_company(page: Any, site: Site) -> None:
    """The address alone opens the overview with numbers, charts and the facts of the data."""
    page.goto(site.url)
    expect(page).to_have_title("Overview – Picholine")
    expect(page.locator(SALES)).to_contain_text("€")
    expect(page.locator("#overview-slot .js-plotly-plot .bars path").first).to_be_attached()
    expect(page.locator("#status-items")).to_contain_text("20,000 lines")
    expect(page.locator("#status-items")).to_contain_text("Demo company")


def test_a_filter_changes_url_and_numbers_and_back_undoes_it(page: Any, site: Site) -> None:
    """Choosing a country narrows the numbers; back and forward walk through the states."""
    opened(page, site)
    everything = page.locator(SALES).inner_text()
    choose(page, "country", "Germany")
    expect(page).to_have_url(f"{site.url}/overview?country=DE")
    expect(page.locator(SALES)).not_to_have_text(everything)
    germany = page.locator(SALES).inner_text()
    expect(page.locator("#filter-chips .chip")).to_contain_text("Germany")
    expect(page.locator("#status-filters")).to_have_text("1 active filter")
    page.go_back()
    expect(page.locator(SALES)).to_have_text(everything)
    expect(page.locator("#filter-chips .chip")).to_have_count(0)
    page.go_forward()
    expect(page.locator(SALES)).to_have_text(germany)
    expect(page.locator("#filter-country")).to_contain_text("Germany")


def test_a_pasted_link_restores_everything(page: Any, site: Site) -> None:
    """Period, comparison, values and the page's own tab come from the link."""
    query = "?period=all&compare=none&country=FR&country=DE&split=channel"
    page.goto(f"{site.url}/margins{query}")
    expect(page.locator("#filter-period")).to_contain_text("All data")
    expect(page.locator("#filter-compare")).to_contain_text("No comparison")
    expect(page.locator("#filter-chips .chip")).to_have_count(2)
    expect(page.locator("#margins-by-choice .tab.active")).to_have_text("Channel")
    expect(page.locator("#margins-by-body .ag-row").first).to_be_visible()
    assert page.url == f"{site.url}/margins{query}"


def test_chips_take_filters_away(page: Any, site: Site) -> None:
    """A chip removes its value, the reset link removes all."""
    opened(page, site, "/overview?country=FR&country=DE&channel=web")
    page.locator("#filter-chips .chip", has_text="France").click()
    expect(page).to_have_url(f"{site.url}/overview?country=DE&channel=web")
    page.click("#filter-reset")
    expect(page.locator("#filter-chips .chip")).to_have_count(0)
    expect(page.locator("#filter-country")).to_contain_text("All")


def test_a_pick_before_the_first_answer_keeps_the_links_filters(page: Any, site: Site) -> None:
    """What a link asks for holds although the bar does not show it yet."""
    late = Late(page, "filter-chips")
    page.goto(f"{site.url}/overview?compare=none&country=FR&split=channel")
    choose(page, "period", "Year to date")
    picked = "/overview?period=year_to_date&compare=none&country=FR&split=channel"
    expect(page).to_have_url(site.url + picked)
    late.waiting(2)
    late.arrive()
    expect(page.locator("#filter-period")).to_contain_text("Year to date")
    expect(page.locator("#filter-compare")).to_contain_text("No comparison")
    expect(page.locator("#filter-country")).to_contain_text("France")
    expect(page.locator("#filter-chips .chip")).to_contain_text("France")
    assert page.url == site.url + picked


def test_a_pick_is_relative_to_the_url(page: Any, site: Site) -> None:
    """After going back, a pick counts on top of the URL, whatever the bar still shows."""
    opened(page, site, "/overview?country=FR")
    page.locator("#filter-chips .chip", has_text="France").click()
    expect(page.locator("#filter-chips .chip")).to_have_count(0)
    late = Late(page, "filter-chips")
    page.go_back()
    expect(page).to_have_url(f"{site.url}/overview?country=FR")
    choose(page, "country", "Germany")
    choose(page, "channel", "web shop")
    picked = f"{site.url}/overview?country=FR&country=DE&channel={WEB}"
    expect(page).to_have_url(picked)
    late.waiting(2)
    late.arrive()
    expect(page.locator("#filter-chips .chip")).to_have_count(3)
    expect(page.locator("#filter-country")).to_contain_text("France")
    assert page.url == picked


def test_two_quick_picks_both_stay(page: Any, site: Site) -> None:
    """The answer to the first pick comes after the second one, and takes nothing away."""
    opened(page, site)
    expect(page.locator("#filter-compare")).to_contain_text("Year before")
    late = Late(page, "filter-chips")
    choose(page, "country", "Germany")
    late.waiting()
    choose(page, "channel", "web shop")
    late.waiting(2)
    late.arrive()
    expect(page).to_have_url(f"{site.url}/overview?country=DE&channel={WEB}")
    expect(page.locator("#filter-chips .chip")).to_have_count(2)
    expect(page.locator("#filter-country")).to_contain_text("Germany")
    expect(page.locator("#filter-channel")).to_contain_text("web shop")


def test_tabs_and_chips_drawn_before_a_pick_keep_it(page: Any, site: Site) -> None:
    """A link of an older state changes its one thing in the present state."""
    page.goto(f"{site.url}/margins?country=FR&country=DE")
    expect(page.locator("#margins-by-body .ag-row").first).to_be_visible()
    expect(page.locator("#filter-chips .chip")).to_have_count(2)
    chips, panels = Late(page, "filter-chips"), Late(page, "margins-shown")
    choose(page, "channel", "web shop")
    page.locator("#filter-chips .chip", has_text="France").click()
    expect(page).to_have_url(f"{site.url}/margins?country=DE&channel={WEB}")
    page.locator("#margins-by-choice .tab", has_text="Supplier").click()
    page.locator("#margins-by-choice .tab", has_text="Channel").click()
    picked = f"{site.url}/margins?country=DE&channel={WEB}&split=channel"
    expect(page).to_have_url(picked)
    chips.arrive()
    panels.arrive()
    expect(page.locator("#filter-chips .chip")).to_have_count(2)
    expect(page.locator("#margins-by-choice .tab.active")).to_have_text("Channel")
    assert page.url == picked


def test_own_days_are_typed_by_keyboard(page: Any, site: Site) -> None:
    """Free dates start from the period shown; half a date and an emptied one change nothing."""
    opened(page, site, "/overview?period=last_year&country=FR")
    expect(page.locator("#filter-chips .chip")).to_contain_text("France")
    choose(page, "period", "From … to …")
    expect(page).to_have_url(
        f"{site.url}/overview?period=custom&from=2025-01-01&to=2025-12-31&country=FR"
    )
    start = page.locator("#filter-from")
    expect(start).to_have_value("2025-01-01")
    start.press_sequentially("03032024", delay=50)  # the day and the month, then the year
    typed = f"{site.url}/overview?period=custom&from=2024-03-03&to=2025-12-31&country=FR"
    expect(page).to_have_url(typed)
    page.keyboard.press("Backspace")  # the year is gone
    page.locator("#filter-to").focus()
    expect(start).to_have_value("2024-03-03")
    start.fill("")
    expect(start).to_have_value("2024-03-03")
    assert page.url == typed
    choose(page, "period", "All data")
    expect(page).to_have_url(f"{site.url}/overview?period=all&country=FR")
    expect(start).to_be_hidden()


def test_pages_share_the_filters(page: Any, site: Site) -> None:
    """Going to another page keeps the filters; its grid and matrix are drawn."""
    opened(page, site, "/overview?country=FR")
    page.click("#margins-nav")
    expect(page).to_have_url(f"{site.url}/margins?country=FR")
    expect(page.locator("#page-title")).to_have_text("Margins")
    expect(page.locator("#margins-by-body .ag-row").first).to_be_visible()
    page.locator("#margins-by-choice .tab", has_text="Supplier").click()
    expect(page).to_have_url(f"{site.url}/margins?country=FR&split=supplier")
    expect(page.locator("#margins-by-choice .tab.active")).to_have_text("Supplier")
    expect(page.locator("#margins-matrix-body .heatmaplayer image")).to_be_attached()
    page.click("#overview-nav")
    expect(page.locator("#filter-chips .chip")).to_contain_text("France")


def test_a_chart_reads_as_a_table(page: Any, site: Site) -> None:
    """The switch shows the figures and gives the chart back."""
    opened(page, site)
    page.get_by_role("button", name="Show as table: Net sales by country").click()
    expect(page.locator("#overview-countries-table th").first).to_have_text("Country")
    expect(page.locator("#overview-countries-body")).to_be_hidden()
    page.get_by_role("button", name="Show as table: Net sales by country").click()
    expect(page.locator("#overview-countries-body .bars path").first).to_be_visible()


def test_export_carries_the_open_filters(page: Any, site: Site) -> None:
    """The CSV link downloads the panel's table under the filters of the screen."""
    opened(page, site, "/overview?country=DE")
    menu = page.locator("#overview-countries-frame details")
    menu.locator("summary").click()
    with page.expect_download() as waiting:
        menu.get_by_text("CSV file").click()
    assert "country=DE" in waiting.value.url
    text = waiting.value.path().read_text("utf-8-sig")
    assert "Germany" in text or "DE" in text
    assert "France" not in text


def test_a_broken_link_says_what_to_do(page: Any, site: Site) -> None:
    """An unreadable filter is told in the page; choosing a period mends it."""
    page.goto(f"{site.url}/overview?period=nonsense")
    expect(page.locator("#overview-kpis-notice .error")).to_contain_text("is neither a period")
    page.click("#filter-period")
    page.locator(".dash-dropdown-option", has_text="Year to date").click()
    expect(page.locator(SALES)).to_be_visible()
    expect(page.locator(".error")).to_have_count(0)


def test_an_unknown_address_leads_home(page: Any, site: Site) -> None:
    """A wrong address is said, with a way back."""
    page.goto(f"{site.url}/nowhere")
    expect(page.locator("#page-lost")).to_contain_text("There is no such page")
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.locator(SALES)).to_be_visible()
