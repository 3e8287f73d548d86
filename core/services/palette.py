"""What the search over everything finds: members, metrics, and what providers add to the register.

A provider registers itself: `PROVIDERS.add(Provider(...))`. Every provider is asked within the
reader's rights.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from core.formats import country_name
from core.i18n import N_, current_language, translate
from core.models.filters import FILTER_DIMENSIONS, OWN
from core.models.formats import Format
from core.models.members import MEMBER, MEMBER_PAGES
from core.models.query import NO_VALUE, Scope
from core.registry import Registry
from core.services.application import Application
from core.services.dashboards import address
from core.services.metrics import Member, Metrics

SEARCHED = ("country", "category", "product", "customer", "supplier")
PER_KIND = 6
_HELD = 20_000  # members of a dimension; beyond, each search asks the warehouse
_STATES = 8
_SIGNS = str.maketrans("àâäáãåçéèêëíìîïñóòôöõúùûüÿœæß", "aaaaaaceeeeiiiinooooouuuuyoas")


@dataclass(frozen=True)
class Hit:
    """Something found.

    Attributes:
        kind: what it is, in the current language.
        label: its name.
        detail: its code, or what else tells it from others.
        icon: name of an icon.
        filters: (name in the URL, value): choosing it filters to it.
        address: opens this, with the filters in force; of a member: its own page.
        whole: the address brings its own filters.
    """

    kind: str
    label: str
    detail: str = ""
    icon: str = ""
    filters: tuple[str, str] | None = None
    address: str = ""
    whole: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values, without what is empty."""
        found = {
            "kind": self.kind,
            "label": self.label,
            "detail": self.detail,
            "icon": self.icon,
            "filters": list(self.filters or ()),
            "address": self.address,
            "whole": self.whole,
        }
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class Provider:
    """Finds one kind of thing.

    Attributes:
        key: unique name.
        find: application, reader and folded text → hits, the best first, at most `PER_KIND`.
    """

    key: str
    find: Callable[[Application, Scope, str], Sequence[Hit]]


PROVIDERS: Registry[Provider] = Registry()


def find(application: Application, scope: Scope, text: str) -> list[Hit]:
    """Return what matches a text, by provider; nothing for an empty one.

    Args:
        application: the services.
        scope: who searches; nobody finds a member of rows they may not see.
        text: as typed; case and accents do not matter.
    """
    wanted = folded(text).strip()
    if not wanted:
        return []
    return [hit for provider in PROVIDERS for hit in provider.find(application, scope, wanted)]


def folded(text: str) -> str:
    """Return a text in small letters without accents, a letter for a letter."""
    return text.lower().translate(_SIGNS)


def rank(label: str, wanted: str) -> int | None:
    """Return how well a folded label answers: 0 begins so, 1 a word does, 2 inside; None: not."""
    place = label.find(wanted)
    if place <= 0:
        return place if place == 0 else None
    return 1 if f" {wanted}" in label else 2


class _Index:
    """The members of the searched dimensions, held for the states of the data used last."""

    def __init__(self) -> None:
        self._held: dict[tuple[Any, ...], list[tuple[str, Member]]] = {}
        self._lock = Lock()

    def members(
        self, metrics: Metrics, scope: Scope, dimension: str, wanted: str
    ) -> list[tuple[str, Member]]:
        """Return (folded name and code, member), the most frequent first."""
        state = (metrics.turn(), metrics.state(), metrics.base_currency)
        key = (state, scope, dimension, current_language(), id(metrics))
        with self._lock:
            held = self._held.get(key)
        if held is None:
            held = _folded(metrics.members(dimension, scope, limit=_HELD))
            with self._lock:
                while len(self._held) >= _STATES * len(SEARCHED):
                    del self._held[next(iter(self._held))]
                self._held[key] = held
        if len(held) < _HELD:
            return held
        return _folded(metrics.members(dimension, scope, search=wanted, limit=PER_KIND))


def _folded(members: Sequence[Member]) -> list[tuple[str, Member]]:
    return [(folded(f"{m.label} {m.value}"), m) for m in members if m.value != NO_VALUE]


_INDEX = _Index()


def _members(application: Application, scope: Scope, wanted: str) -> list[Hit]:
    known = application.metrics.known()
    found: list[Hit] = []
    for key in SEARCHED:
        dimension = known.dimensions[key]
        held = _INDEX.members(application.metrics, scope, key, wanted)
        ranked = [
            (place, number, member)
            for number, (text, member) in enumerate(held)
            if (place := rank(text, wanted)) is not None
        ]
        name = key if key in FILTER_DIMENSIONS else OWN + key
        for _place, _number, member in sorted(ranked, key=lambda one: one[:2])[:PER_KIND]:
            country = dimension.format is Format.COUNTRY
            label = country_name(member.value, current_language()) if country else member.label
            detail = member.value if member.value != label else ""
            own = MEMBER_PAGES.get(key)
            address = f"/{own.page}?{urlencode({MEMBER: member.value})}" if own else ""
            kind = translate(dimension.name)
            found.append(Hit(kind, label, detail, key, (name, member.value), address))
    return found


def _metrics(application: Application, _scope: Scope, wanted: str) -> list[Hit]:
    """Find metrics by name or key: they lead to the explorer."""
    found: list[tuple[int, str, Hit]] = []
    for key, metric in application.metrics.known().metrics.items():
        label = translate(metric.name)
        place = rank(folded(f"{label} {key}"), wanted)
        if place is not None:
            address = f"/explorer?figures={key}"
            found.append((place, label, Hit(translate(N_("Metric")), label, key, "model",
                                            address=address)))  # fmt: skip
    return [hit for *_order, hit in sorted(found, key=lambda one: one[:2])[:PER_KIND]]


def _views(application: Application, scope: Scope, wanted: str) -> list[Hit]:
    """Find this person's saved views by name; they bring their own filters."""
    kind = translate(N_("Saved view"))
    found = [
        (place, Hit(kind, view.name, "", "star", address=view.address, whole=True))
        for view in application.views.all(scope)
        if (place := rank(folded(view.name), wanted)) is not None
    ]
    return [hit for _place, hit in sorted(found, key=lambda one: one[0])[:PER_KIND]]


def _boards(application: Application, scope: Scope, wanted: str) -> list[Hit]:
    """Find this person's dashboards by name; those with filters of their own bring them."""
    kind = translate(N_("Dashboard"))
    found = [
        (place, Hit(kind, board.name, "", "dashboards", address=address(board),
                    whole=bool(board.content.filters)))
        for board in application.dashboards.all(scope)
        if (place := rank(folded(board.name), wanted)) is not None
    ]  # fmt: skip
    return [hit for _place, hit in sorted(found, key=lambda one: one[0])[:PER_KIND]]


PROVIDERS.add(Provider("dashboards", _boards))
PROVIDERS.add(Provider("views", _views))
PROVIDERS.add(Provider("members", _members))
PROVIDERS.add(Provider("metrics", _metrics))
