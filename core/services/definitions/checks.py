"""What an own definition must be like: its key, its names, its groups."""

import re
import unicodedata
from collections.abc import Collection, Mapping

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.catalogue import PARTS, SHIPPED, Known, Metric
from core.models.catalogue.formulas import Formula
from core.models.filters import PERIOD_NAMES
from core.models.query import NO_VALUE
from core.services.definitions.bodies import Own, OwnDimension, OwnMetric
from core.services.definitions.formula import metrics_of

MAX_KEY, MAX_NAME, MAX_ABOUT = 40, 80, 500
MAX_GROUPS, MAX_MEMBERS = 100, 2000
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
# Columns an answer has beside a metric or a dimension.
_BESIDE = (
    "_compared",
    "_change",
    "_change_rate",
    "_share",
    "_running",
    "_average",
    "_rank",
    "_name",
)
_RESERVED = frozenset({*PARTS, *PERIOD_NAMES, "level", "line_count", "unit_mask", "unknown_amount"})


def check_words(own: Own) -> None:
    """Check names and texts.

    Raises:
        PicholineError: a name is missing, or a text is too long.
    """
    if not (own.name.strip() or own.name_fr.strip()):
        raise PicholineError(
            "definition.name",
            msg("The definition has no name."),
            msg("Write a name in English, in French or in both."),
        )
    long = [name for name in (own.name, own.name_fr) if len(name) > MAX_NAME]
    long += [text for text in (own.about, own.about_fr) if len(text) > MAX_ABOUT]
    if long:
        raise PicholineError(
            "definition.long",
            msg("“{text}…” is too long.", text=long[0][:MAX_KEY]),
            msg("Names have up to {n} letters, descriptions up to {m}.", n=MAX_NAME, m=MAX_ABOUT),
        )


def check_key(key: str, taken: Collection[str]) -> None:
    """Check the key of a new definition.

    Args:
        key: as typed.
        taken: keys that were ever used.

    Raises:
        PicholineError: it cannot be typed in a question, or it is taken.
    """
    shipped = {*SHIPPED.metrics, *SHIPPED.dimensions}
    if not _KEY.fullmatch(key):
        raise PicholineError(
            "definition.key",
            msg("“{key}” cannot be a key.", key=key),
            msg("Use 2 to 40 small letters without accents, digits and “_”, a letter first."),
        )
    if key in shipped or key in taken:
        raise PicholineError(
            "definition.taken",
            msg("The key “{key}” is taken.", key=key),
            msg("Choose another key: removed definitions keep theirs, so that they can come back."),
            status=409,
        )
    if key in _RESERVED or key.endswith(_BESIDE):
        raise PicholineError(
            "definition.key",
            msg("The key “{key}” would be taken for a column of another metric.", key=key),
            msg("Choose another key."),
        )


def new_key(name: str, taken: Collection[str]) -> str:
    """Return a key made from a name that is not taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: MAX_KEY - 4]
    if not base or not base[0].isalpha() or base.endswith(_BESIDE) or base in _RESERVED:
        base = f"own_{base}".strip("_")[: MAX_KEY - 4].removesuffix("_")
        base = f"{base}_own" if base.endswith(_BESIDE) else base
    used = {*taken, *SHIPPED.metrics, *SHIPPED.dimensions}
    key, number = (base if len(base) > 1 else f"{base}_1"), 2
    while key in used:
        key, number = f"{base}_{number}", number + 1
    return key


def check_groups(own: OwnDimension, members: Mapping[str, str]) -> None:
    """Check the groups of an own dimension.

    Args:
        own: a grouping.
        members: value → name of every member of its base dimension.

    Raises:
        PicholineError: there is no group, one is empty or named twice, a member stands in two, or
            a group has the name of a member that stands alone.
    """
    names = [name for name, _ in own.groups]
    stated = [value for _, values in own.groups for value in values]
    twice = _twice([*names, own.rest] if own.rest else names)
    double = _twice(stated)
    alone = next((n for n in names if not own.rest and n in members and n not in stated), None)
    if not own.groups or len(own.groups) > MAX_GROUPS or len(stated) > MAX_MEMBERS:
        raise _groups(
            msg(
                "A grouping has 1 to {n} groups and up to {m} members.", n=MAX_GROUPS, m=MAX_MEMBERS
            ),
            msg("Name at least one group."),
        )
    if any(not name.strip() or not values for name, values in own.groups):
        raise _groups(
            msg("A group has no name or no member."), msg("Name every group and its members.")
        )
    if any(name.startswith("__") or len(name) > MAX_NAME for name in [*names, own.rest]):
        raise _groups(
            msg("A group’s name is too long or begins with “__”."), msg("Choose another name.")
        )
    if twice:
        raise _groups(msg("Two groups are called “{name}”.", name=twice), msg("Put them together."))
    if double:
        raise _groups(
            msg("“{name}” stands in two groups.", name=members.get(double, double)),
            msg("Leave it in one of them: a line counts once."),
        )
    if alone:
        raise _groups(
            msg("“{name}” is also a member that would stand alone.", name=alone),
            msg("Put it into the group, or name the group differently."),
        )


def unseen(own: OwnDimension, members: Mapping[str, str]) -> list[str]:
    """Return the stated values that no line has."""
    stated = [value for _, values in own.groups for value in values]
    return [value for value in stated if value not in members and value != NO_VALUE]


def _twice(values: Collection[str]) -> str | None:
    seen: set[str] = set()
    return next((v for v in values if v in seen or seen.add(v)), None)


def _groups(why: Message, remedy: Message) -> PicholineError:
    return PicholineError("definition.groups", why, remedy)


def rests_on(metric: Metric) -> set[str]:
    """Return the keys of all metrics a metric names, and of those they name."""
    if not isinstance(metric.formula, Formula):
        return set()
    named = metrics_of(metric.formula.tree)
    return {m.key for m in named}.union(*(rests_on(m) for m in named))


def check_circle(own: OwnMetric, metric: Metric) -> None:
    """Check that a metric does not rest on itself.

    Raises:
        PicholineError: it does, directly or through others.
    """
    if own.key in rests_on(metric):
        raise PicholineError(
            "formula.circle",
            msg("“{name}” would be computed from itself.", name=Message(metric.name)),
            msg("Take it, or the metric that names it, out of the formula."),
        )


def users_of(key: str, known: Known) -> list[Metric]:
    """Return the own metrics whose formula names a metric."""
    found: list[Metric] = []
    for metric in known.metrics.values():
        if isinstance(metric.formula, Formula):
            named = {m.key for m in metrics_of(metric.formula.tree)}
            found += [metric] if key in named else []
    return found
