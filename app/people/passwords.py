"""Password hashes: Argon2id at OWASP's smallest recommended cost (19 MiB, two passes)."""

import secrets
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import N_, Invalid

SHORTEST, LONGEST, FEWEST_DIFFERENT = 10, 200, 5
UNUSABLE = "!"  # nobody has chosen a password yet, and none opens this login
COMMON = Path(__file__).with_name("common_passwords.txt")
_places = threading.BoundedSemaphore(4)  # a flood of sign-ins takes bounded memory
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_nobodys = _hasher.hash(secrets.token_hex(16))


def use(hasher: PasswordHasher) -> None:
    """:param hasher: what hashing costs from now on, for somebody and for nobody alike"""
    global _hasher, _nobodys
    _hasher, _nobodys = hasher, hasher.hash(secrets.token_hex(16))


def hash_password(password: str, *, phones: Sequence[str] = ()) -> str:
    """:raises Invalid: see :func:`check`"""
    check(password, phones=phones)
    with _places:
        return _hasher.hash(password)


def check(password: str, *, phones: Sequence[str] = ()) -> None:
    """
    :param phones: of the person, E.164: what everybody may know is no secret
    :raises Invalid: if it is too short, absurdly long, or among the first that somebody would try
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(password=N_("A password has at least 10 characters."))
    digits = "".join(letter for letter in password if letter.isdigit())
    if any(phone[-8:] in digits for phone in phones):
        raise Invalid(password=N_("The password must not be the phone number."))
    if password.casefold().strip() in common_passwords() or len(set(password.casefold())) < FEWEST_DIFFERENT:
        raise Invalid(password=N_("This password is one of the first that others would try. Choose another one."))


@cache
def common_passwords() -> frozenset[str]:
    return frozenset(line for line in COMMON.read_text("utf-8").splitlines() if line and not line.startswith("# "))


def is_right(password: str, password_hash: str | None) -> bool:
    """Takes the same time whether or not there is such a person (``None``), and whether or not that person has a password."""
    of_somebody = password_hash if password_hash != UNUSABLE else None
    with _places:
        try:
            right = _hasher.verify(of_somebody or _nobodys, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return right and of_somebody is not None
