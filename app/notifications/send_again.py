"""A person has mended what hindered a message that was given up: it is sent as if it were new."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.errors import N_, NotFound, Refusal
from app.notifications.model import Message


class Emptied(Refusal):
    say = N_("Message {message} held a code that is worth nothing any more, and was emptied. Whoever needs one asks for a new one.")


def send_again(session: Session, number: int, *, by: str, now: datetime) -> None:
    """
    With the same key: a gateway that had taken it after all takes it once.

    :raises NotFound: if there is no such message, it is on its way, or somebody has looked at it
    :raises Emptied: if its text was a secret
    """
    message = session.get(Message, number, with_for_update=True)
    if message is None or message.given_up_at is None or message.seen_at is not None:
        raise NotFound
    if message.secret_until is not None:
        raise Emptied(message=number)
    message.given_up_at, message.next_try_at, message.tries = None, now, 0
    audit.record(session, "message.sent-again", about=f"message:{number}", by=by, at=now, channel=message.channel)
