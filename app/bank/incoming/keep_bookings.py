"""The bookings of a statement: new ones become records and deposits, known ones are only seen again."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import BigInteger, any_, literal, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.bank.incoming.known_bookings import Known
from app.bank.incoming.many_rows import copy_rows, next_numbers
from app.bank.incoming.pair import Line, Pairing
from app.bank.keys import fingerprint
from app.bank.model import BankAccount, BankBooking, BankStatement, Deposit, DepositState, Sighting, StatementState
from app.bank.references import new_references
from app.bank.returned import looks_returned, names_ours
from app.bank.statement.statement import Booking, Side, Status
from app.errors import N_
from app.money import EXPONENTS
from app.remarks import Remark

BOOKING = (
    "id", "account", "fingerprint", "occurrence", "side", "amount", "currency", "day", "day_is_sure", "value_date", "booked_at", "status",
    "reversal", "reversal_state", "reference", "reference_key", "hints", "text", "text_key", "party_name", "party_iban", "raw",
    "statement_id",
)  # fmt: skip
DEPOSIT = (
    "reference", "booking_id", "line", "iban", "amount", "currency", "day", "value_date", "text", "sender_name", "sender_iban",
    "bank_reference", "doubt", "booked_at", "seen_at",
)  # fmt: skip
SIGHTING = ("statement_id", "line", "booking_id")

Row = tuple[object, ...]


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
    numbers = dict(zip(reading.new, next_numbers(session, BankBooking, len(reading.new)), strict=True))
    copy_rows(session, BankBooking, BOOKING, new_bookings(row, reading, numbers, ours=account is not None))
    copy_rows(
        session,
        Sighting,
        SIGHTING,
        ((row.id, place + 1, numbers.get(place) or pairing.known) for place, pairing in enumerate(reading.pairings)),
    )
    if reading.now_booked:
        book(session, reading.now_booked)
    if account:
        copy_rows(session, Deposit, DEPOSIT, new_deposits(reading, numbers, account, now))
    row.new, row.known = len(reading.new), len(reading.pairings) - len(reading.new)
    if row.known and not row.new:
        row.state = StatementState.KNOWN
    elif row.known:
        overlap = Remark.of(N_("{known} of its {all} bookings were here before."), known=row.known, all=len(reading.pairings))
        row.notes = [*row.notes, overlap.as_json()]
    session.flush()


def new_bookings(row: BankStatement, reading: Reading, numbers: Mapping[int, int], *, ours: bool) -> Iterator[Row]:
    """:param numbers: place in the statement → the new booking's id"""
    counted, statement, account = Counter(reading.known.twins), row.id, row.account
    for place, number in numbers.items():
        booking, line = reading.bookings[place], reading.lines[place]
        print = fingerprint_of(line)
        counted[print] += 1
        party = booking.details[0]
        yield (
            number, account, print, counted[print], booking.side.value, booking.amount, booking.currency, booking.day,
            booking.day_is_sure, booking.value_date, booking.booked_at, booking.status.value, booking.reversal,
            "open" if ours and takes_back(booking) else "none", booking.reference, line.reference, list(booking.hints),
            booking.text, line.text, party.sender_name, party.sender_iban, booking.raw, statement,
        )  # fmt: skip


def fingerprint_of(line: Line) -> bytes:
    return fingerprint(day=line.day, side=line.side, amount=line.amount, currency=line.currency, reference=line.reference, text=line.text)


def takes_back(booking: Booking) -> bool:
    """Marked so by the bank, or only in words; our own returns and payouts carry their number."""
    if booking.side is not Side.DEBIT:
        return False
    return booking.reversal or names_ours(booking.reference, *booking.hints, booking.text) or looks_returned(booking.text)


def new_deposits(reading: Reading, numbers: Mapping[int, int], account: BankAccount, now: datetime) -> Iterator[Row]:
    """A credit is a deposit; a batch is as many as it has transfers (E28)."""
    iban = account.iban
    credits = [place for place in reading.new if is_a_deposit(reading.bookings[place])]
    references = iter(new_references(now, count=sum(len(reading.bookings[place].details) for place in credits)))
    for place in credits:
        booking = reading.bookings[place]
        doubt = booking.doubt or reading.pairings[place].doubt
        for line, detail in enumerate(booking.details, start=1):
            yield (
                next(references), numbers[place], line, iban, detail.amount, booking.currency, booking.day, booking.value_date,
                detail.text, detail.sender_name, detail.sender_iban, detail.reference or booking.reference,
                json.dumps(doubt.as_json()) if doubt else None, booking.booked_at, now,
            )  # fmt: skip


def is_a_deposit(booking: Booking) -> bool:
    return booking.side is Side.CREDIT and booking.currency in EXPONENTS


def book(session: Session, bookings: list[int]) -> None:
    """What was only announced has arrived: its deposits are judged anew."""
    these = literal(bookings, ARRAY(BigInteger))
    session.execute(update(BankBooking).where(BankBooking.id == any_(these)).values(status=Status.BOOKED))
    announced = update(Deposit).where(Deposit.booking_id == any_(these), Deposit.state == DepositState.NOTED)
    session.execute(announced.values(state=DepositState.SEEN, matched_at=None, trace=[]))
