"""Notes: what people write about a month, a day, a customer; shown wherever those are drawn.

Who sees all rows sees everybody's notes. Who sees a part of them sees the notes on members of that
part, and of notes on a time only their own: others may speak of rows that are not for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from core.errors import PicholineError
from core.i18n import N_, Message, msg
from core.models.desk import Note
from core.models.filters import parse_day
from core.models.query import Filter, MetricQuery, Period, Scope
from core.repository.catalogue import Catalogue
from core.repository.notes import NoteStore
from core.services import calendar
from core.services.metrics import Metrics

LONGEST = 1000  # characters of a note
MOST = 1000  # notes of one owner
GRAINS: Mapping[str, str] = {
    "day": N_("Day"),
    "week": N_("Week (ISO)"),
    "month": N_("Month"),
    "quarter": N_("Quarter"),
    "year": N_("Year"),
    "campaign": N_("Campaign"),
}
_LONGEST_ADDRESS = 4000
_LINES = ("\n",)
_WRITTEN = ("text", "day", "grain", "dimension", "member", "member_name", "page", "address")


@dataclass(frozen=True)
class Draft:
    """A note as it was typed.

    Attributes:
        text: what is said.
        day: the time it is about, ISO; empty: of no time.
        grain: key of `GRAINS`: how long that time is.
        dimension: whose member it is about; empty: of no member.
        member: the member, as filters take it.
        page: shown on this page only; empty: everywhere.
        address: where it was written.
    """

    text: str = ""
    day: str = ""
    grain: str = "day"
    dimension: str = ""
    member: str = ""
    page: str = ""
    address: str = ""


class Notes:
    """The notes of one home."""

    def __init__(self, catalogue: Catalogue, metrics: Metrics, first_month: int) -> None:
        """Keep the stores.

        Args:
            catalogue: keeps the notes.
            metrics: knows the members, and whose they are.
            first_month: of the campaign year.
        """
        self._store = NoteStore(catalogue)
        self._metrics = metrics
        self._first_month = first_month

    def all(self, scope: Scope) -> list[Note]:
        """Return the notes this person may read, the latest time first."""
        found = self._store.all()
        if not scope.where or not found:
            return found
        seen = self._visible(found, scope)
        return [
            note
            for note in found
            if ((note.dimension, note.member) in seen if note.dimension else _own(note, scope))
        ]

    def search(self, text: str, scope: Scope) -> list[Note]:
        """Return the notes in whose text or member all words stand."""
        words = text.casefold().split()
        return [
            note
            for note in self.all(scope)
            if all(
                word in f"{note.text} {note.member_name} {note.member}".casefold() for word in words
            )
        ]

    def shown(self, page: str, period: Period | None, scope: Scope) -> list[Note]:
        """Return the notes that concern a page and a period, the latest time first.

        Args:
            page: its key.
            period: None: all days.
            scope: who reads.
        """
        return [
            note
            for note in self.all(scope)
            if note.page in ("", page) and (period is None or self._touches(note, period))
        ]

    def turn(self, scope: Scope) -> tuple[int | str, ...]:
        """Return what a drawn page depends on: all notes, and who reads where that matters."""
        count, changed = self._store.turn()
        return (count, changed, scope.owner if scope.where else "") if count else ()

    def named(self, dimension: str, member: str, scope: Scope) -> str:
        """Return how a member is called.

        Raises:
            PicholineError: there is no such member for this reader.
        """
        known = self._metrics.known().dimensions
        if dimension in known and not known[dimension].grain and member:
            where = (Filter(dimension, (member,)),)
            found = self._metrics.members(dimension, scope, limit=1, where=where)
            if found:
                return found[0].label
        raise _refused(
            "note.member",
            msg("There is no “{name}” to write about.", name=member[:40]),
            msg("Open the page again and choose the mark or the row the note is about."),
            status=404,
        )

    def write(self, draft: Draft, scope: Scope) -> Note:
        """Keep a new note.

        Raises:
            PicholineError: no text, one too long, about nothing, or too many notes.
        """
        note = self._checked(draft, scope)
        if self._store.count(scope.owner) >= MOST:
            raise _refused(
                "note.many",
                msg("There are {most} notes already.", most=MOST),
                msg("Remove some that are no longer needed."),
            )
        return self._store.add(note)

    def rewrite(self, note_id: int, draft: Draft, scope: Scope) -> Note:
        """Change one's own note.

        Raises:
            PicholineError: no such note of this person, or what `write` refuses.
        """
        note = self._checked(draft, scope)
        return self._changed(note_id, scope, **{name: getattr(note, name) for name in _WRITTEN})

    def remove(self, note_id: int, scope: Scope) -> Note:
        """Remove one's own note; `restore` brings it back."""
        return self._changed(note_id, scope, removed=True)

    def restore(self, note_id: int, scope: Scope) -> Note:
        """Bring one's own removed note back."""
        return self._changed(note_id, scope, removed=False)

    def _changed(self, note_id: int, scope: Scope, **values: str | bool | date | None) -> Note:
        changed = self._store.change(scope.owner, note_id, **values)
        if changed is None:
            raise _refused(
                "note.unknown",
                msg("There is no such note of yours."),
                msg("Reload the page; only who wrote a note can change it."),
                status=404,
            )
        return changed

    def _checked(self, draft: Draft, scope: Scope) -> Note:
        """Return a note of what was typed, not stored yet."""
        day = parse_day(draft.day)
        grain = draft.grain if draft.grain in GRAINS else "day"
        if day is None and not draft.dimension:
            raise _refused(
                "note.about",
                msg("The note is about nothing yet."),
                msg("Choose a day or a month, or write it from the menu of a mark or a row."),
            )
        of_member = bool(draft.dimension)
        return Note(
            owner=scope.owner,
            text=_text(draft.text),
            day=calendar.grain_start(day, grain, self._first_month) if day else None,
            grain=grain,
            dimension=draft.dimension,
            member=draft.member if of_member else "",
            member_name=self.named(draft.dimension, draft.member, scope) if of_member else "",
            page=draft.page[:80],
            address=_address(draft.address),
        )

    def _touches(self, note: Note, period: Period) -> bool:
        if note.day is None:
            return True
        last = calendar.grain_end(note.day, note.grain, self._first_month)
        return note.day <= period.end and last >= period.start

    def _visible(self, notes: Iterable[Note], scope: Scope) -> set[tuple[str, str]]:
        """Return which members of these notes have a line this reader may see."""
        wanted: dict[str, set[str]] = {}
        for note in notes:
            if note.dimension in self._metrics.known().dimensions:
                wanted.setdefault(note.dimension, set()).add(note.member)
        return {
            (dimension, str(value))
            for dimension, members in wanted.items()
            for value in self._with_lines(dimension, sorted(members), scope)
        }

    def _with_lines(self, dimension: str, members: Sequence[str], scope: Scope) -> list[object]:
        query = MetricQuery(
            ("net_sales",),
            by=(dimension,),
            where=(Filter(dimension, tuple(members)),),
            totals=False,
        )
        return self._metrics.ask(query, scope).data.column(dimension).to_pylist()


def _own(note: Note, scope: Scope) -> bool:
    return note.owner == scope.owner


def _text(typed: str) -> str:
    text = "".join(sign for sign in typed if sign.isprintable() or sign in _LINES).strip()
    if not text:
        raise _refused(
            "note.text", msg("The note says nothing yet."), msg("Type what is to be remembered.")
        )
    if len(text) > LONGEST:
        raise _refused(
            "note.long",
            msg("The note is too long."),
            msg("Use at most {most} characters.", most=LONGEST),
        )
    return text


def _address(address: str) -> str:
    """Return an address inside this application; nothing where it is none."""
    parts = urlsplit(address)
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    if not inside or parts.scheme or parts.netloc or len(address) > _LONGEST_ADDRESS:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _refused(code: str, title: Message, remedy: Message, status: int = 400) -> PicholineError:
    return PicholineError(code, title, remedy, status=status)
