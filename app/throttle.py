"""How often something may happen, counted in the database: every process and host counts together."""

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import DateTime, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, mapped_column

from app import db
from app.db import Base
from app.errors import TooMany, TooManyForNow

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
    """
    One counter: how often ``key`` happened in the window that ends then.

    :ivar moments: of what :func:`take` allowed, as long as they count
    """

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(primary_key=True)
    window_ends_at: Mapped[datetime]
    hits: Mapped[int]
    moments: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)), server_default="{}")


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


def take(key: str, *, limits: Sequence[tuple[int, int]], now: datetime) -> None:
    """
    One more, if it keeps every limit; what is refused does not count. Parallel ones come one after the other.

    :param limits: ``(10, 86400)`` is at most ten in *any* 24 hours: no window begins anywhere, so that two never add up
    :raises TooMany: saying when the next one is possible
    """
    longest = max(seconds for _most, seconds in limits)
    with db.transaction() as session:
        session.execute(insert(Throttle).values(key=key, window_ends_at=now, hits=0).on_conflict_do_nothing())
        counter = session.execute(select(Throttle).filter_by(key=key).with_for_update()).scalar_one()
        counted = sorted((moment for moment in counter.moments if moment > now - timedelta(seconds=longest)), reverse=True)
        if wait := max(seconds_until(counted, most, seconds, now) for most, seconds in limits):
            raise TooManyForNow(seconds=wait)
        counter.moments, counter.window_ends_at = [now, *counted], now + timedelta(seconds=longest)


def seconds_until(counted: Sequence[datetime], most: int, seconds: int, now: datetime) -> int:
    """:param counted: the newest first; :returns: 0 if one more is allowed now"""
    if len(counted) < most:
        return 0
    left = counted[most - 1] + timedelta(seconds=seconds) - now
    return max(0, -(-left // timedelta(seconds=1)))


GIVE_BACK = """
    UPDATE throttle SET moments = moments[:array_position(moments, %(at)s) - 1] || moments[array_position(moments, %(at)s) + 1:]
    WHERE key = %(key)s AND %(at)s = ANY (moments) RETURNING key
"""


def give_back(key: str, *, at: datetime) -> None:
    """What was taken at that moment turned out to be right, and only wrong ones count."""
    db.call(GIVE_BACK, {"key": key, "at": at})


def origin(address: str) -> str:
    """Whom an address stands for when it is counted: who has one IPv6 address has the other 2⁶⁴ of its network, too."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def reset(key: str) -> None:
    db.call("DELETE FROM throttle WHERE key = %(key)s RETURNING key", {"key": key})


def forget_ended(now: datetime) -> None:
    """Ended windows count as nothing; this only keeps the table small."""
    with db.transaction() as session:
        session.execute(text("DELETE FROM throttle WHERE window_ends_at < :now"), {"now": now})
