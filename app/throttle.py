"""How often something may happen, counted in the database: every process and host counts together."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from app import db
from app.db import Base
from app.errors import TooMany

HIT = """
    INSERT INTO throttle AS t (key, window_ends_at, hits) VALUES (%(key)s, %(now)s + make_interval(secs => %(seconds)s), 1)
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN t.window_ends_at <= %(now)s THEN 1 ELSE t.hits + 1 END,
        window_ends_at = CASE WHEN t.window_ends_at <= %(now)s THEN excluded.window_ends_at ELSE t.window_ends_at END
    RETURNING hits, CAST(ceil(extract(epoch FROM window_ends_at - %(now)s)) AS integer) AS wait
"""

LOOK = """
    SELECT hits, CAST(ceil(extract(epoch FROM window_ends_at - %(now)s)) AS integer) AS wait
    FROM throttle WHERE key = %(key)s AND window_ends_at > %(now)s
"""


class Throttle(Base):
    """One counter: how often ``key`` happened in the window that ends then."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    window_ends_at: Mapped[datetime]
    hits: Mapped[int]


def hit(key: str, *, most: int, seconds: int, now: datetime) -> None:
    """
    Count one; parallel ones count each.

    :raises TooMany: if ``key`` now happened more than ``most`` times within ``seconds``
    """
    row = db.call(HIT, {"key": key, "seconds": seconds, "now": now})
    if row.hits > most:
        raise TooMany(seconds=max(1, row.wait))


def exhausted(key: str, *, most: int, now: datetime) -> None:
    """
    Look without counting.

    :raises TooMany: if ``key`` already happened ``most`` times
    """
    row = db.call(LOOK, {"key": key, "now": now})
    if row and row.hits >= most:
        raise TooMany(seconds=max(1, row.wait))


def reset(key: str) -> None:
    db.call("DELETE FROM throttle WHERE key = %(key)s RETURNING key", {"key": key})


def forget_ended(now: datetime) -> None:
    """Ended windows count as nothing; this only keeps the table small."""
    with db.transaction() as session:
        session.execute(text("DELETE FROM throttle WHERE window_ends_at < :now"), {"now": now})
