"""Who may see which rows: rules of users and roles, and the scope that every question carries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from core import log
from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.catalogue import DIMENSIONS, SHIPPED, Dimension
from core.models.query import NO_VALUE, Filter, Scope
from core.models.tables import AccessRule, RoleMember
from core.repository.access import AccessStore
from core.repository.catalogue import Catalogue
from core.services.metric_known import get_dimension
from core.services.metrics import Member, Metrics

LOCAL = "local"  # who asks while there are no accounts
_LONGEST_NAME = 80
_LOOKED_AT = 20_000  # values a typed one is compared with
_NEAR = 0.6


@dataclass(frozen=True)
class Allowed:
    """A rule that was stored.

    Attributes:
        warnings: values nobody knows, with the nearest known ones.
    """

    rule: AccessRule
    warnings: tuple[Message, ...] = ()


class Access:
    """The rules of one home; safe to share between threads."""

    def __init__(self, catalogue: Catalogue, metrics: Metrics) -> None:
        """Keep the stores; nothing is read before the first call."""
        self._store = AccessStore(catalogue)
        self._metrics = metrics

    def scope_of(self, user: str) -> Scope:
        """Return what a user may see now.

        Rules of one dimension unite, those of different dimensions must all hold; who has no rule
        sees everything.
        """
        opened: dict[str, set[str]] = {}
        for limit in self._store.limits(user):
            opened.setdefault(limit.dimension, set()).update(limit.values)
        where = tuple(Filter(name, tuple(sorted(found))) for name, found in sorted(opened.items()))
        return Scope(user, where)

    def rules(self) -> list[AccessRule]:
        """Return every rule, the oldest first."""
        return self._store.rules()

    def roles(self) -> list[RoleMember]:
        """Return who has which role."""
        return self._store.members()

    def allow(
        self,
        subject: str,
        dimension: str,
        values: Sequence[str],
        *,
        is_role: bool = False,
        by: str = LOCAL,
    ) -> Allowed:
        """Open the rows with these values of a dimension to a user or a role, and no others.

        Args:
            subject: name of the user or the role.
            dimension: a shipped one that is no calendar grain, so that nobody can redefine it.
            values: as filters take them; `NO_VALUE` opens the rows without one.
            is_role: the subject is a role.
            by: who decides.

        Raises:
            PicholineError: name, dimension or values cannot be used.
        """
        name = _name(subject)
        self._check_shipped(dimension)
        found = _dimension(dimension)
        chosen = tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
        if not chosen:
            raise PicholineError(
                "access.values",
                msg("The rule opens nothing: it names no value of “{key}”.", key=found.key),
                msg("Name at least one, for example country=FR; country= opens rows without one."),
            )
        warnings = tuple(self._strangers(found, chosen))
        rule = AccessRule(
            created_by=by, is_role=is_role, subject=name, dimension=found.key, values=list(chosen)
        )
        rule.id = self._store.add(rule)
        log.event(
            "access.allowed",
            by=by,
            rule=rule.id,
            subject=name,
            role=is_role,
            dimension=found.key,
            values=list(chosen),
        )
        return Allowed(rule, warnings)

    def remove(self, rule_id: int, *, by: str = LOCAL) -> AccessRule:
        """Delete a rule.

        Raises:
            PicholineError: there is none.
        """
        found = self._store.remove(rule_id)
        if found is None:
            raise PicholineError(
                "access.unknown",
                msg("There is no rule {id}.", id=rule_id),
                msg("`picholine access list` shows their numbers."),
                status=404,
            )
        log.event(
            "access.removed",
            by=by,
            rule=rule_id,
            subject=found.subject,
            role=found.is_role,
            dimension=found.dimension,
            values=found.values,
        )
        return found

    def join(self, user: str, role: str, *, by: str = LOCAL) -> bool:
        """Give a user a role; False where the user has it already."""
        changed = self._store.join(_name(user), _name(role))
        if changed:
            log.event("access.joined", by=by, user=user, role=role)
        return changed

    def leave(self, user: str, role: str, *, by: str = LOCAL) -> bool:
        """Take a role from a user; False where the user did not have it."""
        changed = self._store.leave(_name(user), _name(role))
        if changed:
            log.event("access.left", by=by, user=user, role=role)
        return changed

    def _check_shipped(self, key: str) -> None:
        """Refuse own dimensions: whoever may redefine one could open other people's rows."""
        own = self._metrics.known().dimensions.get(key)
        if own is None or not own.own:
            return
        raise PicholineError(
            "access.own",
            msg(
                "Rights cannot be given by “{key}”, which the company has defined itself.", key=key
            ),
            msg(
                "Give them by a dimension nobody can redefine, such as “{base}” with its values.",
                base=own.base or "country",
            ),
        )

    def _strangers(self, dimension: Dimension, values: Iterable[str]) -> Iterable[Message]:
        """Say which values no line has: a rule on a misspelt one would open nothing."""
        known = self._metrics.members(dimension.key, limit=_LOOKED_AT)
        if not known:
            return
        there = {member.value for member in known}
        for value in values:
            if value == NO_VALUE or value in there or len(known) >= _LOOKED_AT:
                continue
            near = _nearest(value, known)
            text = msg(
                "No line has the value “{value}” of “{key}”.", value=value, key=dimension.key
            )
            if near:
                text = msg(
                    "No line has the value “{value}” of “{key}”; did you mean {near}?",
                    value=value,
                    key=dimension.key,
                    near=near,
                )
            yield text


def _nearest(value: str, known: Sequence[Member]) -> str:
    spelt = {text.casefold(): m.value for m in known for text in (m.value, m.label)}
    found = get_close_matches(value.casefold(), list(spelt), 3, _NEAR)
    return ", ".join(dict.fromkeys(spelt[text] for text in found))


def _dimension(key: str) -> Dimension:
    found = get_dimension(key, SHIPPED)
    if not _rules_by(key):
        raise PicholineError(
            "access.dimension",
            msg("Rights cannot be given by “{key}”: it is a calendar period.", key=key),
            msg("Choose one of: {keys}.", keys=", ".join(d for d in DIMENSIONS if _rules_by(d))),
        )
    return found


def _rules_by(key: str) -> bool:
    return DIMENSIONS[key].column != "date"


def _name(text: str) -> str:
    found = text.strip()
    if not 0 < len(found) <= _LONGEST_NAME or not found.isprintable():
        raise PicholineError(
            "access.name",
            msg("“{text}” is no name of a user or a role.", text=found[:_LONGEST_NAME]),
            msg("Write a name of 1 to {n} characters.", n=_LONGEST_NAME),
        )
    return found
