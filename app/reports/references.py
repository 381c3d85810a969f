"""Our names for files: nobody guesses one (C1)."""

import secrets

from app.references import base32


def new_id() -> str:
    """``X`` and 100 random bits in twenty letters."""
    return "X" + base32(secrets.randbits(100), 20)
