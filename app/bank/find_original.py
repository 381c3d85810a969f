"""The deposit that a reversal takes back: the candidates from the database, the choice from :mod:`app.bank.original`."""

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from app.bank.keys import CUT_REFERENCE, reference_key, text_key
from app.bank.model import BankBooking, Deposit, DepositState
from app.bank.original import LOOKS_BACK, TELLING, Candidate, Reversed, original_of
from app.bank.returned import deposits_named_in

MOST = 200
STANDS = (
    DepositState.CREDITED,
    DepositState.SUSPENSE,
    DepositState.COMING,
    DepositState.RETURNING,
    DepositState.RETURNED,
    DepositState.NOT_TOP_UP,
)
STANDING = (Deposit.taken_back_by.is_(None), Deposit.state.in_(STANDS))


def find_original(session: Session, booking: BankBooking) -> Deposit | None:
    """Locked; ``None`` if there is none beyond doubt, or somebody changed it meanwhile."""
    if returned := named_return(session, booking):
        return returned
    reversed = reversed_by(booking)
    candidates = candidates_for(session, booking, reversed)
    original = original_of(reversed, candidates)
    if original is None:
        return None
    question = select(Deposit).where(Deposit.reference == original.reference, *STANDING).with_for_update()
    return session.scalars(question, execution_options={"populate_existing": True}).one_or_none()


def stands_at(amount: int) -> ColumnElement[bool]:
    """What is left of a deposit is this sum; the index on whole ones is used."""
    whole = and_(Deposit.amount == amount, Deposit.taken_back_sum == 0)
    return or_(whole, and_(Deposit.taken_back_sum > 0, Deposit.amount - Deposit.taken_back_sum == amount))


def named_return(session: Session, booking: BankBooking) -> Deposit | None:
    """Our own return carries the deposit's number through the bank as its end-to-end id."""
    numbers = deposits_named_in(booking.reference, *booking.hints, booking.text)
    if not numbers:
        return None
    equal = (Deposit.iban == booking.account, Deposit.currency == booking.currency, stands_at(booking.amount))
    question = select(Deposit).where(Deposit.reference.in_(numbers), Deposit.state == DepositState.RETURNING, *equal, *STANDING)
    return session.scalars(question.with_for_update(), execution_options={"populate_existing": True}).first()


def reversed_by(booking: BankBooking) -> Reversed:
    return Reversed(
        day=booking.day,
        marked=booking.reversal,
        references=frozenset(reference_key(reference) for reference in (booking.reference, *booking.hints) if reference),
        sender_iban=booking.party_iban,
        text=booking.text_key,
    )


def candidates_for(session: Session, booking: BankBooking, reversed: Reversed) -> list[Candidate]:
    """Those that share a sign with it; if none does, whatever has its amount."""
    equal = (
        select(Deposit, BankBooking)
        .join(BankBooking, BankBooking.id == Deposit.booking_id)
        .where(
            *STANDING,
            Deposit.iban == booking.account,
            stands_at(booking.amount),
            Deposit.currency == booking.currency,
            Deposit.day.between(booking.day - LOOKS_BACK, booking.day),
        )
        .order_by(Deposit.id.desc())
        .limit(MOST)
    )
    for question in (equal.where(shares_a_sign(booking, reversed)), equal):
        if found := session.execute(question).all():
            return [candidate_of(deposit, paid) for deposit, paid in found]
    return []


def shares_a_sign(booking: BankBooking, reversed: Reversed) -> ColumnElement[bool]:
    text, sender, names = literal(reversed.text), literal(reversed.sender_iban), [booking.reference, *booking.hints]
    return or_(
        and_(Deposit.sender_iban == sender, sender != ""),
        and_(func.length(BankBooking.text_key) >= TELLING, func.strpos(text, BankBooking.text_key) > 0),
        and_(func.length(text) >= TELLING, func.strpos(BankBooking.text_key, text) > 0),
        and_(BankBooking.text_key == text, text != ""),
        and_(func.left(BankBooking.reference_key, CUT_REFERENCE).in_([reference_key(name)[:CUT_REFERENCE] for name in names if name])),
        and_(func.length(BankBooking.reference_key) >= TELLING, func.strpos(text, plain(BankBooking.reference_key)) > 0),
        and_(func.length(Deposit.bank_reference) >= TELLING, func.strpos(text, plain(Deposit.bank_reference)) > 0),
        BankBooking.hints.overlap([name for name in names if name]),
    )


def plain(reference: SQLColumnExpression[str]) -> ColumnElement[str]:
    """As it stands in a text key."""
    return func.regexp_replace(func.lower(reference), "[^0-9a-z]", "", "g")


def candidate_of(deposit: Deposit, paid: BankBooking) -> Candidate:
    references = (paid.reference, deposit.bank_reference, *paid.hints)
    return Candidate(
        reference=deposit.reference,
        booking=paid.id,
        day=deposit.day,
        references=frozenset(reference_key(reference) for reference in references if reference),
        sender_iban=deposit.sender_iban,
        text=text_key(deposit.text),
        owner=deposit.agent or deposit.biller or deposit.own_iban or deposit.state,
    )
