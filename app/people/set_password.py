"""A new password with a one-time code: everybody who was signed in with the old one is out."""

import hmac
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit, db, throttle
from app.errors import N_, Refusal, TooMany
from app.people import passwords, sessions
from app.people.codes import as_typed, hash_code, hash_token
from app.people.devices import Visit, remember
from app.people.model import Person
from app.people.send_password_codes import code_about
from app.people.sign_in import person_name
from app.people.sign_in_model import PASSWORD, LoginReset, PasswordCode
from app.people.tell import tell_person

TRIES = 5
GUESSES_A_DAY = ((50, 86400),)  # of a million: what one number's codes may be guessed at, all browsers together (C8)
CHANGED = N_("Your Gişe password was changed on {at}. If it was not you, call support at once.")
SUBJECT = N_("Your Gişe password was changed")

TRY = """
    UPDATE password_code SET tries = tries + 1 WHERE browser_hash = %(browser)s
    RETURNING id, person_id, code_hash, tries, numbers, expires_at > %(now)s AND ended_at IS NULL AS lives
"""


class WrongCode(Refusal):
    """The same sentence whether it is wrong, spent, too old, another browser's or nobody's (C6)."""

    say = N_("This code is wrong or no longer valid. A code lasts 5 minutes and 5 tries; if in doubt, ask for a new one.")
    status = 422


def set_password(browser: str, code: str, password: str, *, key: bytes, visit: Visit, now: datetime) -> str:
    """
    A journey with transactions of its own: a guess counts even when it fails, and before it is compared.

    :param browser: the token that :func:`app.people.ask_password_code.ask_password_code` gave to this browser
    :param key: of the hashes, see :class:`app.people.codes.Keys`
    :returns: the token by which this browser is known from now on
    :raises Invalid: if the password cannot be taken; costs no try
    :raises WrongCode: …
    """
    passwords.check(password, phones=numbers_of(browser))
    tried = guess(browser, code, key=key, now=now)
    password_hash = passwords.hash_password(password)
    with db.transaction() as session:
        mine = update(PasswordCode).where(PasswordCode.id == tried.id, PasswordCode.ended_at.is_(None))
        if session.execute(mine.values(ended_at=now).returning(PasswordCode.id)).first() is None:
            raise WrongCode  # a twin of this request was faster, or a newer code was asked for
        person = session.get_one(Person, tried.person_id, with_for_update=True)
        if person.removed_at is not None:
            raise WrongCode
        person.password_hash = password_hash
        sessions.end_all(session, person.id, now=now)
        use_up_reset(session, person, now=now)
        token, _device, _is_new = remember(session, person, visit, now=now)
        audit.record(session, "password.set", about=person_name(person), by=person_name(person), at=now, address=visit.address)
        tell_person(session, person, key=f"password.set:{tried.id}", say=CHANGED, subject=SUBJECT, now=now, at=now)
    return token


def numbers_of(browser: str) -> list[str]:
    with db.reading() as session:
        return session.scalars(select(PasswordCode.numbers).filter_by(browser_hash=hash_token(browser))).first() or []


def guess(browser: str, code: str, *, key: bytes, now: datetime) -> Any:
    """
    :returns: the row of the code, when it is right
    :raises WrongCode: …
    """
    tried = db.call(TRY, {"browser": hash_token(browser), "now": now})
    if tried is None or tried.tries > TRIES:
        raise WrongCode
    try:
        for number in tried.numbers:
            throttle.take(f"password-guess:{number}", limits=GUESSES_A_DAY, now=now)
    except TooMany as error:
        raise WrongCode from error
    meant = tried.code_hash or secrets.token_bytes(32)
    is_right = hmac.compare_digest(bytes(meant), hash_code(key, as_typed(code), about=code_about(tried.id)))
    if not (is_right and tried.lives):
        raise WrongCode
    return tried


def use_up_reset(session: Session, person: Person, *, now: datetime) -> None:
    mine = update(LoginReset).where(LoginReset.person_id == person.id, LoginReset.what == PASSWORD, LoginReset.ready_at <= now)
    session.execute(mine.where(LoginReset.stopped_at.is_(None), LoginReset.done_at.is_(None)).values(done_at=now))
