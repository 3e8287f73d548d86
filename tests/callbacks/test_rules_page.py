"""The page of data-quality rules through the callback route."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.services.application import Application
from core.services.quality.shipped import SHIPPED
from core.settings import load_settings
from dashboard.app import create_app
from tests.desk import Visitor, pattern, texts
from tests.storehouse import Storehouse, sale

FIELDS = pattern("value", type="rule-field", name="ALL")
OWN = {"table": "sales", "expression": "unit_price > 12", "severity": "warn", "name": "Dear"}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    home = tmp_path_factory.mktemp("rules")
    house = Storehouse(home)
    house.add("sales", [sale(f"{i}", "2025-01-03", "A", 1, 10 + i) for i in range(6)])
    house.close()
    found = Application.open(load_settings(home))
    yield found
    found.close()


@pytest.fixture
def visitor(application: Application) -> Visitor:
    return Visitor(create_app(application).test_client())


def fields_of(fields: dict[str, Any]) -> list[tuple[dict[str, str], Any]]:
    return [({"type": "rule-field", "name": n}, v) for n, v in fields.items()]


def press(
    visitor: Visitor, action: str, key: str = "", opened: Any = None, **fields: Any
) -> dict[str, Any]:
    answer = visitor.press(
        "rules-pressed",
        "rule-editor.children",
        {FIELDS: fields_of(fields), "rule-opened.data": opened, "rules-changed.data": 0},
        action=action,
        key=key,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json["response"]
    return found


def listed(visitor: Visitor) -> str:
    answer = visitor.call("rules-list.children", {}, changed=("data-version.data",))
    return json.dumps(answer.json["response"]["rules-list"]["children"])


def test_the_list_names_every_rule(visitor: Visitor) -> None:
    found = listed(visitor)
    assert all(json.dumps(rule.name)[1:-1] in found for rule in SHIPPED.values())
    assert found.count('"rule-switch"') == len(SHIPPED)


def test_the_form_says_what_breaks_a_rule_and_where_it_is_wrong(visitor: Visitor) -> None:
    opened = press(visitor, "new")["rule-opened"]["data"]
    assert opened == {"key": "", "edition": 0}

    def tried(**fields: Any) -> str:
        answer = visitor.call(
            "rule-tried.children",
            {FIELDS: fields_of(OWN | fields), "rule-opened.data": opened},
            changed=("rule-opened.data",),
        )
        return texts(answer.json["response"]["rule-tried"]["children"])

    assert "3 of 6 rows" in tried()
    assert "None of 6 rows" in tried(expression="unit_price > 99")
    assert "Character 1:" in tried(expression="unit_prise > 1")
    assert "Unit price excl. VAT" in tried(expression="")


def test_a_rule_is_saved_changed_tested_and_removed(
    visitor: Visitor, application: Application
) -> None:
    saved = press(visitor, "save", "", {"key": "", "edition": 0}, **OWN)
    assert saved["rules-changed"]["data"] == 1
    assert application.quality.get("dear").body.expression == "unit_price > 12"
    answer = visitor.press(
        "rules-pressed",
        "rule-editor.children",
        {"rules-changed.data": 1},
        action="severity",
        key="dear",
        value="quarantine",
    )
    assert answer.status_code == 200, answer.text
    assert application.quality.get("dear").body.severity == "quarantine"
    edited = press(visitor, "edit", "dear")
    assert "Version 2" in texts(edited["rule-editor"]["children"])
    late = press(visitor, "save", "", {"key": "dear", "edition": 1}, **OWN)
    assert "Somebody else changed" in texts(late["rules-said"]["children"])
    press(visitor, "restore", "dear 1")
    assert application.quality.get("dear").body.severity == "warn"
    assert "is removed" in texts(press(visitor, "remove", "dear")["rules-said"]["children"])
    assert "Dear" not in listed(visitor)
