"""Settings: environment over file over defaults, options over everything."""

from pathlib import Path

import pytest

from core.errors import PicholineError
from core.settings import load_settings, machine_memory_mb


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "PORT", "BASE_CURRENCY", "DATABASE_URL"):
        monkeypatch.delenv(f"PICHOLINE_{name}", raising=False)


def test_the_home_option_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PICHOLINE_HOME", str(tmp_path / "environment"))
    assert load_settings().home == tmp_path / "environment"
    assert load_settings(tmp_path / "option").home == tmp_path / "option"


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('port = 9000\nbase_currency = "CHF"\n')
    monkeypatch.setenv("PICHOLINE_PORT", "9100")
    settings = load_settings(tmp_path)
    assert (settings.port, settings.base_currency) == (9100, "CHF")
    assert load_settings(tmp_path, port=9200).port == 9200


@pytest.mark.parametrize(
    "text", ["port = 'many'", "base_currency = 'euro'", "time_zone = 'Moon'", "= nonsense"]
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(PicholineError) as caught:
        load_settings(tmp_path)
    assert caught.value.code == "settings.invalid"


def test_the_catalogue_is_sqlite_at_home_unless_an_address_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings(tmp_path).catalogue_url.startswith("sqlite:///")
    monkeypatch.setenv("PICHOLINE_DATABASE_URL", "postgresql://someone:secret@db/picholine")
    settings = load_settings(tmp_path)
    assert settings.catalogue_url.startswith("postgresql://")
    assert "secret" not in repr(settings)


def test_a_home_that_cannot_be_made_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PicholineError) as caught:
        load_settings(tmp_path / "file" / "home").create_home()
    assert caught.value.code == "home.unwritable"


def test_the_memory_limit_follows_the_machine_and_a_stated_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = machine_memory_mb()
    assert total is not None
    assert load_settings(tmp_path).memory_limit_mb == max(2048, total // 4)
    monkeypatch.setenv("PICHOLINE_MEMORY_LIMIT_MB", "700")
    assert load_settings(tmp_path).memory_limit_mb == 700


def test_a_containers_limit_counts_as_its_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr("core.settings._CONTAINER_LIMIT", limit)
    limit.write_text(f"{512 << 20}\n", encoding="ascii")
    assert machine_memory_mb() == 512
    assert load_settings(tmp_path).memory_limit_mb == 2048
    limit.write_text("max\n", encoding="ascii")
    assert (machine_memory_mb() or 0) > 512
