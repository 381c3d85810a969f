"""Credit what came in: each new deposit is judged and posted, once. The matching itself is in ``reference.py``."""

import json
from collections.abc import Sequence
from datetime import datetime, time
from functools import lru_cache

import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import db
from app.bank.confirm_credit import confirm_credit, end_proposals, hold, shown_by_the_bank
from app.bank.decision import Two
from app.bank.judge import Knowledge, Verdict, judge
from app.bank.knowledge import knowledge_about
from app.bank.model import Deposit, DepositState
from app.bank.payouts.sent_back import name_sent_back
from app.bank.propose_decision import open_proposal
from app.bank.references import about
from app.bank.take_back_deposit import take_back_deposits
from app.bank.tell_credited import Credited, tell_credited
from app.bank.unshown import credited_unshown
from app.bank.waiting import Part, Purse, Waiting, deposits_to_judge, take_waiting, today_in, waiting_parts, with_what_brought_them
from app.db import Many
from app.ledger.book import Entry, post_many
from app.markets import MARKETS
from app.money import Money
from app.remarks import Remark

log = structlog.get_logger()

BY = "job:credit-deposits"

WRITE_DOWN = text("""
    UPDATE deposit d
    SET state = v.state, trace = CAST(v.trace AS jsonb), agent = v.agent, person_id = v.person, biller = v.biller,
        own_iban = v.own_iban, suggested = v.suggested,
        matched_at = coalesce(d.matched_at, CASE WHEN v.matched THEN CAST(:now AS timestamptz) END),
        credited_at = CASE WHEN v.state = 'credited' THEN :now ELSE d.credited_at END,
        turns = CASE WHEN v.state = 'credited' THEN 1 ELSE d.turns END
    FROM unnest(
        CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:traces AS text[]), CAST(:agents AS text[]), CAST(:persons AS bigint[]),
        CAST(:billers AS text[]), CAST(:own_ibans AS text[]), CAST(:suggested AS text[]), CAST(:matched AS boolean[])
    ) AS v (id, state, trace, agent, person, biller, own_iban, suggested, matched)
    WHERE d.id = v.id AND d.id BETWEEN :first AND :last
""")


def credit_deposits(*, now: datetime) -> int:
    """
    A journey with transactions of its own, one for each batch: whoever dies on the way, the next run goes on.
    Then what was held until the bank showed it is credited, and what the bank took back is taken back (E14, E15).

    :returns: how many deposits were judged
    """
    judged, full = 0, set[Purse]()
    while done := sum(credit_batch(part, full, now=now) for part in waiting_parts()):
        judged += done
    for reference in shown_by_the_bank():
        with db.transaction() as session:
            credit_shown(session, reference, now=now)
    take_back_deposits(now=now)
    return judged


def credit_batch(part: Part, full: set[Purse], *, now: datetime) -> int:
    """:param full: who needs a second person for whatever they brought, from one batch of the journey to the next"""
    with db.transaction() as session:
        waiting = take_waiting(session, part, now=now)
        if not waiting:
            return 0
        now = max(now, *(each.seen_at for each in waiting))  # an import that began after this run may have brought them
        known = knowledge_about(session, waiting, now=now)
        verdicts = judge_in_turn(waiting, known, credited_before(session, waiting, full, now=now), full, now=now)
        write_down(session, waiting, verdicts, now=now)
        judged = list(zip(waiting, verdicts, strict=True))
        for each, verdict in judged:
            if verdict.held:
                hold(session, each.reference, agent=str(verdict.suggested), brought_by=each.brought_by, now=now)
        name_sent_back(session, [each.id for each, verdict in judged if verdict.state is DepositState.SUSPENSE], by=BY, now=now)
        entries = [Entry(verdict.event, about(each.reference), verdict.moves) for each, verdict in judged if verdict.moves]
        post_many(session, entries, at=now, by=BY)
        credited = [Credited(each.reference, 1, str(verdict.agent), each.amount) for each, verdict in judged if is_credited(verdict)]
        tell_credited(session, credited, now=now)
    log.info("deposits.judged", count=len(waiting), credited=len(credited))
    return len(waiting)


def is_credited(verdict: Verdict) -> bool:
    return verdict.state is DepositState.CREDITED


def credited_before(session: Session, waiting: Sequence[Waiting], full: set[Purse], *, now: datetime) -> dict[Purse, Money]:
    """What is credited today on the word of those whose files are among them."""
    uploaded = [each for each in waiting if each.brought_by and each.purse not in full]
    if not uploaded:
        return {}
    since = min(datetime.combine(today_in(each.market, now), time.min, each.market.zone) for each in uploaded)
    return credited_unshown(session, (each.brought_by for each in uploaded), since=since)


def judge_in_turn(
    waiting: Sequence[Waiting], known: Knowledge, before: dict[Purse, Money], full: set[Purse], *, now: datetime
) -> list[Verdict]:
    """Each with what was credited before it; once one is too many, so is all that follows."""
    verdicts, today = [], {code: today_in(market, now) for code, market in MARKETS.items()}
    for each in waiting:
        so_far = each.limit if each.purse in full else before.get(each.purse, Money(0, each.amount.currency))
        case = each.case(before=so_far)
        verdict = judge(case, known, today=today[each.market.code])
        if each.brought_by and is_credited(verdict):
            before[each.purse] = so_far + case.amount
        if verdict.held and not case.is_large:
            full.add(each.purse)
        verdicts.append(verdict)
    return verdicts


def write_down(session: Session, waiting: Sequence[Waiting], verdicts: Sequence[Verdict], *, now: datetime) -> None:
    session.execute(
        WRITE_DOWN,
        {
            "now": now,
            "first": waiting[0].id,
            "last": waiting[-1].id,
            "ids": Many(each.id for each in waiting),
            "states": Many(verdict.state.value for verdict in verdicts),
            "traces": Many(trace_of(verdict.trace) for verdict in verdicts),
            "agents": Many(verdict.agent for verdict in verdicts),
            "persons": Many(verdict.person for verdict in verdicts),
            "billers": Many(verdict.biller for verdict in verdicts),
            "own_ibans": Many(verdict.own_iban for verdict in verdicts),
            "suggested": Many(verdict.suggested for verdict in verdicts),
            "matched": Many(bool(verdict.agent or verdict.held) for verdict in verdicts),
        },
    )


@lru_cache(1000)
def trace_of(remarks: tuple[Remark, ...]) -> str:
    """Put into words when it is shown. A shop's transfers all have the same."""
    return json.dumps([remark.as_json() for remark in remarks])


def credit_shown(session: Session, reference: str, *, now: datetime) -> None:
    """
    The bank itself shows now what was only uploaded: judged again, it is credited or left to a person. Whoever was
    quicker is respected.
    """
    of_it = (Deposit.reference == reference, Deposit.state == DepositState.SUSPENSE)
    deposit = session.scalars(select(Deposit).where(*of_it).with_for_update(skip_locked=True)).one_or_none()
    proposal = open_proposal(session, reference) if deposit else None
    if deposit is None or proposal is None or proposal.kind != "credit":
        return
    now = deposit.not_before(now)
    (waiting,) = with_what_brought_them(session, session.execute(deposits_to_judge().where(*of_it)).all(), now=now)
    verdict = judge(waiting.case(), knowledge_about(session, [waiting], now=now), today=today_in(waiting.market, now))
    if not is_credited(verdict) or deposit.taken_back_sum:
        end_proposals(session, deposit, by=BY, now=now)
        deposit.trace, deposit.suggested = [remark.as_json() for remark in verdict.trace], verdict.suggested or verdict.agent
        return
    proposal.decided_at, proposal.decided_by, proposal.granted = now, BY, True
    deposit.trace, deposit.person_id, deposit.suggested = [remark.as_json() for remark in verdict.trace], verdict.person, None
    confirm_credit(session, deposit, agent=str(verdict.agent), by=Two(proposal.proposed_by, BY), now=now)
    log.info("deposit.shown", deposit=reference)
