"""
A ZIP file that is written as it grows, to something that cannot be rewound.

The standard library's deflates at a fifth of the speed, and offers no way to deflate with another library.
"""

import struct
from typing import Protocol

from isal import isal_zlib

LEVEL = 1  # as small as zlib's first level, four times as fast
LARGEST = 2**32 - 1  # beyond this Excel reads nothing (it knows no ZIP64 in streams)
IN_1980 = 0x0021  # the date of each part in DOS's way: the same rows make the same bytes

LOCAL, DESCRIPTOR, CENTRAL, END = 0x04034B50, 0x08074B50, 0x02014B50, 0x06054B50
VERSION, SIZES_FOLLOW, DEFLATED = 20, 0x0008, 8


class Sink(Protocol):
    """Takes a file's bytes, piece after piece."""

    def write(self, piece: bytes, /) -> object: ...


class TooLong(Exception):
    """A part, or the whole, is larger than a ZIP without extensions can be."""


class Package:
    """:meth:`begin`, :meth:`write` …, :meth:`end` for each part; then :meth:`close`."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._position = 0
        self._directory = bytearray()
        self._parts = 0

    def add(self, name: str, content: bytes) -> None:
        self.begin(name)
        self.write(content)
        self.end()

    def begin(self, name: str) -> None:
        self._name, self._offset = name.encode("ascii"), self._position
        self._crc = self._length = self._deflated = 0
        self._deflate = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
        self._put(struct.pack("<IHHHHHIIIHH", LOCAL, VERSION, SIZES_FOLLOW, DEFLATED, 0, IN_1980, 0, 0, 0, len(self._name), 0) + self._name)

    def write(self, content: bytes) -> None:
        self._crc = isal_zlib.crc32(content, self._crc)
        self._length += len(content)
        self._put_deflated(self._deflate.compress(content))

    def end(self) -> None:
        self._put_deflated(self._deflate.flush())
        if max(self._length, self._position) > LARGEST:
            raise TooLong(self._name.decode())
        sizes = struct.pack("<III", self._crc, self._deflated, self._length)
        self._put(struct.pack("<I", DESCRIPTOR) + sizes)
        self._directory += struct.pack("<IHHHHHH", CENTRAL, VERSION, VERSION, SIZES_FOLLOW, DEFLATED, 0, IN_1980) + sizes
        self._directory += struct.pack("<HHHHHII", len(self._name), 0, 0, 0, 0, 0, self._offset) + self._name
        self._parts += 1

    def close(self) -> None:
        end = struct.pack("<IHHHHIIH", END, 0, 0, self._parts, self._parts, len(self._directory), self._position, 0)
        self._put(bytes(self._directory) + end)

    def _put_deflated(self, content: bytes) -> None:
        self._deflated += len(content)
        self._put(content)

    def _put(self, content: bytes) -> None:
        if content:
            self._sink.write(content)
            self._position += len(content)
