"""The tables of `data/intake` that a person can edit, read once per process."""

import csv
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.paths import data_dir

_SIGNS = re.compile(r"[^\w%€$£¥]+|_")
_HUMPS = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ][a-zà-ÿ])")
_UNIT = re.compile(r"\((?:€|\$|£|eur|usd|gbp|kg|l|ml|ht|u|pcs?|jours?|days?)\)", re.IGNORECASE)


def plain(text: str) -> str:
    """Return a text for comparison: lower case, no accents, no punctuation, single spaces."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in spread if not unicodedata.combining(sign))
    return " ".join(_SIGNS.sub(" ", bare).split())


def plain_header(text: str) -> str:
    """Return a column title for comparison; `InvoiceDate` becomes `invoice date`."""
    shown = _UNIT.sub(" ", text).replace("N°", "n ").replace("n°", "n ").replace("Nº", "n ")
    return plain(_HUMPS.sub(" ", shown))


@dataclass(frozen=True)
class LineRule:
    """A code that stands for something else than a product, with words its description needs."""

    code: str
    kind: str
    words: tuple[str, ...]


def _file(name: str) -> tuple[Path, int]:
    path = data_dir() / "intake" / name
    return path, path.stat().st_mtime_ns


@cache
def _rows(path: Path, _changed: int) -> tuple[dict[str, str], ...]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return tuple(csv.DictReader(stream))


@cache
def _toml(path: Path, _changed: int) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def titles() -> dict[str, dict[str, list[str]]]:
    """Return the known column titles: table → field → titles; `common` counts in every table."""
    return _toml(*_file("headers.toml"))


def titles_changed() -> int:
    """Return when the known titles were changed, for what is derived from them."""
    return _file("headers.toml")[1]


@cache
def _spellings(path: Path, changed: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in _rows(path, changed):
        found.setdefault(plain(row["code"]), row["code"])
    for row in _rows(path, changed):
        found.setdefault(plain(row["spelling"]), row["code"])
        found.setdefault(plain(row["spelling"].replace(".", "")), row["code"])
    return found


def countries() -> dict[str, str]:
    """Return ISO codes by plain spelling."""
    return _spellings(*_file("countries.csv"))


def currencies() -> dict[str, str]:
    """Return currency codes by plain spelling."""
    return _spellings(*_file("currencies.csv"))


@cache
def _line_rules(path: Path, changed: int) -> tuple[LineRule, ...]:
    return tuple(
        LineRule(
            row["code"],
            row["kind"],
            tuple(plain(word) for word in (row["description"] or "").split("|") if word),
        )
        for row in _rows(path, changed)
    )


def line_rules() -> tuple[LineRule, ...]:
    """Return the rules that recognise postage, fees, adjustments and samples by their code."""
    return _line_rules(*_file("line_kinds.csv"))


@cache
def _words(path: Path, changed: int, section: str) -> dict[str, str]:
    return {
        plain(word): key for key, words in _toml(path, changed)[section].items() for word in words
    }


def words(section: str) -> dict[str, str]:
    """Return what the words of a section mean: plain word → key."""
    return _words(*_file("words.toml"), section)
