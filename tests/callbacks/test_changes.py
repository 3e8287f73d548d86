"""The notice of what changed: on the overview and in the status bar, until it is put away."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.services.application import Application
from core.services.ingest import ImportOptions
from core.settings import load_settings
from dashboard.app import create_app
from tests.desk import Visitor, texts
from tests.unit.ingest_home import line, write_xlsx


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    found = Application.open(load_settings(tmp_path / "home"))
    yield found
    found.close()


def came(application: Application, path: Path, *numbers: int) -> None:
    application.intake.run(write_xlsx(path, [line(n) for n in numbers]), ImportOptions())
    application.warehouse.ensure()


def look(visitor: Visitor, pressed: str = "changes-asked") -> Any:
    answer = visitor.press(pressed, "status-changes.children")
    assert answer.status_code == 200, answer.text
    return answer.json["response"]


def notice(visitor: Visitor, found: Any) -> str:
    answer = visitor.call(
        "changes-notice.children", {"changes-found.data": found}, changed=("changes-found.data",)
    )
    return texts(answer.json["response"]["changes-notice"]["children"])


def test_from_an_import_to_seen(application: Application, tmp_path: Path) -> None:
    visitor = Visitor(create_app(application).test_client())
    assert look(visitor)["status-changes"]["children"] is None
    came(application, tmp_path / "first.xlsx", 1, 2)
    assert look(visitor)["changes-found"]["data"] is None
    came(application, tmp_path / "second.xlsx", 3, 4, 5)
    found = look(visitor)
    assert texts(found["status-changes"]["children"]).startswith("New since ")
    told = notice(visitor, found["changes-found"]["data"])
    for words in ("What changed since", "1 import came in (+3 rows)", "second.xlsx", "Net sales"):
        assert words in told
    french = Visitor(create_app(application).test_client(), "fr")
    assert "→" in notice(french, 1)
    seen = look(visitor, "changes-seen")
    assert seen["status-changes"]["children"] is None
    assert notice(visitor, seen["changes-found"]["data"]) == ""
    assert look(visitor)["changes-found"]["data"] is None
