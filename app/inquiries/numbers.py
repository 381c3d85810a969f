"""Which subscriber is meant: pure, from the text and the billers' shapes of numbers."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.billers.model import Biller
from app.markets import MARKETS
from app.text import search_key

LONGEST_GAP = re.compile(r"[ \t\u00a0./()\u2010-\u2014-]{1,3}")
MOST_GROUPS_OF_ONE, MOST_GROUPS = 8, 400


@dataclass(frozen=True)
class Candidate:
    biller: Biller
    subscriber: str


def find_subscribers(text: str, billers: Iterable[Biller]) -> list[Candidate]:
    """
    Every number in the text that has the shape of one of these billers' numbers, each once.

    Groups of digits may be joined by a space, point, dash, slash or bracket; a part of a longer group is never a number.
    A number with its country's prefix (``+994 50 200 30 15``) counts only where no number without one stands. A biller that is
    called by name decides between two that share a shape.
    """
    billers, joined = list(billers), list(joined_groups(unicodedata.normalize("NFKC", text)))
    found = matching(joined, billers, prefixed=False) or matching(joined, billers, prefixed=True)
    named = search_key(text)
    called = [candidate for candidate in found if search_key(candidate.biller.name) in named or candidate.biller.code in named]
    return called or found


def joined_groups(text: str) -> Iterator[str]:
    groups = list(re.finditer(r"(?<![0-9A-Za-z])[0-9]+(?![0-9])", text))[:MOST_GROUPS]
    for start, first in enumerate(groups):
        number, end = first[0], first.end()
        yield number
        for group in groups[start + 1 : start + MOST_GROUPS_OF_ONE]:
            if not LONGEST_GAP.fullmatch(text, end, group.start()):
                break
            number, end = number + group[0], group.end()
            yield number


def matching(numbers: list[str], billers: list[Biller], *, prefixed: bool) -> list[Candidate]:
    found: dict[tuple[str, str], Candidate] = {}
    for number in numbers:
        for biller in billers:
            for bare in bare_numbers(number, biller) if prefixed else (number,):
                if len(bare) <= 40 and re.fullmatch(biller.subscriber_pattern, bare):
                    found.setdefault((biller.code, bare), Candidate(biller, bare))
    return list(found.values())


def bare_numbers(number: str, biller: Biller) -> Iterator[str]:
    market = MARKETS[biller.market]
    for prefix in (market.calling_code, "00" + market.calling_code, market.trunk):
        if prefix and number.startswith(prefix):
            yield number.removeprefix(prefix)
