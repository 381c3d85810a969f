"""
A password is forgotten: ask for a one-time code to the registered phone.

Nobody learns whether a number is registered: what is done here does not depend on it, for nobody looks. A row is kept
either way, and the job of :mod:`app.people.send_password_codes` finds out later whose number it is.
"""

import secrets
from datetime import datetime, timedelta

from app import db, throttle
from app.people.codes import hash_token
from app.people.sign_in import readings
from app.people.sign_in_model import PasswordCode

VALID = timedelta(minutes=5)
PER_NUMBER = ((1, 60), (5, 3600), (10, 86400))
PER_ADDRESS = ((20, 3600),)


def ask_password_code(phone: str, *, address: str, now: datetime) -> str:
    """
    A journey with transactions of its own: what was asked for counts, whatever becomes of it.

    :param phone: as typed, in the form of any market
    :returns: the token of the browser that asked: 256 random bits, without which the code is worth nothing
    :raises TooMany: after one in a minute, five in an hour or ten in a day for one number, or twenty in an hour from one address
    """
    numbers = readings(phone)
    throttle.take(f"password-code-from:{throttle.origin(address)}", limits=PER_ADDRESS, now=now)
    for number in numbers:
        throttle.take(f"password-code:{number}", limits=PER_NUMBER, now=now)
    token = secrets.token_urlsafe(32)
    with db.transaction() as session:
        session.add(PasswordCode(browser_hash=hash_token(token), numbers=numbers, address=address, asked_at=now, expires_at=now + VALID))
    return token
