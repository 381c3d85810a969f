"""
The seal of a file: proof that its rows and its parameters are as we wrote them.

A digest of all lines goes, together with the parameters, under an HMAC with the product's own key. The short
check of each line is no proof; kept in our record it names the lines that somebody changed.
"""

import hashlib
import hmac
import json
from array import array
from collections.abc import Mapping

from isal.isal_zlib import crc32

from app.config import Config
from app.money import Money

Fact = str | int | Money


def seal_key(config: Config) -> bytes:
    return hmac.digest(config.secret_key.encode(), b"seal of an exported file", "sha256")


class Digest:
    """:ivar checks: the CRC-32 of each line, in order"""

    def __init__(self) -> None:
        self.checks = array("I")
        self._hash = hashlib.sha256()

    def add(self, block: bytes) -> list[bytes]:
        """:returns: the lines of the block"""
        lines = block.split(b"\n")
        self.checks.extend(map(crc32, lines))
        self._hash.update(block)
        self._hash.update(b"\n")
        return lines

    def seal(self, facts: Mapping[str, Fact], key: bytes) -> str:
        """:param facts: what the file says about itself: id, report, filters, row count, sums"""
        told = json.dumps({name: str(fact) for name, fact in facts.items()}, sort_keys=True, ensure_ascii=False)
        return hmac.digest(key, told.encode() + b"\n" + self._hash.digest(), "sha256").hex()


def is_same(seal: str, other: str) -> bool:
    return hmac.compare_digest(seal.encode(), other.encode())
