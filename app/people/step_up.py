"""Before money moves: the second factor once more, if the person has one and this session did not show it just now."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit, db
from app.errors import N_, Refusal
from app.people.codes import Keys
from app.people.model import SignIn
from app.people.prove_second_factor import prove
from app.people.sign_in_model import SecondFactor

FRESH = timedelta(minutes=5)


class ConfirmFirst(Refusal):
    say = N_("This moves money. Confirm it with the code of your authenticator first; nothing was done yet.")
    status = 403


def require_step_up(session: Session, *, sign_in: int, now: datetime) -> None:
    """
    :param sign_in: the actor's session
    :raises ConfirmFirst: if the person has a second factor and did not show it in this session within the last five minutes
    """
    question = select(SignIn.confirmed_at).join(SecondFactor, SecondFactor.person_id == SignIn.person_id)
    row = session.execute(question.where(SignIn.id == sign_in, SecondFactor.confirmed_at.is_not(None))).first()
    if row is not None and (row.confirmed_at is None or now - row.confirmed_at > FRESH):
        raise ConfirmFirst


def confirm(sign_in: int, person: int, code: str, *, keys: Keys, address: str, now: datetime) -> None:
    """
    A journey: shows the second factor in this session.

    :raises app.people.prove_second_factor.WrongSecondFactor: …
    :raises TooMany: …
    """
    prove(person, code, keys=keys, address=address, is_own=True, now=now)
    with db.transaction() as session:
        session.execute(update(SignIn).where(SignIn.id == sign_in, SignIn.person_id == person).values(confirmed_at=now))
        who = f"person:{person}"
        audit.record(session, "session.confirmed", about=who, by=who, at=now, address=address)
