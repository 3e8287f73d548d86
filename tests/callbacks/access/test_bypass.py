"""Attempts of a person with limited rights to see more: every callback and route is tried."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.models.query import NO_VALUE, Scope
from core.services.application import Application
from core.services.worklist_tables import LISTS
from core.settings import load_settings
from dashboard.app import create_app
from dashboard.page import pages
from tests.desk import Visitor
from tests.halves import SECRET, sales


def plausible(application: Application) -> dict[str, Any]:
    """Return values for everything a script may post, with the worst intentions."""
    run = [r["invoice_id"] for r in sales(closed=True)].index(f"{SECRET}-I1") + 2
    query = "period=all&country=IT&country=FR&metric=net_sales&cell=country:IT&without=country:FR"
    jobs = {"job": 1, "kind": "preview"}
    found: dict[str, Any] = {
        "url.search": f"?{query}",
        "url.pathname": "/overview",
        "theme.data": "light",
        "data-version.data": 0,
        "status-poll.n_intervals": 1,
        "intake-shown.data": jobs,
        "rules-save.n_clicks": 1,
        "import-pressed.data": {"action": "ask-undo", "id": 1, "n": 1},
        "rules-pressed.data": {"action": "edit", "key": "zero_price", "n": 1},
        "rule-row-pressed.data": {"import": 1, "sheet": None, "row": run, "n": 1},
        "definitions-pressed.data": {"action": "new-metric", "key": "", "n": 1},
        "aliases-pressed.data": {"action": "remove", "key": "1", "field": "", "written": "x"},
        "arrivals-pressed.data": {"what": "source-run", "name": "shop", "number": 0, "n": 1},
        "again-pressed.data": {"id": 1, "n": 1},
        "corrections-pressed.data": {"action": "apply-all", "key": "", "n": 1},
        "rules-cells.data": [],
        "rules-grid.rowData": [],
        "lines-picked.data": {"import_id": 1, "sheet": None, "row": run},
        "churn-customers-body.cellValueChanged": [
            {
                "data": {"customer": f"{SECRET}-C1", "customer_id": f"{SECRET}-C1"},
                "colId": "note",
                "value": "mine",
                "oldValue": "",
            }
        ],
    }
    for page in pages():
        found[f"{page.key}-query.data"] = query
        found[f"{page.key}-visited.data"] = True
        found[f"{page.key}-run.data"] = {"key": "0" * 40}
        found[f"{page.key}-run-poll.n_intervals"] = 1
    return found


_PATTERNS: Mapping[str, list[dict[str, Any]]] = {
    "load-demo": [{"page": "overview"}],
    "intake-confirm": [{"name": "import"}],
    "rules-do": [{"action": "defaults"}],
    "rules-open": [{"page": "segments"}],
    "run-do": [{"page": "cohorts", "do": "again"}],
    "worklist-undo": [{"change": 1, "again": 0, "name": "x"}],
}


def posts(visitor: Visitor, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Post every callback of the application, and once more for each of its patterns."""
    for callback in visitor.callbacks:
        if callback.get("clientside_function"):
            continue
        output = callback["output"].strip(".").split("...")[0]
        names = [f"{wanted['id']}.{wanted['property']}" for wanted in callback["inputs"]]
        plain = [name for name in names if not name.startswith("{")]
        if plain:
            yield output, visitor.call(output, values, changed=(plain[0],))
        for name in (name for name in names if name not in plain):
            text, _dot, prop = name.rpartition(".")
            kind = json.loads(text).get("type", "")
            for parts in _PATTERNS.get(kind, ()):
                full = {"type": kind, **parts}
                spelt = json.dumps(full, separators=(",", ":"), sort_keys=True)
                chosen = {**values, name: [(full, 1)]}
                yield output, visitor.call(output, chosen, changed=(f"{spelt}.{prop}",))


def test_no_callback_tells_of_closed_lines(application: Application, anna: Visitor) -> None:
    before = application.catalogue.current_version()
    rules = application.rules.current()
    seen = 0
    worst = {"import-pressed.data": {"action": "undo", "id": 1, "n": 1}}
    for output, answer in posts(anna, plausible(application) | worst):
        text = answer.text.replace(f"{SECRET}-C1", "")  # what was posted may be said again
        assert SECRET.lower() not in text.lower(), output
        assert answer.status_code in {200, 204, 400, 403, 404, 409, 500}, (
            output,
            answer.status_code,
        )
        seen += answer.status_code == 200
    assert seen > 25
    assert application.catalogue.current_version() == before
    assert application.rules.current() == rules
    assert {job.kind for job in application.jobs.recent("anna")} <= {"analyse"}
    assert application.jobs.recent("local") == []
    assert application.worklist.items(LISTS["churn"], Scope()) == {}


def test_the_same_posts_tell_an_unrestricted_person_of_them(
    tmp_path: Path, application: Application
) -> None:
    """The sweep above can fail: without rights in the way the closed lines are told."""
    shutil.copytree(application.settings.home, tmp_path / "home")
    copied = Application.open(load_settings(tmp_path / "home"))
    visitor = Visitor(create_app(copied).test_client())
    told = {
        output
        for output, answer in posts(visitor, plausible(copied))
        if SECRET.lower() in answer.text.lower()
    }
    copied.close()
    assert {"filter-chips.children", "margins-shown.data"} <= told
    assert "lines-source.children" in told


def test_no_route_tells_of_closed_lines(application: Application, anna: Visitor) -> None:
    job = application.jobs.submit("preview", {"sha256": "0" * 64})
    refused = {
        "/imports/1/quarantine.csv": 403,
        "/imports/1/quarantine.xlsx": 403,
        f"/jobs/{job}": 404,
        "/runs/1/model.json": 404,
        "/runs/1/scores.csv": 404,
    }
    for path, status in refused.items():
        assert anna.client.get(path).status_code == status, path
    upload = anna.client.post(
        "/uploads?name=x.csv", data=b"a,b\n1,2\n", headers={"X-CSRF-Token": anna.token}
    )
    assert upload.status_code == 403
    cancel = anna.client.post(f"/jobs/{job}/cancel", headers={"X-CSRF-Token": anna.token})
    assert cancel.status_code == 404
    application.jobs.cancel(job)
    for cell in ("country:IT", f"country:{NO_VALUE}", "channel:hush channel", "category:oil"):
        for path in ("/lines/rows", "/lines/export.csv"):
            found = anna.client.get(f"{path}?period=all&cell={quote(cell)}&end=500")
            assert SECRET.lower() not in found.text.lower(), path
    assert SECRET.lower() not in anna.client.get("/").text.lower()


def test_the_screen_says_which_rows_are_shown(anna: Visitor, everybody: Visitor) -> None:
    def status(visitor: Visitor) -> str:
        values = {"status-poll.n_intervals": 1, "data-version.data": -1}
        found = visitor.call("status-items.children", values, changed=("status-poll.n_intervals",))
        return str(found.json["response"]["status-items"]["children"])

    mine, theirs = status(anna), status(everybody)
    assert "160 lines" in mine
    assert "240 lines" in theirs
    assert "You see only: Country: France" in mine
    assert "You see only" not in theirs


def test_an_owners_name_in_a_request_changes_nothing(anna: Visitor) -> None:
    """Who asks is the server's to say: no header, cookie or parameter names a user."""
    client = anna.client.application.test_client()
    client.set_cookie("picholine_user", "local")
    headers = {"X-User": "local", "Authorization": "Basic bG9jYWw6"}
    path = "/export/margins/by_country.csv?period=all&user=local&as=local&owner=local"
    assert "Italy" not in client.get(path, headers=headers).text
