"""The file that bookings stand in, so that none of them has to carry a copy of what it says there."""

from dataclasses import dataclass

LONGEST = 2000
MOST_BYTES = 1 << 16  # of one place; no letter of a bank file takes more than four


@dataclass(frozen=True, slots=True)
class Source:
    """:ivar encoding: of ``raw``, as Python names it"""

    raw: bytes
    encoding: str

    def cut(self, place: int) -> str:
        """What stands at a :func:`place`, its lines ended as everywhere here."""
        start, length = divmod(place, MOST_BYTES)
        text = self.raw[start : start + length].decode(self.encoding, errors="replace")
        return text.replace("\x00", "").replace("\r\n", "\n").strip("\r\n")[:LONGEST]


def place(start: int, stop: int) -> int:
    """One number for both, since there is one for each booking of a large file."""
    return start * MOST_BYTES + min(stop - start, MOST_BYTES - 1)
