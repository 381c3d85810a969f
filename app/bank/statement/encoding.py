"""In which letters a bank's text file is written."""

import codecs
from io import BytesIO, TextIOWrapper

PIECE = 1024 * 1024


def encoding_of(raw: bytes) -> str:
    """UTF-16 by its mark or its many zeros, UTF-8 when it is; else Turkish Windows letters: six are not the western ones."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = raw[:200]
    if len(start) >= 8 and start[1::2].count(0) > len(start) // 3:
        return "utf-16-le"
    if len(start) >= 8 and start[::2].count(0) > len(start) // 3:
        return "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for place in range(0, len(raw), PIECE):
            decoder.decode(raw[place : place + PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1254"
    return "utf-8-sig"


def lines_of(raw: bytes, *, encoding: str) -> TextIOWrapper:
    """Line by line, with their ends: a large file never lies in memory as text."""
    return TextIOWrapper(BytesIO(raw), encoding=encoding, errors="replace", newline="")


def decoded(raw: bytes) -> str:
    return raw.decode(encoding_of(raw), errors="replace").replace("\x00", "")
