"""Which edition of the application this is: part of the addresses of what is loaded late."""

from functools import cache
from hashlib import blake2b
from pathlib import Path

from core.paths import assets_dir

_PACKAGES = ("core", "callbacks", "dashboard")


@cache
def build() -> str:
    """Return a text that changes with any file of the application, and with nothing else."""
    root = Path(__file__).resolve().parent.parent
    files = [path for name in _PACKAGES for path in (root / name).rglob("*.py")]
    files += [path for path in assets_dir().rglob("*") if path.is_file()]
    files += (root / "core" / "locale").rglob("*.po")
    digest = blake2b(digest_size=6)
    for path in sorted(files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
