"""Mutations of binary records: of old workbooks (BIFF), of .xlsb, of a Parquet file's footer."""

import io
import struct
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.raw_bytes import ANY, Mutation, change_bytes, flip_bits, write_number

_STREAM = 512  # xlwt puts the workbook's stream right behind the header
_MOST = 20_000


def change_record(data: bytes, chance: Random) -> bytes:
    """Change a record of an .xlsb part: its kind, its stated length, its content, its number."""
    places = _variable_records(data)
    if not places:
        return flip_bits(data, chance)
    start, body, end = chance.choice(places)
    what = chance.randrange(5)
    if what == 0:  # another length
        length = bytes([chance.choice((0, 1, 0x7F, 0xFF))] * chance.choice((1, 4)))
        return data[: body - 1] + length + data[body:]
    if what == 1:  # another kind
        return data[:start] + chance.randbytes(1) + data[start + 1 :]
    if what == 2:
        return data[:start] + data[end:]
    if what == 3:
        return data[:end] + data[start:end] * chance.choice((1, 1000)) + data[end:]
    changed = write_number(data[body:end], chance) if end > body else b"\xff"
    return data[:body] + changed + data[end:]


def _variable_records(data: bytes) -> list[tuple[int, int, int]]:
    found, place = [], 0
    while place < len(data) and len(found) < _MOST:
        start = place
        place += 2 if data[place] & 0x80 else 1
        length = shift = 0
        while place < len(data) and shift < 28:
            length |= (data[place] & 0x7F) << shift
            shift, place = shift + 7, place + 1
            if not data[place - 1] & 0x80:
                break
        found.append((start, place, min(place + length, len(data))))
        place += length
    return found


def change_biff(data: bytes, chance: Random) -> bytes:
    """Change a record of an old workbook: its kind, its length, or a number in it."""
    places, place = [], _STREAM
    while place + 4 <= len(data) and len(places) < _MOST:
        kind, length = struct.unpack_from("<HH", data, place)
        if kind == 0:
            break
        places.append((place, length))
        place += 4 + length
    if not places:
        return flip_bits(data, chance)
    start, length = chance.choice(places)
    what = chance.randrange(4)
    if what == 0:
        return data[:start] + chance.randbytes(2) + data[start + 2 :]
    if what == 1:
        stated = struct.pack("<H", chance.choice((0, 1, length + 1, 0x2020, 0xFFFF)))
        return data[: start + 2] + stated + data[start + 4 :]
    body = data[start + 4 : start + 4 + length] or b"\0"
    changed = chance.choice((write_number, flip_bits, change_bytes))(body, chance)[: len(body)]
    return data[: start + 4] + changed + data[start + 4 + len(changed) :]


def change_sectors(data: bytes, chance: Random) -> bytes:
    """Change the header or the chains of sectors of a compound document."""
    start = chance.choice((24, 30, 32, 44, 48, 56, 60, 64, 68, 72, 76, 80, len(data) - 512))
    start = max(0, start) + 4 * chance.randrange(8)
    number = chance.choice((0, 1, 2, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0x7FFFFFFF))
    return data[:start] + struct.pack("<I", number) + data[start + 4 :]


def change_footer(data: bytes, chance: Random) -> bytes:
    """Change what a Parquet file says about itself."""
    if len(data) < 12:
        return data + b"PAR1"
    length = struct.unpack("<I", data[-8:-4])[0]
    if chance.random() < 0.15:
        stated = chance.choice((0, 1, length - 1, length + 1, 0x7FFFFFFF, 0xFFFFFFFF))
        return data[:-8] + struct.pack("<I", stated) + data[-4:]
    start = max(4, len(data) - 8 - length)
    footer = data[start:-8] or b"\0"
    for _ in range(chance.choice((1, 1, 2, 5))):
        footer = chance.choice((flip_bits, change_bytes, *ANY[:3]))(footer, chance)
    return data[:start] + footer + struct.pack("<I", len(footer)) + b"PAR1"


def change_pages(data: bytes, chance: Random) -> bytes:
    """Change the pages of a Parquet file, not its footer."""
    length = struct.unpack("<I", data[-8:-4])[0] if len(data) > 12 else 0
    end = max(8, len(data) - 8 - length)
    return (
        chance.choice((flip_bits, change_bytes, write_number))(data[:end], chance)[:end]
        + data[end:]
    )


def odd_types(_data: bytes, chance: Random) -> bytes:
    """Write a sound Parquet file of types, names and values no shop has."""
    arrays = (
        pa.array([2**63 - 1, -(2**63), None]),
        pa.array([2**64 - 1, 0, None], pa.uint64()),
        pa.array([1.5, float("nan"), float("-inf")]),
        pa.array([1.5, 0, None], pa.float16()),
        pa.array([2**62, -(2**62), 0], pa.timestamp("us")),
        pa.array([2**62, 0, None], pa.timestamp("ns", "Pacific/Kiritimati")),
        pa.array([2**31 - 1, -(2**31), 0], pa.date32()),
        pa.array(["1" * 60, "-" + "9" * 75, None]).cast(pa.decimal256(76, 0)),
        pa.array([b"\xff\xfe", b"", None]),
        pa.array([[1], [], None], pa.list_(pa.int8())),
        pa.array([{"a": 1}, None, {"a": 2}]),
        pa.array([1, 2, 3], pa.duration("s")),
        pa.array([1, 86_399, None], pa.time32("s")),
        pa.array(["x" * 70_000, "=1+1", "\x00"]),
        pa.array([None, None, None], pa.null()),
        pa.array(["a", "b", "a"]).dictionary_encode(),
        pa.array([True, None, False]),
    )
    names = ("Invoice", "Date", "Product code", "Quantity", "Unit price", "", " ", "Date", "\x00")
    taken = [chance.choice(arrays) for _ in range(chance.randrange(1, 9))]
    table = pa.table(taken, names=[chance.choice(names) for _ in taken])
    held = io.BytesIO()
    pq.write_table(table.slice(0, chance.randrange(4)), held)
    return held.getvalue()


BIFF: tuple[Mutation, ...] = (change_biff, change_biff, change_biff, change_sectors)
PARQUET: tuple[Mutation, ...] = (change_footer, change_footer, change_pages, odd_types)
