"""A bearer token for a program that works for somebody: a point-of-sale machine, an accountant's own system."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.errors import N_, Refusal
from app.people import sessions
from app.people.model import Person, SignIn
from app.people.sign_in import person_name, readings


class NobodyThere(Refusal):
    say = N_("Nobody signs in with {phone}.")
    status = 404


class SeveralThere(Refusal):
    say = N_("{phone} is a number in more than one country. Write it with its country code.")


def issue_token(session: Session, phone: str, *, lasts: timedelta, by: str, now: datetime) -> tuple[str, SignIn]:
    """
    It may do what the person may at that moment, and ends with the person's login.

    :param phone: as typed, in the form of any market
    :returns: the token, which nobody can read again, and its session
    :raises NobodyThere: …
    :raises SeveralThere: if the number without country code belongs to several
    """
    found = session.scalars(select(Person).where(Person.phone.in_(readings(phone)), Person.removed_at.is_(None))).all()
    if len(found) > 1:
        raise SeveralThere(phone=phone)
    if not found:
        raise NobodyThere(phone=phone)
    token, row = sessions.begin(session, found[0], kind="api", address="", now=now, lasts=lasts)
    who = person_name(found[0])
    audit.record(session, "token.issued", about=who, by=by, at=now, kind="api", expires_at=row.expires_at.isoformat(timespec="seconds"))
    return token, row
