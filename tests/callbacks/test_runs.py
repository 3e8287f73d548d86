"""Pages of background analyses through the callback route: start, progress, kept values, files."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from core.models.query import Scope
from core.models.tables import JobStatus
from core.services import schedules
from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from core.settings import load_settings
from dashboard.app import create_app
from tests import scratch
from tests.desk import Visitor, demo_application, pattern, texts
from tests.scratch import ANALYSIS, KEY

PANEL = f"{KEY}-customers"
DO = pattern("n_clicks", do="ALL", page=KEY, type="run-do")
SCHEDULE = f'{{"page":"{KEY}","type":"run-schedule"}}.value'


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("company") / "home"
    found = demo_application(home, 1_000)
    found.warehouse.ensure()
    found.close()
    return home


@pytest.fixture
def application(tmp_path: Path, company: Path) -> Iterator[Application]:
    shutil.copytree(company, tmp_path / "home")
    with scratch.registered():
        found = Application.open(load_settings(tmp_path / "home"))
        yield found
        found.close()


@pytest.fixture
def server(application: Application) -> Any:
    return create_app(application)


@pytest.fixture
def visitor(server: Any) -> Visitor:
    return Visitor(server.test_client())


def look(visitor: Visitor, query: str = "", path: str = f"/{KEY}", **known: Any) -> Any:
    """Return what the page answers; `known` is what the browser holds already."""
    values = {f"{KEY}-{name}.data": value for name, value in known.items()}
    return visitor.page(KEY, query, **{"url.pathname": path, **values})


def press(
    visitor: Visitor, do: str, query: str = "", *, with_a_tick: bool = False, **known: Any
) -> Any:
    name = {"type": "run-do", "page": KEY, "do": do}
    changed = f'{{"do":"{do}","page":"{KEY}","type":"run-do"}}.n_clicks'
    values = {f"{KEY}-{key}.data": value for key, value in known.items()}
    return visitor.call(
        f"{KEY}-run-turn.data",
        {DO: [(name, 1)], f"{KEY}-query.data": query, f"{KEY}-run-poll.n_intervals": 1, **values},
        changed=(f"{KEY}-run-poll.n_intervals", changed) if with_a_tick else (changed,),
    )


def tick(visitor: Visitor, **known: Any) -> Any:
    values = {f"{KEY}-{key}.data": value for key, value in known.items()}
    return visitor.call(
        f"{KEY}-run-turn.data",
        {f"{KEY}-run-poll.n_intervals": 1, f"{KEY}-query.data": "", **values},
        changed=(f"{KEY}-run-poll.n_intervals",),
    ).json["response"]


def work(application: Application) -> None:
    worker = Worker(application, "w", HANDLERS)
    while worker.run_next(Event()):
        pass


def phase(found: Any) -> str:
    return found[f"{KEY}-run-bar"]["children"]["props"]["data-phase"]


def bar(found: Any) -> str:
    return texts(found[f"{KEY}-run-bar"]["children"])


def test_opening_starts_the_run_and_shows_its_result(
    visitor: Visitor, application: Application
) -> None:
    first = look(visitor)
    assert phase(first) == "running"
    assert "is-waiting" in first[f"{PANEL}-frame"]["className"]
    assert first[f"{KEY}-run-poll"]["disabled"] is False
    assert f"{PANEL}-body" not in first
    asked = first[f"{KEY}-run"]["data"]
    assert "No worker is running" in texts(
        tick(visitor, run=asked)[f"{KEY}-run-progress"]["children"]
    )
    assert phase(look(visitor)) == "running"
    assert len(application.jobs.recent()) == 1
    work(application)
    ended = tick(visitor, run=asked)
    assert ended[f"{KEY}-run-turn"]["data"]["ended"] == 1
    again = tick(visitor, run=asked, **{"run-turn": ended[f"{KEY}-run-turn"]["data"]})
    assert f"{KEY}-run-turn" not in again
    done = look(visitor, run=asked)
    assert phase(done) == "ready"
    assert "Computed on" in bar(done)
    assert done[f"{KEY}-run-poll"]["disabled"] is True
    assert "rows" in texts(done[f"{PANEL}-body"]["children"])
    assert texts(done[f"{KEY}-notes"]["children"]) == "Value: 12.3%"
    assert "is-" not in done[f"{PANEL}-frame"]["className"]


def test_other_settings_keep_the_old_values_marked(
    visitor: Visitor, application: Application
) -> None:
    look(visitor)
    work(application)
    done = look(visitor)
    shown = done[f"{KEY}-shown"]["data"]
    other = look(visitor, "?horizon=24", shown=shown, run=done[f"{KEY}-run"]["data"])
    assert "is-stale" in other[f"{PANEL}-frame"]["className"]
    assert f"{PANEL}-body" not in other
    assert "values from before" in bar(other)
    work(application)
    again = look(visitor, "?horizon=24", shown=other[f"{KEY}-shown"]["data"])
    assert phase(again) == "ready"
    assert f"{PANEL}-body" in again


def test_a_second_visitor_gets_it_at_once(server: Any, application: Application) -> None:
    look(Visitor(server.test_client()))
    work(application)
    second = look(Visitor(server.test_client(), "fr"))
    assert phase(second) == "ready"
    assert texts(second[f"{KEY}-notes"]["children"]) == "Value: 12,3\u202f%"
    assert len(application.jobs.recent()) == 1


def test_a_page_in_the_background_starts_nothing(
    visitor: Visitor, application: Application
) -> None:
    found = look(visitor, path="/overview")
    assert phase(found) == "idle"
    assert "Start" in bar(found)
    assert application.jobs.recent() == []


def test_leaving_a_question_stops_its_run(visitor: Visitor, application: Application) -> None:
    first = look(visitor)
    look(visitor, "?horizon=24", run=first[f"{KEY}-run"]["data"])
    old, new = sorted(application.jobs.recent(), key=lambda job: job.id or 0)
    assert old.status is JobStatus.CANCELLED
    assert new.status is JobStatus.QUEUED
    assert phase(look(visitor)) == "running"  # asked for again, it starts again


def test_a_button_counts_that_is_pressed_in_the_moment_of_a_tick(
    application: Application, visitor: Visitor
) -> None:
    asked = look(visitor)[f"{KEY}-run"]["data"]
    assert press(visitor, "cancel", with_a_tick=True, run=asked).status_code == 200
    assert application.jobs.recent()[0].status is JobStatus.CANCELLED


def test_a_cancelled_run_waits_for_the_start_button(
    visitor: Visitor, application: Application
) -> None:
    asked = look(visitor)[f"{KEY}-run"]["data"]
    assert press(visitor, "cancel", run=asked).status_code == 200
    found = look(visitor, run=asked)
    assert phase(found) == "cancelled"
    assert "is-blank" in found[f"{PANEL}-frame"]["className"]
    assert phase(look(visitor)) == "cancelled"
    assert len(application.jobs.recent()) == 1
    press(visitor, "start")
    assert phase(look(visitor)) == "running"
    work(application)
    assert phase(look(visitor)) == "ready"


def test_a_failed_run_says_why_in_its_place(visitor: Visitor, application: Application) -> None:
    look(visitor, "?fault=error")
    work(application)
    found = look(visitor, "?fault=error")
    assert phase(found) == "failed"
    assert "See the list of imports." in bar(found)
    assert "Upload it again." in bar(found)
    assert "Start again" in bar(found)
    look(visitor, "?fault=defect")
    work(application)
    assert "unexpected error" in bar(look(visitor, "?fault=defect"))
    assert len(application.jobs.recent()) == 2


def test_run_again_adds_a_run_and_lists_the_earlier_one(
    visitor: Visitor, application: Application
) -> None:
    look(visitor)
    work(application)
    press(visitor, "again")
    during = look(visitor)
    assert phase(during) == "running"
    assert "rows" in texts(during[f"{PANEL}-body"]["children"])
    work(application)
    found = look(visitor)
    assert "1 earlier run" in bar(found)
    assert "0.873" in bar(found)
    assert len(application.runs.recent(Scope("local"))) == 2


def test_a_setting_that_does_not_fit_is_told_beside_it(visitor: Visitor) -> None:
    answer = visitor.call(
        f"{KEY}-option-horizon-error.children",
        {f"{KEY}-query.data": "?horizon=99&rate=12.5"},
        changed=(f"{KEY}-query.data",),
    )
    found = answer.json["response"]
    assert "from 1 to 60" in found[f"{KEY}-option-horizon-error"]["children"]
    assert found[f"{KEY}-option-rate-error"]["children"] is None
    page = look(visitor, "?horizon=99")
    assert phase(page) == "refused"
    assert "does not fit" in bar(page)


def test_no_answer_of_the_server_fills_a_setting(visitor: Visitor) -> None:
    """However late it is, it cannot take away what was chosen meanwhile."""
    outputs = " ".join(callback["output"] for callback in visitor.callbacks)
    assert f"{KEY}-option-horizon-error.children" in outputs
    assert not re.search(r"-option-\w+-value\.", outputs)


def test_the_script_learns_defaults_and_the_readers_decimal_sign(server: Any) -> None:
    for language, decimal in (("en", "."), ("fr", ",")):
        reader = Visitor(server.test_client(), language)
        answer = reader.call(f"{KEY}-slot.children", {f"{KEY}-visited.data": True}, changed=("x",))
        parts = answer.json["response"][f"{KEY}-slot"]["children"]
        store = next(part for part in parts if part["props"].get("id") == f"{KEY}-options-spec")
        spec = {setting["name"]: setting for setting in store["props"]["data"]}
        assert spec.keys() == {option.name for option in ANALYSIS.options}
        assert spec["rate"]["id"] == f"{KEY}-option-rate-value"
        assert (spec["rate"]["default"], spec["rate"]["decimal"]) == ("10", decimal)
        assert spec["fault"]["decimal"] == ""


def test_controls_are_drawn_from_the_options(visitor: Visitor) -> None:
    answer = visitor.call(f"{KEY}-slot.children", {f"{KEY}-visited.data": True}, changed=("x",))
    drawn = answer.text
    for option in ANALYSIS.options:
        assert f'"{KEY}-option-{option.name}-value"' in drawn
    assert '"placeholder":"1 \\u2013 60"' in drawn or '"placeholder":"1 – 60"' in drawn
    assert '"type":"date"' in drawn


def test_the_switch_schedules_these_settings(visitor: Visitor, application: Application) -> None:
    def switch(wanted: bool, query: str) -> Any:
        return visitor.call(
            f"{KEY}-run-scheduled.data",
            {SCHEDULE: wanted, f"{KEY}-query.data": query},
            changed=(SCHEDULE,),
        )

    params = ANALYSIS.params_from([("horizon", "24")])
    assert switch(False, "?horizon=24").status_code == 204
    assert switch(True, "?horizon=24").json["response"]
    assert schedules.is_scheduled(application, ANALYSIS, params, Scope())
    other = ANALYSIS.params_from([])
    assert not schedules.is_scheduled(application, ANALYSIS, other, Scope())
    switch(False, "?horizon=24")
    assert not schedules.is_scheduled(application, ANALYSIS, params, Scope())


def test_exports_wait_for_the_run(visitor: Visitor, application: Application) -> None:
    address = f"/export/{KEY}/customers.csv?horizon=24"
    before = visitor.client.get(address, headers={"Accept": "text/html"})
    assert before.status_code == 409
    assert f"/{KEY}?horizon=24" in before.text
    assert "has not been computed" in before.text
    look(visitor, "?horizon=24")
    assert "still being computed" in visitor.client.get(address).text
    work(application)
    done = visitor.client.get(address)
    assert done.status_code == 200
    assert "Customer" in done.text
    book = visitor.client.get(f"/export/{KEY}/all.xlsx?horizon=24")
    assert book.status_code == 200
    book.close()


def test_files_of_a_run_belong_to_its_owner(
    visitor: Visitor, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(visitor)
    work(application)
    model = visitor.client.get("/runs/1/model.json")
    assert model.json == {"horizon": 12, "past": 0}
    assert "attachment" in model.headers["Content-Disposition"]
    model.close()
    scores = visitor.client.get("/runs/1/scores.csv")
    assert "customer_id" in scores.text.splitlines()[0]
    assert len(scores.text.splitlines()) > 10
    assert visitor.client.get("/runs/2/model.json").status_code == 404
    for name in ("../../catalogue.db", "..%2f..%2fcatalogue.db", "x"):
        answer = visitor.client.get(f"/runs/{name}/model.json")
        assert answer.mimetype == "text/html"  # no route: the desk's own page
        assert b"SQLite" not in answer.data
    monkeypatch.setattr("callbacks.runs.scope", lambda: Scope("eve"))
    for name in ("model.json", "scores.csv"):
        answer = visitor.client.get(f"/runs/1/{name}", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json["code"]) == (404, "run.unknown")


def test_somebody_elses_job_is_joined_but_not_stopped(
    visitor: Visitor, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = look(visitor)[f"{KEY}-run"]["data"]
    for module in ("runs", "standings"):
        monkeypatch.setattr(f"callbacks.{module}.scope", lambda: Scope("eve"))
    found = look(visitor)
    assert phase(found) == "running"
    assert "Cancel" not in bar(found)
    assert press(visitor, "cancel", run=asked).status_code == 404
    look(visitor, "?horizon=24", run=asked)
    jobs = {
        job.owner: job.status for job in application.jobs.recent() + application.jobs.recent("eve")
    }
    assert jobs == {"local": JobStatus.QUEUED, "eve": JobStatus.QUEUED}


def test_the_menu_groups_customer_pages(visitor: Visitor) -> None:
    layout = visitor.client.get("/_dash-layout").text
    assert "nav-group" in layout
    assert f'"{KEY}-nav"' in layout
