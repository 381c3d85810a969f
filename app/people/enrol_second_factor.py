"""Set up a second factor: a secret for the authenticator, a first right code, ten recovery codes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import audit, db, throttle
from app.documents.seal import Sealed, rewrap, seal
from app.errors import N_, Refusal
from app.people import sessions
from app.people.codes import Keys, as_typed, hash_code, new_recovery_code
from app.people.model import Person, SignIn
from app.people.prove_second_factor import FROM_ANYWHERE, WrongSecondFactor, matching_step, recovery_about, seal_name, secret_of
from app.people.sign_in import SignInAgain
from app.people.sign_in_model import RecoveryCode, SecondFactor
from app.people.tell import tell_person

RECOVERY_CODES = 10
RECENTLY = timedelta(minutes=15)
ISSUER = "Gişe"
ENROLLED = N_("A second factor was set up for your Gişe login. If it was not you, call support at once.")
SUBJECT = N_("Your second factor was set up")


class EnrolledAlready(Refusal):
    say = N_("You have a second factor already. If your device is lost, two colleagues can reset it.")


@dataclass(frozen=True, repr=False)
class Enrolment:
    """:ivar secret: to type by hand; :ivar address: the same as ``otpauth://``, for the QR code"""

    secret: str
    address: str


def begin_enrolment(session: Session, person: int, *, keys: Keys, now: datetime) -> Enrolment:
    """
    A new secret. One that was begun and not confirmed is replaced.

    :raises EnrolledAlready: …
    """
    factor = session.get(SecondFactor, person, with_for_update=True)
    if factor is not None and factor.confirmed_at is not None:
        raise EnrolledAlready
    sealed = seal(pyotp.random_base32().encode(), name=seal_name(person), keys=keys.seals)
    made = session.merge(
        SecondFactor(
            person_id=person, sealed=sealed.content, wrapped_key=sealed.wrapped_key, key_id=sealed.key_id, begun_at=now, last_step=0
        )
    )
    session.flush()
    return shown(session, made, keys)


def enrolment_of(session: Session, person: int, *, keys: Keys) -> Enrolment | None:
    """What is begun and not confirmed: the page that shows it may be opened again."""
    factor = session.get(SecondFactor, person)
    return shown(session, factor, keys) if factor is not None and factor.confirmed_at is None else None


def shown(session: Session, factor: SecondFactor, keys: Keys) -> Enrolment:
    secret, phone = secret_of(factor, keys), session.get_one(Person, factor.person_id).phone
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=phone, issuer_name=ISSUER))


def confirm_enrolment(person: int, code: str, *, sign_in: int, keys: Keys, address: str, now: datetime) -> list[str]:
    """
    A journey: the authenticator shows the right code, and so it is set up. Other sessions of the person end: they were
    begun without it.

    :returns: ten recovery codes, which nobody can read again
    :raises WrongSecondFactor: …
    :raises EnrolledAlready: …
    :raises SignInAgain: if this session is older than a quarter of an hour: who found it open knows no password, and must not
        shut its person out
    :raises TooMany: …
    """
    counter = f"second-factor:{person}"
    throttle.take(counter, limits=FROM_ANYWHERE, now=now)
    with db.transaction() as session:
        factor = session.get(SecondFactor, person, with_for_update=True)
        if factor is not None and factor.confirmed_at is not None:
            raise EnrolledAlready
        here = session.get_one(SignIn, sign_in)
        if now - here.began_at > RECENTLY:
            raise SignInAgain
        step = matching_step(factor, as_typed(code), keys=keys, now=now) if factor is not None else None
        if factor is None or step is None:
            raise WrongSecondFactor
        factor.confirmed_at, factor.last_step = now, step
        codes = new_recovery_codes(session, person, keys=keys, now=now)
        here.confirmed_at = now
        sessions.end_all(session, person, now=now, but=sign_in)
        who = f"person:{person}"
        audit.record(session, "second-factor.enrolled", about=who, by=who, at=now, address=address)
        key = f"second-factor.enrolled:{person}:{now.isoformat()}"
        tell_person(session, session.get_one(Person, person), key=key, say=ENROLLED, subject=SUBJECT, now=now)
    throttle.give_back(counter, at=now)
    return codes


def new_recovery_codes(session: Session, person: int, *, keys: Keys, now: datetime) -> list[str]:
    """The old ones are gone."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person))
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    about = recovery_about(person)
    session.add_all(RecoveryCode(person_id=person, code_hash=hash_code(keys.codes, code, about=about), made_at=now) for code in codes)
    return codes


def rewrap_second_factors(keys: Keys) -> int:
    """
    After a new key came first in ``GISE_SCAN_KEY``, beside :func:`app.documents.rewrap_scans.rewrap_scans`.

    :returns: how many secrets were wrapped anew
    """
    with db.transaction() as session:
        factors = session.scalars(select(SecondFactor).with_for_update()).all()
        for factor in factors:
            old = Sealed(factor.sealed, factor.wrapped_key, factor.key_id)
            new = rewrap(old, name=seal_name(factor.person_id), keys=keys.seals)
            factor.wrapped_key, factor.key_id = new.wrapped_key, new.key_id
        return len(factors)
