"""How billers are doing, told by our own last calls."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

LOOK_BACK = timedelta(hours=1)

MEDIANS = text("""
    SELECT biller, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - asked_at)) AS seconds
    FROM payment WHERE asked_at > :since AND answered_at IS NOT NULL GROUP BY biller
""")


def median_seconds(session: Session, *, now: datetime) -> dict[str, str]:
    """Median seconds until a biller answered a payment, of the last hour, as decimal strings; billers without payments are absent."""
    rows = session.execute(MEDIANS, {"since": now - LOOK_BACK})
    return {row.biller: f"{row.seconds:.3f}" for row in rows}
