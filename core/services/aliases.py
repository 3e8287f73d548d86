"""Meanings of spellings that hold in every file: listed, added, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.query import Scope
from core.repository.aliases import AliasStore, Spelling
from core.repository.catalogue import Catalogue
from core.repository.layouts import LayoutStore
from core.services.ingest.meanings import KINDS, compared
from core.services.ingest.vocabulary import countries, currencies, plain
from core.services.rights import refuse_restricted

FIELDS: Mapping[str, str] = {
    "country": N_("Country"),
    "category": N_("Category"),
    "channel": N_("Channel"),
    "customer": N_("Customer code"),
    "product": N_("Product code"),
    "supplier": N_("Supplier code"),
    "currency": N_("Currency"),
    "unit": N_("Unit"),
}
LONGEST = 200
_CODED = {"country": countries, "currency": currencies}


@dataclass(frozen=True)
class Meaning:
    """What a spelling means.

    Attributes:
        id: what `remove` takes; 0: of a layout, see `layout`.
        field: key of `FIELDS`.
        written: as it stands in files.
        meant: what it stands for.
        owner: who said so.
        since: when.
        layout: signature of the layout it holds in; "": in every file.
        file: the file the layout was learnt from.
    """

    id: int
    field: str
    written: str
    meant: str
    owner: str
    since: datetime
    layout: str = ""
    file: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the meaning for JSON."""
        return {
            "id": self.id or None,
            "field": self.field,
            "written": self.written,
            "meant": self.meant,
            "owner": self.owner,
            "since": self.since.isoformat(timespec="seconds"),
            "layout": self.layout or None,
            "file": self.file or None,
        }


class Aliases:
    """The meanings of one home; every method refuses people who see a part of the rows only."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the stores."""
        self._store = AliasStore(catalogue)
        self._layouts = LayoutStore(catalogue)

    def listed(self, scope: Scope) -> list[Meaning]:
        """Return the meanings that hold everywhere, the newest first, then those of layouts."""
        refuse_restricted(scope)
        everywhere = [
            Meaning(a.id or 0, a.field, a.written, a.meant, a.owner, a.created_at)
            for a in self._store.current()
        ]
        of_layouts = [
            Meaning(0, KINDS.get(key, key), written, meant, layout.saved_by, layout.saved_at,
                    layout.signature, layout.file_name)
            for layout in self._layouts.newest()
            for key, found in (layout.mapping.get("values") or {}).items()
            for written, meant in found.items()
        ]  # fmt: skip
        return [*everywhere, *of_layouts]

    def add(self, field: str, written: str, meant: str, scope: Scope) -> int:
        """Say what a spelling means in every file; return the data version.

        Raises:
            PicholineError: the field is not known, a text is missing or too long, or the meaning
                is no country or currency.
        """
        return self.add_all([(field, written, meant)], scope)

    def add_all(self, stated: Sequence[tuple[str, str, str]], scope: Scope) -> int:
        """Say what several spellings mean: `(field, written, meant)`; all of them or none."""
        refuse_restricted(scope)
        return self._store.save([checked(*one) for one in stated], scope.owner)

    def remove(self, alias_id: int, scope: Scope) -> Meaning:
        """Take a meaning back; rows that were read with it stay as they are, but for countries.

        Raises:
            PicholineError: there is no such meaning.
        """
        refuse_restricted(scope)
        found = self._store.remove(alias_id, scope.owner)
        if found is None:
            raise _unknown(alias_id)
        return Meaning(alias_id, found.field, found.written, found.meant, found.owner,
                       found.created_at)  # fmt: skip

    def remove_of_layout(self, signature: str, field: str, written: str, scope: Scope) -> None:
        """Take a meaning of one layout back.

        Raises:
            PicholineError: the layout says nothing of this spelling.
        """
        refuse_restricted(scope)
        last = self._layouts.last(signature)
        values = dict((last.mapping.get("values") or {}) if last else {})
        key = next((k for k in values if KINDS.get(k, k) == field and written in values[k]), None)
        if last is None or key is None:
            raise _unknown(written)
        values[key] = {w: m for w, m in values[key].items() if w != written}
        mapping = {**last.mapping, "values": {k: v for k, v in values.items() if v}}
        if not mapping["values"]:
            del mapping["values"]
        self._layouts.remember(signature, mapping, by=scope.owner, how="edit")


def checked(field: str, written: str, meant: str) -> Spelling:
    """Return a spelling that can be stored.

    Raises:
        PicholineError: the field is not known, a text is missing or too long, or the meaning is
            no country or currency.
    """
    if field not in FIELDS:
        raise PicholineError(
            "alias.field",
            msg("Spellings of “{name}” cannot be mapped.", name=field),
            msg("Possible are: {allowed}.", allowed=", ".join(FIELDS)),
        )
    text, meaning = written.strip().removeprefix("unknown: "), meant.strip()
    if not text or not meaning or max(len(text), len(meaning)) > LONGEST:
        raise PicholineError(
            "alias.empty",
            msg("A spelling and its meaning are needed, of at most {n} signs each.", n=LONGEST),
            msg("For example: Grande Bretagne → GB."),
        )
    if field in _CODED:
        code = _CODED[field]().get(plain(meaning))
        if code is None:
            raise PicholineError(
                f"alias.{field}",
                msg("“{name}” is no country.", name=meaning)
                if field == "country"
                else msg("“{name}” is no currency.", name=meaning),
                msg("Write its code, for example GB or FR.")
                if field == "country"
                else msg("Write the three-letter code, for example EUR, USD or GBP."),
            )
        meaning = code
    return Spelling(field, text, compared(field, text), meaning)


def _unknown(name: object) -> PicholineError:
    return PicholineError(
        "alias.unknown",
        msg("There is no meaning {id} in force.", id=name),
        msg("See the list of spellings."),
        status=404,
    )
