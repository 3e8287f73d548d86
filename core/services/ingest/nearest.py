"""Which known value a written one may be a slip of: codes, names, countries, currencies."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from core.i18n import Message, msg

from .vocabulary import countries, currencies, plain

_SIGNS = re.compile(r"[\s.\-_/\u00a0\u202f]+")
_LOOKALIKES = str.maketrans("oilsbz", "011582")
_MOST_NAMES = 10_000  # up to which names that are only alike are looked for
_LONG_CODE = 6  # signs from which two slips are still near
_SIMILAR = 82.0  # of 100: texts below are other words
_SURE_FORM, _SURE_LOOKALIKE, _SURE_ONE, _SURE_TWO, _SURE_SAME = 0.97, 0.92, 0.8, 0.5, 0.98


@dataclass(frozen=True)
class Near:
    """A known value that may be meant, why, and how sure that is (0 to 1)."""

    value: str
    why: Message
    sure: float


class KnownCodes:
    """Identifiers that are stored, with how often they occur."""

    def __init__(self, codes: Mapping[str, int]) -> None:
        """Keep the codes."""
        self.codes = codes

    @cached_property
    def _forms(self) -> dict[str, list[str]]:
        return _grouped((_form(code), code) for code in self.codes)

    @cached_property
    def _lookalikes(self) -> dict[str, list[str]]:
        return _grouped((_form(code).translate(_LOOKALIKES), code) for code in self.codes)

    def nearest(self, written: str) -> Near | None:
        """Return the stored code a text is probably a slip of; None where nothing is near."""
        text = written.strip()
        if not text or text in self.codes:
            return None
        same = self._one(self._forms.get(_form(text), []))
        if same:
            return Near(same, msg("The same code but for spaces, signs, case or zeros at its "
                                  "beginning."), _SURE_FORM)  # fmt: skip
        same = self._one(self._lookalikes.get(_form(text).translate(_LOOKALIKES), []))
        if same:
            return Near(same, msg("Letters and digits that look alike (O and 0, l and 1)."),
                        _SURE_LOOKALIKE)  # fmt: skip
        return self._by_distance(text)

    def _by_distance(self, text: str) -> Near | None:
        most = 2 if len(text) >= _LONG_CODE else 1
        found = process.extract(
            text, list(self.codes), scorer=OSA.distance, score_cutoff=most, limit=8
        )
        if not found:
            return None
        least = min(distance for _, distance, _ in found)
        nearest = [code for code, distance, _ in found if distance == least]
        best = max(nearest, key=lambda code: (self.codes[code], code))
        sure = (_SURE_ONE if least <= 1 else _SURE_TWO) / (1 if len(nearest) == 1 else 1.5)
        why = (
            msg("One sign differs from a code that is stored.")
            if least <= 1
            else msg("Two signs differ from a code that is stored.")
        )
        return Near(best, why, round(sure, 2))

    def _one(self, codes: list[str]) -> str | None:
        return codes[0] if len(codes) == 1 else None


class KnownTexts:
    """Texts that are stored (or spellings of a code), with what each stands for."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        """Keep the meanings by spelling; the spellings are compared without case and accents."""
        self._by_plain = {plain(spelling): meant for spelling, meant in meanings.items()}

    def nearest(self, written: str) -> Near | None:
        """Return what a text probably stands for; None where nothing is near."""
        text = plain(written)
        if not text:
            return None
        same = self._by_plain.get(text)
        if same is not None:
            return Near(same, msg("The same words but for case, accents, spaces or signs."),
                        _SURE_SAME)  # fmt: skip
        found = process.extractOne(
            text, list(self._by_plain), scorer=fuzz.token_sort_ratio, score_cutoff=_SIMILAR
        )
        if found is None:
            return None
        spelling, score, _ = found
        sure = round(min(score, 95.0) / 100 * 0.95, 2)
        return Near(self._by_plain[spelling], msg("Written almost like “{name}”.", name=spelling),
                    sure)  # fmt: skip


class KnownNames:
    """Names of stored products, customers or suppliers, for files that name them instead."""

    def __init__(self, codes: Mapping[str, Sequence[str]]) -> None:
        """Keep the codes by name; a name that several bear tells none of them."""
        by_plain: dict[str, set[str]] = {}
        for name, bearing in codes.items():
            by_plain.setdefault(plain(name), set()).update(bearing)
        self._codes = {name: min(found) for name, found in by_plain.items() if len(found) == 1}
        self._names = [name for name in self._codes if name]

    def nearest(self, written: str) -> Near | None:
        """Return the code whose name was probably written; None where nothing is near."""
        text = plain(written)
        if not text or not any(sign.isalpha() for sign in text):
            return None
        same = self._codes.get(text)
        if same is not None:
            return self._meant(same, written, msg("The only code with this name."), _SURE_SAME)
        if len(self._names) > _MOST_NAMES:
            return None  # comparing with all of them would take minutes
        found = process.extractOne(
            text, self._names, scorer=fuzz.token_sort_ratio, score_cutoff=_SIMILAR
        )
        if found is None:
            return None
        name, score, _ = found
        sure = round(min(score, 95.0) / 100 * 0.95, 2)
        why = msg("Its name is written almost like “{name}”.", name=name)
        return self._meant(self._codes[name], written, why, sure)

    def _meant(self, code: str, written: str, why: Message, sure: float) -> Near | None:
        return None if code == written.strip() else Near(code, why, sure)


def known_countries() -> KnownTexts:
    """Return the spellings of countries in both languages."""
    return KnownTexts({name: code for name, code in countries().items() if len(name) > 3})  # noqa: PLR2004 - codes are no words to be near to


def known_currencies() -> KnownTexts:
    """Return the spellings of currencies in both languages."""
    return KnownTexts(currencies())


def _form(code: str) -> str:
    """Return a code without what people leave out: spaces, signs, case, leading zeros."""
    return _SIGNS.sub("", code).casefold().lstrip("0")


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
