"""Rules of data quality on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dashboard.cli import main
from tests.unit.ingest_home import line, write_xlsx


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")
    monkeypatch.setenv("PICHOLINE_HOME", str(tmp_path / "home"))
    return tmp_path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def told(*arguments: object) -> Any:
    found = call(*arguments, "--json")
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_a_rule_is_added_tried_changed_and_brought_back(home: Path) -> None:
    path = write_xlsx(home / "a.xlsx", [line(1), line(2, **{"Unit price": 99})])
    assert told("import", path)["quality"] == 1.0
    add = ("rules", "add", "--table", "sales", "--wrong", "unit_price > 50", "--name-en", "Dear")
    tried = told(*add, "--check")
    assert (tried["broken"], tried["rows"]) == (1, 2)
    assert tried["examples"][0] | {"import_id": 1, "row": 3} == tried["examples"][0]
    assert [entry["key"] for entry in told("rules") if not entry["shipped"]] == []
    made = told(*add)
    assert (made["key"], made["severity"], made["expression"]) == (
        "dear",
        "warn",
        "unit_price > 50",
    )
    told("rules", "set", "dear", "--severity", "block", "--off")
    assert [e["enabled"] for e in told("rules", "history", "dear")] == [False, True]
    # Each version begins with the number that brings it back.
    listed = call("rules", "history", "dear").stdout.splitlines()
    assert [row.split()[0] for row in listed] == ["2", "1"]
    assert told("rules", "restore", "dear", 1)["severity"] == "warn"
    assert told("rules", "test", "dear")["broken"] == 1
    assert told("rules", "remove", "dear")["removed"] is True
    assert "1 of 2 stored rows" in call(*add, "--check").stdout


def test_thresholds_and_their_limits() -> None:
    changed = told("rules", "set", "price_outlier", "--threshold", "score=5")
    assert (changed["settings"]["score"], changed["settings"]["least"]) == (5, 20)
    refused = call("rules", "set", "price_outlier", "--threshold", "score=0", "--json")
    assert json.loads(refused.stdout)["error"]["code"] == "rule.threshold"
    assert "score = 5" in call("rules").stdout


def test_an_error_names_its_place() -> None:
    found = call("rules", "add", "--table", "sales", "--wrong", "quantty > 1", "--name-en", "x")
    assert found.exit_code == 1
    assert "Character 1:" in found.stderr
    assert "quantity" in found.stderr


def test_control_totals(home: Path) -> None:
    path = write_xlsx(home / "a.xlsx", [line(1), line(2)])
    refused = call("import", path, "--control-total", "Quantity=5")
    assert refused.exit_code == 1
    assert "adds up to 4.00; the control total is 5.00" in refused.stderr
    assert told("import", path, "--control-total", "Quantity=4")["accepted"] == 2
    assert call("import", path, "--control-total", "5").exit_code == 1
