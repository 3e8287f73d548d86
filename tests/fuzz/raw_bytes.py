"""Mutations that know nothing of a format: bits, cuts, splices."""

import struct
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random], bytes]
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def flip_bits(data: bytes, chance: Random) -> bytes:
    """Flip one to thirty bits."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def change_bytes(data: bytes, chance: Random) -> bytes:
    """Put random bytes over a stretch."""
    start = chance.randrange(len(data))
    length = chance.choice((1, 2, 4, 16, 200))
    return data[:start] + chance.randbytes(length) + data[start + length :]


def write_number(data: bytes, chance: Random) -> bytes:
    """Put a telling number of two or four bytes somewhere."""
    start = chance.randrange(len(data))
    number = chance.choice(_NUMBERS)
    put = struct.pack("<I", number)[: chance.choice((2, 4))]
    return data[:start] + put + data[start + len(put) :]


def cut(data: bytes, chance: Random) -> bytes:
    """Keep the beginning only."""
    return data[: chance.randrange(1, len(data) + 1)]


def leave_out(data: bytes, chance: Random) -> bytes:
    """Take a stretch out of the middle."""
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.choice((1, 7, 64, 512, 4096)) :]


def splice(data: bytes, chance: Random) -> bytes:
    """Copy a stretch to another place."""
    start, place = chance.randrange(len(data)), chance.randrange(len(data))
    piece = data[start : start + chance.choice((4, 40, 512, 4096))]
    return data[:place] + piece + data[place + chance.choice((0, len(piece))) :]


def repeat(data: bytes, chance: Random) -> bytes:
    """Repeat a stretch many times."""
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice((1, 3, 60))]
    return data[:start] + piece * chance.choice((2, 50, 5000)) + data[start:]


def frame(data: bytes, chance: Random) -> bytes:
    """Put foreign bytes before or behind."""
    foreign = chance.choice(
        (b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00" * 512, b"%PDF", b"PAR1", b"\r\n")
    )
    return foreign + data if chance.random() < 0.5 else data + foreign


ANY: tuple[Mutation, ...] = (
    flip_bits, change_bytes, write_number, cut, leave_out, splice, repeat, frame,
)  # fmt: skip
