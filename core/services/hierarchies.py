"""Hierarchies to drill down: which level comes after which, and where in one a URL stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.i18n import N_
from core.models.lines import Pair

LAST = "invoice"  # the level whose members lead to their lines
HIERARCHIES: Mapping[str, tuple[str, ...]] = {
    "country": ("country", "customer", LAST),
    "category": ("category", "product", LAST),
    "supplier": ("supplier", "product", LAST),
    "channel": ("channel", "customer", LAST),
    "segment": ("segment", "customer", LAST),
    "customer": ("customer", LAST),
    "product": ("product", LAST),
}
LEVEL_NAMES: Mapping[str, str] = {
    "country": N_("Countries"),
    "category": N_("Categories"),
    "supplier": N_("Suppliers"),
    "channel": N_("Channels"),
    "segment": N_("Customer segments"),
    "customer": N_("Customers"),
    "product": N_("Products"),
    LAST: N_("Invoices"),
}
ROOTS: Mapping[str, str] = {
    "country": N_("All countries"),
    "category": N_("All categories"),
    "supplier": N_("All suppliers"),
    "channel": N_("All channels"),
    "segment": N_("All customer segments"),
    "customer": N_("All customers"),
    "product": N_("All products"),
}


@dataclass(frozen=True)
class Place:
    """Where in a hierarchy a URL stands.

    Attributes:
        along: key of the hierarchy.
        path: the members chosen so far, one per level from the top.
        inside: cells that are no levels chosen so far: they restrict all levels.
    """

    along: str
    path: tuple[Pair, ...] = ()
    inside: tuple[Pair, ...] = ()

    @property
    def level(self) -> str:
        """Return the dimension whose members are listed."""
        levels = HIERARCHIES[self.along]
        return levels[min(len(self.path), len(levels) - 1)]


def place_of(along: str, cells: Sequence[Pair]) -> Place:
    """Return where cells stand in a hierarchy.

    The path ends before the first level that no cell chooses.
    """
    stated = dict(cells)
    path: list[Pair] = []
    for level in HIERARCHIES[along]:
        if level not in stated:
            break
        path.append((level, stated[level]))
    return Place(along, tuple(path), tuple(pair for pair in cells if pair not in path))
