"""
Which lines of a statement were there before (E11, E12, E13)? Pure; each known booking answers for one line only,
so that of identical real transfers every one counts.

A booking is paired by the bank's reference, else by day, side, amount and text. A reference alone is no key: it
occurs twice in real files, and other formats cut it. What could be either goes to a person.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.bank.keys import CUT_REFERENCE, compatible, same_reference
from app.errors import N_
from app.remarks import Remark

DAYS_APART = 10  # between value and booking date, where a file gives only the former


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """:ivar reference: and ``text``: keys, see :mod:`app.bank.keys`"""

    side: str
    amount: int
    currency: str
    day: date
    day_is_sure: bool
    reference: str
    text: str
    booked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLine(Line):
    """
    :ivar formats: in which it was seen
    :ivar proven: a statement with balances holds it; ``closed``: one that was made after its day was over
    """

    id: int
    formats: frozenset[str]
    proven: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Pairing:
    """:ivar known: the booking that this line is, or ``None`` for a new one; :ivar doubt: then, why a person has to look at it"""

    known: int | None = None
    doubt: Remark | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    key: Callable[[Line], Hashable]
    holds: Callable[[Line, KnownLine, str], bool]


def pair(lines: Sequence[Line], known: Iterable[KnownLine], *, format: str, balanced: bool) -> list[Pairing]:
    """
    :param known: bookings of the same account that these lines may be
    :param balanced: the statement proves its lines by its balances
    """
    pairings: list[Pairing | None] = [None] * len(lines)
    left = {booking.id: booking for booking in known}
    for rule in SAME:
        for position, booking in matches(rule, lines, pairings, left, format):
            pairings[position] = Pairing(known=booking.id)
    for rule, sentence in doubts(balanced):
        for position, booking in matches(rule, lines, pairings, left, format):
            pairings[position] = Pairing(doubt=Remark.of(sentence, day=booking.day))
    return [pairing or Pairing() for pairing in pairings]


def matches(
    rule: Rule, lines: Sequence[Line], pairings: Sequence[Pairing | None], left: dict[int, KnownLine], format: str
) -> list[tuple[int, KnownLine]]:
    """Line by line the first known booking for which the rule holds; it is then no longer ``left``."""
    found: list[tuple[int, KnownLine]] = []
    still_open = [(position, line) for position, line in enumerate(lines if left else ()) if pairings[position] is None]
    kinds = {kind(line) for _, line in still_open}
    buckets: dict[Hashable, list[KnownLine]] = defaultdict(list)
    for each in left.values():
        if (its_kind := kind(each)) in kinds:
            buckets[its_kind, rule.key(each)].append(each)
    for position, line in still_open:
        bucket = buckets.get((kind(line), rule.key(line)))
        if bucket and (booking := first(bucket, line, rule, format)):
            bucket.remove(booking)
            del left[booking.id]
            found.append((position, booking))
    return found


def first(bucket: list[KnownLine], line: Line, rule: Rule, format: str) -> KnownLine | None:
    """Of the same moment, if there is one."""
    fitting = (booking for booking in bucket if rule.holds(line, booking, format))
    return min(fitting, key=lambda booking: booking.booked_at != line.booked_at, default=None)


def kind(line: Line) -> Hashable:
    return line.side, line.amount, line.currency


def cut_reference(line: Line) -> str:
    return line.reference[:CUT_REFERENCE]


def by_reference(line: Line, booking: KnownLine) -> bool:
    return same_reference(line.reference, booking.reference)


def one_has_none(line: Line, booking: KnownLine) -> bool:
    return not line.reference or not booking.reference


def days_may_be_one(line: Line, booking: KnownLine) -> bool:
    return not (line.day_is_sure and booking.day_is_sure) and abs((line.day - booking.day).days) <= DAYS_APART


def says_the_same(line: Line, booking: KnownLine, format: str) -> bool:
    """One format always writes a text in one way; another may cut or frame it."""
    return line.text == booking.text if format in booking.formats else compatible(line.text, booking.text)


SAME = (
    Rule(lambda line: (cut_reference(line), line.day, line.text), lambda line, booking, _: by_reference(line, booking)),
    Rule(
        lambda line: (cut_reference(line), line.day),
        lambda line, booking, format: by_reference(line, booking) and says_the_same(line, booking, format),
    ),
    Rule(
        cut_reference,
        lambda line, booking, format: (
            by_reference(line, booking) and days_may_be_one(line, booking) and says_the_same(line, booking, format)
        ),
    ),
    Rule(lambda line: (line.day, line.text), lambda line, booking, _: one_has_none(line, booking)),
    Rule(
        lambda line: line.day,
        lambda line, booking, format: one_has_none(line, booking) and says_the_same(line, booking, format),
    ),
    Rule(lambda line: line.text, lambda line, booking, _: one_has_none(line, booking) and days_may_be_one(line, booking)),
)

SAME_REFERENCE_OTHER_DAY = N_("A booking of {day} has the same bank reference, amount and text: it may be the same one.")
SAME_REFERENCE_OTHER_TEXT = N_("A booking of {day} has the same bank reference and amount, but another text: it may be the same one.")
OTHER_REFERENCE = N_("A booking of {day} with another bank reference equals it in all else: it may be the same one in another numbering.")


def doubts(balanced: bool) -> list[tuple[Rule, str]]:
    return [
        (
            Rule(
                cut_reference,
                lambda line, booking, format: (
                    by_reference(line, booking)
                    and says_the_same(line, booking, format)
                    and 0 < abs((line.day - booking.day).days) <= DAYS_APART
                ),
            ),
            SAME_REFERENCE_OTHER_DAY,
        ),
        (
            Rule(
                lambda line: (cut_reference(line), line.day),
                lambda line, booking, format: by_reference(line, booking) and format not in booking.formats,
            ),
            SAME_REFERENCE_OTHER_TEXT,
        ),
        (
            Rule(
                lambda line: line.day,
                lambda line, booking, format: (
                    compatible(line.text, booking.text)
                    and not one_has_none(line, booking)
                    and (
                        family(format) not in {family(each) for each in booking.formats}
                        or (balanced and not booking.proven)
                        or (not balanced and booking.closed)
                    )
                ),
            ),
            OTHER_REFERENCE,
        ),
    ]


def family(format: str) -> str:
    return format[:2]
