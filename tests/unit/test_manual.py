"""The manual: a chapter for every page in both languages, and nothing that leads nowhere."""

import re

import pytest

from core.i18n import LANGUAGES
from core.paths import guide_dir
from core.registry import load_modules
from dashboard.manual import PICTURES, Chapter, anchor_of, as_dict, edition, manual, picture
from dashboard.page import pages

load_modules("dashboard.pages")
MOST_BYTES = 60_000  # of a picture
READ = [(language, chapter) for language in LANGUAGES for chapter in manual(language)]


def named(found: tuple[str, Chapter]) -> str:
    return f"{found[0]}-{found[1].key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_its_place_in_the_manual(language: str) -> None:
    places = as_dict(language)["pages"]
    assert [page.key for page in pages() if page.key not in places] == []
    assert [key for key in places if key not in {page.key for page in pages()}] == []


def test_both_languages_tell_the_same_pages_in_the_same_chapters() -> None:
    english, french = (
        {key: chapter for key, (chapter, _anchor) in as_dict(language)["pages"].items()}
        for language in ("en", "fr")
    )
    assert english == french


@pytest.mark.parametrize("found", READ, ids=named)
def test_every_link_and_picture_is_there(found: tuple[str, Chapter]) -> None:
    language, chapter = found
    bodies = {other.key: other.body for other in manual(language)}
    for key, anchor in chapter.links:
        assert not anchor or f'id="{key}--{anchor}"' in bodies[key], (key, anchor)
    for anchor in chapter.pages.values():
        assert f'id="{chapter.key}--{anchor}"' in chapter.body
    for name in chapter.pictures:
        path = picture(name)
        assert path is not None
        assert 1_000 < path.stat().st_size <= MOST_BYTES, name


@pytest.mark.parametrize("found", READ, ids=named)
def test_headings_are_told_apart(found: tuple[str, Chapter]) -> None:
    _language, chapter = found
    anchors = re.findall(r'<h\d id="([^"]+)"', chapter.body)
    assert len(set(anchors)) == len(anchors)
    assert chapter.title


def test_no_picture_lies_unused() -> None:
    shown = {name for _language, chapter in READ for name in chapter.pictures}
    folder = guide_dir() / PICTURES
    assert {path.name for path in folder.glob("*")} == shown
    assert picture("../en/index.md") is None


def test_what_looks_like_html_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard import manual as module

    text = "# T\n<!-- page: x -->\n<script>alert(1)</script> [a](javascript:alert) [b](../../x.md)"
    found = module._chapter("index", text)
    assert "<script" not in found.body
    assert "javascript:" not in re.sub(r">[^<]*<", "", found.body)
    assert "href" not in found.body
    assert found.pages == {"x": "t"}
    assert anchor_of("Vue d’ensemble") == "vue-densemble"
    assert re.fullmatch(r"[0-9a-f]{12}", edition())
