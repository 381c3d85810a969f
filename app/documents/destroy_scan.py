"""Destroy scans whose time has come, each with a certificate (C-08)."""

import hashlib
from datetime import datetime

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session, undefer

from app import audit, db
from app.documents.model import Certificate, Retention, Scan, ScanView

BY = "job:destroy-scans"
AT_ONCE = 100


def destroy_scans(now: datetime) -> int:
    """
    A job: everything that has been closed for the days of its kind. A shorter rule counts for older scans too.

    :returns: how many were destroyed
    """
    done = 0
    while some := destroy_some(now):
        done += some
    return done


def destroy_some(now: datetime) -> int:
    with db.transaction() as session:
        due = (
            select(Scan, Retention.days)
            .join(Retention, Retention.kind == Scan.kind)
            .where(
                Scan.certificate.is_(None),
                Scan.closed_at + func.make_interval(0, 0, 0, cast(Retention.days, Integer)) <= now,
            )
            .order_by(Scan.closed_at)
            .limit(AT_ONCE)
            .options(undefer(Scan.sealed))
            .with_for_update(of=Scan, skip_locked=True)
        )
        rows = session.execute(due).all()
        for scan, days in rows:
            destroy(session, scan, days=days, by=BY, now=now)
        return len(rows)


def destroy(session: Session, scan: Scan, *, days: int, by: str, now: datetime) -> None:
    """
    The scan's own key goes with its picture: what is left of the one on a disk is useless without the other. A backup made before
    holds both until it expires.

    :param days: by which rule; 0 when the person asked for it, once the matter is closed
    """
    assert scan.sealed is not None and scan.closed_at is not None
    certificate = Certificate(
        scan=scan.name,
        kind=scan.kind,
        about=scan.about,
        kept_at=scan.kept_at,
        kept_by=scan.kept_by,
        closed_at=scan.closed_at,
        days=days,
        views=session.execute(select(func.count()).select_from(ScanView).filter_by(scan=scan.name)).scalar_one(),
        digest=hashlib.sha256(scan.sealed).digest(),
        destroyed_at=now,
        destroyed_by=by,
    )
    session.add(certificate)
    session.flush()
    scan.sealed, scan.wrapped_key, scan.certificate = None, None, certificate.id
    session.flush()
    audit.record(session, "scan.destroyed", about=scan.about, by=by, at=now, scan=scan.name, kind=scan.kind, certificate=certificate.id)
