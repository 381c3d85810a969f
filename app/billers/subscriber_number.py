"""A subscriber's or line's number as people type it: with spaces, a country code or the trunk prefix of its market."""

import re
from collections.abc import Iterable

from app.billers.model import Biller

NOISE = re.compile(r"[\s()./\u2010-\u2015-]")


def read_subscriber(biller: Biller, typed: str) -> str | None:
    """``+994 50 200 30 15``, ``06 70 000 5033``, ``600 004 021`` in the biller's own shape, or ``None``."""
    match = re.fullmatch(biller.typed_pattern, NOISE.sub("", typed))
    return match[1] if match else None


def fitting(billers: Iterable[Biller], typed: str) -> list[tuple[Biller, str]]:
    """Those whose numbers look like this one, each with the number in its own shape."""
    return [(biller, number) for biller in billers if (number := read_subscriber(biller, typed))]
