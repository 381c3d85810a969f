"""Judge every past deposit by today's rules and phones, and say what would differ. Nothing is changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.bank.desk_limit import desk_limits
from app.bank.desk_model import DepositProposal
from app.bank.judge import Verdict, judge
from app.bank.knowledge import knowledge_about
from app.bank.model import Deposit, DepositState
from app.bank.waiting import AT_ONCE, Waiting, deposits_to_judge, waiting_of
from app.ledger.chart import kind
from app.ledger.model import Posting

# What the first posting of a deposit tells about how it was judged, whatever people decided since.
JUDGED = ("deposit.credited", "deposit.suspended", "biller.refunded", "bank.own-transfer")


@dataclass(frozen=True)
class Difference:
    """:ivar then: and ``now``: what became of it by itself, such as ``credited to 1000001042``; ``why`` in today's words"""

    deposit: str
    then: str
    now: str
    why: str


def replay_rules(*, now: datetime) -> Iterator[Difference]:
    """In the order they came, some hundreds at a time, with no lock held in between."""
    last = 0
    while True:
        with db.reading() as session:
            rows = past_deposits(session, after=last, now=now)
            then = judged_then(session, rows)
            known = knowledge_about(session, rows, now=now)
        for each in rows:
            verdict = judge(each.case(), known, today=date.max)  # by now every value date has come
            if then[each.reference] != (today := in_words(verdict)):
                why = " ".join(str(remark) for remark in verdict.trace)
                yield Difference(each.reference, then[each.reference], today, why)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].id


def past_deposits(session: Session, *, after: int, now: datetime) -> list[Waiting]:
    """Judged ones. Who brought them counts for nothing here: a match that was held was a match."""
    judged = (Deposit.id > after, Deposit.state.not_in((DepositState.SEEN, DepositState.COMING)))
    limits = desk_limits(session, now=now)
    question = deposits_to_judge().where(*judged).limit(AT_ONCE)
    return [waiting_of(row, brought_by="", limit=limits[row.market]) for row in session.execute(question)]


def judged_then(session: Session, rows: Sequence[Waiting]) -> dict[str, str]:
    references = [each.reference for each in rows]
    postings = session.execute(
        select(Posting.about, Posting.target).where(Posting.about.in_(references), Posting.event.in_(JUDGED)).order_by(Posting.id)
    )
    found = dict.fromkeys(references, "only noted")
    found |= {about: in_place(target) for about, target in postings}
    held = select(DepositProposal.deposit, DepositProposal.agent).where(
        DepositProposal.deposit.in_(references), DepositProposal.kind == "credit"
    )
    return found | {deposit: f"credited to {agent}" for deposit, agent in session.execute(held)}


def in_place(target: str) -> str:
    whose = target.partition(":")[2]
    match kind(target):
        case "agent":
            return f"credited to {whose}"
        case "suspense":
            return "in suspense"
        case "biller":
            return f"a refund of {whose}"
        case _:
            return f"our own transfer from {whose}"


def in_words(verdict: Verdict) -> str:
    return in_place(verdict.moves[0].target) if verdict.moves else "only noted"
