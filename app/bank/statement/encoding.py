"""In which letters a bank's text file is written."""

import codecs

from app.bank.statement.source import Source

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


def plain(raw: bytes) -> Source:
    r"""
    The same text in letters of which each line can be read alone: no UTF-16, no marks, no zeros, and ``\n`` in every end of a line.

    Most files are that already; they are not copied.
    """
    encoding = encoding_of(raw)
    if encoding.startswith("utf-16"):
        raw, encoding = raw.decode(encoding, errors="replace").encode(), "utf-8"
    elif encoding == "utf-8-sig":
        raw, encoding = raw.removeprefix(codecs.BOM_UTF8), "utf-8"
    if b"\x00" in raw:
        raw = raw.replace(b"\x00", b"")
    if raw.count(b"\r") != raw.count(b"\r\n"):
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return Source(raw, encoding)
