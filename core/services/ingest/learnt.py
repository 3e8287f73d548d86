"""What the intake remembers of the layouts it has imported, and says in a preview."""

from core.i18n import Message, msg
from core.repository.aliases import AliasStore
from core.repository.catalogue import Catalogue
from core.repository.layouts import LayoutStore

from .matching import signature
from .meanings import spellings
from .recognise import Sheet

_SHORT = 8
_OF_A_FILE = ("sheet", "header_row")  # where a table stands may change from file to file


def layout_notes(catalogue: Catalogue, sheet: Sheet) -> list[Message]:
    """Return the name of the layout a sheet is read by; nothing where none was remembered.

    A mapping that a person changed is that person's: it is no longer the layout's.
    """
    found = LayoutStore(catalogue).last(signature(sheet.raw.titles))
    if found is None or _bare(found.mapping) != _bare(sheet.mapping.as_dict()):
        return []
    day = found.saved_at.date().isoformat()
    name = found.signature[:_SHORT]
    if found.file_name:
        text = msg(
            "The columns are read as in “{file}” (layout {name}, version {n} of {day}).",
            file=found.file_name, name=name, n=found.edition, day=day,
        )  # fmt: skip
    else:
        text = msg(
            "The columns are read as remembered (layout {name}, version {n} of {day}).",
            name=name, n=found.edition, day=day,
        )  # fmt: skip
    return [text]


def _bare(mapping: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in mapping.items() if key not in _OF_A_FILE}


def remember(catalogue: Catalogue, sheet: Sheet, file_name: str) -> None:
    """Remember how a sheet that was imported was read, by its titles.

    Columns without titles have no signature of their own; the sheet's name is that of this file.
    """
    if not sheet.raw.header_row:
        return
    mapping = sheet.mapping.as_dict()
    mapping.pop("sheet", None)
    if sheet.options.everywhere and (values := mapping.pop("values", None)):
        AliasStore(catalogue).save(spellings(values), sheet.options.owner)
    layout = {key: value for key, value in sheet.mapping.layout.items() if key != "year"}
    mapping.pop("layout", None)
    if layout:
        mapping["layout"] = layout
    # A layout that was chosen is known by the titles of the file, crossed columns among them.
    written = [sheet.raw.written] if layout and sheet.raw.written else []
    for titles in (sheet.raw.titles, *written):
        LayoutStore(catalogue).remember(
            signature(titles),
            mapping,
            titles=titles,
            file_name=file_name,
            by=sheet.options.owner,
        )
