"""Saved views over the callback route: saved, starred, first, removed and brought back."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.services.application import Application
from core.settings import load_settings
from dashboard.app import create_app
from tests.desk import Visitor, texts


@pytest.fixture
def visitor(tmp_path: Any) -> Iterator[Visitor]:
    application = Application.open(load_settings(tmp_path / "home"))
    yield Visitor(create_app(application).test_client())
    application.close()


def save(visitor: Visitor, name: str) -> dict[str, Any]:
    answer = visitor.press(
        "view-kept",
        "view-saved.data",
        {
            "view-name.value": name,
            "url.pathname": "/margins",
            "url.search": "?country=FR&split=category",
        },
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json["response"]
    return found


def press(visitor: Visitor, action: str, number: int) -> dict[str, Any]:
    changes = {"views-changed.data": 0}
    answer = visitor.press("views-pressed", "views-changed.data", changes, action=action, id=number)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json["response"]
    return found


def shown(visitor: Visitor, output: str) -> str:
    answer = visitor.call(
        f"{output}.children",
        {"views-changed.data": 1, "view-saved.data": None},
        changed=("views-changed.data",),
    )
    return texts(answer.json["response"][output]["children"])


def test_a_view_is_saved_found_and_begun_with(visitor: Visitor) -> None:
    assert "No view is saved yet" in shown(visitor, "views-list")
    saved = save(visitor, "France")
    assert saved["view-saved"]["data"]["text"] == "Saved as “France”."
    assert "France" in shown(visitor, "views-list")
    found: Any = visitor.client.get("/desk/find?q=fran").json
    (hit,) = found["hits"]
    assert (hit["address"], hit["whole"]) == ("/margins?country=FR&split=category", True)
    assert visitor.client.get("/").status_code == 200
    press(visitor, "first", 1)
    answer = visitor.client.get("/")
    assert (answer.status_code, answer.location) == (302, "/margins?country=FR&split=category")
    assert visitor.client.get("/overview").status_code == 200


def test_a_starred_view_stands_beside_the_pages(visitor: Visitor) -> None:
    save(visitor, "France")
    assert shown(visitor, "starred-views") == ""
    press(visitor, "star", 1)
    assert "France" in shown(visitor, "starred-views")


def test_removing_can_be_undone(visitor: Visitor) -> None:
    save(visitor, "France")
    told = press(visitor, "remove", 1)["views-said"]["children"]
    assert "“France” was removed." in texts(told)
    assert "No view is saved yet" in shown(visitor, "views-list")
    press(visitor, "restore", 1)
    assert "France" in shown(visitor, "views-list")


def test_what_cannot_be_done_is_said_where_it_was_asked(visitor: Visitor) -> None:
    refused = save(visitor, " ")
    assert "The view has no name." in texts(refused["view-refused"]["children"])
    late = press(visitor, "star", 77)
    assert "There is no such saved view." in texts(late["views-said"]["children"])


def test_the_star_of_the_top_bar_keeps_a_view_in_the_navigation(visitor: Visitor) -> None:
    values = {"view-name.value": "Italy", "view-star.value": ["star"], "url.pathname": "/roi"}
    answer = visitor.press("view-kept", "view-saved.data", values)
    assert answer.status_code == 200, answer.text
    assert "Italy" in shown(visitor, "starred-views")
