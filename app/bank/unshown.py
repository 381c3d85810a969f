"""What nobody but an uploader has told of yet: which bookings, and how much of it stands credited on one person's word."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.bank.model import Deposit, DepositState
from app.money import Money

A_DAY = timedelta(days=1)

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


def credited_with(session: Session, deposit: Deposit) -> Money:
    """
    What would stand credited on its uploader's word alone, of the files since the day before it was seen, if this deposit did,
    too. Nothing for what the bank itself has shown.
    """
    brought_by = only_uploaded(session, [deposit.booking_id]).get(deposit.booking_id)
    if brought_by is None:
        return Money(0, deposit.currency)
    credited = credited_unshown(session, [brought_by], since=deposit.seen_at - A_DAY).get((brought_by, deposit.currency))
    so_far = credited or Money(0, deposit.currency)
    return so_far if deposit.state == DepositState.CREDITED else so_far + deposit.rest
