"""
How a shop ends: granted, it is closing at once and nothing is paid from its account; its commission is moved there, the
final statement is issued, and what is left goes to its IBAN. When the account stands at zero the shop is closed.
"""

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import db
from app.agents.close_agent import begin_closing, close_agent
from app.agents.keep_agent_paper import archive_papers
from app.agents.model import CLOSING, Agent
from app.agents.queries import lock_agent
from app.bank.desk_model import AgentPayout
from app.bank.payouts.pay_out_agent import NoAccountToPayFrom, find_open_payout, open_payout, withdraw_payout
from app.bank.payouts.sent_back import sent_back
from app.changes.final_statement import KIND, issue_final_statement
from app.changes.model import Change
from app.changes.tell import tell_closed, tell_closing
from app.collections.model import Case, Payment
from app.collections.model import State as PaymentState
from app.documents.model import Paper
from app.documents.number_paper import print_numbered
from app.errors import N_, NotFound, Refusal
from app.ledger import book
from app.ledger.book import Move
from app.ledger.chart import agent_account, commission_account
from app.markets import MARKETS
from app.money import Money
from app.people.remove_person import remove_everybody

log = structlog.get_logger()

BY = "job:close-shops"
NAMED = 5  # payments in one sentence

Hindrance = Callable[[Session, str], None]  # raises the refusal that says what is still open
HINDRANCES: list[Hindrance] = []


class PaymentsOpen(Refusal):
    say = N_("Agent {agent} cannot be closed yet: the outcome of {payments} is not known. It is resolved first.")


def register(hindrance: Hindrance) -> None:
    """For slices that stand beside this one."""
    if hindrance not in HINDRANCES:
        HINDRANCES.append(hindrance)


def must_be_settled(session: Session, agent: str) -> None:
    """:raises PaymentsOpen: also for what two persons still decide; and what the registered ones raise"""
    undecided = select(Case.payment).where(Case.decided_at.is_(None))
    pending = select(Payment.reference).filter_by(agent=agent).where(
        (Payment.state == PaymentState.PENDING) | Payment.reference.in_(undecided)
    )  # fmt: skip
    if payments := session.scalars(pending.order_by(Payment.reference).limit(NAMED)).all():
        raise PaymentsOpen(agent=agent, payments=", ".join(payments))
    for hindrance in HINDRANCES:
        hindrance(session, agent)


def close_shop(session: Session, change: Change, number: str, *, by: str, now: datetime) -> Agent:
    """
    :param change: the termination that is being applied
    :raises NotInThatState: if it is closing or closed already
    :raises PaymentsOpen: … and what the registered hindrances raise: nothing has happened then
    :raises app.bank.payouts.pay_out_agent.NoAccountToPayFrom: …
    """
    agent = begin_closing(session, number, reason=change.reason, by=by, now=now)
    must_be_settled(session, number)  # whoever was paying has ended: the account is locked
    move_commission(session, change, agent, by=by, now=now)
    pay_out_the_rest(session, agent, by=by, now=now)
    if not end_if_empty(session, change, agent, by=by, now=now):
        issue_final_statement(session, change, agent, name=change.reference, by=by, now=now)
        tell_closing(session, change, agent, left_on(session, agent), now=now)
    return agent


def move_commission(session: Session, change: Change, agent: Agent, *, by: str, now: datetime) -> None:
    """What the shop has earned, and nobody has paid out, stands against what it owes."""
    account = commission_account(agent.number)
    earned = book.house_balance(session, account, currency=MARKETS[agent.market].currency)
    if earned.minor > 0:
        moves = [Move(account, agent_account(agent.number), earned)]
        book.post(session, "agent.paid-out", about=change.reference, moves=moves, at=now, by=by)


def pay_out_the_rest(session: Session, agent: Agent, *, by: str, now: datetime) -> AgentPayout | None:
    """
    What is left, to the IBAN that the record says now. A payout that says otherwise makes place, as long as no file holds it.

    :returns: the one that is on its way, if any
    """
    rest, there = left_on(session, agent), find_open_payout(session, agent.number)
    if there is not None and (there.return_batch is not None or (there.rest == rest and there.to_iban == agent.iban)):
        return there
    if there is not None:
        withdraw_payout(session, there, by=by, now=now)
    if rest.minor > 0 and agent.iban:
        return open_payout(session, agent, rest, by=by, now=now)
    return None


def end_if_empty(session: Session, change: Change | None, agent: Agent, *, by: str, now: datetime) -> bool:
    """:returns: whether it is closed now"""
    if left_on(session, agent).minor or find_open_payout(session, agent.number):
        return False
    close_agent(session, agent, by=by, now=now)
    if change is not None:
        name = closed_name(change, len(sent_back(session, agent.number)))
        paper = issue_final_statement(session, change, agent, name=name, by=by, now=now)
        pdf = print_numbered(session, paper, also={}, by=by, now=now) if agent.email else b""
        tell_closed(session, change, agent, number=paper.number, pdf=pdf, now=now)
    remove_everybody(session, agent.number, by=by, now=now)
    archive_papers(session, agent.number, now=now)
    return True


def closed_name(change: Change, sent_back: int) -> str:
    """What the second final statement is about, that shows everything paid; each payout that came back makes one more."""
    return f"{change.reference} closed" + (f" {sent_back + 1}" if sent_back else "")


def left_on(session: Session, agent: Agent) -> Money:
    return book.balance(session, agent_account(agent.number)).balance


def close_shops(now: datetime) -> int:
    """
    A job: every closing shop, each in a transaction of its own. What the bank has paid, a debt that came in, a reversal that
    came late: it goes on from what the book says.

    :returns: how many it closed
    """
    with db.reading() as session:
        closing = session.scalars(select(Agent.number).filter_by(state=CLOSING).order_by(Agent.number)).all()
    closed = 0
    for number in closing:
        try:
            with db.transaction() as session:
                closed += go_on(session, number, by=BY, now=now)
        except NoAccountToPayFrom:
            log.warning("agent-payout.refused", agent=number)  # it stands on /exceptions, and the others go on
    return closed


def go_on(session: Session, number: str, *, by: str, now: datetime) -> bool:
    agent = lock_agent(session, number)
    if agent.state != CLOSING:
        return False
    pay_out_the_rest(session, agent, by=by, now=now)
    return end_if_empty(session, termination_of(session, number), agent, by=by, now=now)


def termination_of(session: Session, agent: str) -> Change | None:
    """That closed or closes it."""
    question = select(Change).filter_by(kind="termination", agent=agent).where(Change.applied_at.is_not(None))
    return session.scalars(question.order_by(Change.id.desc()).limit(1)).one_or_none()


def final_statement_of(session: Session, change: Change) -> Paper:
    """The last one that was issued for this termination. :raises NotFound: if there is none"""
    end = f"{change.reference} closed"
    question = select(Paper).where(Paper.kind == KIND, or_(Paper.about == change.reference, Paper.about.startswith(end, autoescape=True)))
    paper = session.scalars(question.order_by(Paper.issued_at.desc(), Paper.number.desc()).limit(1)).one_or_none()
    if paper is None or change.kind != "termination":
        raise NotFound
    return paper
