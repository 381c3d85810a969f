"""Sessions: our own rows decide, on every request. Rights changed a second ago count now."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app import db
from app.agents.model import CLOSING
from app.markets import INSTITUTION, MARKETS
from app.people.model import Person, SignIn
from app.people.permissions import AGENT_ROLES, READING, ROLES
from app.web.actor import Actor

LONGEST = timedelta(hours=12)
IDLE_AGENT, IDLE_STAFF = timedelta(minutes=60), timedelta(minutes=15)
SEEN_EVERY = timedelta(minutes=1)  # how exactly idleness is known; a write for each request would be waste

FIND = """
    SELECT s.id AS session, s.kind, s.seen_at, p.id AS person, p.name, p.role, p.language, a.number AS agent, a.name AS agent_name,
        a.group_name AS agent_group, a.market, a.state AS agent_state
    FROM session s JOIN person p ON p.id = s.person_id LEFT JOIN agent a ON a.number = p.agent
    WHERE s.token_hash = %(hash)s AND s.kind = %(kind)s AND s.ended_at IS NULL AND s.expires_at > %(now)s
      AND p.removed_at IS NULL AND (a.number IS NULL OR a.state <> 'closed')
      AND (s.kind = 'api' OR s.seen_at > CASE WHEN p.agent IS NULL THEN %(staff_seen)s ELSE %(agent_seen)s END)
"""


def begin(session: Session, person: Person, *, kind: str, address: str, now: datetime, lasts: timedelta = LONGEST) -> tuple[str, SignIn]:
    """A new session and its token: 256 random bits that are never stored."""
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_hash=_hash(token), person_id=person.id, kind=kind, address=address, began_at=now, seen_at=now, expires_at=now + lasts
    )
    session.add(row)
    session.flush()
    return token, row


def find_actor(token: str, *, kind: str, now: datetime) -> Actor | None:
    """Who holds this token, or ``None`` when it has ended. One query. The people of a shop that closes only read."""
    row = db.call(FIND, {"hash": _hash(token), "kind": kind, "now": now, "staff_seen": now - IDLE_STAFF, "agent_seen": now - IDLE_AGENT})
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
    )


def end(session: Session, session_id: int, *, now: datetime) -> None:
    session.execute(update(SignIn).where(SignIn.id == session_id, SignIn.ended_at.is_(None)).values(ended_at=now))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
