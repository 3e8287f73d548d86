"""A background analysis on its page: progress, result, cancel, start, settings, schedule."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from playwright.sync_api import expect

from core.models.query import Scope
from core.models.tables import JobStatus
from core.services.runs import is_waiting
from tests import scratch
from tests.journeys.conftest import WAIT_MS, Late, Site

ROWS = "#scratch-customers-body .scratch-rows"
TRIES = count(1)
PHASE = "#scratch-run-bar [data-phase='{}']"


@pytest.fixture(scope="module")
def studio(
    serve: Callable[[Path, int], Site], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Return a site with the scratch analysis and a worker."""
    with scratch.registered():
        found = serve(tmp_path_factory.mktemp("studio"), 2_000)
        with scratch.working(found.home):
            yield found


@pytest.fixture
def text() -> str:
    """Return a value of the free text no run has had before: a second try finds nothing kept."""
    return f"try{next(TRIES)}"


@pytest.fixture
def hurry(studio: Site) -> Iterator[Callable[[], None]]:
    """Return what ends a slow run, once everything was seen of it that is to be seen."""
    yield scratch.HURRY.set
    scratch.HURRY.set()
    while any(is_waiting(job) for job in studio.application.jobs.recent()):
        sleep(0.1)
    scratch.HURRY.clear()


def stands(page: Any, phase: str) -> None:
    """Wait until the run bar says so."""
    expect(page.locator(PHASE.format(phase))).to_be_visible()


def test_opening_shows_progress_then_values_and_a_second_visitor_gets_them_at_once(
    open_page: Callable[..., Any], studio: Site, text: str, hurry: Callable[[], None]
) -> None:
    page = open_page()
    page.goto(f"{studio.url}/scratch?pace=60&fault={text}")
    stands(page, "running")
    expect(page.locator("#scratch-run-progress [role=progressbar]")).to_be_visible()
    expect(page.locator("#scratch-run-progress")).to_contain_text("Reading the file")
    expect(page.locator("#scratch-run-progress")).to_have_attribute("aria-live", "polite")
    hurry()
    stands(page, "ready")
    expect(page.locator(ROWS)).to_be_visible()
    expect(page.locator("#scratch-run-bar")).to_contain_text("Computed on")
    expect(page.locator("#scratch-notes")).to_have_text("Value: 12.3%")
    expect(page.locator("#scratch-run-progress")).to_be_empty()
    jobs = len(studio.application.jobs.recent())
    other = open_page()
    other.goto(page.url)
    expect(other.locator(ROWS)).to_be_visible()
    assert len(studio.application.jobs.recent()) == jobs


def test_a_setting_goes_into_the_url_and_old_values_stay_until_new_ones_are_there(
    page: Any, studio: Site, text: str, hurry: Callable[[], None]
) -> None:
    page.goto(f"{studio.url}/scratch?fault={text}")
    expect(page.locator(ROWS)).to_be_visible()
    pace = page.locator("#scratch-option-pace-value")
    pace.fill("60")
    pace.press("Enter")
    expect(page).to_have_url(re.compile(rf"\?fault={text}&pace=60$"))
    stands(page, "running")
    expect(page.locator("#scratch-customers-frame")).to_have_class(re.compile("is-stale"))
    expect(page.locator(ROWS)).to_be_visible()
    hurry()
    stands(page, "ready")
    expect(page.locator("#scratch-customers-frame")).not_to_have_class(re.compile("is-stale"))
    page.locator("#scratch-option-model-value").select_option("second")
    expect(page).to_have_url(re.compile(r"pace=60&model=second"))
    pace.fill("")
    pace.press("Enter")
    expect(page).to_have_url(re.compile(rf"\?fault={text}&model=second$"))
    expect(pace).to_have_value("0")
    page.locator(".nav-link", has_text="Margins").click()
    expect(page).to_have_url(re.compile(r"/margins$"))
    page.locator(".nav-link", has_text="Facts").click()
    expect(page).to_have_url(re.compile(rf"/scratch\?fault={text}&model=second$"))


def test_a_choice_made_before_any_answer_stays(page: Any, studio: Site) -> None:
    late = Late(page, "scratch-option-")
    page.goto(studio.url + "/scratch?horizon=7")
    model = page.locator("#scratch-option-model-value")
    model.select_option("second")
    expect(page).to_have_url(re.compile(r"\?horizon=7&model=second$"))
    late.waiting(2)
    late.arrive()
    stands(page, "ready")
    expect(model).to_have_value("second")
    expect(page.locator("#scratch-option-horizon-value")).to_have_value("7")
    expect(page).to_have_url(re.compile(r"\?horizon=7&model=second$"))


def test_a_text_stays_while_answers_arrive(page: Any, studio: Site) -> None:
    late = Late(page, "scratch-option-")
    page.goto(studio.url + "/scratch?horizon=9")
    late.waiting()
    horizon = page.locator("#scratch-option-horizon-value")
    horizon.clear()
    horizon.press_sequentially("2")
    late.arrive()
    horizon.press_sequentially("5")
    stands(page, "ready")
    expect(horizon).to_have_value("25")
    expect(page).to_have_url(re.compile(r"\?horizon=9$"))
    horizon.press("Enter")
    expect(page).to_have_url(re.compile(r"\?horizon=25$"))
    stands(page, "ready")
    horizon.press_sequentially("0")
    page.go_back()  # what is typed stays, and leaving the control sends it
    expect(page).to_have_url(re.compile(r"\?horizon=9$"))
    expect(horizon).to_have_value("250")
    horizon.press("Backspace")
    horizon.press("Tab")
    expect(page).to_have_url(re.compile(r"\?horizon=25$"))
    page.go_back()
    expect(horizon).to_have_value("9")


def test_a_date_is_typed_by_keyboard(page: Any, studio: Site) -> None:
    page.goto(studio.url + "/scratch")
    before = page.evaluate("history.length")
    stands(page, "ready")
    since = page.locator("#scratch-option-since-value")
    since.focus()
    since.press_sequentially("03032024", delay=50)  # the day and the month, then the year
    expect(page).to_have_url(re.compile(r"\?since=2024-03-03$"))
    stands(page, "ready")
    expect(since).to_have_value("2024-03-03")
    since.press_sequentially("0")  # the last part again, half of it
    since.press("Tab")
    expect(page).to_have_url(re.compile(r"\?since=2024-03-03$"))
    assert page.evaluate("history.length") <= before + 1
    since.fill("")
    expect(page).to_have_url(re.compile(r"/scratch$"))


def test_a_value_that_does_not_fit_is_explained_beside_its_control(page: Any, studio: Site) -> None:
    page.goto(studio.url + "/scratch")
    expect(page.locator(ROWS)).to_be_visible()
    horizon = page.locator("#scratch-option-horizon-value")
    horizon.fill("99")
    horizon.press("Enter")
    expect(page.locator("#scratch-option-horizon-error")).to_contain_text("from 1 to 60")
    stands(page, "refused")
    expect(page.locator(ROWS)).to_be_visible()
    horizon.fill("12")
    horizon.press("Enter")
    expect(page.locator("#scratch-option-horizon-error")).to_be_empty()
    stands(page, "ready")


def test_cancel_start_and_again_with_the_keyboard(
    page: Any, studio: Site, text: str, hurry: Callable[[], None]
) -> None:
    page.goto(f"{studio.url}/scratch?pace=30&fault={text}")
    stands(page, "running")
    expect(page.locator("#scratch-run-progress")).to_contain_text("Reading the file")
    page.locator("#scratch-run-bar").get_by_role("button", name="Cancel").press("Enter")
    stands(page, "cancelled")
    page.reload()
    stands(page, "cancelled")
    jobs = studio.application.jobs.recent()
    assert jobs[0].status is JobStatus.CANCELLED
    page.locator("#scratch-run-bar").get_by_role("button", name="Start").press("Enter")
    stands(page, "running")
    cancel = page.locator("#scratch-run-bar").get_by_role("button", name="Cancel")
    expect(cancel).to_be_focused()
    page.keyboard.press("Enter")
    stands(page, "cancelled")
    hurry()
    page.goto(studio.url + "/scratch")
    stands(page, "ready")
    page.locator("#scratch-run-bar").get_by_role("button", name="Run again").click()
    expect(page.locator(".run-earlier summary")).to_contain_text("earlier run")
    expect(page.locator(ROWS)).to_be_visible()


def test_a_failure_stands_in_its_place_with_what_to_do(page: Any, studio: Site) -> None:
    page.goto(studio.url + "/scratch?fault=error")
    stands(page, "failed")
    expect(page.locator("#scratch-run-bar .error")).to_contain_text("Upload it again.")
    expect(page.locator("#scratch-run-bar")).to_contain_text("Start again")


def test_the_switch_runs_it_with_new_data(page: Any, studio: Site, text: str) -> None:
    def scheduled() -> int:
        return sum(run.scheduled for run in studio.application.runs.recent(Scope("local")))

    before = scheduled()
    page.goto(f"{studio.url}/scratch?fault={text}")
    stands(page, "ready")
    switch = page.get_by_label("Run with every new data version")
    with page.expect_response(lambda answer: "run-scheduled" in (answer.request.post_data or "")):
        switch.check()
    expect(switch).to_be_checked()
    page.reload()
    stands(page, "ready")
    expect(page.get_by_label("Run with every new data version")).to_be_checked()
    page.goto(studio.url + "/imports")
    record = studio.application.catalogue.imports()[0].id or 0
    studio.application.intake.undo(record)
    try:
        for _n in range(WAIT_MS // 250):
            if scheduled() > before:
                break
            page.wait_for_timeout(250)
        assert scheduled() > before
    finally:
        studio.application.intake.redo(record)


def test_files_of_the_run_are_saved(page: Any, studio: Site) -> None:
    page.goto(studio.url + "/scratch?horizon=8")
    stands(page, "ready")
    for label, ending in (("Model", ".json"), ("Scores", ".csv")):
        with page.expect_download() as saved:
            page.locator(".run-links").get_by_role("link", name=label, exact=True).click()
        assert saved.value.suggested_filename.endswith(ending)


def test_in_french_on_a_phone(open_page: Callable[..., Any], studio: Site) -> None:
    page = open_page(390, 844, locale="fr-FR", color_scheme="dark")
    page.goto(studio.url + "/scratch?rate=12.5&pace=1")
    stands(page, "ready")
    expect(page.locator("#scratch-notes")).to_contain_text("12,3\u202f%")
    controls = page.locator("#scratch-option-controls")
    expect(controls).to_be_hidden()
    toggle = page.locator("#scratch-slot .options-toggle")
    toggle.click()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(controls).to_be_visible()
    rate = page.locator("#scratch-option-rate-value")
    expect(rate).to_have_value("12,5")
    rate.fill("7,5")
    rate.press("Enter")
    expect(page).to_have_url(re.compile(r"rate=7\.5"))
    stands(page, "ready")
    expect(rate).to_have_value("7,5")
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
