"""One product, customer, supplier or country: who it is, and its questions under the filters."""

from dataclasses import dataclass, replace

from core.errors import PicholineError
from core.formats import shown
from core.i18n import Message, msg
from core.models.catalogue import DIMENSIONS
from core.models.filters import FilterState
from core.models.formats import Format
from core.models.query import NO_VALUE, Filter, Scope
from core.services.analytics.base import Asker, Params
from core.services.analytics.members.kinds import MemberKind
from core.services.metrics import Metrics


@dataclass(frozen=True)
class One:
    """One member and what asks for it.

    Attributes:
        value: its code; `NO_VALUE` for lines without one.
        name: what people call it.
        asker: asks under the page's filters for this member alone.
        everybody: asks under the page's filters.
    """

    kind: MemberKind
    value: str
    name: Message
    asker: Asker
    everybody: Asker

    @property
    def only(self) -> Filter:
        """Return the filter that leaves this member alone."""
        return Filter(self.kind.dimension, (self.value,))


def find(metrics: Metrics, params: Params, kind: MemberKind, value: str, scope: Scope) -> One:
    """Return the member a URL names.

    Raises:
        PicholineError: there is no such member that this person may see, or the filters leave it
            out.
    """
    name = name_of(metrics, kind, value, scope)
    everybody = Asker.start(metrics, params, scope)
    chosen = params.filters.values.get(kind.dimension, ())
    left_out = value in params.filters.without.get(kind.dimension, ())
    if left_out or (chosen and value not in chosen):
        raise PicholineError(
            "member.filtered",
            msg(
                "The filter on “{dimension}” leaves {name} out.",
                dimension=Message(DIMENSIONS[kind.dimension].name),
                name=name,
            ),
            msg("Take this filter away, or open one of the members it names."),
        )
    values = {**params.filters.values, kind.dimension: (value,)}
    # The page is about this member, whichever mark of its dimension was clicked elsewhere.
    cross = {k: found for k, found in params.filters.cross.items() if k != kind.dimension}
    state: FilterState = replace(params.filters, values=dict(sorted(values.items())), cross=cross)
    return One(kind, value, name, replace(everybody, filters=state), everybody)


def name_of(metrics: Metrics, kind: MemberKind, value: str, scope: Scope) -> Message:
    """Return what a member is called, over all data this person may see.

    Raises:
        PicholineError: there is none.
    """
    dimension = DIMENSIONS[kind.dimension]
    only = Filter(dimension.key, (value,))
    found = metrics.members(dimension.key, scope, limit=1, where=(only,))
    label = found[0].label if found else stored_name(metrics, kind, value, scope)
    if label is None:
        raise PicholineError(
            "member.unknown",
            msg(
                "There is no “{value}” under “{title}” among the rows you may see.",
                value=value,
                title=Message(kind.title),
            ),
            msg("Search the list for a part of the name or of the code."),
            status=404,
        )
    if value == NO_VALUE:
        return Message(dimension.unknown)
    if dimension.format is Format.COUNTRY:
        return Message("{name}", {"name": shown(value, Format.COUNTRY)})
    return Message("{name}", {"name": label})


def stored_name(metrics: Metrics, kind: MemberKind, value: str, scope: Scope) -> str | None:
    """Return the name of a member that was never sold, from its master data; None without any.

    Who may see a part of the lines sees no member without one.
    """
    if scope.where or not kind.place.table:
        return None
    rows = metrics.records.rows(kind.place.table, value)
    return str(rows[0].values.get("name") or value) if rows else None
