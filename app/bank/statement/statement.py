"""A statement and its bookings, whatever format they came in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from sys import intern

from app.amounts import hundredths
from app.bank.statement.source import LONGEST, Source
from app.errors import N_, Invalid, Refusal
from app.remarks import Remark

LONGEST_TEXT, LONGEST_RAW = 2000, LONGEST


class Unreadable(Invalid):
    """The file as a whole; a statement in it that cannot be read is quarantined alone."""

    say = N_("This file cannot be read as a bank statement: {why}")

    def __init__(self, *, why: Remark) -> None:
        Refusal.__init__(self, why=why)
        self.why = why
        self.errors = {"file": N_("Bring it as the bank gave it: MT940, MT942, camt.052, camt.053, camt.054, or its Excel or CSV export.")}

    known_as = "invalid"


class Side(StrEnum):
    CREDIT = "credit"  # money came in
    DEBIT = "debit"

    @property
    def other(self) -> "Side":
        return Side.DEBIT if self is Side.CREDIT else Side.CREDIT


class Status(StrEnum):
    """Only what is booked moves money (E27)."""

    BOOKED = "booked"
    PENDING = "pending"
    INFORMATION = "information"


# Of these two a file has hundreds of thousands. Nobody changes one: they are not frozen, and may be made by position,
# because that takes a twentieth of the time. What varies little is one object for all of them: see :func:`shared`.


@dataclass(slots=True)
class Detail:
    """
    One transfer of a booking: nearly always its only one (E28).

    :ivar amount: in the booking's currency, in hundredths
    :ivar reference: the bank's own, if it gives this transfer one
    """

    amount: int
    text: str
    sender_name: str = ""
    sender_iban: str = ""
    reference: str = ""


@dataclass(slots=True)
class Booking:
    """
    One line of an account. Amounts are whole hundredths of any currency: files hold more currencies than our book does.

    :ivar line: where it stands in the file
    :ivar reversal: marked as taking an earlier booking back; ``side`` is already its own
    :ivar day: of the booking; ``day_is_sure`` is false where the file gives only a value date
    :ivar booked_at: the bank's own time, if it gives one; a naive one is meant in the account's zone
    :ivar reference: the bank's own, empty if it gives none (E13); not a key by itself
    :ivar hints: other references that may name what a reversal takes back
    :ivar sender_name: and ``sender_iban``: as in its only detail
    :ivar parts: its details, where one is not all that the booking itself says (E28)
    :ivar doubt: why a person has to decide about it, whatever its text says
    :ivar source: the file, and ``place`` in it; or what it says itself, where no line of a file does
    """

    line: int
    side: Side
    amount: int
    currency: str
    day: date
    value_date: date
    text: str = ""
    reference: str = ""
    sender_name: str = ""
    sender_iban: str = ""
    day_is_sure: bool = True
    booked_at: datetime | None = None
    reversal: bool = False
    status: Status = Status.BOOKED
    hints: tuple[str, ...] = ()
    notes: tuple[Remark, ...] = ()
    doubt: Remark | None = None
    parts: tuple[Detail, ...] = ()
    source: Source | str = ""
    place: int = 0

    @property
    def details(self) -> tuple[Detail, ...]:
        """At least one: the transfers that it is made of."""
        return self.parts or (Detail(self.amount, self.text, self.sender_name, self.sender_iban, self.reference),)

    @property
    def raw(self) -> str:
        """As the file says it."""
        return self.source[:LONGEST_RAW] if isinstance(self.source, str) else self.source.cut(self.place)

    @property
    def signed(self) -> int:
        return self.amount if self.side is Side.CREDIT else -self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """
    :ivar format: ``mt940``, ``mt942``, ``camt052``, ``camt053``, ``camt054``, ``xls``, ``xlsx`` or ``csv``
    :ivar account: as the file names it, without spaces
    :ivar line: of its closing balance, else where it begins
    :ivar opening: with ``closing`` what the bookings must add up to; both ``None`` in an intraday file
    :ivar number: of the statement, and ``page`` of it, if the bank counts them
    :ivar trouble: why nothing of it may be credited: it stays in quarantine
    :ivar whole: every booking could be read, so that a person may release it all the same
    """

    format: str
    account: str
    line: int
    currency: str = ""
    number: int | None = None
    page: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    opening: int | None = None
    closing: int | None = None
    bookings: tuple[Booking, ...] = ()
    notes: tuple[Remark, ...] = ()
    trouble: Remark | None = None
    whole: bool = True

    @property
    def has_balances(self) -> bool:
        return self.opening is not None and self.closing is not None


def prove(statement: Statement) -> Statement:
    """
    Its own opening + bookings must be its closing, else it is in trouble.

    Only lines marked as reversals may be read the other way round, all of them together, when the balances say so:
    banks disagree about their sign.
    """
    if statement.trouble or statement.opening is None or statement.closing is None:
        return statement
    moved = statement.closing - statement.opening
    for reading in readings(statement):
        if moved in (money_moved(reading), money_moved(reading, currency=statement.currency)):
            return reading
    return replace(
        statement,
        trouble=Remark.of(
            N_("Line {line}: opening {opening} and the bookings make {sum}, but the closing is {closing}: it is off by {off}."),
            line=statement.line,
            opening=hundredths(statement.opening, statement.currency),
            sum=hundredths(statement.opening + money_moved(statement), statement.currency),
            closing=hundredths(statement.closing, statement.currency),
            off=hundredths(moved - money_moved(statement), statement.currency),
        ),
    )


def readings(statement: Statement) -> Iterator[Statement]:
    yield statement
    if any(booking.reversal for booking in statement.bookings):
        turned = tuple(replace(b, side=b.side.other) if b.reversal else b for b in statement.bookings)
        note = Remark.of(N_("The balances say that reversals carry the other sign here."))
        yield replace(statement, bookings=turned, notes=(*statement.notes, note))


def money_moved(statement: Statement, *, currency: str | None = None) -> int:
    """Of what is booked. Some banks list lines in another currency beside the balance: ``currency`` leaves them out."""
    booked = (booking for booking in statement.bookings if booking.status is Status.BOOKED)
    return sum(booking.signed for booking in booked if currency in (None, booking.currency))


def shared(text: str) -> str:
    """The same people send again and again."""
    return intern(text)


def account_name(text: str) -> str:
    """One spelling of an account: ``NL92 KNAB 0123 4567 89`` has no spaces here."""
    return "".join(text.split()).upper()[:60]


def shown(amount: int) -> str:
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"
