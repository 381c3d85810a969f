"""
The secret by which a bank signs what it pushes. It is kept nowhere: made from the product's own key, the account and the
number of the account's key, so that a copy of the database signs nothing.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.bank.model import BankAccount
from app.config import Config
from app.errors import N_, NotFound, Refusal

WINDOW = timedelta(minutes=5)


class NotSigned(Refusal):
    say = N_("The signature of this event is wrong. Nothing was read.")
    status = 401


class TooOld(Refusal):
    say = N_("The time of this event is more than five minutes from ours. Nothing was read.")
    status = 401
    known_as = "not-signed"


def new_secret(session: Session, iban: str, *, config: Config, by: str, now: datetime) -> str:
    """
    The one before is worth nothing from now on.

    :returns: what the bank is told, once
    :raises NotFound: if the account is not ours, or closed
    """
    account = session.scalars(select(BankAccount).filter_by(iban=iban, closed_at=None).with_for_update()).one_or_none()
    if account is None:
        raise NotFound
    account.push_key += 1
    audit.record(session, "bank-account.secret-made", about=iban, by=by, at=now, number=account.push_key)
    session.flush()
    return secret_of(iban, account.push_key, config=config)


def secret_of(iban: str, number: int, *, config: Config) -> str:
    return hmac.digest(config.secret_key.encode(), f"bank push {iban} {number}".encode(), "sha256").hex()


def signature(secret: str, *, timestamp: str, body: bytes) -> str:
    """What stands in ``Gise-Signature``."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def check_signature(secret: str, *, timestamp: str, body: bytes, given: str, now: datetime) -> None:
    """
    :param timestamp: Unix seconds, as sent
    :raises NotSigned: …
    :raises TooOld: if it was signed more than five minutes ago, or ahead (B28)
    """
    if not hmac.compare_digest(signature(secret, timestamp=timestamp, body=body).encode(), given.encode()):
        raise NotSigned
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise TooOld
    if abs(int(now.timestamp()) - int(timestamp)) > WINDOW.total_seconds():
        raise TooOld
