"""Keep a scan, sealed; look at it, which is written down; close its matter (C-08)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from app import audit
from app.documents.clean_scan import CleanScan
from app.documents.model import Scan, ScanView
from app.documents.seal import Sealed, seal, unseal
from app.errors import N_, Invalid, NotFound, Refusal
from app.text import one_line

ENDINGS = {"image/jpeg": "jpg", "application/pdf": "pdf"}


class Destroyed(Refusal):
    say = N_("This scan was destroyed as planned. Its certificate has number {certificate}.")
    status = 404


@dataclass(frozen=True)
class OpenScan:
    """:ivar file_name: for a download; made up like the scan's name"""

    content: bytes
    media_type: str
    file_name: str


def keep_scan(session: Session, clean: CleanScan, *, kind: str, about: str, keys: Sequence[bytes], by: str, now: datetime) -> Scan:
    """
    :param kind: ``form``, ``identity``, or ``intake`` of what nobody has filed yet; decides how long it is kept
    :param about: the thing it belongs to
    :param keys: ``config.scan_keys``; the first one seals
    """
    name = secrets.token_hex(16)
    sealed = seal(clean.content, name=name, keys=keys)
    scan = Scan(
        name=name,
        kind=kind,
        about=about,
        media_type=clean.media_type,
        pages=clean.pages,
        size=len(clean.content),
        sealed=sealed.content,
        wrapped_key=sealed.wrapped_key,
        key_id=sealed.key_id,
        kept_at=now,
        kept_by=by,
    )
    session.add(scan)
    session.flush()
    audit.record(session, "scan.kept", about=about, by=by, at=now, scan=name, kind=kind)
    return scan


def file_scan(session: Session, name: str, *, kind: str, about: str, by: str, now: datetime) -> Scan:
    """What came in before anybody knew whose it is belongs to this thing from now on, and is kept as long as its kind."""
    scan = session.get_one(Scan, name)
    scan.kind, scan.about = kind, about
    session.flush()
    audit.record(session, "scan.filed", about=about, by=by, at=now, scan=name, kind=kind)
    return scan


def read_scan(session: Session, name: str, *, reason: str, keys: Sequence[bytes], by: str, now: datetime) -> OpenScan:
    """
    Who looked, when and why is written in the same transaction: without the record nobody sees anything.

    Who may look is decided by the caller, who knows what the scan is about.

    :raises Invalid: if there is no reason
    :raises NotFound: if there is no such scan
    :raises Destroyed: if it is gone
    :raises app.documents.seal.CannotOpen: if the key is missing or the bytes were changed
    """
    reason = one_line(reason)
    if not reason:
        raise Invalid(reason=N_("Say why you look at this scan; it is written down."))
    scan = session.get(Scan, name, options=[undefer(Scan.sealed), undefer(Scan.wrapped_key)])
    if scan is None:
        raise NotFound
    if scan.sealed is None or scan.wrapped_key is None:
        raise Destroyed(certificate=scan.certificate)
    session.add(ScanView(scan=name, at=now, by=by, reason=reason))
    audit.record(session, "scan.viewed", about=scan.about, by=by, at=now, scan=name, kind=scan.kind, reason=reason)
    content = unseal(Sealed(scan.sealed, scan.wrapped_key, scan.key_id), name=name, keys=keys)
    return OpenScan(content, scan.media_type, f"{scan.kind}-{name[:8]}.{ENDINGS[scan.media_type]}")


def close_scans(session: Session, names: Sequence[str], *, now: datetime) -> None:
    """Their matter has ended: the days until their destruction count from now. A second call changes nothing."""
    session.execute(update(Scan).where(Scan.name.in_(names), Scan.closed_at.is_(None)).values(closed_at=now))


def views_of(session: Session, name: str) -> Sequence[ScanView]:
    """Who saw it, the newest first: all that support and auditors ever see of a scan."""
    return session.scalars(select(ScanView).filter_by(scan=name).order_by(ScanView.id.desc())).all()
