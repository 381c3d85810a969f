"""
Envelope encryption (C-08): every scan has a random key of its own, which is wrapped by a key that is never in the
database. AES-256-GCM both times, bound to the scan's name: a sealed scan put under another name does not open.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class CannotOpen(Exception):
    """The key is not among ours, or the bytes are not those that were sealed. Never a person's fault: loud."""


@dataclass(frozen=True, repr=False)
class Sealed:
    """:ivar key_id: names the key that wraps this scan's own, without telling anything about it"""

    content: bytes
    wrapped_key: bytes
    key_id: str


def seal(content: bytes, *, name: str, keys: Sequence[bytes]) -> Sealed:
    """:param keys: the configured ones, 32 bytes each; the first one wraps"""
    own_key = AESGCM.generate_key(256)
    return Sealed(encrypt(own_key, content, name), encrypt(keys[0], own_key, name), key_id(keys[0]))


def unseal(sealed: Sealed, *, name: str, keys: Sequence[bytes]) -> bytes:
    """:raises CannotOpen: …"""
    return decrypt(unwrap(sealed, name=name, keys=keys), sealed.content, name)


def rewrap(sealed: Sealed, *, name: str, keys: Sequence[bytes]) -> Sealed:
    """
    Under the first key; the scan itself is not touched.

    :raises CannotOpen: …
    """
    own_key = unwrap(sealed, name=name, keys=keys)
    return Sealed(sealed.content, encrypt(keys[0], own_key, name), key_id(keys[0]))


def unwrap(sealed: Sealed, *, name: str, keys: Sequence[bytes]) -> bytes:
    for key in keys:
        if key_id(key) == sealed.key_id:
            return decrypt(key, sealed.wrapped_key, name)
    raise CannotOpen(f"scan {name} is sealed with key {sealed.key_id}, which is not among the configured ones")


def key_id(key: bytes) -> str:
    return hashlib.sha256(b"gise scan key " + key).hexdigest()[:16]


def encrypt(key: bytes, content: bytes, name: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, name.encode())


def decrypt(key: bytes, content: bytes, name: str) -> bytes:
    try:
        return AESGCM(key).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], name.encode())
    except InvalidTag as error:
        raise CannotOpen(f"scan {name} was changed after it was sealed, or belongs to another name") from error
