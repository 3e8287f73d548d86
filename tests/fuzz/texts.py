"""Mutations of text tables: cells, separators, quotation marks, ends of lines, encodings."""

import re
from random import Random

from tests.fuzz.raw_bytes import Mutation

HOSTILE = (
    "", " ", '"', '""', "'", ";", "\t", "\n", "\r", "\x00", "\x1a", "\x0c", "\u2028", "\ufeff",
    "\ud7ff", "\U0001f98e", "\u202e", "\u0301" * 40, "=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "+1",
    "-1", "-0", "1e309", "-1e309", "1e-400", "NaN", "inf", "9" * 40, "9" * 400, "0x10", "1_000",
    "1.000.000,00", "(1)", "((1))", "1-", "--1", "12,5%", "€", "1 €", "31/02/2025", "2025-13-45",
    "0000-00-00", "9999-12-31", "10000-01-01", "01/02/03", "29/02/1900", "12:00", "1899-12-30",
    "Total", "TOTAL;;;", "../../etc/passwd", "C:\\con", "<script>alert(1)</script>",
    "%s%n{0}{name}", "null", "None", "true", "vrai", "#N/A", "#REF!", "F001",
)  # fmt: skip
_CELL = re.compile(rb"[^;,\t|\r\n]+")
_LONG = 70_000


def change_cells(data: bytes, chance: Random) -> bytes:
    """Replace some cells by hostile ones."""
    cells = list(_CELL.finditer(data))
    if not cells:
        return data + chance.choice(HOSTILE).encode()
    for cell in sorted(
        chance.sample(cells, min(len(cells), chance.choice((1, 3, 20)))),
        key=lambda found: -found.start(),
    ):
        put = chance.choice(HOSTILE).encode()
        data = data[: cell.start()] + put + data[cell.end() :]
    return data


def change_ends(data: bytes, chance: Random) -> bytes:
    """Write the ends of lines differently, all or some."""
    ends = (b"\n", b"\r", b"\r\n", b"\n\r", b"\r\r\n", b"\x0b", b"\n\n\n", b"\x85")
    lines = data.splitlines()
    if chance.random() < 0.5:
        return chance.choice(ends).join(lines)
    return b"".join(line + chance.choice(ends) for line in lines)


def change_separators(data: bytes, chance: Random) -> bytes:
    """Use another separator from some line on."""
    lines = data.split(b"\n")
    start = chance.randrange(len(lines))
    other = chance.choice((b",", b";", b"\t", b"|", b"", b'"', b" ", b";;;", b":", b"\x00"))
    return b"\n".join(
        line if place < start else re.sub(rb"[;,\t]", lambda _: other, line)
        for place, line in enumerate(lines)
    )


def put_quotes(data: bytes, chance: Random) -> bytes:
    """Put quotation marks anywhere."""
    for _ in range(chance.choice((1, 2, 9))):
        place = chance.randrange(len(data) + 1)
        put = chance.choice((b'"', b'""', b'"\n', b'";"', b"'"))
        data = data[:place] + put + data[place:]
    return data


def transcode(data: bytes, chance: Random) -> bytes:
    """Write the whole or a half in another encoding."""
    other = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "utf-7"))
    text = data.decode("utf-8", "replace")
    if chance.random() < 0.6:
        return text.encode(other, "replace")
    half = len(text) // 2
    return text[:half].encode() + text[half:].encode(other, "replace")


def widen(data: bytes, chance: Random) -> bytes:
    """Make a line very wide, a cell very long, or a file very tall."""
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    separator = chance.choice((b";", b",", b"\t"))
    lines[place] += chance.choice(
        (
            separator * 3_000,
            separator + b"x" * _LONG,
            separator + b'"' + b"a\n" * 2_000 + b'"',
            b"\n" + b"\n".join([lines[place]] * 2_000),
            b"\n" * 5_000,
        )
    )
    return b"\n".join(lines)


def shuffle_lines(data: bytes, chance: Random) -> bytes:
    """Change the order of the lines, take some out, repeat others."""
    lines = data.split(b"\n")
    lines = chance.choices(lines, k=max(1, chance.randrange(2 * len(lines))))
    return chance.choice((b"", b"sep=;\n", b"sep=\n", b"sep=ab\n", b'"sep=,"\n')) + b"\n".join(
        lines
    )


TEXTS: tuple[Mutation, ...] = (
    change_cells, change_cells, change_ends, change_separators, put_quotes, transcode, widen,
    shuffle_lines,
)  # fmt: skip
