"""The page of definitions through the callback route: search, a live check, save, undo, restore."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.models.query import MetricQuery
from core.services.application import Application
from core.settings import load_settings
from tests.desk import Visitor, pattern, texts
from tests.storehouse import Storehouse, sale

FIELDS = pattern("value", type="definition-field", name="ALL")
KEY = "sales_per_customer"
CHANGED = '{"from":"definitions","type":"data-changed"}'


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return the services over a shop with four customers in four countries."""
    home = tmp_path_factory.mktemp("definitions")
    house = Storehouse(home)
    house.add("sales", [
        sale(f"{i}", f"2025-{1 + i % 3:02}-{3 + i:02}", "A", 1 + i, 10, customer_id=f"c{i % 4}",
             country=("FR", "DE", "IT", "ES")[i % 4], unit_cost=6)
        for i in range(14)
    ])  # fmt: skip
    house.close()
    found = Application.open(load_settings(home))
    yield found
    found.close()


def listed(visitor: Visitor, text: str = "") -> str:
    answer = visitor.call(
        "definitions-list.children", {"definitions-search.value": text},
        changed=("definitions-search.value",),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return texts(answer.json["response"]["definitions-list"]["children"])


def press(
    visitor: Visitor, action: str, key: str = "", opened: Any = None, **fields: str
) -> dict[str, Any]:
    answer = visitor.press(
        "definitions-pressed",
        "definition-editor.children",
        {
            FIELDS: [({"type": "definition-field", "name": n}, v) for n, v in fields.items()],
            "definition-opened.data": opened,
            f"{CHANGED}.data": 0,
        },
        action=action,
        key=key,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json["response"]
    return found


def checked(visitor: Visitor, opened: Any, **fields: str) -> str:
    answer = visitor.call(
        "definition-preview.children",
        {
            FIELDS: [({"type": "definition-field", "name": n}, v) for n, v in fields.items()],
            "definition-opened.data": opened,
        },
        changed=("definition-opened.data",),
    )
    assert answer.status_code == 200, answer.text
    return texts(answer.json["response"]["definition-preview"]["children"])


def test_the_list_is_searched_in_both_languages(visitor: Visitor) -> None:
    assert "Average order value" in listed(visitor)
    found = listed(visitor, "panier moyen")
    assert "Average order value" in found
    assert "Weight (kg)" not in found
    assert "Nothing is called so" in listed(visitor, "zzzzqqqq")


def test_a_metric_is_checked_saved_shown_and_undone(
    visitor: Visitor, application: Application
) -> None:
    opened = press(visitor, "new-metric")
    state = opened["definition-opened"]["data"]
    assert state == {"kind": "metric", "key": "", "edition": 0}
    assert "cannot be added" in checked(
        visitor, state, name="Sales per customer", formula="net_sales + customers"
    )
    fields = {"name": "Sales per customer", "formula": "net sales / customers", "good": "up"}
    preview = checked(visitor, state, **fields)
    assert "This can be saved." in preview
    assert "Net sales ÷ Active customers" in preview
    saved = press(visitor, "save", "", state, **fields)
    assert f"“{KEY}” is saved." in texts(saved["definitions-said"]["children"])
    assert saved[CHANGED]["data"] == 1
    assert "Sales per customer" in listed(visitor)
    total = application.metrics.ask(MetricQuery(("net_sales", "customers", KEY))).total
    assert total is not None
    assert total[KEY] == pytest.approx(float(total["net_sales"]) / total["customers"])

    shown = visitor.page("definitions", f"?metric={KEY}&by=weekday&period=all")
    assert shown["definitions-chart-body"]["figure"]["data"][0]["name"] == "Sales per customer"
    rows = shown["definitions-table-body"]["rowData"]
    assert [row["weekday_name"] for row in rows][:2] == ["Monday", "Tuesday"]
    export = visitor.client.get(f"/export/explore/answer.csv?metric={KEY}&by=weekday&period=all")
    assert "Sales per customer" in export.text
    assert "Monday" in export.text

    state = press(visitor, "edit", KEY)["definition-opened"]["data"]
    press(visitor, "save", KEY, state, **fields | {"formula": "net_sales / orders"})
    late = press(visitor, "save", KEY, state, **fields | {"formula": "gross_sales / orders"})
    assert "changed meanwhile" in texts(late["definitions-said"]["children"])
    undone = press(visitor, "undo", KEY)
    assert "taken back" in texts(undone["definitions-said"]["children"])
    assert application.definitions.get(KEY).own.as_dict()["formula"] == "net_sales ÷ customers"
    history = texts(press(visitor, "edit", KEY)["definition-editor"]["children"])
    assert "Version 3" in history
    press(visitor, "remove", KEY)
    assert KEY not in application.metrics.known().metrics
    press(visitor, "restore", f"{KEY} 1")
    assert KEY in application.metrics.known().metrics


def test_a_dimension_of_groups_is_made_of_member_names(
    visitor: Visitor, application: Application
) -> None:
    state = press(visitor, "new-dimension")["definition-opened"]["data"]
    fields = {
        "name": "Zone", "part": "", "base": "country", "rest": "Elsewhere",
        "groups": "Home = France\nNeighbours = Germany, Italy",
    }  # fmt: skip
    assert "Neighbours" in checked(visitor, state, **fields)
    press(visitor, "save", "", state, **fields)
    assert application.definitions.get("zone").own.as_dict()["groups"] == [
        ["Home", ["FR"]], ["Neighbours", ["DE", "IT"]],
    ]  # fmt: skip
    shown = visitor.page("definitions", "?metric=net_sales&by=zone&period=all")
    names = {row["zone"] for row in shown["definitions-table-body"]["rowData"]}
    assert {"Home", "Neighbours", "Elsewhere"} <= names
