"""A row of units right below the titles: `kg`, `EUR`, `€ HT`. It is no line, but says something."""

import re

import numpy as np

from core.i18n import msg

from .raw import RawTable, shortened, unique_headers
from .vocabulary import currencies, plain, words

LEFT_OUT = "units_row"  # the warning it leaves, by which others know of it
_BRACKETS = re.compile(r"^[\s(\[{]+|[\s)\]}]+$")
_SPLIT = re.compile(r"\s*[/ ]\s*")
_INCLUDING = ("ttc", "incl vat", "incl tax", "vat incl", "tva incluse")
_LISTED = 8


def leave_out_units(raw: RawTable) -> None:
    """Leave out a first row that holds nothing but units, and say what it held.

    A price that its unit calls one with VAT is one: its title says so from then on.
    """
    if not raw.height or raw.header_row <= 0 or raw.rows[0] != raw.header_row + 1:
        return
    if any(fault.row == 0 for fault in raw.faults):
        return
    units = [_text(column.data[0].as_py()) for column in raw.columns]
    if any(text is None for text in units):
        return
    filled = [(place, text) for place, text in enumerate(units) if text]
    if not filled or not all(_is_unit(text) for _place, text in filled):
        return
    listed = ", ".join(
        f"{shortened(raw.columns[place].header)} {shortened(text)}"
        for place, text in filled[:_LISTED]
    )
    raw.notes.append(
        msg("Row {row} holds units and was left out: {units}.", row=int(raw.rows[0]),
            units=listed + (" …" if len(filled) > _LISTED else ""))
    )  # fmt: skip
    raw.warnings[LEFT_OUT] = 1
    _say_with_vat(raw, filled)
    raw.keep(np.arange(raw.height) > 0)


def _text(cell: object) -> str | None:
    """Return a cell's text, empty for an empty one; None for a value that is no text."""
    if cell is None:
        return ""
    return " ".join(cell.split()) if isinstance(cell, str) else None


def _is_unit(text: str) -> bool:
    """Whether a text is a unit, a currency, or both put together, as `€ HT` or `EUR/kg`."""
    bare = _BRACKETS.sub("", text)
    known, money = words("units"), currencies()
    if plain(bare) in known or bare in known:
        return True
    parts = [part for part in _SPLIT.split(bare) if part]
    return bool(parts) and all(plain(p) in known or p in known or plain(p) in money for p in parts)


def _say_with_vat(raw: RawTable, filled: list[tuple[int, str]]) -> None:
    titles = raw.headers
    for place, text in filled:
        if any(sign in plain(text) for sign in _INCLUDING) and "ttc" not in plain(titles[place]):
            titles[place] = f"{titles[place]} TTC"
    for column, title in zip(raw.columns, unique_headers(titles), strict=True):
        column.header = title
