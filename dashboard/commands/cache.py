"""The command about kept answers: how often they served, what is kept, forgetting them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.i18n import N_, msg
from dashboard.commands.base import Session, command, option

if TYPE_CHECKING:
    from core.services.answer_cache import CacheState

_MEGABYTE = 1 << 20


@command("cache", N_("Show how often kept answers served and what is kept, or forget them."))
@option("--clear", is_flag=True, help=N_("Forget every kept answer and begin counting anew."))
def cache(session: Session, *, clear: bool) -> None:
    """Print counts, hit ratio, size and age; nothing is computed."""
    from core.services.answer_cache import open_answers

    answers = open_answers(session.settings)
    if clear:
        removed = answers.clear()
        session.emit({"removed": removed}, str(msg("Kept answers removed: {n}.", n=removed)))
        return
    state = answers.state()
    session.emit(_as_dict(state), "\n".join(_lines(state, ZoneInfo(session.settings.time_zone))))


def _as_dict(state: "CacheState") -> dict[str, Any]:
    return {
        "since": state.since,
        "asked": state.asked,
        "hit_ratio": state.hit_ratio,
        "counts": dict(state.counts),
        "kept": [
            {
                "state": group.group,
                "entries": group.entries,
                "bytes": group.bytes,
                "oldest": group.oldest,
                "newest": group.newest,
            }
            for group in state.groups
        ],
    }


def _lines(state: "CacheState", zone: ZoneInfo) -> list[str]:
    from core.formats import shown
    from core.models.formats import Format

    def moment(seconds: float) -> str:
        return datetime.fromtimestamp(seconds, zone).strftime("%Y-%m-%d %H:%M")

    if state.since is None or state.hit_ratio is None:
        return [str(msg("Nothing was asked yet."))]
    counts = state.counts
    found = [
        msg(
            "Questions since {moment}: {n}, of which {share} were answered without computing.",
            moment=moment(state.since),
            n=shown(state.asked, Format.INTEGER),
            share=shown(state.hit_ratio, Format.PERCENT),
        ),
        msg(
            "From memory {memory}, from disk {disk}, computed together with an equal question "
            "{joined}, computed {computed}.",
            **{name: counts.get(name, 0) for name in ("memory", "disk", "joined", "computed")},
        ),
        msg(
            "Computed ahead, while nobody waited: {ahead}. Dropped because the data changed: "
            "{dropped}. Damaged: {damaged}.",
            **{name: counts.get(name, 0) for name in ("ahead", "dropped", "damaged")},
        ),
    ]
    found += [
        msg(
            "On disk, of state {state} of the data: {n}, {size} MB, from {oldest} to {newest}.",
            state=group.group[:8],
            n=group.entries,
            size=shown(group.bytes / _MEGABYTE, Format.NUMBER, digits=1),
            oldest=moment(group.oldest),
            newest=moment(group.newest),
        )
        for group in state.groups
    ]
    return [str(line) for line in found]
