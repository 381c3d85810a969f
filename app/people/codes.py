"""Short secrets that people type: made from a secure source, kept only as keyed hashes bound to what they are for."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from app.config import Config

DIGITS = 6
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


@dataclass(frozen=True, repr=False)
class Keys:
    """
    None of them is in the database.

    :ivar codes: of the hashes: a stolen database alone does not let anybody try a million codes
    :ivar seals: of what must be read again, see :mod:`app.documents.seal`; the first one seals
    """

    codes: bytes
    seals: tuple[bytes, ...]

    @classmethod
    def of(cls, config: Config) -> "Keys":
        return cls(hmac.digest(config.secret_key.encode(), b"gise: codes that people type", "sha256"), config.scan_keys)


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def new_recovery_code() -> str:
    """``k7mxq-3wdzp``: 49 bits."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def hash_code(key: bytes, code: str, *, about: str) -> bytes:
    """:param about: what it opens: the same code for something else has another hash"""
    return hmac.digest(key, f"{about}\n{code}".encode(), "sha256")


def as_typed(code: str) -> str:
    """Without the spaces people put between the digits; digits of other alphabets are no digits here."""
    text = "".join(code.split())
    return text.lower() if text.isascii() else ""


def hash_token(token: str) -> bytes:
    """Of 256 random bits: nothing can be tried out, so that no key is needed."""
    return hashlib.sha256(token.encode()).digest()
