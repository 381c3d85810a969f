"""
The audit trail proves itself (decision 25): seals, each over some lines and the seal before, and who was tampered with by name.

Writers know nothing of it. ``audit_seal_next`` (migration 0022) takes only lines of transactions that have ended, so
that none is passed over which a slow one still brings.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import CheckConstraint, Index, Row, func, select, text
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import db
from app.audit import TransactionNumber
from app.db import Base

log = structlog.get_logger()

MOST_LINES = 10_000  # in one seal: a tenth of a second, and 320 kB
LINES_AT_ONCE, SEALS_AT_ONCE = 100_000, 1_000  # proven by one statement


class Seal(Base):
    """
    :ivar ids: which lines it is over; :ivar digests: SHA-256 of each, in the order of their numbers
    :ivar floor: every line below it is sealed, for ever
    :ivar seen: the highest line there was; :ivar horizon: once all transactions before it have ended, no line up to ``seen`` can appear
    :ivar digest: SHA-256 over all of this and ``previous``, the digest of the seal before
    """

    __tablename__ = "audit_seal"
    __table_args__ = (
        CheckConstraint("octet_length(digests) = 32 * lines", name="audit_seal_has_a_digest_for_each_line"),
        Index("audit_seal_upper", text("upper(ids)")),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    ids: Mapped[object] = mapped_column(INT8MULTIRANGE)
    lines: Mapped[int]
    digests: Mapped[bytes] = mapped_column(deferred=True)
    floor: Mapped[int]
    seen: Mapped[int]
    horizon: Mapped[str] = mapped_column(TransactionNumber)
    previous: Mapped[bytes]
    digest: Mapped[bytes]


@dataclass(frozen=True)
class Head:
    """
    Where the chain stands. Kept elsewhere, it proves even against whoever can write to the database's files.

    :ivar lines: how many are sealed
    """

    seals: int
    lines: int
    digest: str


class HeadIsGone(Exception):
    """The chain does not hold any more what it is known to have held: never a person's fault, and loud."""


def seal_audit(*, now: datetime, kept: Path | None = None) -> int:
    """
    Everything that can be sealed, a transaction for each seal; the head goes to the log, which is kept on other machines, and to a file.

    :param kept: ``config.audit_head``
    :returns: how many lines
    :raises HeadIsGone: if the chain does not hold what the file says; the file stays as the proof
    """
    sealed = 0
    while True:
        with db.transaction() as session:
            lines = session.execute(text("SELECT audit_seal_next(:now, :most)"), {"now": now, "most": MOST_LINES}).scalar_one()
        if not lines:
            break
        sealed += lines
    if sealed:
        with db.reading() as session:
            head = head_of(session)
        log.info("audit.sealed", lines=sealed, seals=head.seals, digest=head.digest)
        if kept:
            keep_head(kept, head)
    return sealed


def keep_head(kept: Path, head: Head) -> None:
    """Where whoever owns the database does not write: from then on the chain up to there can neither be cut off nor made anew."""
    with db.reading() as session:
        wrong = list(wrong_head(session, read_head(kept)))
    if wrong:
        raise HeadIsGone("; ".join(wrong))
    new = kept.with_name(f"{kept.name}.new")
    with new.open("w") as file:
        file.write(json.dumps(asdict(head)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(kept)


def read_head(kept: Path | None) -> Head | None:
    """``None`` if none was kept yet."""
    return Head(**json.loads(kept.read_text())) if kept and kept.exists() else None


def wrong_head(session: Session, known: Head | None) -> Iterator[str]:
    """:param known: from the file, from the log, or from :func:`head_of` on an earlier day"""
    if known is None:
        return
    found = select(func.encode(Seal.digest, "hex")).where(Seal.number == known.seals)
    digest = session.scalars(found).one_or_none()
    if digest is None:
        yield f"seal {known.seals} of the audit trail is gone; its digest {known.digest} is known outside of the database"
    elif digest != known.digest:
        yield f"seal {known.seals} of the audit trail is not the one that is known outside of the database as {known.digest}"


def head_of(session: Session) -> Head:
    row = session.execute(text("SELECT number, encode(digest, 'hex') AS digest FROM audit_seal ORDER BY number DESC LIMIT 1")).first()
    lines = session.execute(text("SELECT coalesce(sum(lines), 0) FROM audit_seal")).scalar_one()
    return Head(row.number if row else 0, int(lines), row.digest if row else "")


# The functions of the database say the same; they are not asked, for whoever alters lines could alter those.
LINE_DIGEST = """sha256(convert_to(
    jsonb_build_array(l.id, extract(epoch FROM l.at)::text, l.by, l.address, l.event, l.about, l.facts, l.xact::text)::text, 'UTF8'))"""
SEAL_DIGEST = """sha256(s.previous || sha256(s.digests) || convert_to(
    jsonb_build_array(s.number, extract(epoch FROM s.at)::text, s.ids::text, s.lines, s.floor, s.seen, s.horizon::text)::text, 'UTF8'))"""

SEALS = text("SELECT number, lines, previous, digest FROM audit_seal WHERE number > :after ORDER BY number LIMIT :most")

TAMPERED_SEALS = text(f"""
    SELECT s.number FROM audit_seal s
    WHERE s.number BETWEEN :first AND :last AND s.digest <> {SEAL_DIGEST}
    ORDER BY s.number
""")  # noqa: S608 — nothing of it comes from outside

WRONG_SEALS = text(f"""
    SELECT s.number FROM audit_seal s
    WHERE s.number BETWEEN :first AND :last AND s.digests <> (
        SELECT coalesce(string_agg({LINE_DIGEST}, '' ORDER BY l.id), '') FROM audit_line l
        WHERE l.id >= lower(s.ids) AND l.id < upper(s.ids) AND s.ids @> l.id
    )
    ORDER BY s.number
""")  # noqa: S608 — nothing of it comes from outside

WRONG_LINES = text(f"""
    WITH sealed AS (
        SELECT e.id, substr(s.digests, (32 * e.place - 31)::int, 32) AS digest
        FROM audit_seal s, LATERAL (
            SELECT i.id, row_number() OVER (ORDER BY i.id) AS place
            FROM unnest(s.ids) r, LATERAL generate_series(lower(r), upper(r) - 1) i(id)
        ) e
        WHERE s.number = :seal
    )
    SELECT sealed.id, l.event, l.about, l.by FROM sealed LEFT JOIN audit_line l ON l.id = sealed.id
    WHERE l.id IS NULL OR sealed.digest <> {LINE_DIGEST}
    ORDER BY sealed.id
""")  # noqa: S608 — nothing of it comes from outside

FORGED_LINES = text("""
    SELECT l.id, l.event, l.about, l.by
    FROM unnest(int8multirange(int8range(NULL, (SELECT max(floor) FROM audit_seal)))
                - coalesce((SELECT range_agg(ids) FROM audit_seal), '{}')) gap
    JOIN audit_line l ON l.id >= coalesce(lower(gap), -9223372036854775808) AND l.id < upper(gap)
    WHERE EXISTS (SELECT FROM audit_seal)
    ORDER BY l.id
""")

GUARDS = {
    "audit_line_is_for_ever": "the trigger that forbids changing audit lines is missing or switched off",
    "audit_seal_is_for_ever": "the trigger that forbids changing the audit trail's seals is missing or switched off",
    "audit_line_transaction_first": "the trigger that numbers an audit line's transaction is missing or switched off",
}
SWITCHED_ON = text("SELECT tgname FROM pg_trigger WHERE tgname = ANY (:names) AND tgenabled = 'A'")

MAY_CHANGE = text("""
    SELECT t || ': ' || p FROM unnest(ARRAY['audit_line', 'audit_seal']) t, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) p
    WHERE has_table_privilege('gise_app', t, p)
    UNION ALL SELECT 'audit_seal: INSERT' WHERE has_table_privilege('gise_app', 'audit_seal', 'INSERT')
""")


def verify(session: Session, *, known: Head | None = None) -> Iterator[str]:
    """
    In a :func:`app.db.snapshot`. One sentence for each wrong line or seal, naming it; none when the trail is right. However long the
    trail is, each statement takes a second or so, and little memory.

    What was not sealed yet (a minute's lines) is not proven.

    :param known: where the chain stood, as it is known outside of the database: without it seals that were cut off the end are not missed
    """
    yield from guards(session)
    yield from wrong_head(session, known)
    before = (0, b"")
    while seals := session.execute(SEALS, {"after": before[0], "most": SEALS_AT_ONCE}).all():
        yield from links(before, seals)
        for first, last in pieces(seals):
            between = {"first": first, "last": last}
            for seal in session.scalars(TAMPERED_SEALS, between):
                yield f"seal {seal} of the audit trail was altered"
            for seal in session.scalars(WRONG_SEALS, between).all():
                yield from wrong_lines(session, seal)
        before = seals[-1].number, seals[-1].digest
    for line in session.execute(FORGED_LINES):
        yield f"audit line {line.id} ({told(line)}) was added among lines that were sealed without it"


def guards(session: Session) -> Iterator[str]:
    on = set(session.scalars(SWITCHED_ON, {"names": list(GUARDS)}))
    yield from (sentence for name, sentence in GUARDS.items() if name not in on)
    for right in session.scalars(MAY_CHANGE):
        yield f"the product's role may change the audit trail ({right})"


def links(before: tuple[int, bytes], seals: Sequence[Row[Any]]) -> Iterator[str]:
    """:param before: number and digest of the seal before these"""
    before_number, before_digest = before
    for seal in seals:
        if seal.number != before_number + 1:
            yield f"seal {before_number + 1} of the audit trail is gone"
        elif seal.previous != before_digest:
            yield f"seal {seal.number} of the audit trail does not follow seal {before_number} as it is now"
        before_number, before_digest = seal.number, seal.digest


def pieces(seals: Sequence[Row[Any]]) -> Iterator[tuple[int, int]]:
    """Numbers of the first and the last seal of what one statement proves in a second or so."""
    first, lines = None, 0
    for seal in seals:
        if first is not None and lines + seal.lines > LINES_AT_ONCE:
            yield first, seal.number - 1
            first, lines = None, 0
        first, lines = seal.number if first is None else first, lines + seal.lines
    if first is not None:
        yield first, seals[-1].number


def wrong_lines(session: Session, seal: int) -> Iterator[str]:
    for line in session.execute(WRONG_LINES, {"seal": seal}):
        if line.event is None:
            yield f"audit line {line.id} is gone; seal {seal} was over it"
        else:
            yield f"audit line {line.id} ({told(line)}) is not as it was when seal {seal} was made"


def told(line: Row[Any]) -> str:
    return f"{line.event} about {line.about} by {line.by}"
