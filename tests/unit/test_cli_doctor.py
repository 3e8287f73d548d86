"""The doctor: healthy homes, empty homes, and each thing that can be wrong."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from core.repository.catalogue import Catalogue
from core.repository.jobs import JobStore
from core.services.doctor import Level, examine
from core.services.jobs import Jobs
from core.services.worker_lock import worker_lock
from core.settings import load_settings
from dashboard.cli import main


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a small company, prepared once."""
    home = tmp_path_factory.mktemp("prepared") / "company"
    found = CliRunner().invoke(main, ["demo", "--lines", "300", "--home", str(home)])
    assert found.exit_code == 0, found.stderr
    return home


@pytest.fixture
def company(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")
    return shutil.copytree(prepared, tmp_path / "company")


def doctor(home: Path) -> tuple[int, dict[str, Any]]:
    found = CliRunner().invoke(main, ["doctor", "--json", "--home", str(home)])
    value = json.loads(found.stdout)
    return found.exit_code, {check["key"]: check for check in value["checks"]}


def test_a_healthy_home(company: Path) -> None:
    code, checks = doctor(company)
    assert code == 0
    assert {check["level"] for check in checks.values()} <= {"ok", "note"}
    assert {"versions", "libraries", "home", "disk", "catalogue", "data", "segments"} <= set(checks)
    assert "10" in checks["data"]["found"]
    assert "300" in checks["warehouse"]["found"]


def test_people_get_lines(company: Path) -> None:
    found = CliRunner().invoke(main, ["doctor", "--home", str(company)])
    assert "✓ Catalogue: sqlite" in found.stdout


def test_an_absent_home_is_not_made(tmp_path: Path) -> None:
    code, checks = doctor(tmp_path / "none" / "yet")
    assert code == 0
    assert checks["home"]["level"] == "note"
    assert not (tmp_path / "none").exists()


def test_lost_data_files_are_broken(company: Path) -> None:
    next((company / "segments" / "suppliers").iterdir()).unlink()
    code, checks = doctor(company)
    assert code == 1
    assert checks["segments"]["level"] == "broken"
    assert "backup" in checks["segments"]["remedy"]


def test_left_over_files_are_noted(company: Path) -> None:
    (company / "segments" / "sales" / "left.parquet").write_bytes(b"")
    code, checks = doctor(company)
    assert (code, checks["orphans"]["level"]) == (0, "note")


def test_a_missing_warehouse_is_noted_and_a_damaged_one_broken(company: Path) -> None:
    file = next((company / "warehouse").glob("v*.duckdb"))
    content = file.read_bytes()
    file.unlink()
    assert doctor(company)[1]["warehouse"]["level"] == "note"
    file.write_bytes(b"x" * len(content))
    code, checks = doctor(company)
    assert (code, checks["warehouse"]["level"]) == (1, "broken")
    assert file.name in checks["warehouse"]["found"]


def test_jobs_without_a_worker_are_broken(company: Path) -> None:
    catalogue = Catalogue(load_settings(company).catalogue_url)
    Jobs(JobStore(catalogue.engine)).submit("demo", {})
    code, checks = doctor(company)
    assert (code, checks["worker"]["level"]) == (1, "broken")
    with worker_lock(company):
        assert doctor(company)[1]["worker"]["level"] == "ok"
    catalogue.engine.dispose()


def test_an_unreachable_database_is_broken(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://someone:hidden@127.0.0.1:1/none?connect_timeout=1"
    monkeypatch.setenv("PICHOLINE_DATABASE_URL", url)
    code, checks = doctor(company)
    assert (code, checks["catalogue"]["level"]) == (1, "broken")
    assert "hidden" not in json.dumps(checks)


@pytest.fixture
def settings_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def level(key: str, **variables: str) -> Level:
        for name, value in variables.items():
            monkeypatch.setenv(f"PICHOLINE_{name}", value)
        checks = examine(load_settings(tmp_path / "home"))
        return next(check.level for check in checks if check.key == key)

    return level


@pytest.mark.parametrize(
    ("key", "variables", "level"),
    [
        ("settings", {"LANGUAGE": "fr"}, Level.OK),
        ("settings", {"LANGAUGE": "fr"}, Level.WARNING),
        ("memory", {"MEMORY_LIMIT_MB": "99999999"}, Level.WARNING),
        ("network", {"ALLOW_NETWORK": "true"}, Level.WARNING),
    ],
)
def test_settings_are_examined(
    settings_of: Any, key: str, variables: dict[str, str], level: Level
) -> None:
    assert settings_of(key, **variables) is level


def test_unknown_names_in_the_file_are_found(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('colour = "green"')
    found = [check for check in examine(load_settings(tmp_path)) if check.key == "settings"]
    assert [check.level for check in found] == [Level.WARNING]
    assert "colour" in str(found[0].found)
