"""Templates, layouts, sources and the watched folder on the command line."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from core.models.schema import TABLES
from dashboard.cli import main
from tests.unit.ingest_home import HEADERS, line, write_csv


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")
    monkeypatch.delenv("PICHOLINE_INBOX", raising=False)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def answer(*arguments: object) -> Any:
    found = call(*arguments, "--json")
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def refused(*arguments: object) -> str:
    found = call(*arguments, "--json")
    assert found.exit_code == 1
    return json.loads(found.stdout)["error"]["code"]


def test_templates_are_listed_and_written(tmp_path: Path) -> None:
    assert list(answer("template")) == list(TABLES)
    made = answer("template", "sales", "--lang", "fr", "--out", tmp_path)
    path = Path(made["file"])
    assert path.parent == tmp_path
    assert openpyxl.load_workbook(path).worksheets[0].cell(1, 1).value == "Facture"
    assert refused("template", "nothing") == "template.unknown"


def test_layouts_go_out_and_come_back(tmp_path: Path) -> None:
    assert answer("layouts") == []
    answer("import", write_csv(tmp_path / "march.csv", [line(1)]))
    (card,) = answer("layouts")
    assert (card["file_name"], card["titles"]) == ("march.csv", list(HEADERS))
    file = tmp_path / "layout.toml"
    assert call("layouts", "export", card["layout"], "--out", file).exit_code == 0
    file.write_text(file.read_text("utf-8").replace('"Customer"', '"Strange"'), "utf-8")
    assert refused("layouts", "put", card["layout"], file) == "layout.columns"
    file.write_text('table = "sales"\n[columns]\ninvoice_id = "Invoice"\n', "utf-8")
    assert answer("layouts", "put", card["layout"], file)["edition"] == 2
    assert [c["edition"] for c in answer("layouts", "history", card["layout"])] == [2, 1]
    assert answer("layouts", "restore", card["layout"], 1)["edition"] == 3
    assert answer("layouts", "forget", card["layout"])["table"] == ""
    assert [c["layout"] for c in answer("layouts", "list", "--forgotten")] == [card["layout"]]
    assert refused("layouts", "put", card["layout"]) == "layouts.words"
    assert "invoice_id ← Invoice" in call("layouts", "restore", card["layout"], 1).stdout


def test_a_source_is_added_run_listed_and_removed(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE t (invoice, d, sku, q, p)")
        connection.execute("INSERT INTO t VALUES ('X1', '2025-05-01', 'P9', 2, 3.5)")
    connection.close()
    query = tmp_path / "lines.sql"
    query.write_text("SELECT invoice, d AS date, sku AS product_id, q AS quantity, p AS unit_price"
                     " FROM t")  # fmt: skip
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    assert refused("source", "add", "shop", "--url", url) == "source.words"
    secret = ("--url", "postgresql://a:b@c/d", "--query", "SELECT 1")
    assert refused("source", "add", "shop", *secret) == "source.password"
    added = answer("source", "add", "shop", "--url", url, "--query", f"@{query}",
                   "--table", "sales", "--daily", "06:30")  # fmt: skip
    assert (added["daily_at"], added["status"]) == ("06:30", "")
    outcome = answer("source", "run", "shop")
    assert (outcome["ended"], outcome["reports"][0]["accepted"]) == ("imported", 1)
    (listed,) = answer("source")
    assert (listed["status"], listed["rows"]) == ("done", 1)
    assert "Nothing has changed since import 1." in call("source", "run", "shop").stdout
    assert answer("source", "show", "shop")["query"].startswith("SELECT invoice")
    tried = answer("source", "try", "shop")
    assert (tried["read"], tried["table"], tried["doubts"]) == (1, "sales", [])
    assert answer("source", "pause", "shop") == {"name": "shop", "paused": True}
    assert "resumed" in call("source", "resume", "shop").stdout
    changed = answer("source", "change", "shop", "--url", url, "--query", "SELECT invoice FROM t")
    assert (changed["query"], changed["table"]) == ("SELECT invoice FROM t", None)
    assert "lacks" in answer("source", "try", "shop")["doubts"][0]
    answer("source", "remove", "shop")
    assert refused("source", "run", "shop") == "source.unknown"
    assert "There are no sources yet." in call("source").stderr


def test_the_watched_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer("inbox") == []
    assert "No folder is watched" in call("inbox").stderr
    monkeypatch.setenv("PICHOLINE_INBOX", str(tmp_path / "arrivals"))
    assert "Nothing waits in" in call("inbox").stderr
    assert refused("inbox", "refuse", "x.csv") == "inbox.unknown"


def test_people_under_rules_are_refused(tmp_path: Path) -> None:
    answer("access", "allow", "limited", "country=FR")
    for words in (("layouts",), ("source",), ("inbox",)):
        assert refused(*words, "--as", "limited") == "access.restricted"
