"""
In which order an export's rows happened, and on which side: said by the rows themselves, proven by the running balance.

Banks write the newest first or last, and people sort what they downloaded; only an order in which every balance is the
one before it and the amount is right.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from itertools import pairwise

from app.bank.statement.export_line import Line
from app.bank.statement.figures import Style
from app.bank.statement.numbers import Bad
from app.bank.statement.statement import Side, Status, shown
from app.errors import N_

BREAKS = N_("Line {line}: with its amount of {amount} the balance should be {should}, but the file says {said}.")
MIDNIGHT = time()
NO_BALANCE = N_("Line {line}: the row has no balance, though others have one.")
NO_SIDES = N_("Nothing in the file says whether its amounts came in or went out.")
NO_FIRST_SIDE = N_("Line {line}: nothing in the file says whether its amount came in or went out.")
OTHER_CLOSING = N_("The file says it closes with {said}, but its rows end at {found}.")


@dataclass(slots=True)
class Move:
    """One row with its amount in hundredths; ``side`` is ``None`` while only the balances tell it."""

    row: Line
    amount: int
    side: Side | None
    balance: int | None

    @property
    def signed(self) -> int:
        return -self.amount if self.side is Side.DEBIT else self.amount

    @property
    def moment(self) -> tuple[date, time]:
        return self.row.day, self.row.time or MIDNIGHT

    @property
    def counts(self) -> bool:
        """Only what is booked stands in the balances (E27)."""
        return self.row.status is Status.BOOKED


@dataclass(slots=True)
class Account:
    """:ivar moves: the oldest first; :ivar opening: and ``closing``: ``None`` if the file has no balances"""

    moves: Sequence[Move]
    opening: int | None
    closing: int | None


class Breaks(Bad):
    """:ivar agreed: how many rows were right before"""

    def __init__(self, agreed: int, say: str, **facts: object) -> None:
        super().__init__(say, **facts)
        self.agreed = agreed


def settled(rows: Sequence[Line], style: Style) -> list[Move]:
    """:raises Bad: if an amount can be read in two ways"""
    moves = []
    for row in rows:
        try:
            balance = None if row.balance is None else style.settle(row.balance)
            moves.append(Move(row, style.settle(row.amount), row.side, -balance if balance and row.balance_sign == "-" else balance))
        except Bad as bad:
            bad.at(row.line)
            raise
    return moves


def arranged(moves: Sequence[Move], *, opening: int | None, closing: int | None) -> Account:
    """
    :param opening: and ``closing``: if the file says them outside its rows
    :raises Bad: naming the row that breaks the balances, or what they leave open
    """
    if not any(move.balance is not None for move in moves):
        return without_balances(moves, opening, closing)
    best: Bad | None = None
    for order in orders(moves):
        for read in (with_plain_ones_in, with_sides_by_balance):
            try:
                return followed(read(order, opening), opening, closing)
            except Bad as bad:
                if best is None or agreed(bad) > agreed(best):
                    best = bad
    assert best
    raise best


def agreed(bad: Bad) -> int:
    return bad.agreed if isinstance(bad, Breaks) else -1


def without_balances(moves: Sequence[Move], opening: int | None, closing: int | None) -> Account:
    """:raises Bad: if no sign, letter or column tells the sides, and no pair of balances proves them"""
    read = with_plain_ones_in(oldest_first(moves), opening)
    both = opening is not None and closing is not None
    proven = both and closing == (opening or 0) + sum(move.signed for move in read if move.counts)
    if not proven and any(move.amount for move in moves) and all(move.side is None for move in moves if move.amount):
        raise Bad(NO_SIDES)
    return Account(read, opening if both else None, closing if both else None)


def with_plain_ones_in(moves: Sequence[Move], _opening: int | None) -> Sequence[Move]:
    """As nearly all banks mean it: money out has a minus, money in has none."""
    if all(move.side for move in moves):
        return moves
    return [move if move.side else replace(move, side=Side.CREDIT) for move in moves]


def with_sides_by_balance(moves: Sequence[Move], opening: int | None) -> Sequence[Move]:
    """For banks that write no sign at all. :raises Bad: if the first one's side stays open"""
    found, running = [], opening
    for move in moves:
        if move.side is None:
            if running is None and move.amount:
                raise Bad(NO_FIRST_SIDE, line=move.row.line)
            fell = move.balance is not None and running is not None and move.balance < running
            move = replace(move, side=Side.DEBIT if fell else Side.CREDIT)
        found.append(move)
        if move.counts:
            running = move.balance if move.balance is not None else None if running is None else running + move.signed
    return found


def orders(moves: Sequence[Move]) -> Iterator[Sequence[Move]]:
    """As the file has them, the other way round, by their time; at last each where the balance before it leads."""
    likely = oldest_first(moves)
    yield likely
    yield (turned := list(reversed(likely)))
    yield sorted(moves, key=lambda move: move.moment)
    yield sorted(turned, key=lambda move: move.moment)
    if chain := chained(with_plain_ones_in(moves, None)):
        yield chain


def oldest_first(moves: Sequence[Move]) -> Sequence[Move]:
    """Turned round if its first row is later than its last."""
    return list(reversed(moves)) if moves and moves[0].moment > moves[-1].moment else moves


def chained(moves: Sequence[Move]) -> list[Move] | None:
    """``None`` unless they make one unbroken chain on which no day goes back."""
    if any(move.balance is None or not move.counts for move in moves):
        return None
    waiting: dict[int, deque[Move]] = defaultdict(deque)
    for move in sorted(moves, key=lambda move: move.moment):
        waiting[before(move)].append(move)
    reached = Counter(move.balance for move in moves)
    starts = [balance for balance, leaving in waiting.items() if len(leaving) > reached[balance]]
    running: int | None = starts[0] if starts else next(iter(waiting))
    chain: list[Move] = []
    while running is not None and waiting.get(running):
        chain.append(waiting[running].popleft())
        running = chain[-1].balance
    whole = len(chain) == len(moves) and all(one.row.day <= next_.row.day for one, next_ in pairwise(chain))
    return chain if whole else None


def before(move: Move) -> int:
    return (move.balance or 0) - move.signed


def followed(moves: Sequence[Move], opening: int | None, closing: int | None) -> Account:
    """Row by row. Where the file does not say it, the opening is what was there before the first amount."""
    moved = sum_before_first_balance(moves)
    begin = opening if opening is not None else moved
    running, right = begin, 0
    for move in moves:
        if move.counts:
            running += move.signed
        if move.balance is not None and move.counts:
            if move.balance != running:
                raise Breaks(right, BREAKS, line=move.row.line, amount=shown(move.signed), should=shown(running), said=shown(move.balance))
            right += 1
    counted = [move for move in moves if move.counts]
    for end, said in ((counted[:1], opening), (counted[-1:], closing)):
        if end and end[0].balance is None and said is None:
            raise Breaks(right, NO_BALANCE, line=end[0].row.line)
    if closing is not None and closing != running:
        raise Breaks(right, OTHER_CLOSING, said=shown(closing), found=shown(running))
    return Account(moves, begin, running)


def sum_before_first_balance(moves: Sequence[Move]) -> int:
    moved = 0
    for move in moves:
        if move.counts:
            moved += move.signed
            if move.balance is not None:
                return move.balance - moved
    return 0
