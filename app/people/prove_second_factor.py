"""The second factor: the six digits of an authenticator (RFC 6238), or a recovery code. Each opens once."""

import hmac
from datetime import datetime

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit, db, throttle
from app.documents.seal import Sealed, unseal
from app.errors import N_, Refusal
from app.people.codes import DIGITS, Keys, as_typed, hash_code
from app.people.model import Person
from app.people.sign_in_model import RecoveryCode, SecondFactor
from app.people.tell import tell_person

# Only wrong ones count. Three of a million are right at any moment: never more than 48 of a million guesses in a day, ten from
# anywhere and six from where the person has shown it before, so that who knows the password uses up the ten alone.
FROM_ANYWHERE = ((5, 300), (10, 86400))
FROM_THE_OWN = ((5, 300), (6, 86400))
WINDOW = (-1, 0, 1)  # half minutes by which a telephone's clock may be wrong
USED = N_("A recovery code was used to sign in to Gişe; {left} are left. If it was not you, call support at once.")
SUBJECT = N_("A recovery code was used")
WRONG = N_(
    "Somebody who knows your password tried to sign in to Gişe on {at} from {address} and sent a wrong code of the authenticator. "
    "If it was not you, set a new password at once and call support."
)
WRONG_SUBJECT = N_("Wrong code at the sign-in to Gişe")


class WrongSecondFactor(Refusal):
    """The same sentence for a wrong one and for one that was used before."""

    say = N_("This code is wrong or was used already. Wait for the next one in your authenticator.")
    status = 401


def has_second_factor(person: int) -> bool:
    with db.reading() as session:
        factor = session.get(SecondFactor, person)
        return factor is not None and factor.confirmed_at is not None


def prove(person: int, code: str, *, keys: Keys, address: str, is_own: bool, now: datetime) -> None:
    """
    A journey with transactions of its own: a wrong one counts, whatever becomes of the caller's own work.

    :param code: six digits, or a recovery code, as typed
    :param is_own: it comes from a session or a browser in which the person has shown it before
    :raises WrongSecondFactor: … and the person hears of it, if it came from elsewhere
    :raises TooMany: after five wrong ones in five minutes; after ten in a day, or six from where the person has shown it before
    """
    counter, typed = f"second-factor:{person}" + (":own" if is_own else ""), as_typed(code)
    throttle.take(counter, limits=FROM_THE_OWN if is_own else FROM_ANYWHERE, now=now)
    with db.transaction() as session:
        right = (
            use_step(session, person, typed, keys=keys, now=now)
            if len(typed) == DIGITS and typed.isdecimal()
            else use_recovery_code(session, person, typed, keys=keys, address=address, now=now)
        )
    if not right:
        note_wrong_one(person, address=address, is_own=is_own, now=now)
        raise WrongSecondFactor
    throttle.give_back(counter, at=now)


def note_wrong_one(person: int, *, address: str, is_own: bool, now: datetime) -> None:
    """Every one in the trail; of those from elsewhere the person hears, once a day."""
    who = f"person:{person}"
    with db.transaction() as session:
        audit.record(session, "second-factor.refused", about=who, by=who, at=now, address=address)
        if not is_own:
            key, whom = f"second-factor.wrong:{person}:{now.date()}", session.get_one(Person, person)
            tell_person(session, whom, key=key, say=WRONG, subject=WRONG_SUBJECT, now=now, at=now, address=address or "?")


def use_step(session: Session, person: int, code: str, *, keys: Keys, now: datetime) -> bool:
    """Later than every step that was used: somebody who looked over the shoulder comes too late."""
    factor = session.scalars(select(SecondFactor).where(SecondFactor.person_id == person, SecondFactor.confirmed_at.is_not(None))).first()
    step = matching_step(factor, code, keys=keys, now=now) if factor else None
    return step is not None and spend(session, person, step)


def spend(session: Session, person: int, step: int) -> bool:
    mine = update(SecondFactor).where(SecondFactor.person_id == person, SecondFactor.last_step < step)
    return session.scalars(mine.values(last_step=step).returning(SecondFactor.person_id)).first() is not None


def matching_step(factor: SecondFactor, code: str, *, keys: Keys, now: datetime) -> int | None:
    """:returns: the half minute in which this is the code, if it is one of the three around now"""
    made = pyotp.TOTP(secret_of(factor, keys))
    here = made.timecode(now)
    return next((here + off for off in WINDOW if hmac.compare_digest(made.generate_otp(here + off), code)), None)


def secret_of(factor: SecondFactor, keys: Keys) -> str:
    sealed = Sealed(factor.sealed, factor.wrapped_key, factor.key_id)
    return unseal(sealed, name=seal_name(factor.person_id), keys=keys.seals).decode()


def seal_name(person: int) -> str:
    return f"second factor of person {person}"


def use_recovery_code(session: Session, person: int, code: str, *, keys: Keys, address: str, now: datetime) -> bool:
    hashed = hash_code(keys.codes, code, about=recovery_about(person))
    mine = update(RecoveryCode).where(RecoveryCode.person_id == person, RecoveryCode.code_hash == hashed, RecoveryCode.used_at.is_(None))
    if session.scalars(mine.values(used_at=now).returning(RecoveryCode.person_id)).first() is None:
        return False
    unused = select(RecoveryCode).where(RecoveryCode.person_id == person, RecoveryCode.used_at.is_(None))
    left = len(session.scalars(unused).all())
    who = f"person:{person}"
    audit.record(session, "recovery-code.used", about=who, by=who, at=now, address=address, left=left)
    key = f"recovery-code.used:{person}:{now.isoformat()}"
    tell_person(session, session.get_one(Person, person), key=key, say=USED, subject=SUBJECT, now=now, left=left)
    return True


def recovery_about(person: int) -> str:
    return f"recovery code of person {person}"
