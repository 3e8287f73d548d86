"""The command line as such: help, languages, errors, exit codes, clean stdout."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dashboard.cli import main
from tests.conftest import run_process

COMMANDS = [
    "serve", "desktop", "demo", "import", "imports", "template", "layouts", "source", "inbox",
    "undo", "redo", "quarantine", "corrections", "aliases", "query", "lines", "row", "analyse",
    "analyses", "runs", "metrics", "define", "rules", "access", "cache", "doctor", "worker",
]  # fmt: skip


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")


def call(*arguments: object, **given: Any) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], **given)


def test_help_lists_every_command() -> None:
    found = call("--help")
    assert found.exit_code == 0
    lines = found.stdout.split("Commands:")[1].splitlines()
    assert [line.split()[0] for line in lines if line[2:3].strip()] == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    found = call(name, "--help")
    assert found.exit_code == 0
    assert "--home DIR" in found.stdout
    assert "--json" in found.stdout


def test_help_speaks_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "fr")
    assert "Liste les analyses" in call("--help").stdout
    assert "Dossier de travail" in call("query", "--help").stdout


def test_the_systems_language_serves_where_none_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PICHOLINE_LANGUAGE")
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert "Marge brute" in call("metrics").stdout
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "Gross margin" in call("metrics").stdout


@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["query"], ["query", "--metrics", "orders", "--compare", "x"], ["undo", "x"]],
)
def test_usage_errors_exit_with_two(arguments: list[str]) -> None:
    found = call(*arguments)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert "Usage" in found.stderr


def test_an_error_says_what_to_do_and_exits_with_one() -> None:
    found = call("query", "--metrics", "net_salse")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "net_salse" in found.stderr
    assert "net_sales" in found.stderr
    assert "Traceback" not in found.stderr


def test_with_json_the_error_is_the_answer_too() -> None:
    found = call("undo", 99, "--json")
    assert found.exit_code == 1
    error = json.loads(found.stdout)["error"]
    assert error["code"] == "import.unknown"
    assert error["title"] in found.stderr


def test_a_broken_setting_is_named(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('base_currency = "euro"')
    found = call("imports", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["error"]["code"] == "settings.invalid"
    assert "base_currency" in found.stderr


def test_something_unexpected_is_logged_not_shown(home: Path) -> None:
    home.mkdir()
    (home / "catalogue.db").mkdir()  # a folder where the database should be
    found = call("imports")
    assert found.exit_code == 1
    assert "Traceback" not in found.stderr
    assert found.stdout == ""


def test_home_may_stand_before_or_after_the_command(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    assert call("--home", first, "imports", "--json").exit_code == 0
    assert (first / "catalogue.db").is_file()
    assert call("--home", first, "imports", "--home", second, "--json").stdout == "[]\n"
    assert (second / "catalogue.db").is_file()


def test_a_home_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = call("imports", "--home", tmp_path / "file" / "home")
    assert found.exit_code == 1
    assert "--home" in found.stderr


def test_analyses_and_metrics_are_listed() -> None:
    listed = json.loads(call("analyses", "--json").stdout)
    assert {"overview", "margins"} <= {entry["key"] for entry in listed}
    known = json.loads(call("metrics", "--json").stdout)
    assert {"net_sales", "margin_rate"} <= {entry["key"] for entry in known["metrics"]}
    assert {"country", "month"} <= {entry["key"] for entry in known["dimensions"]}
    assert all(entry["definition"] for entry in known["metrics"])


def test_the_process_keeps_stdout_for_data(home: Path) -> None:
    command = (sys.executable, "-m", "dashboard.cli")
    found = run_process(*command, "demo", "--lines", "500", "--json", env={**os.environ})
    assert found.returncode == 0
    assert json.loads(found.stdout)["lines"] == 500
    assert "%" in found.stderr
    bad = run_process(*command, "query", "--metrics", "orders", "--where", "country")
    assert (bad.returncode, bad.stdout) == (1, "")


def test_a_question_loads_neither_the_screen_nor_learning_libraries(home: Path) -> None:
    code = (
        "import sys\nfrom dashboard.cli import main\n"
        "main(['query', '--metrics', 'net_sales'], standalone_mode=False)\n"
        "heavy = {'dash', 'flask', 'plotly', 'sklearn', 'fastexcel', 'xlsxwriter', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    found = run_process(sys.executable, "-c", code)
    assert found.stderr.strip().splitlines()[-1] == "[]"
