"""The machine: versions, settings, the home folder, disk and memory."""

import os
import platform
import shutil
import tempfile
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.i18n import msg
from core.paths import assets_dir, data_dir
from core.services.doctor.check import Check, Level
from core.settings import Settings, machine_memory_mb

_LIBRARIES = ("duckdb", "pyarrow", "sqlmodel", "fastexcel", "xlsxwriter", "dash", "plotly")
_GIGABYTE = 1 << 30
_LITTLE_DISK, _NO_DISK = 2 * _GIGABYTE, _GIGABYTE // 4
_PREFIX = "PICHOLINE_"


def machine_checks(settings: Settings) -> list[Check]:
    """Return what can be said without the catalogue."""
    return [
        _versions(),
        _libraries(),
        _shipped(),
        *_settings(settings),
        _time_zone(settings),
        _home(settings),
        _disk(settings),
        _memory(settings),
        _network(settings),
    ]


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _versions() -> Check:
    own = _installed("picholine") or "?"
    found = f"Picholine {own}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    return Check("versions", Level.OK, msg("Versions"), found)


def _libraries() -> Check:
    found = {name: _installed(name) for name in _LIBRARIES}
    missing = [name for name, has in found.items() if has is None]
    shown = ", ".join(f"{name} {has}" for name, has in found.items() if has)
    if not missing:
        return Check("libraries", Level.OK, msg("Libraries"), shown)
    return Check(
        "libraries",
        Level.BROKEN,
        msg("Libraries"),
        msg("{names} not installed", names=", ".join(missing)),
        msg("Install Picholine again (make install)."),
    )


def _shipped() -> Check:
    missing = [folder.name for folder in (assets_dir(), data_dir()) if not folder.is_dir()]
    if not missing:
        return Check("files", Level.OK, msg("Files that ship"), msg("complete"))
    return Check(
        "files",
        Level.BROKEN,
        msg("Files that ship"),
        msg("{names} missing", names=", ".join(missing)),
        msg("Install Picholine again (make install)."),
    )


def _settings(settings: Settings) -> list[Check]:
    """Find names nobody reads: a misspelt setting would otherwise be ignored without a word."""
    known = set(Settings.model_fields)
    named = [key for key in os.environ if key.startswith(_PREFIX)]
    wrong = [key for key in named if key.removeprefix(_PREFIX).lower() not in known | _OTHERS]
    file = settings.home / "config.toml"
    if file.is_file():
        stored = tomllib.loads(file.read_text(encoding="utf-8"))
        wrong += [f"config.toml: {key}" for key in stored if key not in known]
    if not wrong:
        text = msg("language {language}, currency {currency}, campaign from month {month}",
                   language=settings.language, currency=settings.base_currency,
                   month=settings.campaign_first_month)  # fmt: skip
        return [Check("settings", Level.OK, msg("Settings"), text)]
    return [
        Check(
            "settings",
            Level.WARNING,
            msg("Settings"),
            msg("{name} is not a setting and is ignored", name=name),
            msg("Correct the name; settings are: {names}.", names=", ".join(sorted(known))),
        )
        for name in wrong
    ]


_OTHERS = {"real_data"}  # read by the tests, not by the product


def _time_zone(settings: Settings) -> Check:
    # A wrong name is refused with the settings; here it is only told.
    return Check("time_zone", Level.OK, msg("Time zone"), settings.time_zone)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _home(settings: Settings) -> Check:
    title = msg("Home folder")
    try:
        with tempfile.TemporaryFile(dir=_existing(settings.home)):
            pass
    except OSError as error:
        return Check(
            "home",
            Level.BROKEN,
            title,
            msg("{path} cannot be written: {why}", path=settings.home, why=error.strerror or error),
            msg("Choose another one with --home or PICHOLINE_HOME."),
        )
    if not settings.home.is_dir():
        text = msg("{path} does not exist yet; it is created when needed", path=settings.home)
        return Check("home", Level.NOTE, title, text)
    return Check("home", Level.OK, title, str(settings.home))


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(_existing(settings.home)).free
    level = Level.BROKEN if free < _NO_DISK else Level.WARNING if free < _LITTLE_DISK else Level.OK
    remedy = msg("Make room, or choose a home folder on a larger disk.")
    return Check(
        "disk",
        level,
        msg("Free disk space"),
        f"{free / _GIGABYTE:.1f} GB",
        None if level is Level.OK else remedy,
    )


def _memory(settings: Settings) -> Check:
    title = msg("Memory limit")
    text = f"{settings.memory_limit_mb} MB"
    total = machine_memory_mb()
    if total is not None and settings.memory_limit_mb > total:
        return Check(
            "memory",
            Level.WARNING,
            title,
            msg("{limit}, but the machine has {total} MB", limit=text, total=total),
            msg("Lower PICHOLINE_MEMORY_LIMIT_MB."),
        )
    return Check("memory", Level.OK, title, text)


def _network(settings: Settings) -> Check:
    title = msg("Network")
    if not settings.allow_network:
        return Check("network", Level.OK, title, msg("this machine only"))
    return Check(
        "network",
        Level.WARNING,
        title,
        msg("open to the network, and there are no accounts"),
        msg("Unset PICHOLINE_ALLOW_NETWORK unless everyone on the network may see the data."),
    )
