"""Languages: messages are written in English, translated when shown, never when stored.

A `Message` keeps its English text and its values apart, so that one result can be read in
either language. `msg("…", x=1)` makes one, `_("…")` translates at once into the language of the
current request, `N_("…")` only marks a text for extraction.
"""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from core.paths import locale_dir

LANGUAGES = ("en", "fr")
DEFAULT_LANGUAGE = "en"
_PACKED = "\x1e"  # cannot be typed; marks a cell that holds a message with its values
_language: ContextVar[str] = ContextVar("picholine_language", default=DEFAULT_LANGUAGE)


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    path = locale_dir() / language / "LC_MESSAGES" / "picholine.po"
    if language == DEFAULT_LANGUAGE or not path.is_file():
        return {}
    # Read where it is needed: the command line in English never pays for it.
    from babel.messages.pofile import read_po

    with path.open("rb") as stream:
        entries = [entry for entry in read_po(stream, locale=language) if entry.id]  # no header
    found: dict[str, str] = {}
    for entry in entries:
        ids = (entry.id,) if isinstance(entry.id, str) else entry.id
        strings = (entry.string,) if isinstance(entry.string, str) else entry.string or ()
        found.update({text: shown for text, shown in zip(ids, strings, strict=False) if shown})
    return found


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for a marked, untranslated text
    """Mark a text for extraction and return it unchanged."""
    return text


def current_language() -> str:
    """Return the language of the running request, job or command."""
    return _language.get()


@contextmanager
def use_language(language: str) -> Generator[None]:
    """Translate into `language` inside the block; an unknown language falls back to English."""
    token = _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(token)


def translate(text: str, language: str | None = None) -> str:
    """Return the translation of an English text, or the text itself where none exists.

    A text made by `pack` is unpacked: its template is translated and its places are filled.
    """
    if text.startswith(_PACKED):
        with use_language(language or current_language()):
            found = unpack(text)
            return text if found.text == text else str(found)
    return _catalogue(language or current_language()).get(text) or text


def _(text: str, /, **values: Any) -> str:
    """Translate at once, filling `{name}` places from `values`."""
    found = translate(text)
    return found.format(**values) if values else found


def pack(message: "Message") -> str:
    """Return a message as one text for a cell of a stored table; `translate` reads it.

    Its values are JSON values, messages or what `core.formats.shown` returns; others become text.
    """
    return _PACKED + json.dumps(message.as_dict(), ensure_ascii=False, default=str)


def unpack(text: str) -> "Message":
    """Return the message in a text made by `pack`; any other text becomes a plain message."""
    if not text.startswith(_PACKED):
        return Message(text)
    try:
        return Message.from_dict(json.loads(text.removeprefix(_PACKED)))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Message(text)  # somebody's own text that only begins like a packed one


@dataclass(frozen=True)
class Shown:
    """A number or a day in a sentence, written in the reader's language; see `core.formats.shown`.

    Attributes:
        value: a number, an ISO day, a text; None is unknown.
        kind: a value of `core.models.formats.Format`.
        settings: `digits`, `compact`, `signed`, `currency` of `core.formats.format_value`.
    """

    value: float | int | str | None
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the value as text in the current language."""
        # By name: formats stand above languages, and a sentence without numbers never needs them.
        formats = import_module("core.formats")
        kind = formats.Format(self.kind)
        return str(formats.format_value(self.value, kind, current_language(), **self.settings))

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"value": self.value, "kind": self.kind, **self.settings}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Shown":
        """Return the value of `as_dict`."""
        rest = {key: value for key, value in stored.items() if key not in ("value", "kind")}
        return cls(stored["value"], stored["kind"], rest)


@dataclass(frozen=True)
class Message:
    """A text with its values, translated when read.

    Values that are themselves messages are translated with it, those of `core.formats.shown` are
    written in the reader's language.

    Attributes:
        own: a person's own words by language, which no catalogue translates.
        inside: a name inside a sentence: it begins with a small letter, abbreviations do not.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str | None = None
    own: Mapping[str, str] = field(default_factory=dict)
    inside: bool = False

    def __str__(self) -> str:
        """Return the text in the current language."""
        if written := self.own.get(current_language()):
            return written
        found = translate(self.plural if self.plural and self._is_plural() else self.text)
        if self.values:
            found = found.format(**{key: _shown(value) for key, value in self.values.items()})
        return _small(found) if self.inside else found

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values; messages among the values are kept as messages."""
        values = {key: _stored(value) for key, value in self.values.items()}
        plural = {"plural": self.plural} if self.plural else {}
        own = {"own": dict(self.own)} if self.own else {}
        inside = {"inside": True} if self.inside else {}
        filled = {"values": values} if values else {}
        return {"text": self.text, **filled, **plural, **own, **inside}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Message":
        """Return the message of `as_dict`."""
        values = {key: _restored(value) for key, value in stored.get("values", {}).items()}
        own, inside = stored.get("own", {}), bool(stored.get("inside"))
        return cls(stored["text"], values, stored.get("plural"), own, inside)

    def _is_plural(self) -> bool:
        """French counts zero as singular, English does not."""
        count = abs(self.values["n"])
        return bool(count >= 2 if current_language() == "fr" else count != 1)  # noqa: PLR2004

    def __hash__(self) -> int:
        """Hash by text and values, so that equal caveats collapse."""
        return hash((self.text, tuple(sorted((k, str(v)) for k, v in self.values.items()))))


def _small(text: str) -> str:
    """Return a text with a small first letter, unless its first word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _shown(value: Any) -> Any:
    return str(value) if isinstance(value, (Message, Shown)) else value


def _stored(value: Any) -> Any:
    if isinstance(value, Message):
        return {"message": value.as_dict()}
    return {"shown": value.as_dict()} if isinstance(value, Shown) else value


def _restored(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "message" in value:
        return Message.from_dict(value["message"])
    return Shown.from_dict(value["shown"]) if "shown" in value else value


def msg(text: str, /, **values: Any) -> Message:
    """Make a message; the text is extracted for translation."""
    return Message(text, values)


def msg_n(text: str, plural: str, n: int, /, **values: Any) -> Message:
    """Make a message that counts `{n}` things, in the singular or the plural of each language."""
    return Message(text, {"n": n, **values}, plural)
