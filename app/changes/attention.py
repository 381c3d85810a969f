"""Changes that need a person: they could not be applied, nobody decides them, or what they began does not end; and expired papers."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agents.keep_agent_paper import WORDS, days_left, papers_that_end
from app.agents.model import CLOSED, CLOSING, Agent
from app.attention import Attention
from app.bank.payouts.pay_out_agent import find_payout
from app.changes.apply_change import is_due
from app.changes.close_shop import left_on, termination_of
from app.changes.model import Change, State
from app.changes.queries import waiting
from app.errors import N_
from app.markets import MARKETS
from app.remarks import Remark

PAID_WITHIN = timedelta(days=3)
DECIDED_WITHIN, COMPLETED_WITHIN, APPLIED_WITHIN = timedelta(days=2), timedelta(days=7), timedelta(minutes=10)


def attention(session: Session, *, now: datetime) -> Iterator[Attention]:
    for change in waiting(session):
        if found := what_is_wrong(change, now=now):
            yield found
    yield from expired(session, now=now)
    yield from unfinished(session, now=now)


def expired(session: Session, *, now: datetime) -> Iterator[Attention]:
    """Papers in the shops' files whose last day is over."""
    latest = max(now.astimezone(market.zone).date() for market in MARKETS.values())
    for agent, paper in papers_that_end(session, until=latest):
        left = days_left(paper, now.astimezone(MARKETS[agent.market].zone).date())
        if paper.expires_on is not None and left is not None and left < 0:
            facts = {"paper": Remark.of(WORDS[paper.which]), "agent": agent.number, "day": paper.expires_on}
            yield about_agent(
                agent,
                "agent-paper.expired",
                f"{agent.number}/{paper.which}",
                datetime.combine(paper.expires_on, time.min, MARKETS[agent.market].zone) + timedelta(days=1),
                N_("{paper} of agent {agent} has expired on {day}."),
                facts,
            )


def unfinished(session: Session, *, now: datetime) -> Iterator[Attention]:
    """Shops that close and owe, cannot be paid out, or whose payout the bank does not show; closed ones that are not at zero."""
    question = select(Agent).where(Agent.state.in_((CLOSING, CLOSED))).order_by(Agent.number)
    for agent in session.scalars(question).all():
        left, since = left_on(session, agent), ended_at(session, agent) or agent.added_at
        payout = find_payout(session, agent.number)
        facts: dict[str, object] = {"agent": agent.number, "amount": -left if left.minor < 0 else left}
        if agent.state == CLOSED and left.minor:
            yield about_agent(
                agent, "agent.closed-not-empty", agent.number, since, N_("Agent {agent} is closed and does not stand at zero."), facts
            )
        elif agent.state == CLOSING and left.minor < 0:
            yield about_agent(agent, "agent.owes", agent.number, since, N_("Agent {agent} is closing and owes {amount}."), facts)
        elif payout is not None and now - payout.opened_at > PAID_WITHIN:
            say = N_("{amount} is to be paid out to agent {agent} since {since}, and the bank does not show it.")
            yield about_agent(agent, "agent.not-paid-out", payout.reference, payout.opened_at, say, facts | {"since": payout.opened_at})
        elif agent.state == CLOSING and left.minor and payout is None:
            say = N_("Agent {agent} is closing, and {amount} cannot be paid out: its IBAN or an account of ours is missing.")
            yield about_agent(agent, "agent.no-payout", agent.number, since, say, facts)


def ended_at(session: Session, agent: Agent) -> datetime | None:
    change = termination_of(session, agent.number)
    return change.applied_at if change else None


def about_agent(agent: Agent, kind: str, ref: str, since: datetime, say: str, facts: dict[str, object]) -> Attention:
    return Attention(kind=kind, ref=ref, since=since, say=say, endpoint="agents.agent", facts=facts, arguments={"number": agent.number})


def what_is_wrong(change: Change, *, now: datetime) -> Attention | None:
    match change.state:
        case State.FAILED if change.failed_at:
            return about(change, "failed", N_("{change} was granted and could not be done. It has to be decided again."), change.failed_at)
        case State.GRANTED if is_due(change, now - APPLIED_WITHIN) and change.granted_at:
            return about(change, "not-applied", N_("{change} was granted, its day has come, and it is not done."), change.granted_at)
        case State.ASKED | State.APPROVED_ONCE if change.complete_at and now - change.complete_at > DECIDED_WITHIN:
            return about(change, "undecided", N_("Nobody has decided {change} for more than two days."), change.complete_at)
        case State.DRAFT | State.INCOMPLETE if now - change.opened_at > COMPLETED_WITHIN:
            return about(change, "incomplete", N_("{change} was begun more than a week ago and is not complete."), change.opened_at)
    return None


def about(change: Change, kind: str, say: str, since: datetime) -> Attention:
    return Attention(
        kind=f"change.{kind}",
        ref=change.reference,
        since=since,
        say=say,
        endpoint="changes.change",
        facts={"change": change.reference},
        arguments={"reference": change.reference},
    )
