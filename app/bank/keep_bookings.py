"""The bookings of a statement: new ones become records and deposits, known ones are only seen again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import BigInteger, any_, literal, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.bank.keys import fingerprint
from app.bank.known_bookings import Known
from app.bank.many_rows import insert_rows
from app.bank.model import BankAccount, BankBooking, BankStatement, Deposit, DepositState, Sighting, StatementState
from app.bank.pair import Line, Pairing
from app.bank.references import new_reference
from app.bank.returned import looks_returned, names_ours
from app.bank.statement.statement import Booking, Side, Status
from app.errors import N_
from app.money import EXPONENTS
from app.remarks import Remark

TWINS = text(
    "SELECT fingerprint, max(occurrence) FROM bank_booking WHERE account = :account AND fingerprint = ANY (:prints) GROUP BY fingerprint"
)


@dataclass(frozen=True)
class Reading:
    """A statement's bookings, side by side with what they are compared by and what they turned out to be."""

    bookings: Sequence[Booking]
    lines: Sequence[Line]
    pairings: Sequence[Pairing]
    known: Known

    @cached_property
    def new(self) -> list[int]:
        return [place for place, pairing in enumerate(self.pairings) if pairing.known is None]

    @cached_property
    def paired(self) -> set[int]:
        return {pairing.known for pairing in self.pairings if pairing.known is not None}

    @cached_property
    def now_booked(self) -> list[int]:
        """Known as pending or information until now (E27)."""
        booked = (pairing.known for booking, pairing in zip(self.bookings, self.pairings, strict=True) if booking.status is Status.BOOKED)
        return [known for known in booked if known in self.known.not_booked]


def keep_bookings(session: Session, row: BankStatement, reading: Reading, *, account: BankAccount | None, now: datetime) -> None:
    added = add_bookings(session, row, reading, ours=account is not None)
    sightings = [
        {"statement_id": row.id, "line": place + 1, "booking_id": added.get(place) or pairing.known}
        for place, pairing in enumerate(reading.pairings)
    ]
    insert_rows(session, Sighting, sightings)
    if reading.now_booked:
        book(session, reading.now_booked)
    if account:
        deposits = [deposit for place in reading.new for deposit in deposits_of(reading, place, added[place], account, now)]
        insert_rows(session, Deposit, deposits)
    row.new, row.known = len(reading.new), len(reading.pairings) - len(reading.new)
    if row.known and not row.new:
        row.state = StatementState.KNOWN
    elif row.known:
        overlap = Remark.of(N_("{known} of its {all} bookings were here before."), known=row.known, all=len(reading.pairings))
        row.notes = [*row.notes, overlap.as_json()]
    session.flush()


def add_bookings(session: Session, row: BankStatement, reading: Reading, *, ours: bool) -> dict[int, int]:
    """:returns: place in the statement → the new booking's id"""
    prints = {place: fingerprint_of(reading.lines[place]) for place in reading.new}
    counted = twins_so_far(session, row.account, list(prints.values()))
    values = []
    for place in reading.new:
        counted[prints[place]] += 1
        values.append(values_of(row, reading.bookings[place], reading.lines[place], prints[place], counted[prints[place]], ours=ours))
    rows = insert_rows(session, BankBooking, values, returning=("id", "fingerprint", "occurrence"))
    ids: dict[tuple[object, object], int] = {(bytes(row.fingerprint), row.occurrence): row.id for row in rows}
    return {place: ids[each["fingerprint"], each["occurrence"]] for place, each in zip(reading.new, values, strict=True)}


def fingerprint_of(line: Line) -> bytes:
    return fingerprint(day=line.day, side=line.side, amount=line.amount, currency=line.currency, reference=line.reference, text=line.text)


def twins_so_far(session: Session, account: str, prints: list[bytes]) -> Counter[bytes]:
    """One array, however many they are: a statement may have more lines than a query may have parameters."""
    return Counter({print: int(occurrence) for print, occurrence in session.execute(TWINS, {"account": account, "prints": prints})})


def values_of(row: BankStatement, booking: Booking, line: Line, fingerprint: bytes, occurrence: int, *, ours: bool) -> Mapping[str, object]:
    named = names_ours(booking.reference, *booking.hints, booking.text)
    takes_back = ours and booking.side is Side.DEBIT and (booking.reversal or named or looks_returned(booking.text))
    return {
        "account": row.account,
        "fingerprint": fingerprint,
        "occurrence": occurrence,
        "side": booking.side,
        "amount": booking.amount,
        "currency": booking.currency,
        "day": booking.day,
        "day_is_sure": booking.day_is_sure,
        "value_date": booking.value_date,
        "booked_at": booking.booked_at,
        "status": booking.status,
        "reversal": booking.reversal,
        "reversal_state": "open" if takes_back else "none",
        "reference": booking.reference,
        "reference_key": line.reference,
        "hints": list(booking.hints),
        "text": booking.text,
        "text_key": line.text,
        "party_name": booking.details[0].sender_name,
        "party_iban": booking.details[0].sender_iban,
        "raw": booking.raw,
        "statement_id": row.id,
    }


def deposits_of(reading: Reading, place: int, booking_id: int, account: BankAccount, now: datetime) -> list[Mapping[str, object]]:
    """A credit is a deposit; a batch is as many as it has transfers (E28)."""
    booking, doubt = reading.bookings[place], reading.bookings[place].doubt or reading.pairings[place].doubt
    if booking.side is not Side.CREDIT or booking.currency not in EXPONENTS:
        return []
    return [
        {
            "reference": new_reference(now),
            "booking_id": booking_id,
            "line": number,
            "iban": account.iban,
            "amount": detail.amount,
            "currency": booking.currency,
            "day": booking.day,
            "value_date": booking.value_date,
            "text": detail.text,
            "sender_name": detail.sender_name,
            "sender_iban": detail.sender_iban,
            "bank_reference": detail.reference or booking.reference,
            "doubt": doubt.as_json() if doubt else None,
            "booked_at": booking.booked_at,
            "seen_at": now,
        }
        for number, detail in enumerate(booking.details, start=1)
    ]


def book(session: Session, bookings: list[int]) -> None:
    """What was only announced has arrived: its deposits are judged anew."""
    these = literal(bookings, ARRAY(BigInteger))
    session.execute(update(BankBooking).where(BankBooking.id == any_(these)).values(status=Status.BOOKED))
    announced = update(Deposit).where(Deposit.booking_id == any_(these), Deposit.state == DepositState.NOTED)
    session.execute(announced.values(state=DepositState.SEEN, matched_at=None, trace=[]))
