"""
What only an uploaded file tells of is credited at once up to the desk's limit, one by one and together with what the same
person brought on the same day; above it, it waits in suspense for a second person, or for the bank's own word. Then it is
credited as it was matched.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app import audit, db
from app.bank.assign_deposit import credit, find_receiver
from app.bank.decision import Two
from app.bank.desk_model import DepositProposal
from app.bank.model import Deposit, DepositState
from app.bank.tell_credited import Credited, tell_credited
from app.ledger import book
from app.money import Money

UPLOADS = text("""
    SELECT s.id FROM bank_statement s JOIN statement_file f ON f.id = s.file_id WHERE s.id = ANY (:statements) AND f.way = 'upload'
""")

# Seen in nothing but files that people uploaded; a statement that another person let out of quarantine has its second one.
ONLY_UPLOADED = text("""
    SELECT g.booking_id, min(f.came_by) AS brought_by
    FROM bank_sighting g JOIN bank_statement s ON s.id = g.statement_id JOIN statement_file f ON f.id = s.file_id
    WHERE g.booking_id = ANY (:bookings)
    GROUP BY g.booking_id
    HAVING bool_and(f.way = 'upload' AND (s.released_by IS NULL OR s.released_by = f.came_by))
""")


# Of what somebody brought since then and the bank itself has not shown: what stands credited by nobody's second word.
CREDITED_UNSHOWN = text("""
    WITH brought AS (
        SELECT DISTINCT f.came_by, g.booking_id
        FROM statement_file f JOIN bank_statement s ON s.file_id = f.id JOIN bank_sighting g ON g.statement_id = s.id
        WHERE f.way = 'upload' AND f.came_by = ANY (:people) AND f.came_at >= :since
    )
    SELECT b.came_by, d.currency, CAST(sum(d.amount - d.taken_back_sum) AS bigint) AS sum
    FROM brought b JOIN deposit d ON d.booking_id = b.booking_id
    WHERE d.state = 'credited'
        AND NOT EXISTS (SELECT FROM deposit_decision c WHERE c.deposit = d.reference AND c.second_by IS NOT NULL)
        AND NOT EXISTS (
            SELECT FROM bank_sighting g JOIN bank_statement s ON s.id = g.statement_id JOIN statement_file f ON f.id = s.file_id
            WHERE g.booking_id = d.booking_id AND (f.way <> 'upload' OR s.released_by <> f.came_by)
        )
    GROUP BY b.came_by, d.currency
""")


def only_uploaded(session: Session, bookings: Iterable[int]) -> dict[int, str]:
    """Booking → who brought it, of those that the bank itself has not shown yet."""
    wanted = sorted(set(bookings))
    if not wanted:
        return {}
    return {row.booking_id: row.brought_by for row in session.execute(ONLY_UPLOADED, {"bookings": wanted})}


def uploaded_first(session: Session, bookings: Mapping[int, int]) -> list[int]:
    """
    Of bookings, each with the statement that showed it first, those where that was an upload: no other can be
    :func:`only_uploaded`, and a day's bookings have few statements.
    """
    uploads = set(session.scalars(UPLOADS, {"statements": sorted(set(bookings.values()))})) if bookings else set[int]()
    return [booking for booking, statement in bookings.items() if statement in uploads]


def credited_unshown(session: Session, people: Iterable[str], *, since: datetime) -> dict[tuple[str, str], Money]:
    """
    Who uploaded, and currency → what is credited on their word alone. Two files of one person are counted one after the
    other, whoever imports them.
    """
    wanted = sorted(set(people))
    if not wanted:
        return {}
    for person in wanted:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"uploaded:{person}", 0))))
    rows = session.execute(CREDITED_UNSHOWN, {"people": wanted, "since": since})
    return {(row.came_by, row.currency): Money(row.sum, row.currency) for row in rows}


def hold(session: Session, deposit: str, *, agent: str, brought_by: str, now: datetime) -> None:
    """
    Its proposal is the match itself, and whoever brought the file is the first person.

    :param deposit: its reference
    """
    session.add(DepositProposal(deposit=deposit, kind="credit", agent=agent, note="", proposed_at=now, proposed_by=brought_by))
    audit.record(session, "deposit.held", about=deposit, by=brought_by, at=now, agent=agent)


def confirm_credit(session: Session, deposit: Deposit, *, agent: str, by: Two, now: datetime) -> Deposit:
    """
    Locked, and in suspense: an open proposal says so.

    :raises AgentNotOpen: if it can be credited no more
    """
    person = deposit.person_id
    entry = credit(session, deposit, find_receiver(session, deposit, agent), note="", by=by, now=now, kind="confirmed")
    deposit.person_id = person
    book.post_entries(session, [entry], at=now, by=by.last)
    tell_credited(session, [Credited.of(deposit)], now=now)
    return deposit


def shown_by_the_bank() -> list[str]:
    """Held deposits that the bank itself has shown since."""
    with db.reading() as session:
        held = session.execute(
            select(Deposit.reference, Deposit.booking_id)
            .join(DepositProposal, DepositProposal.deposit == Deposit.reference)
            .where(DepositProposal.kind == "credit", DepositProposal.decided_at.is_(None), Deposit.state == DepositState.SUSPENSE)
            .order_by(Deposit.id)
        ).all()
        still = only_uploaded(session, (booking for _, booking in held))
    return [reference for reference, booking in held if booking not in still]


def end_proposals(session: Session, deposit: Deposit, *, by: str, now: datetime) -> None:
    """Events overtook what was proposed. The deposit is locked."""
    waiting = update(DepositProposal).where(DepositProposal.deposit == deposit.reference, DepositProposal.decided_at.is_(None))
    session.execute(waiting.values(decided_at=now, decided_by=by))
