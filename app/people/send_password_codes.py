"""The codes that were asked for go out: to registered numbers alone, seconds after the question and out of its sight (C6)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from app import audit, db, languages
from app.agents.model import CLOSED, Agent
from app.errors import N_
from app.notifications.write_message import write_mail, write_sms
from app.people.codes import hash_code, new_code
from app.people.model import Person
from app.people.sign_in import person_name
from app.people.sign_in_model import PASSWORD, LoginReset, PasswordCode

BY = "job:send-password-codes"
AT_ONCE = 50
KEPT = timedelta(days=2)
SAY = N_("Gişe: your code for a new password is {code}. It is valid for 5 minutes. Tell it to nobody, not even to us.")
SUBJECT = N_("Your code for a new password")


def send_password_codes(key: bytes, *, now: datetime) -> None:
    """
    A job.

    :param key: of the hashes, see :class:`app.people.codes.Keys`
    """
    with db.transaction() as session:
        waiting = select(PasswordCode).where(PasswordCode.looked_up_at.is_(None)).order_by(PasswordCode.id).limit(AT_ONCE)
        for asked in session.scalars(waiting.with_for_update(skip_locked=True)):
            asked.looked_up_at = now
            person = who_may_have_one(session, asked, now=now)
            if person is not None and asked.expires_at > now:
                send(session, asked, person, key=key, now=now)


def who_may_have_one(session: Session, asked: PasswordCode, *, now: datetime) -> Person | None:
    """
    The one person with this number who is not removed and whose agent is not closed. The institution's own people only
    after a reset that two others agreed to: whoever takes over an approver's phone number must not have the password, too.
    """
    found = session.scalars(
        select(Person)
        .outerjoin(Agent, Agent.number == Person.agent)
        .where(
            Person.phone.in_(asked.numbers),
            Person.removed_at.is_(None),
            or_(Agent.state != CLOSED, and_(Person.agent.is_(None), exists().where(ready_reset(now)).correlate(Person))),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def ready_reset(now: datetime) -> ColumnElement[bool]:
    """Cooled down, stopped by nobody, and not used; good for a week."""
    mine = (LoginReset.person_id == Person.id) & (LoginReset.what == PASSWORD)
    return mine & LoginReset.stopped_at.is_(None) & LoginReset.done_at.is_(None) & LoginReset.ready_at.between(now - timedelta(days=7), now)


def send(session: Session, asked: PasswordCode, person: Person, *, key: bytes, now: datetime) -> None:
    """The newest code is the only one. After a reset by support it goes to the mail address on file as well."""
    older = update(PasswordCode).where(PasswordCode.person_id == person.id, PasswordCode.ended_at.is_(None))
    session.execute(older.values(ended_at=now))
    code = new_code()
    asked.person_id, asked.code_hash = person.id, hash_code(key, code, about=code_about(asked.id))
    language = languages.supported(person.language)
    body = languages.say(SAY, language, code=code)
    occasion = f"password-code:{asked.id}"
    write_sms(session, key=f"{occasion}:sms", to=person.phone, body=body, now=now, secret_until=asked.expires_at)
    after_reset = session.scalars(select(LoginReset.id).join(Person, Person.id == person.id).where(ready_reset(now))).first()
    if after_reset and person.email:
        subject = languages.translate(SUBJECT, language)
        write_mail(session, key=f"{occasion}:mail", to=person.email, subject=subject, body=body, now=now, secret_until=asked.expires_at)
    audit.record(session, "password-code.sent", about=person_name(person), by=BY, at=now, address=asked.address)


def code_about(number: int) -> str:
    return f"password code {number}"


def forget_password_codes(now: datetime) -> None:
    """A job: who asked is of no interest any more, and an unknown number none of ours."""
    with db.transaction() as session:
        session.execute(delete(PasswordCode).where(PasswordCode.asked_at < now - KEPT))
