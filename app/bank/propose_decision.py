"""The desk: what one person wants done with a deposit is done at once up to the market's limit; above it another one decides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.bank.assign_deposit import AlreadyThere, assign_deposit, find_receiver, find_waiting, needed, reassign_deposit
from app.bank.confirm_credit import confirm_credit
from app.bank.decision import By, Two, takes_two
from app.bank.desk_model import DepositProposal
from app.bank.dismiss_deposit import check_target, dismiss_deposit
from app.bank.model import Deposit, DepositState
from app.bank.return_deposit import check_shown, return_deposit
from app.errors import N_, NotFound, OwnRequest, Refusal
from app.people.permissions import ASSIGN_DEPOSITS, IMPORT_STATEMENTS
from app.people.second_person import ProposalChanged, first_must_still_count, is_the_asker, mark_of

Act = Literal["assign", "reassign", "return", "dismiss"]


class Proposed(Refusal):
    say = N_("Somebody proposed already what to do with deposit {deposit}; another person decides that first.")
    known_as = "decided"


class ProposalDecided(Refusal):
    say = N_("This proposal about deposit {deposit} was decided at {at}; that stands.")
    known_as = "decided"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """
    :ivar agent: to whom, of ``assign`` and ``reassign``
    :ivar target: of ``dismiss``, see :func:`app.bank.dismiss_deposit.possible_targets`
    """

    kind: Act
    note: str
    agent: str = ""
    target: str = ""


def decide_or_propose(session: Session, reference: str, wish: Wish, *, by: str, now: datetime) -> DepositProposal | None:
    """
    :returns: the proposal that waits for a second person, or ``None``: it is done
    :raises Proposed: if one waits already
    and what the verb itself would raise
    """
    deposit = find_waiting(session, reference, DepositState.CREDITED if wish.kind == "reassign" else DepositState.SUSPENSE)
    if open_proposal(session, reference):
        raise Proposed(deposit=reference)
    if not takes_two(session, deposit, now=now):
        carry_out(session, reference, wish, by=by, now=now)
        return None
    check(session, deposit, wish)
    proposal = DepositProposal(
        deposit=reference,
        kind=wish.kind,
        agent=wish.agent or None,
        target=wish.target or None,
        note=needed(wish.note),
        proposed_at=now,
        proposed_by=by,
    )
    session.add(proposal)
    session.flush()
    audit.record(
        session, "deposit.proposed", about=reference, by=by, at=now, kind=wish.kind, whom=wish.agent or wish.target, note=proposal.note
    )
    return proposal


def check(session: Session, deposit: Deposit, wish: Wish) -> None:
    """What cannot be done is not proposed either."""
    needed(wish.note)
    if wish.kind in ("assign", "reassign"):
        if wish.kind == "reassign" and deposit.agent == wish.agent:
            raise AlreadyThere(deposit=deposit.reference, agent=wish.agent)
        find_receiver(session, deposit, wish.agent)
    if wish.kind == "return":
        check_shown(session, [deposit])
    if wish.kind == "dismiss":
        check_target(session, deposit, wish.target)


def carry_out(session: Session, reference: str, wish: Wish, *, by: By, now: datetime) -> Deposit:
    match wish.kind:
        case "assign":
            return assign_deposit(session, reference, agent=wish.agent, note=wish.note, by=by, now=now)
        case "reassign":
            return reassign_deposit(session, reference, agent=wish.agent, note=wish.note, by=by, now=now)
        case "return":
            return return_deposit(session, reference, note=wish.note, by=by, now=now)
        case "dismiss":
            return dismiss_deposit(session, reference, target=wish.target, note=wish.note, by=by, now=now)


def decide_proposal(session: Session, number: int, *, granted: bool, answer: str, seen: str, by: str, now: datetime) -> Deposit:
    """
    The second person agrees and it happens, or refuses and the deposit waits as before.

    :param answer: why not
    :param seen: :func:`mark` of the proposal that was on the screen
    :raises NotFound: …
    :raises ProposalDecided: if somebody was quicker, or events were
    :raises ProposalChanged: if another one stands there by now
    :raises OwnRequest: for who proposed it, or brought its file (C18)
    :raises FirstCountsNoMore: if it is agreed to, and that person has no right to propose it any more
    :raises Invalid: if it is refused without a reason
    and what the verb itself raises
    """
    deposit, proposal = lock(session, number)
    if seen != mark(proposal):
        raise ProposalChanged
    if is_the_asker(session, proposal.proposed_by, by, now=now):
        raise OwnRequest
    if granted:
        first_must_still_count(session, proposal.proposed_by, IMPORT_STATEMENTS if proposal.kind == "credit" else ASSIGN_DEPOSITS)
    proposal.decided_at, proposal.decided_by, proposal.granted = now, by, granted
    if not granted:
        proposal.answer = needed(answer)
        session.flush()
        audit.record(
            session, "deposit.proposal-refused", about=deposit.reference, by=by, at=now, proposed_by=proposal.proposed_by, answer=answer
        )
        return deposit
    session.flush()
    both = Two(proposal.proposed_by, by)
    if proposal.kind == "credit":
        return confirm_credit(session, deposit, agent=str(proposal.agent), by=both, now=now)
    return carry_out(session, deposit.reference, wish_of(proposal), by=both, now=now)


def withdraw_proposal(session: Session, number: int, *, by: str, now: datetime) -> Deposit:
    """
    :raises NotFound: if there is none, or it is somebody else's
    :raises ProposalDecided: …
    """
    deposit, proposal = lock(session, number)
    if proposal.proposed_by != by or proposal.kind == "credit":
        raise NotFound
    proposal.decided_at, proposal.decided_by = now, by
    audit.record(session, "deposit.proposal-withdrawn", about=deposit.reference, by=by, at=now)
    session.flush()
    return deposit


def lock(session: Session, number: int) -> tuple[Deposit, DepositProposal]:
    """The deposit before its proposal, as everybody does."""
    found = session.get(DepositProposal, number)
    if found is None:
        raise NotFound
    deposit = session.scalars(select(Deposit).filter_by(reference=found.deposit).with_for_update()).one()
    again = select(DepositProposal).filter_by(id=number).with_for_update().execution_options(populate_existing=True)
    proposal = session.scalars(again).one()
    if proposal.decided_at is not None:
        raise ProposalDecided(deposit=deposit.reference, at=proposal.decided_at)
    return deposit, proposal


def open_proposal(session: Session, reference: str) -> DepositProposal | None:
    return session.scalars(select(DepositProposal).filter_by(deposit=reference, decided_at=None)).one_or_none()


def mark(proposal: DepositProposal) -> str:
    """Names this very proposal; whoever decides sends it back."""
    what = f"{proposal.id} {proposal.kind} {proposal.agent or proposal.target or ''}"
    return mark_of(what, proposal.proposed_by, proposal.proposed_at)


def wish_of(proposal: DepositProposal) -> Wish:
    return Wish(kind=cast(Act, proposal.kind), note=proposal.note, agent=proposal.agent or "", target=proposal.target or "")
