"""What becomes of a deposit (product.md §5). Pure: decided first, written down by :mod:`app.bank.credit_deposits`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.bank.model import DepositState
from app.bank.reference import Finding, cut_phones_in
from app.bank.statement.statement import Status
from app.errors import N_
from app.ledger.book import Move
from app.ledger.chart import SUSPENSE, agent_account, bank_account, biller_account
from app.markets import Market
from app.money import Money
from app.remarks import Remark


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """
    One deposit and what is known about its line.

    :ivar phones: every candidate in the text
    :ivar currency: of the account
    :ivar comes_back: the bank took a payment of ours back: the money is nobody's top-up
    :ivar brought_by: who uploaded it, while the bank itself has not shown it; else empty
    :ivar limit: above it what was only uploaded waits for a second person
    :ivar before: what is credited already today on that person's word alone; it counts towards the limit
    """

    text: str
    phones: tuple[str, ...]
    sender_iban: str
    amount: Money
    iban: str
    currency: str
    market: Market
    status: str
    value_date: date
    comes_back: bool = False
    doubt: Remark | None = None
    brought_by: str = ""
    limit: Money | None = None
    before: Money | None = None

    @property
    def is_large(self) -> bool:
        return self.limit is not None and self.limit < self.amount

    @property
    def needs_a_second(self) -> bool:
        return bool(self.brought_by) and (self.is_large or self.is_one_too_many)

    @property
    def is_one_too_many(self) -> bool:
        return self.limit is not None and self.before is not None and self.limit < self.before + self.amount


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """
    :ivar findings: whom a market's candidates name
    :ivar own_accounts: IBAN → currency; :ivar billers: IBAN → code, of the account's own market
    :ivar senders: IBAN → agent of earlier transfers; :ivar beginnings: of phones → agent
    """

    findings: Mapping[tuple[str, tuple[str, ...]], Finding]
    own_accounts: Mapping[str, str] = field(default_factory=dict)
    billers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    senders: Mapping[str, str] = field(default_factory=dict)
    beginnings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """
    :ivar event: and ``moves``: what the book is told, if anything
    :ivar held: matched, and waiting in suspense for a second person or the bank's own word
    """

    state: DepositState
    trace: tuple[Remark, ...]
    agent: str | None = None
    person: int | None = None
    biller: str | None = None
    own_iban: str | None = None
    suggested: str | None = None
    event: str = ""
    moves: tuple[Move, ...] = ()
    held: bool = False


def judge(case: Case, known: Knowledge, *, today: date) -> Verdict:
    """:param today: in the account's market"""
    if case.status != Status.BOOKED:
        return noted(N_("The bank has only announced it: nothing is credited before it is booked."))
    if not case.amount:
        return noted(N_("The amount is zero: there is nothing to credit."))
    verdict = judge_due(case, known)
    if case.value_date > today:
        waits = Remark.of(N_("Its value date is {day}: it is credited on that day."), day=case.value_date)
        return Verdict(state=DepositState.COMING, trace=(*verdict.trace, waits), agent=verdict.agent, person=verdict.person)
    return verdict


def noted(say: str) -> Verdict:
    return Verdict(state=DepositState.NOTED, trace=(Remark.of(say),))


def judge_due(case: Case, known: Knowledge) -> Verdict:
    if case.comes_back:
        return to_suspense(case, Remark.of(N_("A payment of ours came back: this is no top-up.")))
    if case.amount.currency != case.currency:
        sentence = N_("It came in {currency}, the account is kept in {own}.")
        return to_suspense(case, Remark.of(sentence, currency=case.amount.currency, own=case.currency))
    return refund(case, known) or own_transfer(case, known) or top_up(case, known)


def refund(case: Case, known: Knowledge) -> Verdict | None:
    """E21: routed by the sender's account, whatever the text says."""
    code, market = known.billers.get(case.sender_iban, ("", ""))
    if not code or market != case.market.code:
        return None
    return Verdict(
        state=DepositState.NOT_TOP_UP,
        trace=(Remark.of(N_("It came from an account of biller {biller}: a refund."), biller=code),),
        biller=code,
        event="biller.refunded",
        moves=(Move(bank_account(case.iban), biller_account(code), case.amount),),
    )


def own_transfer(case: Case, known: Knowledge) -> Verdict | None:
    """E20"""
    other = case.sender_iban
    if other not in known.own_accounts or other == case.iban:
        return None
    if known.own_accounts[other] != case.currency:
        return to_suspense(case, Remark.of(N_("It came from our own account in another currency.")))
    return Verdict(
        state=DepositState.NOT_TOP_UP,
        trace=(Remark.of(N_("It came from our own account {iban}: no top-up."), iban=other),),
        own_iban=other,
        event="bank.own-transfer",
        moves=(Move(bank_account(case.iban), bank_account(other), case.amount),),
    )


def top_up(case: Case, known: Knowledge) -> Verdict:
    finding = known.findings[case.market.code, case.phones]
    owner = finding.owner
    if owner is None:
        suggested, hint = suggestion(case, known)
        return replace(to_suspense(case, *finding.trace, *hint), suggested=suggested)
    if case.doubt:
        return replace(to_suspense(case, *finding.trace, case.doubt), suggested=owner.agent)
    if case.needs_a_second:
        large = N_("Only an uploaded file shows it, and it is above {limit}: a second person confirms it, or the bank's own feed does.")
        many = N_(
            "Only an uploaded file shows it, and with what the same person uploaded today it is above {limit}: "
            "a second person confirms it, or the bank's own feed does."
        )
        why = Remark.of(large if case.is_large else many, limit=case.limit)
        return replace(to_suspense(case, *finding.trace, why), suggested=owner.agent, person=owner.person, held=True)
    return Verdict(
        state=DepositState.CREDITED,
        trace=finding.trace,
        agent=owner.agent,
        person=owner.person,
        event="deposit.credited",
        moves=(Move(bank_account(case.iban), agent_account(owner.agent), case.amount),),
    )


def to_suspense(case: Case, *trace: Remark) -> Verdict:
    return Verdict(
        state=DepositState.SUSPENSE,
        trace=trace,
        event="deposit.suspended",
        moves=(Move(bank_account(case.iban), SUSPENSE, case.amount),),
    )


def suggestion(case: Case, known: Knowledge) -> tuple[str | None, tuple[Remark, ...]]:
    """For a person, never a match: a phone that was cut short (E24), or a sender known from earlier (E7)."""
    for beginning in cut_phones_in(case.text, case.market):
        if agent := known.beginnings.get(beginning):
            sentence = N_("{beginning}… was cut short; a phone of agent {agent} begins like this.")
            return agent, (Remark.of(sentence, beginning=beginning, agent=agent),)
    if agent := known.senders.get(case.sender_iban):
        return agent, (Remark.of(N_("Earlier transfers from this account were for agent {agent}."), agent=agent),)
    return None, ()
