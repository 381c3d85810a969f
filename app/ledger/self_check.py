"""
The book proves itself: every stored balance, running balance and move against the postings.

Slices :func:`register` what they can prove about their own records.
"""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.ledger import chart

Check = Callable[[Session], Iterator[str]]


class BookIsWrong(Exception):
    """Names the rows. Never healed by a program."""


BALANCES = text("""
    SELECT a.address, a.balance, coalesce(sum(p.delta), 0) AS proven
    FROM limited_account a
    LEFT JOIN (
        SELECT target AS address, currency, amount AS delta FROM posting WHERE target_balance IS NOT NULL
        UNION ALL
        SELECT source, currency, -amount FROM posting WHERE source_balance IS NOT NULL
    ) p USING (address, currency)
    GROUP BY a.address, a.balance
    HAVING a.balance <> coalesce(sum(p.delta), 0)
    ORDER BY a.address
""")

RUNNING_BALANCES = text("""
    SELECT id, address, after, expected FROM (
        SELECT id, address, after, coalesce(lag(after) OVER (PARTITION BY address ORDER BY id), 0) + delta AS expected FROM (
            SELECT id, target AS address, target_balance AS after, amount AS delta FROM posting WHERE target_balance IS NOT NULL
            UNION ALL
            SELECT id, source, source_balance, -amount FROM posting WHERE source_balance IS NOT NULL
        ) sides
    ) chained
    WHERE after <> expected
    ORDER BY id
""")

CHART = text("""
    SELECT id, event, source, target, amount FROM posting
    WHERE NOT (event || ' ' || split_part(source, ':', 1) || ' ' || split_part(target, ':', 1)) = ANY (CAST(:allowed AS text[]))
       OR source !~ :address OR target !~ :address OR amount <= 0 OR source = target
    ORDER BY id
""")

GUARDS = text("SELECT tgname FROM pg_trigger WHERE tgrelid = 'posting'::regclass AND tgname = 'posting_is_for_ever' AND tgenabled = 'A'")


def balances_equal_postings(session: Session) -> Iterator[str]:
    for row in session.execute(BALANCES):
        yield f"account {row.address} holds {row.balance}, its postings say {row.proven} (minor units)"


def running_balances_are_a_chain(session: Session) -> Iterator[str]:
    for row in session.execute(RUNNING_BALANCES):
        yield f"posting {row.id}: {row.address} stood at {row.after} after it, the postings before it say {row.expected} (minor units)"


def moves_are_in_the_chart(session: Session) -> Iterator[str]:
    for row in session.execute(CHART, {"allowed": chart.words(), "address": chart.ADDRESS}):
        yield f"posting {row.id}: {row.event} may not move {row.amount} from {row.source} to {row.target}"


def postings_are_guarded(session: Session) -> Iterator[str]:
    if session.execute(GUARDS).first() is None:
        yield "the trigger that forbids changing postings is missing or switched off"


OWN: tuple[Check, ...] = (balances_equal_postings, running_balances_are_a_chain, moves_are_in_the_chart, postings_are_guarded)
CHECKS = list(OWN)


def register(checks: Iterable[Check]) -> None:
    """Once each, however often the rooms are put together in one process."""
    CHECKS.extend(check for check in checks if check not in CHECKS)


def self_check(session: Session) -> list[str]:
    """What is wrong, one sentence for each wrong row, each naming it; empty when the book is right."""
    return [sentence for check in CHECKS for sentence in check(session)]
