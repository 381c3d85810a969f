"""Our own names for things: readable over the phone, in order of time, not to be guessed."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
PAIRS = [first + second for first in LETTERS for second in LETTERS]
MILLISECONDS_A_SLOT = 83  # a day in 32**4 slots


def dated_reference(letter: str, now: datetime, zone: ZoneInfo) -> str:
    """``P251122-7K3M9QXA2B4C``: the market's day, the time of day, 40 random bits. Later ones sort later."""
    return dated_references(letter, now, zone, count=1)[0]


def dated_references(letter: str, now: datetime, zone: ZoneInfo, *, count: int) -> list[str]:
    """Each another one: among a hundred thousand of one moment chance alone would repeat one every two hundredth time."""
    local = now.astimezone(zone)
    milliseconds = ((local.hour * 60 + local.minute) * 60 + local.second) * 1000 + local.microsecond // 1000
    slot = milliseconds // MILLISECONDS_A_SLOT
    beginning = f"{letter}{local:%y%m%d}-{PAIRS[slot >> 10]}{PAIRS[slot & 1023]}"
    chances: dict[int, None] = {}
    while len(chances) < count:
        drawn = secrets.token_bytes(5 * (count - len(chances)))
        chances |= dict.fromkeys(int.from_bytes(drawn[start : start + 5]) for start in range(0, len(drawn), 5))
    return [f"{beginning}{PAIRS[n >> 30]}{PAIRS[n >> 20 & 1023]}{PAIRS[n >> 10 & 1023]}{PAIRS[n & 1023]}" for n in chances]


def base32(number: int, length: int) -> str:
    letters = ""
    for _ in range(length):
        number, digit = divmod(number, 32)
        letters = LETTERS[digit] + letters
    return letters
