"""Password hashes: Argon2id at OWASP's smallest recommended cost (19 MiB, two passes)."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import N_, Invalid

SHORTEST, LONGEST = 10, 200
_places = threading.BoundedSemaphore(4)  # a flood of sign-ins takes bounded memory
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_nobodys = _hasher.hash(secrets.token_hex(16))


def use(hasher: PasswordHasher) -> None:
    """:param hasher: what hashing costs from now on, for somebody and for nobody alike"""
    global _hasher, _nobodys
    _hasher, _nobodys = hasher, hasher.hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """:raises Invalid: if it is too short or absurdly long"""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(password=N_("A password has at least 10 characters."))
    with _places:
        return _hasher.hash(password)


def is_right(password: str, password_hash: str | None) -> bool:
    """Takes the same time whether or not there is such a person (``None``)."""
    with _places:
        try:
            right = _hasher.verify(password_hash or _nobodys, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return right and password_hash is not None
