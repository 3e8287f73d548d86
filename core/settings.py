"""Typed settings: environment (`PICHOLINE_*`) over the home's `config.toml` over defaults."""

import os
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_data_path
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from core.errors import PicholineError
from core.i18n import msg

MONTHS = 12
_LEAST_MEMORY_MB = 2048
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def machine_memory_mb() -> int | None:
    """Return the megabytes this machine or container has; None where it cannot be told."""
    if not hasattr(os, "sysconf"):
        return None
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        total = min(total, int(_CONTAINER_LIMIT.read_text(encoding="ascii")))
    return total >> 20


def _memory_limit_mb() -> int:
    """A quarter of the memory: web server and worker each have an engine, and are not alone."""
    return max(_LEAST_MEMORY_MB, (machine_memory_mb() or 0) // 4)


class Settings(BaseSettings):
    """What a person may configure; every field has a working default."""

    model_config = SettingsConfigDict(env_prefix="PICHOLINE_", extra="ignore", frozen=True)

    home: Path = Field(default_factory=lambda: user_data_path("picholine", appauthor=False))
    database_url: str = Field(
        default="", repr=False, description="catalogue; empty: SQLite at home"
    )
    base_currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    time_zone: str = "Europe/Paris"
    campaign_first_month: int = Field(default=10, ge=1, le=MONTHS)
    language: str = Field(default="en", pattern=r"^(en|fr)$")
    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=0, le=65535)
    allow_network: bool = Field(default=False, description="serve beyond this machine, no accounts")
    threads: int = Field(default_factory=lambda: min(os.cpu_count() or 1, 8), ge=1)
    memory_limit_mb: int = Field(
        default_factory=_memory_limit_mb, ge=128, description="per query engine process"
    )
    workers: int = Field(default=2, ge=1, le=2, description="2: patient work has its own")
    watched_folder: Path | None = Field(default=None, description="PICHOLINE_INBOX: files in it")
    max_upload_mb: int = Field(default=2200, ge=1, description="millions of bytes")
    upload_piece_kb: int = Field(default=8192, ge=16, description="large files come in pieces")
    answers_mb: int = Field(default=256, ge=0, description="answers kept on disk; 0: none")
    prefetch: bool = Field(default=True, description="compute likely next answers when idle")
    offline: bool = Field(default=True, description="browsers keep the last views")
    engine: str = Field(default="duckdb", pattern=r"^(duckdb|postgresql|clickhouse)$")
    engine_url: str = Field(default="", repr=False, description="server of the lines")
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")

    @model_validator(mode="before")
    @classmethod
    def _inbox(cls, stated: dict[str, Any]) -> dict[str, Any]:
        """Let PICHOLINE_INBOX name the watched folder; an empty one switches it off."""
        named = os.environ.get("PICHOLINE_INBOX")
        return stated if named is None else {**stated, "watched_folder": named or None}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = f"{name!r} is no time zone, such as Europe/Paris"
            raise ValueError(message) from error
        return name

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment wins over the file, which arrives as init values."""
        return env_settings, init_settings

    @property
    def inbox(self) -> Path:
        """Uploaded files, under their SHA-256."""
        return self.home / "inbox"

    @property
    def segments(self) -> Path:
        """Immutable Parquet segments."""
        return self.home / "segments"

    @property
    def quarantine(self) -> Path:
        """Quarantined rows, one Parquet file per import."""
        return self.home / "quarantine"

    @property
    def warehouse(self) -> Path:
        """One DuckDB file per data version."""
        return self.home / "warehouse"

    @property
    def runs(self) -> Path:
        """Results of background analyses: models and scores, one folder per run."""
        return self.home / "runs"

    @property
    def logs(self) -> Path:
        """Structured logs."""
        return self.home / "logs"

    @property
    def cache(self) -> Path:
        """Cached results of long computations."""
        return self.home / "cache"

    @property
    def observed(self) -> Path:
        """What costly questions needed, for the next build."""
        return self.cache / "observed.json"

    @property
    def catalogue_url(self) -> str:
        """SQLAlchemy address of the catalogue."""
        return self.database_url or f"sqlite:///{(self.home / 'catalogue.db').as_posix()}"

    def create_home(self) -> None:
        """Create the home folder, readable by its owner only.

        Raises:
            PicholineError: the folder cannot be created or written.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.inbox, self.segments, self.quarantine, self.warehouse, self.cache):
                folder.mkdir(exist_ok=True)
        except OSError as error:
            raise PicholineError(
                "home.unwritable",
                msg("The home folder {path} cannot be used: {why}.", path=self.home, why=error),
                msg("Choose another one with --home or PICHOLINE_HOME."),
            ) from error


def load_settings(home: Path | None = None, **overrides: Any) -> Settings:
    """Return the settings of a home folder.

    Args:
        home: overrides `PICHOLINE_HOME` and the platform's convention.
        overrides: values of command-line options; they win over everything.

    Raises:
        PicholineError: a value in the environment or the file is not usable.
    """
    try:
        base = Settings()
        chosen = (home or base.home).expanduser().absolute()
        file = chosen / "config.toml"
        stored = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        merged: dict[str, Any] = {**stored, "home": chosen}
        found = Settings(**merged)
        given = {key: value for key, value in overrides.items() if value is not None}
        return found.model_copy(update={**given, "home": chosen})
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        where = ".".join(str(part) for part in first["loc"]) if first else "config.toml"
        why = first["msg"] if first else str(error)
        raise PicholineError(
            "settings.invalid",
            msg("The setting {name} is not usable: {why}.", name=where, why=why),
            msg("Correct it in config.toml or in the environment (PICHOLINE_…)."),
        ) from error
