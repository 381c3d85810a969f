"""A copy of what we hold about one person, for that person: a ZIP with a JSON file and the pictures (C27)."""

import json
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy import BigInteger, RowMapping, Text, column, func, select, table, text
from sqlalchemy.orm import Session

from app import audit
from app.documents.forget_data import changes_of, is_of
from app.documents.keep_scan import read_scan
from app.documents.model import Scan
from app.documents.personal_data import ROWS, Rows
from app.documents.privacy_model import COPY, PrivacyRequest
from app.errors import NotFound

TAKEN_WITHIN = timedelta(days=30)
SECRETS = {"password_hash", "body_hash", "token_hash", "token", "receipt_code", "key"}


def personal_copy(session: Session, request: PrivacyRequest, *, keys: Sequence[bytes], by: str, now: datetime) -> bytes:
    """
    Every row that is found by the request's phones and mail addresses, and every scan of its matters, each view recorded.

    :param keys: ``config.scan_keys``
    :raises NotFound: unless a copy was asked for and granted, a month ago at most: nobody looks into the data again and again
    """
    if not may_be_taken(request, now=now):
        raise NotFound
    found = {rows.table: rows_of(session, rows, request.identifiers) for rows in ROWS}
    matters = {*request.matters, *matters_of(session, request.identifiers)}
    scans = session.scalars(select(Scan).where(Scan.about.in_(matters)).order_by(Scan.kept_at)).all()
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        kept = [{"name": scan.name, "kind": scan.kind, "about": scan.about, "kept_at": scan.kept_at} for scan in scans]
        content = json.dumps({"made_at": now, "tables": found, "scans": kept}, default=str, ensure_ascii=False, indent=1)
        archive.writestr("data.json", content)
        for scan in scans:
            if scan.certificate is None:
                seen = read_scan(session, scan.name, reason=f"copy for the person, privacy:{request.id}", keys=keys, by=by, now=now)
                archive.writestr(f"scans/{seen.file_name}", seen.content)
    audit.record(session, "privacy.copied", about=f"privacy:{request.id}", by=by, at=now, rows=sum(map(len, found.values())))
    return packed.getvalue()


def may_be_taken(request: PrivacyRequest, *, now: datetime) -> bool:
    return request.kind == COPY and bool(request.granted) and request.decided_at is not None and now < request.decided_at + TAKEN_WITHIN


def rows_of(session: Session, rows: Rows, identifiers: Sequence[str]) -> list[dict[str, object]]:
    """As they lie in the table, without secrets and files: who takes the copy must not read a code that is on its way to the person."""
    found = session.execute(select(text("*")).select_from(table(rows.table)).where(is_of(rows, identifiers))).mappings()
    return [{name: value for name, value in row.items() if not isinstance(value, bytes) and not is_secret(name, row)} for row in found]


def is_secret(name: str, row: RowMapping) -> bool:
    return name in SECRETS or (name == "body" and row.get("secret_until") is not None)


def matters_of(session: Session, identifiers: Sequence[str]) -> list[str]:
    """Whose scans show the person: own payments, mails with papers, and changes that say whose a login is."""
    mails = select(column("id", BigInteger())).select_from(table("intake")).where(func.lower(column("sender", Text())).in_(identifiers))
    changes = [reference for reference, _ended in changes_of(session, identifiers)]
    return [*payments_of(session, identifiers), *(f"intake:{number}" for number in session.scalars(mails)), *changes]


def payments_of(session: Session, identifiers: Sequence[str]) -> list[str]:
    """References of payments for which the person left a phone: scans about them show the person."""
    question = select(column("reference", Text())).select_from(table("payment")).where(column("customer_phone").in_(identifiers))
    return list(session.scalars(question))
