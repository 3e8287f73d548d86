"""Own metrics and dimensions: added, changed, removed, brought back; every change is checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import PicholineError
from core.formats import country_names
from core.i18n import LANGUAGES, Message, msg, translate
from core.models.catalogue import SHIPPED, Dimension, Known, Metric
from core.models.catalogue.formulas import Formula
from core.models.catalogue.wording import tree_text
from core.models.formats import Format
from core.models.query import NO_VALUE, Scope
from core.repository.catalogue import Catalogue
from core.repository.definitions import DefinitionStore, Stored
from core.services.definitions import checks
from core.services.definitions.bodies import Own, OwnDimension, OwnMetric, from_dict, kind_of
from core.services.definitions.build import Built, build, dimension_of, metric_of
from core.services.definitions.formula import Words
from core.services.metrics import Metrics
from core.services.rights import refuse_restricted
from core.services.vocabulary import folded

_ALL = 100_000  # members of a dimension, for checking


@dataclass(frozen=True)
class Version:
    """One version of a definition.

    Attributes:
        edition: 1 for the first one.
        own: what was written.
        removed: whether it took the definition away.
        owner: who wrote it.
        saved_at: when.
    """

    edition: int
    own: Own
    removed: bool
    owner: str
    saved_at: datetime


@dataclass(frozen=True)
class Checked:
    """A definition that can be saved.

    Attributes:
        own: with the formula and the members as they are stored.
        entry: as the catalogue will hold it.
        known: the catalogue with it, for a preview.
        notes: what a person should know, such as members no line has.
    """

    own: Own
    entry: Metric | Dimension
    known: Known
    notes: tuple[Message, ...] = ()


class Definitions:
    """The own definitions of one home."""

    def __init__(self, catalogue: Catalogue, metrics: Metrics) -> None:
        """Keep the catalogue and the metrics; nothing is read before the first call."""
        self._store = DefinitionStore(catalogue)
        self._metrics = metrics

    def current(self) -> list[Version]:
        """Return the definitions in force, in the order of their last change."""
        return [_version(row) for row in self._store.current()]

    def get(self, key: str) -> Version:
        """Return the version in force.

        Raises:
            PicholineError: there is none.
        """
        found = self._history(key)[0]
        if found.removed:
            raise _unknown(key)
        return _version(found)

    def history(self, key: str) -> list[Version]:
        """Return every version of a definition, the newest first.

        Raises:
            PicholineError: the key was never used.
        """
        return [_version(row) for row in self._history(key)]

    def broken(self) -> Mapping[str, PicholineError]:
        """Return the definitions that cannot be used any more, and why."""
        return build([v.own for v in self.current()], 0).broken

    def key_for(self, name: str) -> str:
        """Return a free key made from a name."""
        return checks.new_key(name, self._store.keys())

    def check(self, own: Own, scope: Scope | None = None) -> Checked:
        """Check a definition as if it were saved.

        Args:
            own: as a person wrote it; names instead of keys and values are read.
            scope: who asks; members are those this person may see.

        Raises:
            PicholineError: it cannot be saved; says why and what would be right.
        """
        return self._check(own, self.current(), scope or Scope())

    def save(self, own: Own, scope: Scope | None = None, *, after: int | None = None) -> Checked:
        """Put a definition in force: a new key, or the next version of a known one.

        Args:
            own: as a person wrote it.
            scope: who saves.
            after: the edition the person saw; None: whatever it is now, 0: the key must be new.

        Raises:
            PicholineError: see `check`; or somebody changed it meanwhile.
        """
        scope = scope or Scope()
        refuse_restricted(scope)
        seen = self._store.version()
        current = self.current()
        edition = self._edition(own, after)
        checked = self._check(own, current, scope)
        self._store.add(
            own.key, kind_of(own), checked.own.as_dict(),
            owner=scope.owner, after=edition, seen=seen,
        )  # fmt: skip
        return checked

    def remove(self, key: str, scope: Scope | None = None) -> None:
        """Take a definition out of force; it can be brought back.

        Raises:
            PicholineError: there is none, or another one is computed from it.
        """
        scope = scope or Scope()
        refuse_restricted(scope)
        seen = self._store.version()
        found = self.get(key)
        users = checks.users_of(key, self._metrics.known())
        if users:
            raise PicholineError(
                "definition.used",
                msg("“{key}” is part of: {keys}.", key=key, keys=_listed(users)),
                msg("Change or remove these first."),
                status=409,
            )
        self._store.add(
            key, kind_of(found.own), found.own.as_dict(), owner=scope.owner,
            after=found.edition, seen=seen, removed=True,
        )  # fmt: skip

    def restore(self, key: str, edition: int, scope: Scope | None = None) -> Checked:
        """Put an earlier version in force again, as a new one.

        Raises:
            PicholineError: there is no such version, or it does not fit what is defined now.
        """
        wanted = next((v for v in self.history(key) if v.edition == edition), None)
        if wanted is None:
            raise PicholineError(
                "definition.edition",
                msg("“{key}” has no version {n}.", key=key, n=edition),
                msg("See its history for the versions there are."),
                status=404,
            )
        return self.save(wanted.own, scope)

    def undo(self, key: str, scope: Scope | None = None) -> None:
        """Take the last change of a definition back.

        Raises:
            PicholineError: it never changed, or the earlier version no longer fits.
        """
        last, *earlier = self.history(key)
        if last.removed:
            self.restore(key, last.edition, scope)
        elif not earlier or earlier[0].removed:
            self.remove(key, scope)
        else:
            self.restore(key, earlier[0].edition, scope)

    # Checks ----------------------------------------------------------------------------------

    def _history(self, key: str) -> list[Stored]:
        found = self._store.history(key)
        if not found:
            raise _unknown(key)
        return found

    def _edition(self, own: Own, after: int | None) -> int:
        """Return the edition a change follows, and check the key of a new definition."""
        found = self._store.history(own.key)
        if not found:
            checks.check_key(own.key, self._store.keys())
            return 0
        last = found[0]
        if after is not None and after != last.edition:
            raise PicholineError(
                "definition.changed",
                msg("“{key}” was changed meanwhile, or its key is taken.", key=own.key),
                msg("Look at the present version, and make your change again."),
                status=409,
            )
        if last.kind != kind_of(own):
            raise PicholineError(
                "definition.kind",
                msg("“{key}” is the key of another kind of definition.", key=own.key),
                msg("Choose another key."),
                status=409,
            )
        return last.edition

    def _check(self, own: Own, current: list[Version], scope: Scope) -> Checked:
        checks.check_words(own)
        others = [v.own for v in current if v.own.key != own.key]
        before = build([v.own for v in current], 0)
        notes: tuple[Message, ...] = ()
        if isinstance(own, OwnMetric):
            own = self._read_formula(own, before.known)
        else:
            own, notes = self._read_groups(own, scope)
        built = build([*others, own], 0)
        if own.key in built.broken:
            raise built.broken[own.key]
        _check_users(before, built)
        held: Mapping[str, Metric | Dimension] = (
            built.known.metrics if isinstance(own, OwnMetric) else built.known.dimensions
        )
        return Checked(own, held[own.key], built.known, notes)

    def _read_formula(self, own: OwnMetric, known: Known) -> OwnMetric:
        """Return an own metric with a formula of keys, which outlive names."""
        metric = metric_of(own, Words.of(known.metrics.values()))
        checks.check_circle(own, metric)
        if not isinstance(metric.formula, Formula):
            raise TypeError(metric.key)
        return replace(own, formula=str(tree_text(metric.formula.tree, keys=True)))

    def _read_groups(
        self, own: OwnDimension, scope: Scope
    ) -> tuple[OwnDimension, tuple[Message, ...]]:
        """Return an own dimension with the members' values, and what to know of them."""
        dimension_of(own)
        if own.part:
            return replace(own, base="", groups=(), rest=""), ()
        members = {m.value: m.label for m in self._metrics.members(own.base, scope, limit=_ALL)}
        own = replace(own, groups=_values_of(own, members, _declared_names(own.base)))
        checks.check_groups(own, members)
        lost = checks.unseen(own, members)
        if not lost:
            return own, ()
        return own, (
            msg("No line has: {values}. They count as soon as lines have them.",
                values=", ".join(lost)),
        )  # fmt: skip


def _declared_names(base: str) -> list[tuple[str, str]]:
    """Return values and names that are known without any line, in both languages."""
    dimension = SHIPPED.dimensions[base]
    found = [(key, translate(name, lang)) for key, name in dimension.names for lang in LANGUAGES]
    if dimension.format is Format.COUNTRY:
        found += [pair for lang in LANGUAGES for pair in country_names(lang).items()]
    return found


def _values_of(
    own: OwnDimension, members: Mapping[str, str], declared: Iterable[tuple[str, str]]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the groups with the values of members that were named by their readable names."""
    by_name: dict[str, set[str]] = {}
    for value, label in (*members.items(), *declared):
        by_name.setdefault(folded(label), set()).add(value)

    def value_of(text: str) -> str:
        if text in members or text == NO_VALUE:
            return text
        named = by_name.get(folded(text), set())
        return next(iter(named)) if len(named) == 1 else text

    return tuple(
        (name.strip(), tuple(dict.fromkeys(value_of(v) for v in values)))
        for name, values in own.groups
    )


def _check_users(before: Built, after: Built) -> None:
    """Refuse a change that breaks what is computed from it."""
    for key, error in after.broken.items():
        if key not in before.broken:
            raise PicholineError(
                "definition.used",
                msg("“{key}” is computed from it and would no longer work: {why}",
                    key=key, why=error.title),
                msg("Change “{key}” first, or keep the unit of this one.", key=key),
                status=409,
            )  # fmt: skip


def _listed(metrics: list[Metric]) -> str:
    return ", ".join(f"{metric.key} ({Message(metric.name)})" for metric in metrics)


def _unknown(key: str) -> PicholineError:
    return PicholineError(
        "definition.unknown",
        msg("There is no definition “{key}” of your own.", key=key),
        msg("See the list of definitions for their keys."),
        status=404,
    )


def _version(row: Stored) -> Version:
    own = from_dict(row.key, row.kind, row.body)
    return Version(row.edition, own, row.removed, row.owner, row.created_at)
