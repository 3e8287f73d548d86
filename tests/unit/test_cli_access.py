"""Rights and kept answers on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dashboard.cli import main
from tests.storehouse import Storehouse, sale


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")
    house = Storehouse(folder)
    house.add(
        "sales",
        [
            sale("A", "2025-01-01", "P1", 1, 10, country="FR"),
            sale("B", "2025-02-01", "P1", 1, 30, country="IT"),
        ],
    )
    house.close()
    return folder


def call(home: Path, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *map(str, arguments)])


def answer(home: Path, *arguments: object) -> Any:
    found = call(home, *arguments, "--json")
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_rules_are_given_shown_and_taken_away(home: Path) -> None:
    assert answer(home, "access") == {"rules": [], "roles": []}
    given = answer(home, "access", "allow", "anna", "country=FR")
    assert (given["rule_id"], given["dimension"], given["values"]) == (1, "country", ["FR"])
    assert given["warnings"] == []
    answer(home, "access", "allow", "south", "country=IT,", "--role")
    assert answer(home, "access", "role", "anna", "south")["changed"]
    assert answer(home, "access", "show", "anna")["where"] == {"country": ["FR", "IT"]}
    listed = call(home, "access", "list").stdout
    assert "anna  country = FR" in listed
    assert "role south  country = IT" in listed
    assert "anna has the role south" in listed
    assert not answer(home, "access", "role", "anna", "south", "--leave")["has"]
    gone = call(home, "access", "remove", 1)
    assert "“anna” has no rule any more and limits nobody." in gone.stderr
    assert answer(home, "access", "show", "anna")["where"] == {}
    log = "".join(file.read_text() for file in (home / "logs" / "command").glob("*"))
    assert log.count("access.allowed") == 2
    assert log.count("access.removed") == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("allow", "anna", "contry=FR"), "query.dimension"),
        (("allow", "anna", "month=2025-01"), "access.dimension"),
        (("allow", "anna", "country!=FR"), "access.operator"),
        (("allow", "anna"), "access.words"),
        (("remove", "99"), "access.unknown"),
        (("remove", "x"), "access.unknown"),
        (("show",), "access.words"),
    ],
)
def test_mistakes_are_named(home: Path, words: tuple[str, ...], code: str) -> None:
    found = call(home, "access", *words, "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["error"]["code"] == code


def test_a_misspelt_value_is_stored_with_a_warning(home: Path) -> None:
    found = call(home, "access", "allow", "anna", "country=Italy")
    assert found.exit_code == 0
    assert "did you mean IT?" in found.stderr


def test_answers_keep_to_the_rights_of_a_user(home: Path) -> None:
    answer(home, "access", "allow", "anna", "country=FR")
    asked = ("query", "--metrics", "net_sales", "--by", "country")
    assert answer(home, *asked)["total"]["net_sales"] == 40
    mine = answer(home, *asked, "--as", "anna")
    assert mine["total"]["net_sales"] == 10
    assert [row["country"] for row in mine["rows"]] == ["FR"]
    overview = answer(home, "analyse", "overview", "--set", "period=all", "--as", "anna")
    assert [row["country"] for row in overview["tables"]["countries"]["rows"]] == ["FR"]


def test_the_cache_tells_what_it_was_good_for(home: Path) -> None:
    assert call(home, "cache").stdout.strip() == "Nothing was asked yet."
    for _n in range(2):
        answer(home, "query", "--metrics", "net_sales")
    state = answer(home, "cache")
    assert state["asked"] == 2
    assert state["counts"]["computed"] + state["counts"].get("disk", 0) == 2
    assert "Questions since" in call(home, "cache").stdout
    assert call(home, "doctor").stdout.count("Kept answers") == 1
    answer(home, "cache", "--clear")
    assert answer(home, "cache")["asked"] == 0
