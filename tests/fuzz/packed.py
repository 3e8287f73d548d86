"""Mutations of what is packed: members of a zip, its directory, and what the members hold."""

import io
import struct
import warnings
import zipfile
from random import Random

from tests.fuzz.markup import MARKUP
from tests.fuzz.raw_bytes import ANY, Mutation
from tests.fuzz.records import change_record
from tests.fuzz.texts import TEXTS

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NAMES = (
    "../../../etc/passwd", "/etc/passwd", "C:\\win.ini", "a/../../b.csv", "con.csv", "",
    "xl/workbook.xml", "content.xml", "mimetype", "x" * 300 + ".csv", "\u202excod.csv",
    "a\x00b.csv", ".csv", "xl/worksheets/sheet1.xml", "word/document.xml",
)  # fmt: skip


def members_of(data: bytes) -> list[tuple[str, bytes]]:
    """Return names and contents of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def packed(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of such members; names may repeat."""
    held = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(held, "w", method) as archive:
        warnings.simplefilter("ignore")  # that a name is there twice is meant
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return held.getvalue()


def change_member(data: bytes, chance: Random) -> bytes:
    """Change what one member holds, as its kind of content can be changed."""
    members = members_of(data)
    weights = [1 + 6 * ("sheet" in name or "content" in name) for name, _ in members]
    place = chance.choices(range(len(members)), weights)[0]
    name, content = members[place]
    mutations = ANY
    if content.lstrip().startswith(b"<"):
        mutations = MARKUP if chance.random() < 0.9 else ANY
    elif name.endswith(".bin"):
        mutations = (change_record,) if chance.random() < 0.7 else ANY
    elif name.endswith((".csv", ".txt")):
        mutations = TEXTS
    for _ in range(chance.choice((1, 1, 1, 3))):
        content = chance.choice(mutations)(content, chance) or b" "
    members[place] = (name, content)
    return packed(members)


def change_members(data: bytes, chance: Random) -> bytes:
    """Take a member out, write it twice, swap two, rename one, pack differently."""
    members = members_of(data)
    place, other = chance.randrange(len(members)), chance.randrange(len(members))
    (name, content), (_, foreign) = members[place], members[other]
    what = chance.randrange(6)
    if what == 0 and len(members) > 1:
        del members[place]
    elif what == 1:
        members += [members[place]] * chance.choice((1, 300))
    elif what == 2:
        members[place] = (name, foreign)
    elif what == 3:
        members[place] = (chance.choice(_NAMES), content)
    elif what == 4:
        members[place] = (name, data)
    method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))  # fmt: skip  # noqa: E501
    return packed(members, method)


def change_directory(data: bytes, chance: Random) -> bytes:
    """Write another number or other flags into an entry of the directory."""
    sign, fields = chance.choice(
        (
            (_LOCAL, ((6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2))),
            (_CENTRAL, ((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (42, 4))),
            (_END, ((4, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2))),
        )
    )
    places = [place for place in range(len(data)) if data.startswith(sign, place)]
    if not places:
        return data[:-1]
    offset, size = chance.choice(fields)
    start = chance.choice(places) + offset
    number = chance.choice((0, 1, 8, 99, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF))
    put = struct.pack("<I", number)[:size]
    return data[:start] + put + data[start + size :]


PACKED: tuple[Mutation, ...] = (
    change_member, change_member, change_member, change_members, change_directory,
)  # fmt: skip
