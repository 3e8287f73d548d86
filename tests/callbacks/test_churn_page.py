"""The churn page through the callback route: figures, charts, the worklist, customer lists."""

import hashlib
import re
from collections.abc import Iterator
from io import BytesIO
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook

from core.models.query import Scope
from core.repository.worklist import ItemKey
from core.services.analytics.base import get_analysis
from core.services.application import Application
from core.services.studies import answer
from core.services.worklist import STATUSES, UNTOUCHED
from dashboard.labelled import LABELS, PROPOSED
from tests.desk import Visitor, demo_application, texts

ROWS = 400
PANELS = ("gain", "lift", "calibration", "profit", "drivers")


def customer_list() -> bytes:
    """Return customers with contracts of whom the new ones leave more often."""
    dice, lines = Random(7), ["Code client;Ancienneté;Formule;Mensualité;Résilié"]
    for n in range(ROWS):
        tenure, plan = dice.randrange(1, 60), dice.choice(["mois", "an"])
        gone = dice.random() < (0.8 if plan == "mois" else 0.4) - tenure / 90
        lines.append(f"K{n};{tenure};{plan};{10 + n % 7},50;{'Oui' if gone else 'Non'}")
    return "\n".join(lines).encode()


SHA = hashlib.sha256(customer_list()).hexdigest()


def run(application: Application, *pairs: tuple[str, str]) -> None:
    analysis = get_analysis("churn")
    params = analysis.params_from(pairs)
    answer(application, analysis, params, Scope(), lambda _done, _step: None)


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return a demo company and a customer list whose churn were computed."""
    found = demo_application(tmp_path_factory.mktemp("churn"), 12_000)
    (found.settings.inbox / SHA).write_bytes(customer_list())
    run(found)
    run(found, ("kind", "contracts"), ("file", SHA))
    yield found
    found.close()


def page(visitor: Visitor, query: str = "", theme: str = "light", **values: Any) -> Any:
    return visitor.page("churn", query, theme, **{"url.pathname": "/churn", **values})


def test_every_panel_is_drawn(visitor: Visitor) -> None:
    found = page(visitor)
    assert not any("has-error" in str(parts.get("className")) for parts in found.values())
    for panel in PANELS:
        traces = found[f"churn-{panel}-body"]["figure"]["data"]
        assert max(len(trace["x"]) for trace in traces) > 1
    tiles = texts(found["churn-kpis-body"]["children"])
    for name in (
        "Customers likely to leave",
        "Value at risk",
        "Share that left in the test",
        "AUC",
    ):
        assert name in tiles
    assert "95% sure" in tiles
    assert "Longest without a purchase" in tiles  # what the model is held against
    models = [row["model"] for row in found["churn-models-body"]["rowData"]]
    assert models[0] == "Longest without a purchase"


def test_the_notes_say_how_far_the_simple_ranking_reaches(visitor: Visitor) -> None:
    assert "AUC" in texts(page(visitor)["churn-notes"]["children"])


def test_the_profit_chart_marks_its_threshold(visitor: Visitor) -> None:
    figure = page(visitor)["churn-profit-body"]["figure"]
    curve, mark = figure["data"]
    assert mark["y"] == [max(curve["y"])]
    told = figure["layout"]["annotations"][0]["text"]
    assert "Largest profit: €" in told
    assert "probability × value from €" in told
    assert figure["layout"]["shapes"][0]["x0"] == mark["x"][0]


def test_the_list_is_ranked_and_can_be_written_into(visitor: Visitor) -> None:
    body = page(visitor)["churn-customers-body"]
    losses = [row["expected_loss"] for row in body["rowData"] if row["expected_loss"] is not None]
    assert losses == sorted(losses, reverse=True)
    first = body["rowData"][0]
    assert first["expected_loss"] == pytest.approx(first["probability"] * first["at_stake"])
    columns = {column["field"]: column for column in body["columnDefs"]}
    written = [field for field, column in columns.items() if column.get("editable")]
    assert written == ["assignee", "status", "note"]
    assert columns["status"]["cellEditorParams"]["values"] == list(STATUSES.values())
    assert first["status"] == "Open"
    assert "\x1e" not in first["reasons"]
    assert len(first["reasons"]) > 10


def test_what_was_written_stands_in_page_and_exports(
    visitor: Visitor, application: Application
) -> None:
    code = page(visitor)["churn-customers-body"]["rowData"][1]["customer"]
    key, me = ItemKey("churn", code), Scope()
    made = application.worklist.change(key, "note", "=1+1", UNTOUCHED, me)
    assert made is not None
    application.worklist.change(key, "status", "contacted", made.item.values(), me)
    row = page(visitor)["churn-customers-body"]["rowData"][1]
    assert (row["customer"], row["status"], row["note"]) == (code, "Contacted", "=1+1")
    still_open = page(visitor, "?list=customers_open")["churn-customers-body"]["rowData"]
    assert code not in {row["customer"] for row in still_open}
    lines = visitor.client.get("/export/churn/customers.csv").data.decode("utf-8-sig").splitlines()
    head, line = lines[0].split(","), lines[2]
    assert {"Who calls", "Status", "Note", "Changed on", "Changed by"} <= set(head)
    assert "Contacted" in line
    assert "'=1+1" in line  # no formula
    with visitor.client.get("/export/churn/customers.xlsx", buffered=True) as sheet:
        rows = list(load_workbook(BytesIO(sheet.data)).worksheets[0].values)
    exported = dict(zip(rows[0], rows[2], strict=True))
    assert (exported["Status"], exported["Note"]) == ("Contacted", "=1+1")
    opened = visitor.client.get("/export/churn/customers_open.csv").data.decode("utf-8-sig")
    assert code not in opened
    # Another run finds the list as it was.
    run(application, ("contact_cost", "5"))
    again = page(visitor, "?contact_cost=5")["churn-customers-body"]["rowData"]
    assert {row["customer"]: row["status"] for row in again}[code] == "Contacted"


def test_french_reads_french_statuses(server: Any) -> None:
    french = Visitor(server.test_client(), "fr")
    found = page(french)
    choice = texts(found["churn-customers-choice"]["children"])
    columns = {c["field"]: c for c in found["churn-customers-body"]["columnDefs"]}
    values = columns["status"]["cellEditorParams"]["values"]
    assert len(set(values)) == len(STATUSES)
    assert found["churn-customers-body"]["rowData"][0]["status"] in values
    assert choice


def test_contracts_show_their_own_result(visitor: Visitor) -> None:
    found = page(visitor, f"?kind=contracts&file={SHA}")
    rows = found["churn-customers-body"]["rowData"]
    assert rows
    assert all(re.fullmatch(r"K\d+", row["customer"]) for row in rows)
    models = [row["model"] for row in found["churn-models-body"]["rowData"]]
    assert len(models) == 2
    assert "Ancienneté" in texts(found["churn-card-body"]["children"])
    for panel in ("fading", "flagged", "past_runs", "drift"):  # told of purchases only
        assert "is-absent" in found[f"churn-{panel}-frame"]["className"]
    reasons = " ".join(row["reasons"] for row in rows[:20])
    assert "Formule: mois" in reasons


def control(visitor: Visitor, query: str) -> tuple[Any, str]:
    answer = visitor.call(
        "labelled-body.children", {"churn-query.data": query}, changed=("churn-query.data",)
    )
    assert answer.status_code == 200, answer.text
    parts = answer.json["response"]["labelled-body"]
    return parts["children"], parts["className"]


def selects(node: Any) -> dict[str, Any]:
    """Return the controls of a component tree by the option they set."""
    found: dict[str, Any] = {}
    if isinstance(node, list):
        for part in node:
            found |= selects(part)
    elif isinstance(node, dict):
        props = node.get("props", {})
        if isinstance(props.get("id"), dict) and props["id"].get("type") == "labelled-choice":
            found[props["id"]["name"]] = props
        found |= selects(props.get("children"))
    return found


def test_a_list_proposes_its_columns_with_examples(visitor: Visitor) -> None:
    parts, look = control(visitor, f"?kind=contracts&file={SHA}")
    assert look == "labelled"
    fields = selects(parts)
    assert list(fields) == list(LABELS)
    assert {props["value"] for props in fields.values()} == {PROPOSED}
    first = {name: props["options"][0]["label"] for name, props in fields.items()}
    assert first == {
        "label": "Proposed: Résilié",
        "left_value": "Proposed: Oui",
        "identifier": "Proposed: Code client",
        "value_column": "Proposed: Mensualité",
    }
    assert {"label": "Résilié (Oui, Non)", "value": "Résilié"} in [
        {**option, "label": re.sub(r"\((Non, Oui)\)", "(Oui, Non)", option["label"])}
        for option in fields["label"]["options"]
    ]
    stated, _look = control(visitor, f"?kind=contracts&file={SHA}&label=formule")
    again = selects(stated)
    assert again["label"]["value"] == "Formule"
    values = {option["value"] for option in again["left_value"]["options"]}
    assert values == {PROPOSED, "an", "mois"}


def test_without_a_file_one_is_asked_for(visitor: Visitor) -> None:
    parts, look = control(visitor, "?kind=contracts")
    assert look == "labelled"
    assert "one row per customer" in texts(parts)
    parts, look = control(visitor, "")
    assert look == "labelled-none"
    assert "up to the end of the period" in texts(parts)


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd"])
def test_a_file_that_is_not_there_is_said(visitor: Visitor, name: str) -> None:
    parts, _look = control(visitor, f"?kind=contracts&file={name}")
    told = texts(parts)
    assert "labelled.hash" in told or "file.unknown" in told
    assert "root" not in told


def test_a_list_is_stored_without_a_preview(visitor: Visitor, application: Application) -> None:
    before = len(application.jobs.recent())
    sent = visitor.client.post(
        "/uploads",
        query_string={"name": "clients.csv", "preview": "no"},
        data=customer_list(),
        headers={"X-CSRF-Token": visitor.token},
    )
    assert sent.json == {"sha256": SHA, "name": "clients.csv", "size": len(customer_list())}
    assert len(application.jobs.recent()) == before
