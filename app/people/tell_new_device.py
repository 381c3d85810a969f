"""A browser that was never seen before came in: its person hears of it at once."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import N_
from app.people.devices import Visit, in_words
from app.people.model import Person
from app.people.sign_in_model import Device
from app.people.tell import tell_person

MOST_A_DAY = 10  # who signs in from ever new browsers costs no more; the page of sessions shows every one of them
SAY = N_("New sign-in to Gişe on {at} from {address} ({browser}). If it was not you, set a new password at once and call support.")
SUBJECT = N_("New sign-in to Gişe")


def tell_new_device(session: Session, person: Person, visit: Visit, *, session_id: int, now: datetime) -> None:
    """By SMS, or by mail to who prefers it."""
    today = select(func.count()).where(Device.person_id == person.id, Device.first_seen_at > now - timedelta(days=1))
    if session.execute(today).scalar_one() > MOST_A_DAY:
        return
    facts = {"address": visit.address or "?", "browser": in_words(visit.user_agent) or "?"}
    key = f"session.new-device:{session_id}"
    tell_person(session, person, key=key, say=SAY, subject=SUBJECT, now=now, only=person.device_notice, at=now, **facts)
