"""Streams of a compound file, the container of old workbooks ([MS-CFB])."""

import struct
from array import array

_HEADER_FATS = 109
_ENTRY = 128
_ROOT = 5
_NAMES = ("workbook", "book")
_LAST = 0xFFFFFFFA  # sector numbers from here on end a chain


class _Container:
    """The sectors of a compound file and the chains they form."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._size = 1 << struct.unpack_from("<H", data, 30)[0]
        self._mini_size = 1 << struct.unpack_from("<H", data, 32)[0]
        self._directory, _, self._cutoff, self._mini_start, _, more, _ = struct.unpack_from(
            "<7I", data, 48
        )
        fats = [*struct.unpack_from(f"<{_HEADER_FATS}I", data, 76)]
        self._most = len(data) // self._size + 1  # sectors the file can hold
        while more < _LAST and len(fats) <= self._most + _HEADER_FATS:
            part = self._numbers(self._sector(more))
            if not part:
                break
            fats += part[:-1]
            more = part[-1]
        self._fat: array[int] = array("I")
        for number in dict.fromkeys(fats):
            if number < _LAST:
                self._fat.extend(self._numbers(self._sector(number)))

    @staticmethod
    def _numbers(sector: bytes) -> "array[int]":
        found: array[int] = array("I")
        found.extend(struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4]))
        return found

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        return self._data[start : start + self._size]

    def _chain(self, start: int, table: "array[int]", most: int) -> list[int]:
        """Return the sectors of a stream; chains that run in circles end at the file's size."""
        found: list[int] = []
        while start < len(table) and len(found) < most:
            found.append(start)
            start = table[start]
        return found

    def _read(self, start: int) -> bytes:
        return b"".join(
            self._sector(number) for number in self._chain(start, self._fat, self._most)
        )

    def stream(self, names: tuple[str, ...]) -> bytes:
        """Return the first stream of one of these names; empty where there is none."""
        directory = self._read(self._directory)
        root = 0
        for place in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            entry = directory[place : place + _ENTRY]
            length, kind = struct.unpack_from("<HB", entry, 64)
            start, size = struct.unpack_from("<II", entry, 116)
            if kind == _ROOT:
                root = start
            name = entry[: max(length - 2, 0)].decode("utf-16-le", "replace").lower()
            if name in names:
                return (
                    self._small(root, start, size)
                    if size < self._cutoff
                    else (self._read(start)[:size])
                )
        return b""

    def _small(self, root: int, start: int, size: int) -> bytes:
        held, step = self._read(root), self._mini_size
        table = self._numbers(self._read(self._mini_start))
        places = self._chain(start, table, len(held) // step + 1)
        return b"".join(held[n * step : (n + 1) * step] for n in places)[:size]


def workbook_stream(data: bytes) -> bytes:
    """Return the stream that holds an old workbook; empty where there is none.

    Raises:
        struct.error: the file is cut off.
    """
    return _Container(data).stream(_NAMES)
