"""
In which order an export's rows happened, and on which side: said by the rows themselves, proven by the running balance.

Banks write the newest first or last, and people sort what they downloaded; only an order in which every balance is the
one before it and the amount is right.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise

from app.bank.statement.export_line import Line
from app.bank.statement.numbers import Bad
from app.bank.statement.statement import Side, shown
from app.errors import N_

BREAKS = N_("Line {line}: with its amount of {amount} the balance should be {should}, but the file says {said}.")
MIDNIGHT = time()
NO_BALANCE = N_("Line {line}: the row has no balance, though others have one.")
NO_SIDES = N_("Nothing in the file says whether its amounts came in or went out.")
NO_FIRST_SIDE = N_("Line {line}: nothing in the file says whether its amount came in or went out.")
OTHER_CLOSING = N_("The file says it closes with {said}, but its rows end at {found}.")


@dataclass(slots=True)
class Account:
    """:ivar lines: the oldest first; :ivar opening: and ``closing``: ``None`` if the file has no balances"""

    lines: Sequence[Line]
    opening: int | None
    closing: int | None


class Breaks(Bad):
    """:ivar agreed: how many rows were right before"""

    def __init__(self, agreed: int, say: str, **facts: object) -> None:
        super().__init__(say, **facts)
        self.agreed = agreed


def arranged(lines: Sequence[Line], *, opening: int | None, closing: int | None) -> Account:
    """
    Sides that no row says are left open where money in has no sign, and decided where only the balances tell them.

    :param opening: and ``closing``: if the file says them outside its rows
    :raises Bad: naming the row that breaks the balances, or what they leave open
    """
    if not any(line.balance is not None for line in lines):
        return without_balances(lines, opening, closing)
    best: Bad | None = None
    unsaid = [line for line in lines if line.side is None]
    for order in orders(lines):
        for decide in (leave_open, by_balance):
            try:
                decide(order, opening)
                return followed(order, opening, closing)
            except Bad as bad:
                if best is None or agreed(bad) > agreed(best):
                    best = bad
                for line in unsaid:
                    line.side = None
    assert best
    raise best


def agreed(bad: Bad) -> int:
    return bad.agreed if isinstance(bad, Breaks) else -1


def without_balances(lines: Sequence[Line], opening: int | None, closing: int | None) -> Account:
    """:raises Bad: if no sign, letter or column tells the sides, and no pair of balances proves them"""
    read = oldest_first(lines)
    both = opening is not None and closing is not None
    proven = both and closing == (opening or 0) + sum(line.signed for line in read if line.counts)
    if not proven and any(line.amount for line in lines) and all(line.side is None for line in lines if line.amount):
        raise Bad(NO_SIDES)
    return Account(read, opening if both else None, closing if both else None)


def leave_open(_lines: Sequence[Line], _opening: int | None) -> None:
    """As nearly all banks mean it: money out has a minus, money in has none."""


def by_balance(lines: Sequence[Line], opening: int | None) -> None:
    """For banks that write no sign at all. :raises Bad: if the first one's side stays open"""
    running = opening
    for line in lines:
        if line.side is None:
            if running is None and line.amount:
                raise Bad(NO_FIRST_SIDE, line=line.line)
            fell = line.balance is not None and running is not None and line.balance < running
            line.side = Side.DEBIT if fell else Side.CREDIT
        if line.counts:
            running = line.balance if line.balance is not None else None if running is None else running + line.signed


def orders(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """As the file has them, the other way round, by their time; at last each where the balance before it leads."""
    likely = oldest_first(lines)
    yield likely
    yield (turned := list(reversed(likely)))
    yield sorted(lines, key=moment)
    yield sorted(turned, key=moment)
    if chain := chained(lines):
        yield chain


def oldest_first(lines: Sequence[Line]) -> Sequence[Line]:
    """Turned round if its first row is later than its last."""
    return list(reversed(lines)) if lines and moment(lines[0]) > moment(lines[-1]) else lines


def moment(line: Line) -> tuple[date, time]:
    return line.day, line.time or MIDNIGHT


def chained(lines: Sequence[Line]) -> list[Line] | None:
    """``None`` unless they make one unbroken chain on which no day goes back."""
    if any(line.balance is None or not line.counts for line in lines):
        return None
    waiting: dict[int, deque[Line]] = defaultdict(deque)
    for line in sorted(lines, key=moment):
        waiting[before(line)].append(line)
    reached = Counter(line.balance for line in lines)
    starts = [balance for balance, leaving in waiting.items() if len(leaving) > reached[balance]]
    running: int | None = starts[0] if starts else next(iter(waiting))
    chain: list[Line] = []
    while running is not None and waiting.get(running):
        chain.append(waiting[running].popleft())
        running = chain[-1].balance
    whole = len(chain) == len(lines) and all(one.day <= next_.day for one, next_ in pairwise(chain))
    return chain if whole else None


def before(line: Line) -> int:
    return (line.balance or 0) - line.signed


def followed(lines: Sequence[Line], opening: int | None, closing: int | None) -> Account:
    """Row by row. Where the file does not say it, the opening is what was there before the first amount."""
    moved = sum_before_first_balance(lines)
    begin = opening if opening is not None else moved
    running, right = begin, 0
    for line in lines:
        if line.counts:
            running += line.signed
        if line.balance is not None and line.counts:
            if line.balance != running:
                raise Breaks(right, BREAKS, line=line.line, amount=shown(line.signed), should=shown(running), said=shown(line.balance))
            right += 1
    counted = [line for line in lines if line.counts]
    for end, said in ((counted[:1], opening), (counted[-1:], closing)):
        if end and end[0].balance is None and said is None:
            raise Breaks(right, NO_BALANCE, line=end[0].line)
    if closing is not None and closing != running:
        raise Breaks(right, OTHER_CLOSING, said=shown(closing), found=shown(running))
    return Account(lines, begin, running)


def sum_before_first_balance(lines: Sequence[Line]) -> int:
    moved = 0
    for line in lines:
        if line.counts:
            moved += line.signed
            if line.balance is not None:
                return line.balance - moved
    return 0
