"""RFM segments: named customer groups, told apart by rules on three scores from 1 to 5.

A score says in which fifth of all customers one stands: R for recency (5: bought most recently),
F for frequency (5: on the most days), M for money (5: the highest net sales per purchase day).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from core.i18n import N_, Message, pack

LOWEST, HIGHEST = 1, 5
SCORES = tuple(range(LOWEST, HIGHEST + 1))
Range = tuple[int, int]
ANY: Range = (LOWEST, HIGHEST)
# Customers that were never sold anything (returns only, or only after the day of the scores).
NO_PURCHASE = "no_purchase"
NO_PURCHASE_NAME = Message(N_("No purchase"))


@dataclass(frozen=True)
class SegmentRule:
    """One segment and the scores it takes; of several rules that fit, the first one counts.

    Attributes:
        key: what is stored in the data and in links; never shown.
        name: English; the default ones are translated.
        name_fr: a person's own French name; empty: the translation of `name`, if there is one.
        recency: lowest and highest R score, both included.
        frequency: the same for F.
        monetary: the same for M. A range of all scores also takes customers without that score.
        advice: one sentence on what to do next.
        advice_fr: a person's own French sentence.
    """

    key: str
    name: str
    recency: Range = ANY
    frequency: Range = ANY
    monetary: Range = ANY
    advice: str = ""
    name_fr: str = ""
    advice_fr: str = ""

    def takes(self, recency: int | None, frequency: int | None, monetary: int | None) -> bool:
        """Whether a customer with these scores fits; None is an unknown score."""
        scores = (recency, frequency, monetary)
        ranges = (self.recency, self.frequency, self.monetary)
        return all(
            wanted == ANY or (score is not None and wanted[0] <= score <= wanted[1])
            for score, wanted in zip(scores, ranges, strict=True)
        )

    def is_catch_all(self) -> bool:
        """Whether it takes every customer."""
        return self.recency == self.frequency == self.monetary == ANY

    def shown_name(self) -> Message:
        """Return the name, to be read in either language."""
        return _worded(self.name, self.name_fr)

    def shown_advice(self) -> Message:
        """Return what to do next, to be read in either language."""
        return _worded(self.advice, self.advice_fr)

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "key": self.key,
            "name": self.name,
            "name_fr": self.name_fr,
            "recency": list(self.recency),
            "frequency": list(self.frequency),
            "monetary": list(self.monetary),
            "advice": self.advice,
            "advice_fr": self.advice_fr,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "SegmentRule":
        """Read what `as_dict` wrote."""
        recency, frequency, monetary = (
            (int(stored[name][0]), int(stored[name][1]))
            for name in ("recency", "frequency", "monetary")
        )
        return cls(
            key=stored["key"],
            name=stored["name"],
            recency=recency,
            frequency=frequency,
            monetary=monetary,
            advice=stored["advice"],
            name_fr=stored["name_fr"],
            advice_fr=stored["advice_fr"],
        )


DEFAULT_RULES: tuple[SegmentRule, ...] = (
    SegmentRule(
        "champions", N_("Champions"), (4, 5), (4, 5), (4, 5),
        N_("Thank them, show them new products first and ask them to recommend you."),
    ),
    SegmentRule(
        "cannot_lose", N_("Cannot lose them"), (1, 2), (4, 5), (4, 5),
        N_("Call them in person: find out why the best customers of the past stay away."),
    ),
    SegmentRule(
        "loyal", N_("Loyal customers"), (3, 5), (4, 5), ANY,
        N_("Offer larger sizes and related products; keep their prices and service steady."),
    ),
    SegmentRule(
        "at_risk", N_("At risk"), (1, 2), (3, 5), ANY,
        N_("Write to them now with an offer on what they used to buy."),
    ),
    SegmentRule(
        "potential_loyalists", N_("Potential loyalists"), (4, 5), (3, 3), ANY,
        N_("Suggest a regular order or a loyalty benefit while their interest is fresh."),
    ),
    SegmentRule(
        "new", N_("New customers"), (5, 5), (1, 2), ANY,
        N_("Welcome them, and follow up soon so that a second purchase comes."),
    ),
    SegmentRule(
        "promising", N_("Promising"), (4, 4), (1, 2), ANY,
        N_("Remind them of you with a sample or a small offer for the next order."),
    ),
    SegmentRule(
        "need_attention", N_("Need attention"), (3, 3), (2, 3), (3, 5),
        N_("Make a time-limited offer based on their last purchases."),
    ),
    SegmentRule(
        "about_to_sleep", N_("About to sleep"), (3, 3), ANY, ANY,
        N_("Show popular products and a reason to come back before they forget you."),
    ),
    SegmentRule(
        "hibernating", N_("Hibernating"), (2, 2), ANY, ANY,
        N_("Send season news at low cost; do not spend much on each of them."),
    ),
    SegmentRule(
        "lost", N_("Lost"), ANY, ANY, ANY,
        N_("Try one last campaign, then leave them out of paid advertising."),
    ),
)  # fmt: skip


def segment_of(
    rules: Sequence[SegmentRule], recency: int | None, frequency: int | None, monetary: int | None
) -> str | None:
    """Return the key of the first rule that takes these scores; None if there is none."""
    return next((r.key for r in rules if r.takes(recency, frequency, monetary)), None)


def segments_by_score(rules: Sequence[SegmentRule]) -> list[str | None]:
    """Return the segment of every combination of scores, 0 for an unknown score.

    The place of (R, F, M) is 36 R + 6 F + M, so that SQL finds a segment without knowing rules.
    """
    scores = (None, *SCORES)
    return [segment_of(rules, *chosen) for chosen in product(scores, repeat=3)]


def segment_names(rules: Sequence[SegmentRule]) -> dict[str, Message]:
    """Return the name of every segment, of those without a purchase too, in the rules' order."""
    return {rule.key: rule.shown_name() for rule in rules} | {NO_PURCHASE: NO_PURCHASE_NAME}


def name_cells(rules: Sequence[SegmentRule]) -> dict[str, str]:
    """Return each segment's name as a cell of a column whose values are translated when shown."""
    return {key: pack(name) for key, name in segment_names(rules).items()}


def _worded(text: str, french: str) -> Message:
    return Message(text, own={"fr": french} if french else {})
