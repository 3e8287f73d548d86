"""Kept answers: how often they serve, how much room they take."""

from core.formats import shown
from core.i18n import msg
from core.models.formats import Format
from core.services.answer_cache import DAMAGED, open_answers
from core.services.doctor.check import Check, Level
from core.settings import Settings

_MEGABYTE = 1 << 20


def answers_check(settings: Settings) -> Check:
    """Return what is kept; nothing kept is healthy."""
    title = msg("Kept answers")
    if not (settings.cache / "answers.json").is_file():
        return Check("answers", Level.OK, title, msg("none yet"))
    state = open_answers(settings).state()
    text = msg(
        "on disk {n}, {size} MB; {share} of {asked} questions needed no computing",
        n=sum(group.entries for group in state.groups),
        size=shown(sum(group.bytes for group in state.groups) / _MEGABYTE, Format.NUMBER, digits=1),
        share=shown(state.hit_ratio, Format.PERCENT),
        asked=state.asked,
    )
    damaged = state.counts.get(DAMAGED, 0)
    if not damaged:
        return Check("answers", Level.OK, title, text)
    return Check(
        "answers",
        Level.WARNING,
        title,
        msg("{found}; damaged and removed: {n}", found=text, n=damaged),
        msg("Look after the disk of the home folder; `picholine cache --clear` begins anew."),
    )
