"""Sessions: our own rows decide, on every request. Rights changed a second ago count now."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app import db
from app.agents.model import CLOSING
from app.markets import INSTITUTION, MARKETS
from app.people.codes import hash_token
from app.people.model import Person, SignIn
from app.people.permissions import AGENT_ROLES, READING, ROLES
from app.web.actor import Actor

LONGEST = timedelta(hours=12)
IDLE_AGENT, IDLE_STAFF = timedelta(minutes=60), timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)  # how exactly idleness is known; a write for each request would be waste

FIND = """
    SELECT s.id AS session, s.kind, s.seen_at, f.person_id IS NOT NULL AS has_second_factor, p.id AS person, p.name,
        p.role, p.language, a.number AS agent, a.name AS agent_name, a.group_name AS agent_group, a.market, a.state AS agent_state
    FROM session s JOIN person p ON p.id = s.person_id LEFT JOIN agent a ON a.number = p.agent
        LEFT JOIN second_factor f ON f.person_id = p.id AND f.confirmed_at IS NOT NULL
    WHERE s.token_hash = %(hash)s AND s.kind = %(kind)s AND s.ended_at IS NULL AND s.expires_at > %(now)s
      AND p.removed_at IS NULL AND p.role = coalesce(s.role, p.role) AND (a.number IS NULL OR a.state <> 'closed')
      AND (s.kind = 'api' OR s.seen_at > CASE WHEN p.agent IS NULL THEN %(staff_seen)s ELSE %(agent_seen)s END)
"""


def begin(
    session: Session,
    person: Person,
    *,
    kind: str,
    address: str,
    now: datetime,
    lasts: timedelta = LONGEST,
    user_agent: str = "",
    device: int | None = None,
    confirmed_at: datetime | None = None,
) -> tuple[str, SignIn]:
    """
    A new session and its token: 256 random bits that are never stored.

    :param confirmed_at: when the second factor was shown, if it was
    """
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_hash=hash_token(token), person_id=person.id, kind=kind, address=address, began_at=now, seen_at=now, expires_at=now + lasts,
        user_agent=user_agent, device_id=device, confirmed_at=confirmed_at, role=person.role,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return token, row


def find_actor(token: str, *, kind: str, now: datetime, staff_enrols: bool = False) -> Actor | None:
    """
    Who holds this token, or ``None`` when it has ended. One query. The people of a shop that closes only read.

    :param staff_enrols: the institution's own people without a second factor may do nothing but set one up
    """
    row = db.call(
        FIND, {"hash": hash_token(token), "kind": kind, "now": now, "staff_seen": now - IDLE_STAFF, "agent_seen": now - IDLE_AGENT}
    )
    if row is None:
        return None
    if now - row.seen_at > SEEN_EVERY:
        db.call(
            "UPDATE session SET seen_at = %(now)s WHERE id = %(id)s AND seen_at < %(now)s RETURNING id", {"id": row.session, "now": now}
        )
    return Actor(
        person=row.person,
        name=row.name,
        role=row.role,
        permissions=ROLES[row.role] & READING if row.agent_state == CLOSING else ROLES[row.role],
        agent=row.agent,
        agent_name=row.agent_name or "",
        agent_group=row.agent_group or "",
        market=MARKETS[row.market] if row.role in AGENT_ROLES else INSTITUTION,
        language=row.language,
        session=row.session,
        may_only_enrol=staff_enrols and row.agent is None and not row.has_second_factor,
    )


def end(session: Session, session_id: int, *, now: datetime) -> None:
    session.execute(update(SignIn).where(SignIn.id == session_id, SignIn.ended_at.is_(None)).values(ended_at=now))


def end_all(session: Session, person: int, *, now: datetime, but: int | None = None) -> list[int]:
    """
    Browsers and tokens alike.

    :param but: this one goes on
    :returns: those that have ended now
    """
    theirs = update(SignIn).where(SignIn.person_id == person, SignIn.ended_at.is_(None), SignIn.id != (but or 0))
    return list(session.scalars(theirs.values(ended_at=now).returning(SignIn.id)))


def end_browsers(session: Session, person: int, *, now: datetime) -> None:
    """Programs with a token go on."""
    theirs = update(SignIn).where(SignIn.person_id == person, SignIn.ended_at.is_(None), SignIn.kind != "api")
    session.execute(theirs.values(ended_at=now))
