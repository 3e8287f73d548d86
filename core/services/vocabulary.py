"""The words people use for metrics and dimensions: keys, names and synonyms of both languages."""

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import TypeVar

from core.i18n import LANGUAGES, Message, translate
from core.models.catalogue import Dimension, Metric

Entry = TypeVar("Entry", Metric, Dimension)
_NEAREST = 3
_INSIDE = 0.9  # how well a word fits that stands inside a longer one
_ALIKE = 0.6


def folded(text: str) -> str:
    """Return a text as it is compared: no accents, no case, one kind of space and apostrophe."""
    split = unicodedata.normalize("NFKD", text.replace("’", "'"))
    plain = "".join(c for c in split if not unicodedata.combining(c)).casefold()
    return " ".join(plain.split())


def in_sentence(entry: Metric | Dimension) -> Message:
    """Return an entry's name as it stands inside a sentence; a company's own stay as written."""
    return Message(entry.name, inside=not entry.own)


def names_of(entry: Metric | Dimension) -> tuple[str, ...]:
    """Return an entry's names in both languages, English first."""
    return tuple(dict.fromkeys(translate(entry.name, language) for language in LANGUAGES))


def words_of(entry: Metric | Dimension) -> tuple[str, ...]:
    """Return everything an entry is called: key, names, synonyms; folded."""
    found = (entry.key, entry.key.replace("_", " "), *names_of(entry), *entry.synonyms.all())
    return tuple(dict.fromkeys(folded(word) for word in found))


def nearest(text: str, entries: Iterable[Entry], limit: int = _NEAREST) -> list[Entry]:
    """Return the entries whose words come nearest to a text, the nearest first; never none."""
    wanted = folded(text)
    scores = {entry.key: (_likeness(wanted, entry), entry) for entry in entries}
    ranked = sorted(scores.values(), key=lambda pair: -pair[0])
    return [entry for _, entry in ranked[:limit]]


def search(text: str, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries a text may mean: by key, name, synonym, definition or a small slip."""
    wanted = folded(text)
    found: list[tuple[float, Entry]] = []
    for entry in entries:
        score = _likeness(wanted, entry)
        meant = any(wanted in folded(translate(entry.definition, lang)) for lang in LANGUAGES)
        if score >= _ALIKE or meant:
            found.append((score, entry))
    return [entry for _, entry in sorted(found, key=lambda pair: -pair[0])]


def _likeness(wanted: str, entry: Metric | Dimension) -> float:
    return max(_alike(wanted, word) for word in words_of(entry))


def _alike(wanted: str, word: str) -> float:
    if wanted == word:
        return 1.0
    if len(wanted) > 2 and (wanted in word or word in wanted):  # noqa: PLR2004 - shorter is chance
        return _INSIDE
    return SequenceMatcher(None, wanted, word).ratio() * _INSIDE
