"""The rules of RFM segments: which are in force, checking and saving edited ones, their history."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import PicholineError
from core.i18n import msg
from core.models.query import Scope
from core.models.rfm import ANY, DEFAULT_RULES, Range, SegmentRule
from core.repository.catalogue import Catalogue
from core.repository.segment_rules import RuleStore
from core.services.rights import refuse_restricted
from core.services.segment_checks import MAX_KEY, RESERVED, Problem, problems

__all__ = [
    "Problem",
    "SavedRules",
    "SegmentRules",
    "problems",
    "rows_from_rules",
    "rules_from_rows",
]

_RANGES = ("recency", "frequency", "monetary")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class SavedRules:
    """One entry of the history, the newest first.

    Attributes:
        rules: as they were; the defaults where these were brought back.
        data_version: the version of the data they were first used in.
    """

    saved_at: datetime
    owner: str
    rules: tuple[SegmentRule, ...]
    is_default: bool
    data_version: int


class SegmentRules:
    """The rules of one home; every change is one transaction."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue; nothing is read before the first call."""
        self._store = RuleStore(catalogue)

    def current(self) -> tuple[SegmentRule, ...]:
        """Return the rules in force."""
        return self._store.current()

    def is_default(self) -> bool:
        """Whether the rules in force are those Picholine comes with."""
        return self.current() == DEFAULT_RULES

    def save(self, rules: Sequence[SegmentRule], scope: Scope | None = None) -> int:
        """Put rules in force; return the data version, raised unless they are in force already.

        Raises:
            PicholineError: they cannot be used (the first of `problems`), or the scope is
                restricted: the rules hold for everybody.
        """
        scope = scope or Scope()
        refuse_restricted(scope)
        found = problems(rules)
        if found:
            raise PicholineError(found[0].code, found[0].title, found[0].remedy)
        return self._store.save(tuple(rules), scope.owner)

    def reset(self, owner: str = "local") -> int:
        """Bring the default rules back; return the data version."""
        return self._store.save(DEFAULT_RULES, owner)

    def history(self) -> list[SavedRules]:
        """Return every saved list of rules, the newest first."""
        return [
            SavedRules(
                entry.created_at,
                entry.owner,
                tuple(SegmentRule.from_dict(r) for r in entry.rules) or DEFAULT_RULES,
                not entry.rules,
                entry.data_version,
            )
            for entry in self._store.history()
        ]


def rules_from_rows(rows: Sequence[Row]) -> tuple[SegmentRule, ...]:
    """Read rules from the rows of a table, in its order.

    A row has `name` and, as far as filled in, `key` (made from the name where it is empty),
    `name_fr`, `advice`, `advice_fr`, and for each of recency, frequency and monetary
    `<scale>_from` and `<scale>_to` (empty: 1 and 5). Rows without any text are left out.

    Raises:
        PicholineError: a limit is not a whole number.
    """
    kept = [row for row in rows if any(_text(row, name) for name in ("key", "name", "name_fr"))]
    taken = {_text(row, "key") for row in kept} | set(RESERVED)
    found: list[SegmentRule] = []
    for place, row in enumerate(kept):
        name = _text(row, "name") or _text(row, "name_fr")
        key = _text(row, "key") or _new_key(name, taken)
        taken.add(key)
        recency, frequency, monetary = (_range(row, scale, place, name) for scale in _RANGES)
        found.append(
            SegmentRule(
                key=key,
                name=name,
                recency=recency,
                frequency=frequency,
                monetary=monetary,
                advice=_text(row, "advice"),
                name_fr=_text(row, "name_fr"),
                advice_fr=_text(row, "advice_fr"),
            )
        )
    return tuple(found)


def rows_from_rules(rules: Sequence[SegmentRule]) -> list[dict[str, Any]]:
    """Return the rows that `rules_from_rows` reads."""
    found: list[dict[str, Any]] = []
    for rule in rules:
        row: dict[str, Any] = {"key": rule.key, "name": rule.name, "name_fr": rule.name_fr}
        for scale in _RANGES:
            low, high = getattr(rule, scale)
            row |= {f"{scale}_from": low, f"{scale}_to": high}
        found.append({**row, "advice": rule.advice, "advice_fr": rule.advice_fr})
    return found


def _range(row: Row, scale: str, place: int, name: str) -> Range:
    ends: list[int] = []
    for end, otherwise in zip(("from", "to"), ANY, strict=True):
        value = row.get(f"{scale}_{end}")
        text = "" if value is None else str(value).strip()
        try:
            ends.append(int(text) if text else otherwise)
        except ValueError as error:
            raise PicholineError(
                "rules.range",
                msg("“{text}” in rule {number} (“{name}”) is not a score.",
                    text=text, number=place + 1, name=name),
                msg("Scores are whole numbers from 1 to 5."),
            ) from error  # fmt: skip
    return ends[0], ends[1]


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _new_key(name: str, taken: set[str]) -> str:
    """Return a key made from a name that no other rule has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: MAX_KEY - 3]
    if not base or not base[0].isalpha():
        base = f"segment_{base}".strip("_")[: MAX_KEY - 3]
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key
