"""Mail addresses as people give them."""

import re

EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
LONGEST = 254


def read_email(text: str) -> str | None:
    """As typed, its domain in small letters; ``None`` if mail cannot be sent there."""
    typed = text.strip()
    if len(typed) > LONGEST or not EMAIL.fullmatch(typed):
        return None
    name, _, domain = typed.rpartition("@")
    return f"{name}@{domain.lower()}"


def masked_email(email: str) -> str:
    """For logs and the audit trail: ``a***@example.com``."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}***@{domain}"
