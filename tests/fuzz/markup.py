"""Mutations of the XML inside workbooks: tags, attributes, dimensions, entities, nesting."""

import re
from random import Random

from tests.fuzz.raw_bytes import Mutation
from tests.fuzz.texts import HOSTILE

_TAG = re.compile(rb"<[^<>]+>")
_VALUE = re.compile(rb'"([^"<>]*)"')
_NUMBER = re.compile(rb'(?<==")(\d+)(?=")')
_BETWEEN = re.compile(rb">([^<>]+)<")
_REFERENCE = re.compile(rb'r="([A-Z]+)(\d+)"')
_REPEATED = re.compile(rb"<table:table-(cell|row|column)")
_NUMBERS = (
    b"-1", b"0", b"2", b"255", b"65536", b"1048576", b"1048577", b"16384", b"2147483647",
    b"2147483648", b"4294967295", b"4294967296", b"18446744073709551616", b"9" * 60, b"1e308",
    b"1e309", b"NaN", b"", b"0x41", b" 7 ", b"1.5",
)  # fmt: skip
_DOCTYPES = (
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    b"<!DOCTYPE x ["
    + b"".join(
        b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"lol") for n in range(10)
    )
    + b'<!ENTITY e "&e9;">]>',
)


def _one(data: bytes, pattern: re.Pattern[bytes], chance: Random) -> re.Match[bytes] | None:
    found = list(pattern.finditer(data))
    return chance.choice(found) if found else None


def _put(data: bytes, found: re.Match[bytes] | None, put: bytes, group: int = 0) -> bytes:
    if found is None:
        return data + put
    return data[: found.start(group)] + put + data[found.end(group) :]


def _escaped(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode()


def change_tag(data: bytes, chance: Random) -> bytes:
    """Take a tag out, write it twice, or leave it open."""
    found = _one(data, _TAG, chance)
    tag = found[0] if found else b"<a>"
    return _put(data, found, chance.choice((b"", tag * 2, tag * 300, tag[:-1], tag[1:], b"<>")))


def change_number(data: bytes, chance: Random) -> bytes:
    """Give an attribute a telling number."""
    return _put(data, _one(data, _NUMBER, chance), chance.choice(_NUMBERS), 1)


def change_value(data: bytes, chance: Random) -> bytes:
    """Give an attribute a hostile text, or that of another one."""
    other = _one(data, _VALUE, chance)
    put = _escaped(chance.choice(HOSTILE))
    if other and chance.random() < 0.5:
        put = other[1]
    return _put(data, _one(data, _VALUE, chance), put, 1)


def change_text(data: bytes, chance: Random) -> bytes:
    """Put a hostile text between tags."""
    put = chance.choice(
        (
            _escaped(chance.choice(HOSTILE)),
            b"x" * 70_000,
            b"&e;" * 5,
            b"<![CDATA[" + b"]]>" * chance.randrange(3),
            b"&#x0;&#xD800;&#1114112;",
            b"<!-- -- -->",
            b"<?php ?>",
        )
    )
    return _put(data, _one(data, _BETWEEN, chance), put, 1)


def move_cell(data: bytes, chance: Random) -> bytes:
    """Give a cell another place."""
    places = (b"XFD1048576", b"A0", b"A1", b"ZZZZ9", b"1A", b"", b"A-1", b"A99999999999", b"a1")
    found = _one(data, _REFERENCE, chance)
    return _put(data, found, b'r="' + chance.choice(places) + b'"')


def repeat_cells(data: bytes, chance: Random) -> bytes:
    """Say that a cell or row of an OpenDocument stands there a million times."""
    found = _one(data, _REPEATED, chance)
    if found is None:
        return change_number(data, chance)
    number = chance.choice((b"2", b"300", b"16384", b"1048576", b"4294967295", b"-3"))
    name = b"columns" if found[1] != b"row" else b"rows"
    said = b' table:number-%s-%s="%s"'
    kind = chance.choice((b"repeated", b"spanned"))
    return data[: found.end()] + said % (name, kind, number) + data[found.end() :]


def add_entities(data: bytes, chance: Random) -> bytes:
    """Declare entities, and use one."""
    end = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
    body = _put(data[end:], _one(data[end:], _BETWEEN, chance), b"&e;", 1)
    return data[:end] + chance.choice(_DOCTYPES) + body


def nest(data: bytes, chance: Random) -> bytes:
    """Nest tags deeply."""
    depth = chance.choice((50, 5_000, 100_000))
    found = _one(data, _TAG, chance)
    place = found.end() if found else 0
    closing = b"</a>" * (depth if chance.random() < 0.5 else 0)
    return data[:place] + b"<a>" * depth + closing + data[place:]


def say_encoding(data: bytes, chance: Random) -> bytes:
    """State another encoding than the one there is, or use another than stated."""
    if chance.random() < 0.5:
        return data.decode("utf-8", "replace").encode(chance.choice(("utf-16", "utf-16-be")))
    other = chance.choice((b"UTF-16", b"ISO-8859-1", b"x-none", b"UTF-7"))
    return b'<?xml version="1.0" encoding="' + other + b'"?>' + data[data.find(b"?>") + 2 :]


MARKUP: tuple[Mutation, ...] = (
    change_tag, change_number, change_number, change_value, change_text, move_cell, repeat_cells,
    add_entities, nest, say_encoding,
)  # fmt: skip
