"""Our own names for things: readable over the phone, in order of time, not to be guessed."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
MILLISECONDS_A_SLOT = 83  # a day in 32**4 slots


def dated_reference(letter: str, now: datetime, zone: ZoneInfo) -> str:
    """``P251122-7K3M9QXA2B4C``: the market's day, the time of day, 40 random bits. Later ones sort later."""
    local = now.astimezone(zone)
    milliseconds = ((local.hour * 60 + local.minute) * 60 + local.second) * 1000 + local.microsecond // 1000
    return f"{letter}{local:%y%m%d}-{base32(milliseconds // MILLISECONDS_A_SLOT, 4)}{base32(secrets.randbits(40), 8)}"


def base32(number: int, length: int) -> str:
    letters = ""
    for _ in range(length):
        number, digit = divmod(number, 32)
        letters = LETTERS[digit] + letters
    return letters
