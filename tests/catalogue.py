"""Bring the French catalogue up to date with the sources: `make i18n`.

Known translations are kept, new texts are added empty (and fail `make check` until translated),
texts nobody uses any more are dropped.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FRENCH = ROOT / "core" / "locale" / "fr" / "LC_MESSAGES" / "picholine.po"
PACKAGES = ("core", "callbacks", "dashboard")
KEYWORDS = {"_": None, "N_": None, "msg": None, "msg_n": (1, 2)}

Text = str | tuple[str, ...]


def source_texts() -> dict[Text, list[str]]:
    """Return every marked text with the files it stands in."""
    found: dict[Text, list[str]] = {}
    for package in PACKAGES:
        for file, _line, text, *_rest in extract_from_dir(
            ROOT / package, method_map=[("**.py", "python")], keywords=KEYWORDS
        ):
            key = tuple(text) if isinstance(text, tuple | list) else text
            places = found.setdefault(key, [])
            place = f"{package}/{file}"
            if place not in places:
                places.append(place)
    return found


def french() -> dict[Text, Text]:
    """Return the stored French translations."""
    with FRENCH.open("rb") as stream:
        stored = read_po(stream, locale="fr")
    return {
        tuple(entry.id) if isinstance(entry.id, tuple | list) else entry.id: (
            tuple(entry.string) if isinstance(entry.string, tuple | list) else entry.string
        )
        for entry in stored
        if entry.id and not entry.fuzzy
    }


def update() -> int:
    """Rewrite the French catalogue; return how many texts lack a translation."""
    known = french()
    catalogue = Catalog(locale="fr", project="picholine", charset="utf-8", fuzzy=False)
    missing = 0
    for text, places in source_texts().items():
        translated = known.get(text) or ("" if isinstance(text, str) else ("",) * len(text))
        missing += not (translated if isinstance(translated, str) else all(translated))
        catalogue.add(text, translated, locations=[(place, 0) for place in places])
    with FRENCH.open("wb") as stream:
        write_po(stream, catalogue, sort_output=True, include_lineno=False, omit_header=True)
    return missing


if __name__ == "__main__":
    print(f"{update()} texts wait for their French translation in {FRENCH.relative_to(ROOT)}")
