"""The first steps of a newcomer: ticked by what was done, gone when they are done or put away."""

from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture
def visitor(application: Application) -> Visitor:
    return Visitor(create_app(application).test_client())


def steps(visitor: Visitor, asked: bool = False) -> list[bool] | None:
    """Return which steps are ticked; None where nothing is shown."""
    answer = visitor.call(
        "welcome-steps.children",
        {"data-version.data": 1, "welcome-asked.data": {"show": asked, "n": 1}},
        changed=("data-version.data",),
    )
    shown = answer.json["response"]["welcome-steps"]["children"]
    if shown is None:
        return None
    assert "Your first three steps" in texts(shown)
    listed = shown["props"]["children"][1]["props"]["children"]
    return ["is-done" in step["props"]["className"] for step in listed]


def test_steps_are_ticked_one_by_one(
    application: Application, visitor: Visitor, tmp_path: Path
) -> None:
    assert steps(visitor) == [False, False, False]
    application.intake.run(write_xlsx(tmp_path / "sales.xlsx", [line(1)]), ImportOptions())
    application.warehouse.ensure()
    assert steps(visitor) == [True, True, False]
    visitor.client.set_cookie("picholine_exported", "1")
    assert steps(visitor) is None
    assert steps(visitor, asked=True) == [True, True, True]


def test_put_away_and_asked_for_again(visitor: Visitor) -> None:
    visitor.client.set_cookie("picholine_welcomed", "1")
    assert steps(visitor) is None
    assert steps(visitor, asked=True) == [False, False, False]
