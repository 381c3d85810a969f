"""Who may see the scans of a request: who uploaded them and who decides, each time with a reason (C-08)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from app.cancellations.queries import find_cancellation
from app.documents.keep_scan import OpenScan, read_scan
from app.errors import NotFound


def see_scan(
    session: Session,
    number: int,
    which: Literal["form", "identity"],
    *,
    agent: str | None,
    may_decide: bool,
    reason: str,
    keys: Sequence[bytes],
    by: str,
    now: datetime,
) -> OpenScan:
    """
    :param agent: whose cancellations the asker may see; ``None`` for the institution
    :param may_decide: whether the asker is one of those who decide
    :raises NotFound: if there is no such cancellation, or it is none of the asker's business
    :raises Invalid: if there is no reason
    :raises app.documents.keep_scan.Destroyed: if the scan is gone, with its certificate
    """
    cancellation = find_cancellation(session, number, agent=agent)
    if not may_decide and cancellation.asked_by != by:
        raise NotFound
    name = cancellation.form if which == "form" else cancellation.identity
    return read_scan(session, name, reason=reason, keys=keys, by=by, now=now)
