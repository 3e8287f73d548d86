"""Where the files that ship with the product lie: the source tree first, the wheel otherwise."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped(name: str, packaged: Path) -> Path:
    root = _PACKAGE.parent
    return root / name if (root / "pyproject.toml").is_file() else packaged


def data_dir() -> Path:
    """Return the folder of reference tables and sample workbooks that ship."""
    return _shipped("data", _PACKAGE / "_data")


def assets_dir() -> Path:
    """Return the folder of style sheets, scripts, icons and fonts."""
    return _shipped("assets", _PACKAGE.parent / "dashboard" / "_assets")


def guide_dir() -> Path:
    """Return the folder of the user manual: one folder for each language, and its pictures."""
    return _shipped("docs/guide", _PACKAGE.parent / "dashboard" / "_guide")


def locale_dir() -> Path:
    """Return the folder of the gettext catalogues."""
    return _PACKAGE / "locale"
