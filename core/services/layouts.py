"""Remembered layouts as a person manages them: listed, written as files, edited, forgotten."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.models.arrivals import LayoutVersion
from core.models.query import Scope
from core.repository.catalogue import Catalogue
from core.repository.layouts import LayoutStore
from core.services.ingest import Mapping
from core.services.ingest.ways import part_titles
from core.services.rights import refuse_restricted

_SHORT = 8  # signs of a signature that name a layout
_SHORTEST = 4
_PREFIX = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True)
class LayoutCard:
    """A version of a layout as lists show it.

    Attributes:
        name: the short name: the first signs of its signature.
        edition: counted from 1 for each layout.
        how: what made this version: an import, an edit, a restore or a forget.
        file_name: the file it was learnt from; empty where that is not known.
        titles: of the file's columns; empty where they are not known.
        mapping: as `Mapping.as_dict` writes it; {} in a version that forgot the layout.
    """

    name: str
    signature: str
    edition: int
    saved_at: datetime
    saved_by: str
    how: str
    file_name: str
    titles: tuple[str, ...]
    mapping: dict[str, Any]

    @property
    def table(self) -> str:
        """Key of the table the file goes to; empty when forgotten."""
        return str(self.mapping.get("table", ""))

    def as_dict(self) -> dict[str, Any]:
        """Return the card for JSON."""
        return {
            "layout": self.name,
            "edition": self.edition,
            "table": self.table,
            "saved_at": self.saved_at.isoformat(timespec="seconds"),
            "saved_by": self.saved_by,
            "how": self.how,
            "file_name": self.file_name,
            "titles": list(self.titles),
            "mapping": self.mapping,
        }


class Layouts:
    """The remembered layouts of one home, open to people who may import."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Use this home's catalogue."""
        self._store = LayoutStore(catalogue)

    def all(self, scope: Scope, *, forgotten: bool = False) -> list[LayoutCard]:
        """Return the layouts in force, the latest change first; or those that were forgotten."""
        refuse_restricted(scope)
        return [_card(v) for v in self._store.newest() if bool(v.mapping) is not forgotten]

    def get(self, name: str, scope: Scope) -> LayoutCard:
        """Return the last version of a layout.

        Args:
            name: the first signs of its signature, four at least.
            scope: who asks.

        Raises:
            PicholineError: there is none of that name, or several.
        """
        refuse_restricted(scope)
        found = [
            version for version in self._store.newest()
            if _PREFIX.fullmatch(name) and version.signature.startswith(name)
        ]  # fmt: skip
        if len(found) == 1:
            return _card(found[0])
        raise PicholineError(
            "layout.unknown",
            msg("No layout, or more than one, is named “{name}”.", name=name[:64]),
            msg("See the list of layouts; {n} signs of a name are enough.", n=_SHORTEST),
            status=404,
        )

    def history(self, name: str, scope: Scope) -> list[LayoutCard]:
        """Return every version of a layout, the newest first."""
        found = self.get(name, scope)
        return [_card(version) for version in self._store.history(found.signature)]

    def to_toml(self, name: str, scope: Scope) -> str:
        """Return a layout as the text of a mapping file.

        Raises:
            PicholineError: it is not known, or was forgotten.
        """
        found = self.get(name, scope)
        if not found.mapping:
            raise _forgotten(found)
        said = [f"# Picholine layout {found.name}, version {found.edition}"]
        said += [f"# {found.file_name}"] if found.file_name else []
        said += ["# " + " | ".join(found.titles)] if found.titles else []
        head = "\n".join(line.replace("\r", " ").replace("\n", " ") for line in said)
        return f"{head}\n{Mapping.from_dict(found.mapping).to_toml()}"

    def save(self, name: str, mapping: Mapping, scope: Scope) -> LayoutCard:
        """Let an edited mapping be in force from the next import on.

        Raises:
            PicholineError: the layout is not known, or the mapping names columns it has not.
        """
        found = self.get(name, scope)
        strange = _strange(mapping, found.titles)
        if found.titles and strange:
            raise PicholineError(
                "layout.columns",
                msg("This layout has no column {names}.", names=", ".join(sorted(strange))),
                msg("Its columns are: {names}.", names=", ".join(found.titles)),
            )
        stated = mapping.as_dict()
        stated.pop("sheet", None)
        return self._change(found, stated, "edit", scope)

    def restore(self, name: str, edition: int, scope: Scope) -> LayoutCard:
        """Let an earlier version be in force again, as a new version.

        Raises:
            PicholineError: there is no such version.
        """
        found = self.get(name, scope)
        for version in self._store.history(found.signature):
            if version.edition == edition and version.mapping:
                return self._change(found, version.mapping, "restore", scope)
        raise PicholineError(
            "layout.edition",
            msg("Layout {name} has no version {n} to restore.", name=found.name, n=edition),
            msg("See its versions."),
            status=404,
        )

    def forget(self, name: str, scope: Scope) -> LayoutCard:
        """Forget a layout: the next file of this kind is recognised anew; it can be restored.

        Raises:
            PicholineError: it is not known, or was forgotten already.
        """
        found = self.get(name, scope)
        if not found.mapping:
            raise _forgotten(found)
        return self._change(found, {}, "forget", scope)

    def _change(
        self, found: LayoutCard, mapping: dict[str, Any], how: str, scope: Scope
    ) -> LayoutCard:
        made = self._store.remember(found.signature, mapping, by=scope.owner, how=how)
        log.event("layout.changed", layout=found.name, how=how, edition=made.edition)
        return _card(made)


def _card(version: LayoutVersion) -> LayoutCard:
    return LayoutCard(
        name=version.signature[:_SHORT],
        signature=version.signature,
        edition=version.edition,
        saved_at=version.saved_at,
        saved_by=version.saved_by,
        how=version.how,
        file_name=version.file_name,
        titles=tuple(version.titles),
        mapping=version.mapping,
    )


def _strange(mapping: Mapping, titles: tuple[str, ...]) -> set[str]:
    """Return columns a mapping names that files of the layout do not have.

    Columns that are taken apart bring their parts. Where columns become rows, the new ones are
    named too: which those are shows when a file is read.
    """
    split = mapping.layout.get("split", {})
    if mapping.layout.keys() - {"split"}:
        return set(split) - {*titles}
    return {*mapping.columns.values(), *split} - {*titles, *part_titles(split)}


def _forgotten(found: LayoutCard) -> PicholineError:
    return PicholineError(
        "layout.forgotten",
        msg("Layout {name} was forgotten.", name=found.name),
        msg("Restore one of its versions."),
        status=409,
    )
