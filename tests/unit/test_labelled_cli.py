"""A customer list on the command line: its path goes into the inbox, errors name what is wrong."""

import hashlib
import json
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from core.models.query import Scope
from core.repository.worklist import ItemKey
from core.services.application import Application
from core.services.worklist import UNTOUCHED
from core.settings import load_settings
from dashboard.cli import main


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """Return a list of customers; those with a monthly plan leave more often."""
    dice, lines = Random(3), ["customer_id,tenure,plan,churned"]
    for n in range(260):
        tenure, plan = dice.randrange(1, 40), dice.choice(["month", "year"])
        gone = dice.random() < (0.8 if plan == "month" else 0.2)
        lines.append(f"K{n},{tenure},{plan},{'yes' if gone else 'no'}")
    path = tmp_path / "my customers.csv"
    path.write_text("\n".join(lines))
    return path


def call(home: Path, *arguments: str) -> Result:
    fixed = ("analyse", "churn", "--home", str(home), "--set", "kind=contracts")
    return CliRunner().invoke(main, [*fixed, *arguments])


def test_a_path_is_put_into_the_inbox_and_scored(home: Path, listed: Path) -> None:
    said = ("--set", f"file={listed}", "--set", "label=churned", "--table", "customers")
    first = call(home, *said, "--format", "csv")
    assert first.exit_code == 0, first.stderr
    head, *lines = first.stdout.splitlines()
    assert {"customer", "probability", "assignee", "status", "note"} <= set(head.split(","))
    assert lines
    sha256 = hashlib.sha256(listed.read_bytes()).hexdigest()
    assert (home / "inbox" / sha256).is_file()
    # The hash names the same list, and what was written about a customer comes with it.
    code = lines[0].split(",")[0]
    application = Application.open(load_settings(home))
    application.worklist.change(ItemKey("churn", code), "note", "rings back", UNTOUCHED, Scope())
    application.close()
    again = call(home, "--set", f"file={sha256}", "--set", "label=churned", "--table", "customers",
                 "--format", "csv")  # fmt: skip
    assert again.exit_code == 0, again.stderr
    assert "rings back" in again.stdout


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (("file={gone}",), "file.missing"),
        (("file={picture}",), "file.type"),
        (("file=" + "0" * 64,), "file.unknown"),
        ((), "labelled.none"),
        (("file={list}", "label=nothing"), "labelled.column"),
    ],
)
def test_what_cannot_be_read_is_said(
    home: Path, listed: Path, tmp_path: Path, settings: tuple[str, ...], code: str
) -> None:
    picture = tmp_path / "logo.png"
    picture.write_bytes(b"\x89PNG nothing")
    names = {"list": listed, "picture": picture, "gone": tmp_path / "gone.csv"}
    pairs = [part for text in settings for part in ("--set", text.format(**names))]
    found = call(home, *pairs, "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["error"]["code"] == code
