"""What makes the rules of RFM segments usable: checked as a whole, with what to do about each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from core.i18n import Message, msg
from core.models.query import NO_VALUE
from core.models.rfm import (
    HIGHEST,
    LOWEST,
    NO_PURCHASE,
    SCORES,
    Range,
    SegmentRule,
    segment_of,
)

MAX_KEY = 40
RESERVED = frozenset({NO_PURCHASE, NO_VALUE})
_MAX_RULES = 40
_MAX_NAME = 60
_MAX_ADVICE = 300
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Problem:
    """Why rules cannot be saved.

    Attributes:
        place: the rule it is about, counted from 0; None: the list as a whole.
        code: stable identifier of the kind of problem.
        title: what is wrong.
        remedy: what to do.
    """

    place: int | None
    code: str
    title: Message
    remedy: Message


def problems(rules: Sequence[SegmentRule]) -> list[Problem]:
    """Return all that keeps rules from being saved, in their order; nothing: they can be used."""
    if not rules:
        return [
            Problem(
                None,
                "rules.empty",
                msg("There is no rule."),
                msg("Add at least one rule that takes all scores."),
            )
        ]
    if len(rules) > _MAX_RULES:
        return [
            Problem(
                None,
                "rules.many",
                msg("There are {n} rules; {most} is the most.", n=len(rules), most=_MAX_RULES),
                msg("Put segments together."),
            )
        ]
    found: list[Problem] = []
    for place, rule in enumerate(rules):
        found += _own_problems(place, rule)
        found += _shared_problems(place, rule, rules[:place])
    ranges_hold = not any(problem.code == "rules.range" for problem in found)
    if ranges_hold:
        found += _order_problems(rules)
    return found


def _own_problems(place: int, rule: SegmentRule) -> list[Problem]:
    number, name = place + 1, rule.shown_name()
    found: list[Problem] = []

    def add(code: str, title: Message, remedy: Message) -> None:
        found.append(Problem(place, code, title, remedy))

    if not rule.name.strip():
        add(
            "rules.name",
            msg("Rule {number} has no name.", number=number),
            msg("Give the segment a name."),
        )
    names, advices = (rule.name, rule.name_fr), (rule.advice, rule.advice_fr)
    if max(map(len, names)) > _MAX_NAME or max(map(len, advices)) > _MAX_ADVICE:
        add(
            "rules.long",
            msg("A text of rule {number} is too long.", number=number),
            msg(
                "A name has at most {name} characters, advice has at most {advice}.",
                name=_MAX_NAME,
                advice=_MAX_ADVICE,
            ),
        )
    if not _KEY.fullmatch(rule.key) or len(rule.key) > MAX_KEY or rule.key in RESERVED:
        add(
            "rules.key",
            msg("Rule {number} cannot have the key “{key}”.", number=number, key=rule.key),
            msg("Begin with a letter; use small letters, digits and underscores, as in top_shops."),
        )
    if not all(_is_range(wanted) for wanted in (rule.recency, rule.frequency, rule.monetary)):
        add(
            "rules.range",
            msg(
                "Rule {number} (“{name}”) has an impossible range of scores.",
                number=number,
                name=name,
            ),
            msg("Scores run from 1 to 5, and a range from its lower to its higher score."),
        )
    return found


def _shared_problems(place: int, rule: SegmentRule, before: Sequence[SegmentRule]) -> list[Problem]:
    """Two rules may share neither key nor name: nobody could tell the segments apart."""
    found: list[Problem] = []
    values = {"number": place + 1, "key": rule.key, "name": rule.shown_name()}
    if any(other.key == rule.key for other in before):
        found.append(
            Problem(
                place,
                "rules.same_key",
                msg("Rule {number} has the key “{key}” of an earlier rule.", **values),
                msg("Give every rule its own key."),
            )
        )
    own = {name.casefold() for name in (rule.name.strip(), rule.name_fr.strip()) if name}
    if any(own & {other.name.strip().casefold(), other.name_fr.strip().casefold()} - {""}
           for other in before):  # fmt: skip
        found.append(
            Problem(
                place,
                "rules.same_name",
                msg("Rule {number} has the name “{name}” of an earlier rule.", **values),
                msg("Give every segment its own name."),
            )
        )
    return found


def _order_problems(rules: Sequence[SegmentRule]) -> list[Problem]:
    found: list[Problem] = []
    reached = {segment_of(rules, *scores) for scores in product(SCORES, repeat=3)}
    for place, rule in enumerate(rules[:-1]):
        if rule.key not in reached:
            found.append(
                Problem(
                    place,
                    "rules.unreachable",
                    msg(
                        "Rule {number} (“{name}”) never applies: earlier rules take its scores.",
                        number=place + 1,
                        name=rule.shown_name(),
                    ),
                    msg("Move it further up, change its scores, or delete it."),
                )
            )
    if not rules[-1].is_catch_all():
        found.append(
            Problem(
                len(rules) - 1,
                "rules.catch_all",
                msg(
                    "The last rule (“{name}”) does not take all scores.",
                    name=rules[-1].shown_name(),
                ),
                msg("End with a rule whose three ranges are 1 to 5, so that nobody is left out."),
            )
        )
    return found


def _is_range(wanted: Range) -> bool:
    low, high = wanted
    return LOWEST <= low <= high <= HIGHEST
