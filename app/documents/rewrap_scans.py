"""A new key comes first in ``GISE_SCAN_KEY``: wrap every scan's own key with it, so that the old one can be taken away."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import undefer

from app import db
from app.documents.model import Scan
from app.documents.seal import Sealed, key_id, rewrap

AT_ONCE = 200


def rewrap_scans(keys: Sequence[bytes]) -> int:
    """
    In small transactions; may be stopped and started again. Scans that somebody else holds come last, and are waited for: once this
    ends, the old key opens nothing that is needed.

    :returns: how many scans were wrapped anew
    :raises app.documents.seal.CannotOpen: if a scan is sealed with a key that is missing; nothing is lost
    :raises app.errors.TryAgain: if somebody holds one for too long
    """
    done = 0
    for pass_by in (True, False):
        while some := rewrap_some(keys, pass_by=pass_by):
            done += some
    return done


def rewrap_some(keys: Sequence[bytes], *, pass_by: bool) -> int:
    with db.transaction() as session:
        others = (
            select(Scan)
            .where(Scan.key_id != key_id(keys[0]), Scan.certificate.is_(None))
            .options(undefer(Scan.wrapped_key))
            .limit(AT_ONCE)
            .with_for_update(skip_locked=pass_by)
        )
        scans = session.scalars(others).all()
        for scan in scans:
            assert scan.wrapped_key is not None
            wrapped = rewrap(Sealed(b"", scan.wrapped_key, scan.key_id), name=scan.name, keys=keys)
            scan.wrapped_key, scan.key_id = wrapped.wrapped_key, wrapped.key_id
        return len(scans)
