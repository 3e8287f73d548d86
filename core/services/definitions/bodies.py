"""What a company writes down of an own metric or dimension; stored as JSON, version by version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.i18n import Message, pack
from core.models.catalogue.derived import Part
from core.models.result import Good

METRIC: Literal["metric"] = "metric"
DIMENSION: Literal["dimension"] = "dimension"
PARTS: tuple[str, ...] = get_args(Part)
GOODS: tuple[str, ...] = get_args(Good)


@dataclass(frozen=True)
class Named:
    """What every definition has.

    Attributes:
        key: what is typed and stored; never changed.
        name: English name; empty where only a French one was written.
        name_fr: French name.
        about: what it means, in English; may be empty.
        about_fr: the same in French.
    """

    key: str
    name: str = ""
    name_fr: str = ""
    about: str = ""
    about_fr: str = ""

    def packed_name(self) -> str:
        """Return the name for both languages, as the catalogue holds it."""
        return packed(self.name or self.name_fr or self.key, self.name_fr)

    def packed_about(self) -> str:
        """Return the text for both languages; empty where none was written."""
        return packed(self.about or self.about_fr, self.about_fr)


def packed(text: str, french: str) -> str:
    """Return a person's own words in both languages as one text of the catalogue."""
    return pack(Message(text, own={"en": text, "fr": french or text})) if text else ""


@dataclass(frozen=True)
class OwnMetric(Named):
    """An own metric.

    Attributes:
        formula: over keys of other metrics; as typed, it may name them too.
        format: how it is shown; empty: what suits its unit.
        good: whether more is better.
    """

    formula: str = ""
    format: str = ""
    good: str = "up"

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values, without the key."""
        return _words(self) | {"formula": self.formula, "format": self.format, "good": self.good}


@dataclass(frozen=True)
class OwnDimension(Named):
    """An own dimension: a part of the date, or members of another dimension in groups.

    Attributes:
        part: of the date; "" for groups.
        base: key of the dimension whose members are grouped.
        groups: names with the values of their members.
        rest: name of the group of all other members; "": they stand alone.
    """

    part: str = ""
    base: str = ""
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rest: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values, without the key."""
        return _words(self) | {
            "part": self.part,
            "base": self.base,
            "groups": [[name, list(values)] for name, values in self.groups],
            "rest": self.rest,
        }


Own = OwnMetric | OwnDimension


def _words(own: Named) -> dict[str, str]:
    return {
        "name": own.name,
        "name_fr": own.name_fr,
        "about": own.about,
        "about_fr": own.about_fr,
    }


def kind_of(own: Own) -> Literal["metric", "dimension"]:
    """Return the kind a definition is stored as."""
    return METRIC if isinstance(own, OwnMetric) else DIMENSION


def from_dict(key: str, kind: str, body: Mapping[str, Any]) -> Own:
    """Read what `as_dict` wrote."""
    words = {name: str(body.get(name, "")) for name in ("name", "name_fr", "about", "about_fr")}
    if kind == METRIC:
        chosen = {name: str(body[name]) for name in ("formula", "format", "good")}
        return OwnMetric(key, **words, **chosen)
    groups = tuple((str(name), tuple(map(str, values))) for name, values in body["groups"])
    chosen = {name: str(body[name]) for name in ("part", "base", "rest")}
    return OwnDimension(key, **words, groups=groups, **chosen)
