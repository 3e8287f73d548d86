"""SQL sources on the page: tried out, added, changed, paused, removed; no password is shown."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import PicholineError
from core.models.arrivals import SqlSource
from core.models.query import Filter, Scope
from core.models.tables import now
from core.services import sql_source_desk as desk
from core.services.application import Application
from core.services.sql_source import SourceWatch, all_sources, get_source
from core.settings import load_settings
from dashboard.app import create_app
from dashboard.source_form import stated_source
from tests.desk import Visitor, pattern, texts

ALL = Scope("local")
ACTED = "source-editor.children"
FIELDS = pattern("value", type="source-field", name="ALL")
QUERY = "SELECT invoice, d AS date, sku AS product_id, q AS quantity, p AS unit_price FROM t;"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (invoice, d, sku, q, p)")
        rows = [(f"X{n}", "2025-05-01", "P9", 2, 3.5) for n in range(300)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    opened = Application.open(load_settings(tmp_path_factory.mktemp("sources") / "home"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def visitor(application: Application) -> Visitor:
    return Visitor(create_app(application).test_client())


def press(visitor: Visitor, what: str, about: str = "", /, **fields: str) -> dict[str, Any]:
    listed = [({"type": "source-field", "name": key}, value) for key, value in fields.items()]
    answer = visitor.press("source-pressed", ACTED, {FIELDS: listed}, what=what, source=about)
    assert answer.status_code == 200, answer.text
    return answer.json["response"]


def stated(database: str, /, **changes: str) -> dict[str, str]:
    fields = {"name": "shop", "address": database, "query": QUERY, "table": "sales"}
    return {**fields, "mode": "append", "turn": "press", "minutes": "", "daily": "", **changes}


def test_a_source_is_tried_added_changed_paused_and_removed(
    visitor: Visitor, application: Application, shop: str
) -> None:
    form = press(visitor, "new")["source-editor"]["children"]
    assert "New source" in texts(form)
    assert '"source": ""' in str(form).replace("\\", "")  # its buttons say what they are about
    tried = texts(press(visitor, "try", **stated(shop))["source-said"]["children"])
    assert "looked at: 200 rows" in tried
    assert "They would become the table Sales" in tried
    assert "X0" in tried
    assert "refused" not in tried
    assert all_sources(application, ALL) == []  # nothing is stored by a trial
    assert application.catalogue.imports() == []
    press(visitor, "add", **stated(shop, turn="every", minutes="15"))
    source = get_source(application, "shop", ALL)
    assert (source.every_minutes, source.query[-1], source.mode) == (15, "t", "append")
    edited = press(visitor, "edit", "shop")["source-editor"]["children"]
    assert "Source shop" in texts(edited)
    press(visitor, "change", "shop", **stated(shop, mode="upsert", turn="daily", daily="06:30"))
    source = get_source(application, "shop", ALL)
    assert (source.every_minutes, source.daily_at, source.mode) == (None, "06:30", "upsert")
    press(visitor, "change", "shop", **stated(shop, turn="every", minutes="15"))
    press(visitor, "pause", "shop")
    listed = visitor.call(
        "sources-list.children", {"data-version.data": 1}, changed=("data-version.data",)
    )
    assert "paused, else every 15 min" in texts(listed.json["response"]["sources-list"]["children"])
    later = SourceWatch(application, moment=lambda: now() + timedelta(days=2))
    later.look()
    assert application.jobs.recent() == []
    press(visitor, "resume", "shop")
    later = SourceWatch(application, moment=lambda: now() + timedelta(days=2))
    later.look()
    assert [job.kind for job in application.jobs.recent()] == ["source"]
    busy = press(visitor, "change", "shop", **stated(shop))["source-said"]["children"]
    assert "is running already" in texts(busy)
    asked = press(visitor, "ask-remove", "shop")["source-editor"]["children"]
    assert "Remove the source" in texts(asked)
    press(visitor, "remove", "shop")
    assert all_sources(application, ALL) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"address": "postgresql://reader:hunter2@host/shop"}, "The address holds a password"),
        ({"query": "DELETE FROM t"}, "not one single SELECT"),
        ({"turn": "every", "minutes": "soon"}, "cannot be the every of a source"),
        ({"turn": "daily", "daily": "late"}, "Write it as HH:MM"),
        ({"name": ""}, "cannot be the name of a source"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(
    visitor: Visitor, application: Application, shop: str, changes: dict[str, str], said: str
) -> None:
    for what in ("add", "try"):
        answer = press(visitor, what, **stated(shop, **changes))
        assert said in texts(answer["source-said"]["children"])
        assert "hunter2" not in str(answer)
        assert "source-editor" not in answer  # the form stays as it was filled in
    assert all_sources(application, ALL) == []


def test_a_trial_says_why_a_run_would_be_refused(visitor: Visitor, shop: str) -> None:
    query = "SELECT invoice, q AS quantity FROM t"
    said = texts(press(visitor, "try", **stated(shop, query=query))["source-said"]["children"])
    assert "A run would be refused" in said
    assert "lacks: Date" in said
    gone = press(visitor, "try", **stated(shop, query="SELECT a FROM nowhere"))
    assert "no such table" in texts(gone["source-said"]["children"])
    none = press(visitor, "try", **stated(shop, query=f"{QUERY[:-1]} WHERE q > 9"))
    assert "gives no rows now" in texts(none["source-said"]["children"])


def test_a_database_that_is_late_is_not_waited_for(
    application: Application, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "TRY_SECONDS", 0.05)
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "
        "SELECT max(i) AS q FROM n"
    )
    source = SqlSource(name="late", address=shop, query=endless)
    with pytest.raises(PicholineError) as caught:
        desk.try_source(application, source, ALL)
    assert caught.value.code == "source.slow"


def test_people_under_rules_can_do_nothing(application: Application, shop: str) -> None:
    application.access.allow("limited", "country", ("FR",))
    limited = Visitor(create_app(application, user="limited").test_client())
    for what in ("add", "try", "change", "pause", "resume", "edit", "remove"):
        said = press(limited, what, "shop", **stated(shop))["source-said"]["children"]
        assert "open only to people who may see all rows" in texts(said)
    restricted = Scope("eve", (Filter("country", ("FR",)),))
    with pytest.raises(PicholineError):
        desk.paused_sources(application, restricted)


def test_the_form_states_what_was_typed(tmp_path: Path) -> None:
    source = stated_source(stated(f"sqlite:///{tmp_path}", table="", turn="every", minutes="60"))
    assert (source.table_name, source.every_minutes, source.daily_at) == (None, 60, None)
