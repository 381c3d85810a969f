"""Our names for payments."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from app.references import base32, dated_reference


def new_reference(now: datetime, zone: ZoneInfo) -> str:
    """``P251122-7K3M9QXA2B4C``"""
    return dated_reference("P", now, zone)


def new_receipt_code(reference: str) -> str:
    """What ``/r/<code>`` asks for: the reference and 40 random bits that only the receipt shows."""
    return f"{reference}-{base32(secrets.randbits(40), 8)}"


def reference_of(receipt_code: str) -> str:
    return receipt_code.rpartition("-")[0]
