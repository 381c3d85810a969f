"""What of an account we know already, as far as the lines of one statement may be the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.bank.incoming.pair import DAYS_APART, KnownLine, Line
from app.bank.incoming.pieces import Piece, other_pieces
from app.bank.keys import CUT_REFERENCE
from app.bank.statement.statement import Statement, Status

KNOWN = text("""
    SELECT b.id, b.side, b.amount, b.currency, b.day, b.day_is_sure, b.reference_key, b.text_key, b.booked_at, b.status,
        b.fingerprint, b.occurrence, array_agg(s.id) && CAST(:elsewhere AS bigint[]) AS elsewhere,
        array_agg(DISTINCT s.format) AS formats, bool_or(s.balanced) AS proven,
        bool_or(s.balanced AND greatest(s.last_day, (s.came_at AT TIME ZONE :zone)::date) > b.day) AS closed,
        bool_and(f.way = 'upload') AS only_uploaded
    FROM bank_booking b JOIN bank_sighting g ON g.booking_id = b.id JOIN bank_statement s ON s.id = g.statement_id
        JOIN statement_file f ON f.id = s.file_id
    WHERE b.account = :account AND b.amount = ANY (:amounts)
      AND (b.day = ANY (:days)
           OR NOT b.day_is_sure AND b.day BETWEEN :first - :apart AND :last + :apart
           OR left(b.reference_key, 16) = ANY (:references) AND b.reference_key <> '')
    GROUP BY b.id
    ORDER BY b.id
""")

PIECES = text("""
    SELECT id, file_id, position, number, page, opening, closing FROM bank_statement
    WHERE account = :account AND currency = :currency AND left(format, 2) = left(:format, 2) AND balanced AND state <> 'quarantined'
      AND last_day >= :first_day AND first_day <= :last_day AND content <> :content
""")


@dataclass(frozen=True)
class Known:
    """
    :ivar not_booked: only announced so far; :ivar only_uploaded: the bank itself has not shown them
    :ivar twins: fingerprint → how many there are of it, wherever they stand (E13)
    """

    lines: Sequence[KnownLine] = ()
    not_booked: set[int] = field(default_factory=set)
    only_uploaded: set[int] = field(default_factory=set)
    twins: Mapping[bytes, int] = field(default_factory=dict)


def known_bookings(
    session: Session,
    account: str,
    statement: Statement,
    lines: Sequence[Line],
    *,
    content: bytes,
    file_id: int | None,
    position: int,
    zone: ZoneInfo,
) -> Known:
    """:param file_id: of the statement's file, if it is kept already; what stands in other pieces of one run is left out"""
    if not lines:
        return Known()
    piece = piece_of(statement, file_id or 0, position)
    elsewhere = other_pieces(piece, pieces(session, account, statement, content)) if piece else set[int]()
    rows = session.execute(
        KNOWN,
        {
            "account": account,
            "amounts": sorted({line.amount for line in lines}),
            "days": days(lines),
            "references": sorted({line.reference[:CUT_REFERENCE] for line in lines if line.reference}),
            "first": min(line.day for line in lines),
            "last": max(line.day for line in lines),
            "apart": DAYS_APART,
            "elsewhere": sorted(elsewhere),
            "zone": zone.key,
        },
    ).all()
    twins: dict[bytes, int] = {}
    for row in rows:
        twins[bytes(row.fingerprint)] = max(row.occurrence, twins.get(bytes(row.fingerprint), 0))
    rows = [row for row in rows if not row.elsewhere]
    known = [
        KnownLine(
            id=row.id,
            side=row.side,
            amount=row.amount,
            currency=row.currency,
            day=row.day,
            day_is_sure=row.day_is_sure,
            reference=row.reference_key,
            text=row.text_key,
            booked_at=row.booked_at,
            formats=frozenset(row.formats),
            proven=row.proven,
            closed=row.closed,
        )
        for row in rows
    ]
    not_booked = {row.id for row in rows if row.status != Status.BOOKED}
    return Known(known, not_booked, {row.id for row in rows if row.only_uploaded}, twins)


def days(lines: Sequence[Line]) -> list[date]:
    """Where a line gives only a value date, the days around it too."""
    found = set()
    for line in lines:
        reach = 0 if line.day_is_sure else DAYS_APART
        found |= {line.day + timedelta(days=apart) for apart in range(-reach, reach + 1)}
    return sorted(found)


def piece_of(statement: Statement, file_id: int, position: int) -> Piece | None:
    if statement.opening is None or statement.closing is None or statement.trouble:
        return None
    return Piece(
        id=None,
        file_id=file_id,
        position=position,
        number=statement.number,
        page=statement.page,
        opening=statement.opening,
        closing=statement.closing,
    )


def pieces(session: Session, account: str, statement: Statement, content: bytes) -> list[Piece]:
    rows = session.execute(
        PIECES,
        {
            "account": account,
            "currency": statement.currency,
            "format": statement.format,
            "first_day": statement.first_day,
            "last_day": statement.last_day,
            "content": content,
        },
    )
    return [Piece(**row) for row in rows.mappings()]
