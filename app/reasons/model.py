"""Ready reasons, from a day on and until one."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.errors import N_

# Where a reason is asked, by the act.
PURPOSES = {
    "cancellation-ask": N_("A payment is to be cancelled"),
    "cancellation-deny": N_("A cancellation is denied"),
    "change-deny": N_("A change is denied"),
    "suspend": N_("A shop is suspended"),
    "deposit-assign": N_("A deposit is given to a shop"),
    "deposit-return": N_("A deposit is returned"),
    "deposit-dismiss": N_("A deposit is no top-up"),
    "deposit-refuse": N_("A proposal about a deposit is refused"),
    "statement-release": N_("A statement in quarantine is let in"),
    "case": N_("An outcome is proposed to a second person"),
}


class ReadyReason(Base):
    """
    What was added stands; it can only be ended. What somebody chose is kept as text with the act, and stays as it was.

    :ivar position: the smallest first
    :ivar sentence: of those that come with the program: in English, the catalogues translate it; else empty
    :ivar words: of the institution's own: the sentence by language. Who reads none of these languages is not offered it
    :ivar last_day: is offered on it too; ``None`` until somebody ends it. Days are those of the reader's market
    """

    __tablename__ = "ready_reason"
    __table_args__ = (
        CheckConstraint(f"purpose IN ({', '.join(map(repr, PURPOSES))})", name="ready_reason_purpose_known"),
        CheckConstraint("(sentence = '') = (words <> '{}'::jsonb)", name="ready_reason_ours_or_their_own"),
        CheckConstraint("last_day >= first_day", name="ready_reason_ends_after_it_begins"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ready_reason_ended_by_someone"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    purpose: Mapped[str]
    position: Mapped[int]
    sentence: Mapped[str] = mapped_column(server_default="")
    words: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
