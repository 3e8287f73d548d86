"""One column that holds several things becomes several columns: `FR-75001 Paris`, `P1 - Oil`."""

import re
from collections.abc import Mapping

import pyarrow as pa

from core.errors import PicholineError
from core.i18n import msg, msg_n

from .by_value import distinct
from .quarantine import shown
from .raw import RawColumn, RawTable, name_list
from .titles import fill_merged
from .vocabulary import countries, plain
from .ways import PLACE, WAYS, part_title

_LOOKED_AT = 2_000
_JUDGED = 300  # different texts that decide whether taking apart is offered
_LONGEST = 200  # signs; no address or name is longer, and patterns could take long over more
_FITS = 0.8
_EXAMPLES = 3
# How road signs and old letters write countries; longer names and codes are known already.
_SIGNS = {"A": "AT", "B": "BE", "D": "DE", "E": "ES", "F": "FR", "I": "IT", "L": "LU", "N": "NO",
          "P": "PT", "S": "SE", "UK": "GB"}  # fmt: skip
_POSTCODE = (
    r"\d{2}-\d{3}|\d{4}-\d{3}|\d{3} \d{2}|\d{4} [A-Z]{2}|\d{4,6}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
)
_LAND = r"[^\d,()/]{2,}"
_ADDRESS = (
    re.compile(
        rf"^(?:(?P<country>[A-Z]{{1,3}})\s?[-–]\s?|(?P<code>[A-Z]{{2}})\s)?(?P<postcode>{_POSTCODE})"
        rf"\s*[,–-]?\s+(?P<city>[^\d\s,()/][^,()/]*?)(?:\s*[,(/]\s*(?P<land>{_LAND})\)?)?$"
    ),
    re.compile(
        rf"^(?P<city>[^\d\s,()/][^,()/]*?)\s*,?\s+(?P<postcode>{_POSTCODE})"
        rf"(?:\s*[,(/]\s*(?P<land>{_LAND})\)?)?$"
    ),
)
_CODE = r"(?=[^\s]*\d)[A-Za-z0-9][\w./-]*"
_NAMED = (
    re.compile(rf"^[\[(](?P<code>{_CODE})[\])]\s*[-–—:]?\s*(?P<name>\S.*)$"),
    re.compile(rf"^(?P<code>{_CODE})\s*(?:\s[-–—]\s|[:|;]\s)\s*(?P<name>\S.*)$"),
    re.compile(rf"^(?P<name>\S.*?)\s*[\[(](?P<code>{_CODE})[\])]$"),
)


def take_apart(kind: str, text: str) -> dict[str, str] | None:
    """Return the parts of a text, those that are stated; None where it is not written so."""
    if len(text) > _LONGEST:
        return None
    text = " ".join(text.split())
    if kind != PLACE:
        found = next((hit for pattern in _NAMED if (hit := pattern.match(text))), None)
        return found and {"code": found["code"], "name": found["name"].strip()}
    for pattern in _ADDRESS:
        if found := pattern.match(text):
            parts = found.groupdict()
            land = parts.get("country") or parts.get("code") or (parts["land"] or "").strip()
            kept = {"postcode": parts["postcode"], "city": parts["city"].strip()}
            return {**kept, **({"country": _SIGNS.get(land, land)} if land else {})}
    return None


def offered(column: RawColumn, table: str, field: str | None) -> tuple[str, ...]:
    """Return the ways a column could be taken apart, judged by its first cells.

    Args:
        column: of the file, none that is a part itself.
        table: the file is imported as.
        field: the column is mapped to; it decides between products, customers and suppliers.
    """
    if column.part or not pa.types.is_string(column.data.type):
        return ()
    texts = distinct(column.data.slice(0, _LOOKED_AT)).values.to_pylist()[:_JUDGED]
    if not texts:
        return ()
    found: list[str] = []
    for kind, split in WAYS.items():
        fields = split.fields_in(table)
        if len(fields) < len(split.parts) or (kind == PLACE and field in {"product_id", "name"}):
            continue
        fits = [parts for text in texts if (parts := take_apart(kind, text))]
        if len(fits) >= _FITS * len(texts) and (kind != PLACE or _are_places(fits)):
            found.append(kind)
    own = [kind for kind in found if field in WAYS[kind].fields_in(table).values()]
    return tuple(own or found)


def _are_places(fits: list[dict[str, str]]) -> bool:
    """Whether the countries that are named exist; a code before a name is no postcode."""
    named = [parts["country"] for parts in fits if "country" in parts]
    known = countries()
    hits = [name for name in named if plain(name) in known]
    return len(hits) >= _FITS * len(named)


def split_columns(raw: RawTable, stated: Mapping[str, str]) -> None:
    """Add the parts of columns a person wants taken apart, each beside its column.

    Args:
        raw: the table; changed in place. Cells that are not written so have no parts, and are
            counted in a note.
        stated: title → a key of `WAYS`.

    Raises:
        PicholineError: there is no such column.
    """
    for header, kind in stated.items():
        place = next((n for n, c in enumerate(raw.columns) if c.header == header), None)
        if place is None:
            raise PicholineError(
                "mapping.column",
                msg("Sheet {sheet} has no column “{name}”.", sheet=raw.sheet, name=header),
                msg("Its columns are: {names}.", names=name_list(raw.headers)),
            )
        fill_merged(raw, [place])
        parts, strange = _parts(raw.columns[place], kind)
        raw.columns[place + 1 : place + 1] = parts
        raw.faults = [
            fault if fault.column <= place else fault.moved(len(parts)) for fault in raw.faults
        ]
        raw.notes.append(msg("Column “{name}” was taken apart.", name=header))
        if strange:
            raw.notes.append(
                msg_n("Column “{name}”: {n} cell is not written so and has no parts: {examples}.",
                      "Column “{name}”: {n} cells are not written so and have no parts: "
                      "{examples}.", strange[0], name=header, examples=", ".join(strange[1]))
            )  # fmt: skip


def _parts(column: RawColumn, kind: str) -> tuple[list[RawColumn], tuple[int, list[str]] | None]:
    """Return the parts as columns; how many cells have none, and examples of them."""
    data = column.data if pa.types.is_string(column.data.type) else shown(column.data)
    found = distinct(data)
    texts = found.values.to_pylist()
    taken = [take_apart(kind, text) for text in texts]
    parts = []
    for part in WAYS[kind].parts:
        values = pa.array([hit and hit.get(part) for hit in taken], pa.string())
        cells = pa.chunked_array([found.spread(values)])
        parts.append(RawColumn(part_title(column.header, part), "", cells, part=part))
    strange = [text for text, hit in zip(texts, taken, strict=True) if hit is None]
    if not strange:
        return parts, None
    cells = found.spread(pa.array([hit is None for hit in taken], pa.bool_()))
    count = sum(value is True for value in cells.to_pylist())
    return parts, (count, [f"“{text[:40]}”" for text in strange[:_EXAMPLES]])
