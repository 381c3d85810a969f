"""Payments that need a person: unknown for long, or contradicted by a later answer."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attention import Attention
from app.collections.model import Case
from app.collections.queries import list_stuck
from app.collections.settle_pending import ALARM_AFTER
from app.errors import N_

CASES = {
    "unknown": N_("Nobody could tell what became of payment {ref}. Two persons decide, with a document."),
    "late-yes": N_("{ref} was given back, and now the biller says it was paid ({word}). Two persons decide."),
    "late-no": N_("{ref} is paid, and now the biller denies it ({word}). Two persons decide."),
}


def attention(session: Session, *, now: datetime) -> Iterator[Attention]:
    for question, _payment in list_stuck(session, asked_before=now - ALARM_AFTER):
        yield Attention(
            kind="payment.unknown",
            ref=question.reference,
            since=question.asked_since,
            say=N_("The outcome of {ref} is unknown for more than half an hour; {biller} last said: {word}."),
            endpoint="cases.stuck",
            facts={"ref": question.reference, "biller": question.biller, "word": question.last_word or "—"},
            arguments={"reference": question.reference},
        )
    for case in session.scalars(select(Case).where(Case.decided_at.is_(None)).order_by(Case.opened_at)):
        yield Attention(
            kind=f"payment.{case.kind}",
            ref=case.payment,
            since=case.opened_at,
            say=CASES[case.kind],
            endpoint="cases.case",
            facts={"ref": case.payment, "word": case.word or "—"},
            arguments={"number": str(case.id)},
        )
