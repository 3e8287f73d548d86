"""A picture of every page × theme × width × language, for people to look at: `make shots`.

The ordinary run takes a few of them, to see that every page draws; `make shots` takes all, into
the folder named by PICHOLINE_SHOTS, and renews the README's picture.
"""

import base64
import os
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from core.models.query import Scope
from core.paths import guide_dir
from core.services import studies
from core.services.analytics.base import get_analysis
from tests.journeys.conftest import Site

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "overview": "#overview-products-body svg.main-svg",
    "explorer": "#explorer-pivot .ag-row",
    "margins": "#margins-low-body .ag-row",
    "roi": "#roi-map-body svg.main-svg",
    "budget": "#budget-slot svg.main-svg",
    "lines": "#lines-slot .ag-row",
    "imports": "main",
    "corrections": "main",
    "rules": "#rules-slot tr, #rules-slot li",
    "definitions": "#definitions-chart-body svg.main-svg",
    "views": "#views-list .empty-state",
    "products": "#products-list-body .ag-row",
    "customers": "#customers-list-body .ag-row",
    "suppliers": "#suppliers-list-body .ag-row",
    "countries": "#countries-list-body .ag-row",
    "segments": "#segments-migration-body svg.main-svg",
    "clv": "#clv-customers-body .ag-row",
    "cohorts": "#cohorts-split-body .ag-row",
    "churn": "#churn-customers-body .ag-row",
}
# Pages whose result a worker computes; here it is computed before somebody looks.
STUDIED = {"segments": "rfm", "clv": "clv", "cohorts": "cohorts", "churn": "churn"}
README = {"overview", "clv"}  # pictures the README shows
MANUAL = {"overview", "margins", "roi", "explorer", "products", "lines"}
MOST_BYTES = 60_000
THEMES = ("light", "dark", "contrast")
WIDTHS = {390: 844, 820: 1180, 1440: 900, 2560: 1440}
LANGUAGES = ("en", "fr")
KEPT = {("light", 1440, "en"), ("dark", 1440, "en")}
SHOTS = os.environ.get("PICHOLINE_SHOTS")
FEW = [
    ("overview", "light", 1440, "en"),
    ("margins", "dark", 390, "fr"),
    ("imports", "dark", 820, "fr"),
    ("roi", "contrast", 2560, "fr"),
    ("segments", "dark", 390, "fr"),
    ("clv", "light", 820, "fr"),
    ("churn", "dark", 1440, "fr"),
]
ALL = list(product(PAGES, THEMES, WIDTHS, LANGUAGES)) if SHOTS else FEW


@pytest.fixture(scope="module")
def full_site(serve: Callable[[Path, int], Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Serve the demo company as a newcomer gets it."""
    return serve(tmp_path_factory.mktemp("pictures"), 200_000 if SHOTS else 20_000)


def small_picture(page: Any, path: Path) -> None:
    """Write what is to be seen as a picture of the manual, as coarse as it must be to be small."""
    clip = {"x": 0, "y": 0, "width": 1440, "height": 900, "scale": 2 / 3}
    session = page.context.new_cdp_session(page)
    for quality in range(60, 10, -10):
        wanted = {"format": "webp", "quality": quality, "clip": clip}
        found = base64.b64decode(session.send("Page.captureScreenshot", wanted)["data"])
        if len(found) <= MOST_BYTES:
            break
    path.write_bytes(found)


def computed(site: Site, name: str) -> None:
    """Keep the result of a page that is not computed at once."""
    if name in STUDIED:
        analysis = get_analysis(STUDIED[name])
        params = analysis.params_from([])
        scope = Scope()
        studies.answer(site.application, analysis, params, scope, lambda _done, _step: None)


@pytest.mark.parametrize(("name", "theme", "width", "language"), ALL)
def test_every_page_draws(
    open_page: Callable[..., Any],
    full_site: Site,
    tmp_path: Path,
    name: str,
    theme: str,
    width: int,
    language: str,
) -> None:
    computed(full_site, name)
    scheme = "dark" if theme == "dark" else "light"
    page = open_page(width, WIDTHS[width], color_scheme=scheme, locale=f"{language}-FR")
    if theme == "contrast":  # no system asks for it by itself
        chosen = {"name": "picholine_theme", "value": theme, "url": full_site.url}
        page.context.add_cookies([chosen])
    page.goto(f"{full_site.url}/{name}")
    page.wait_for_selector(PAGES[name], state="attached")
    expect(page.locator("[data-dash-is-loading=true]")).to_have_count(0)
    page.wait_for_timeout(600)  # let the charts' last frame come
    assert page.locator(".has-error:visible").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    folder = Path(SHOTS) if SHOTS else tmp_path
    picture = folder / f"{name}-{theme}-{width}-{language}.png"
    page.screenshot(path=picture)
    assert picture.stat().st_size > 10_000
    if SHOTS and name in README and (theme, width, language) in KEPT:
        target = ROOT / "docs" / "images" / f"{name}-{theme}.png"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(picture.read_bytes())
    if SHOTS and name in MANUAL and (theme, width) == ("light", 1440):
        small_picture(page, guide_dir() / "images" / f"{name}-{language}.webp")
