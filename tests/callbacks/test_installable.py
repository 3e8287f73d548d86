"""Manifest, service worker, the manual's routes, and whose answers a browser may keep."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from callbacks.installable import NOBODY, READER
from core.paths import assets_dir
from core.services.application import Application
from dashboard.app import create_app
from tests.desk import Visitor, demo_application


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    opened = demo_application(tmp_path_factory.mktemp("installable"), 0)
    yield opened
    opened.close()


def test_the_manifest_names_icons_that_are_there(visitor: Visitor) -> None:
    visitor.client.set_cookie("picholine_language", "fr")
    told = visitor.client.get("/manifest.webmanifest")
    assert told.mimetype == "application/manifest+json"
    found = told.json
    assert found["lang"] == "fr"
    assert found["display"] == "standalone"
    for icon in found["icons"]:
        with visitor.client.get(icon["src"]) as answer:
            size = struct.unpack(">II", answer.data[16:24])
        assert size == (int(icon["sizes"].split("x")[0]),) * 2
    assert {icon["purpose"] for icon in found["icons"]} == {"any", "maskable"}
    opened = [ending for kinds in found["file_handlers"][0]["accept"].values() for ending in kinds]
    assert {".xlsx", ".csv", ".xls"} <= set(opened)
    for shortcut in found["shortcuts"]:
        assert visitor.client.get(shortcut["url"]).status_code == 200
    assert b'rel="manifest"' in visitor.index.data


def test_the_worker_is_another_one_with_every_edition(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = visitor.client.get("/worker.js")
    assert first.mimetype == "text/javascript"
    assert first.headers["Cache-Control"] == "no-cache"
    assert (assets_dir() / "late" / "worker.js").read_text("utf-8") in first.text
    monkeypatch.setattr("callbacks.installable.build", lambda: "another")
    assert visitor.client.get("/worker.js").text.startswith('const BUILD = "another";')


def test_answers_say_whose_they_are(visitor: Visitor, application: Application) -> None:
    """Other rights are another reader: what a browser kept before is dropped."""

    def reader() -> str:
        return str(visitor.client.get("/_dash-layout").headers[READER])

    first = reader()
    assert first == reader() != NOBODY
    assert READER not in visitor.client.get("/").headers
    application.access.allow("local", "country", ["FR"])
    try:
        assert reader() not in {first, NOBODY}
    finally:
        for rule in application.access.rules():
            application.access.remove(rule.id)
    assert reader() == first


def test_nothing_is_kept_where_that_is_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PICHOLINE_OFFLINE", "false")
    application = demo_application(tmp_path / "home", 0)
    answer = Visitor(create_app(application).test_client()).client.get("/_dash-layout")
    application.close()
    assert answer.headers[READER] == NOBODY


def test_the_manual_is_answered_in_both_languages(visitor: Visitor) -> None:
    english, french = (visitor.client.get(f"/manual/{key}").json for key in ("en", "fr"))
    assert english["pages"].keys() == french["pages"].keys()
    assert english["chapters"][0]["title"] != french["chapters"][0]["title"]
    missing = visitor.client.get("/manual/images/none.webp")
    assert missing.status_code == 404
    assert missing.json["code"] == "manual.picture"
