"""The final statement of a shop: every move by kind since the beginning, what was left, and where it went."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import amounts, languages
from app.agents.model import Agent
from app.agents.statement import WORDS, Total, totals
from app.bank.desk_model import AgentPayout
from app.bank.model import BankAccount
from app.bank.payouts.pay_out_agent import payouts_of
from app.bank.payouts.sent_back import sent_back
from app.changes.model import Change
from app.documents.model import Paper
from app.documents.number_paper import issue_paper, print_numbered
from app.errors import N_
from app.markets import MARKETS
from app.money import Money
from app.people.queries import names_by
from app.web import display

KIND = "final_statement"
PAID_OUT = "agent.paid-out"
COMMISSION = N_("Commission earned, moved to the account")

Say = Callable[..., str]


@dataclass(frozen=True)
class FinalStatement:
    """
    :ivar totals: all that came and went but the pay-out; :ivar balance: their sum
    :ivar payouts: paid, and on their way; :ivar closing: zero, unless the shop owes us or no IBAN is known
    """

    opened_at: datetime
    totals: Sequence[Total]
    balance: Money
    payouts: Sequence[AgentPayout]

    @property
    def closing(self) -> Money:
        return Money(self.balance.minor - sum(payout.amount for payout in self.payouts), self.balance.currency)


def final_statement(session: Session, agent: Agent) -> FinalStatement:
    """As the book says now. An account begins empty on the day on which the shop was taken on."""
    currency = MARKETS[agent.market].currency
    moves = [each for each in totals(session, agent.number, currency) if each.event != PAID_OUT or each.amount.minor > 0]
    balance = Money(sum(each.amount.minor for each in moves), currency)
    return FinalStatement(agent.added_at, moves, balance, payouts_of(session, agent.number))


def issue_final_statement(session: Session, change: Change, agent: Agent, *, name: str, by: str, now: datetime) -> Paper:
    """:param name: what the paper is about: the termination, or its end. It says for ever what it says today."""
    language = languages.supported(MARKETS[agent.market].languages[0])
    facts = facts_of(session, change, agent, final_statement(session, agent), language, now=now)
    return issue_paper(session, KIND, about=name, facts=facts, language=language, by=by, now=now)


def print_final_statement(session: Session, paper: Paper, *, by: str, now: datetime) -> bytes:
    return print_numbered(session, paper, also={}, by=by, now=now)


def facts_of(session: Session, change: Change, agent: Agent, made: FinalStatement, language: str, *, now: datetime) -> dict[str, object]:
    zone = MARKETS[agent.market].zone

    def say(sentence: str, **values: object) -> str:
        return languages.say(sentence, language, **values)

    def day(at: datetime) -> str:
        return languages.day(at.astimezone(zone).date(), language)

    def money(amount: Money) -> str:
        return amounts.money(amount, language)

    back = sent_back(session, agent.number)
    deciders = names_by(session, [change.granted_by or ""])
    shop = [
        (say(N_("Agent")), f"{agent.number} {agent.name}"),
        (say(N_("Legal name")), agent.legal_name),
        (say(N_("Tax number")), agent.tax_number),
        (say(N_("Address")), agent.address),
        (say(N_("Termination")), change.reference),
        (say(N_("Granted by")), deciders.get(change.granted_by or "", "")),
        (say(N_("Nothing is paid since")), display.moment(change.granted_at or now, language, zone)),
    ]
    return {
        "language": language,
        "institution": "Gişe",
        "title": say(N_("Final statement of the agent's account")),
        "number-label": say(N_("Number")),
        "head": [(say(N_("Issued at")), display.moment(now, language, zone))],
        "shop": {"title": say(N_("The shop")), "rows": [row for row in shop if row[1]]},
        "moves": {
            "title": say(N_("All moves of the account")),
            "head": [say(N_("What")), say(N_("How many")), say(N_("Amount"))],
            "rows": [
                [say(N_("Opening balance on {day}"), day=day(made.opened_at)), "", money(Money(0, made.balance.currency))],
                *([say(word_of(each)), display.count(each.number, language), money(each.amount)] for each in made.totals),
            ],
            "total": [say(N_("Balance")), money(made.balance)],
        },
        "payouts": {
            "title": say(N_("Pay-out")),
            "rows": [
                [payout_line(each, say, day, back=each.reference in back), each.reference, money(Money(-each.amount, each.currency))]
                for each in made.payouts
            ],
            "total": [say(N_("Balance after it")), money(made.closing)],
        },
        "sentence": sentence_of(session, agent, made, say, money),
        "code": change.reference,
        "signatures": [say(N_("Institution: date, name, signature")), say(N_("Shop: stamp, name, signature"))],
        "foot": say(N_("This statement is made from the book; every line of it stands there.")),
    }


def word_of(total: Total) -> str:
    return COMMISSION if total.event == PAID_OUT else WORDS[total.event]


def payout_line(payout: AgentPayout, say: Say, day: Callable[[datetime], str], *, back: bool) -> str:
    iban = str(display.groups(payout.to_iban))
    if back:
        return say(N_("Paid to {iban} and sent back by the bank"), iban=iban)
    if payout.paid_at is None:
        return say(N_("On its way to {iban}"), iban=iban)
    return say(N_("Paid on {day} to {iban}"), day=day(payout.paid_at), iban=iban)


def sentence_of(session: Session, agent: Agent, made: FinalStatement, say: Say, money: Callable[[Money], str]) -> str:
    if made.closing.minor < 0:
        account = session.scalars(
            select(BankAccount).filter_by(market=agent.market, closed_at=None).order_by(BankAccount.label, BankAccount.iban).limit(1)
        ).one_or_none()
        owed = money(-made.closing)
        where = str(display.groups(account.iban)) if account else ""
        return say(
            N_(
                "Invoice: the shop owes {amount}. Please transfer it within 14 days to {iban}, naming {number}; then the account is closed."
            ),
            amount=owed,
            iban=where,
            number=agent.number,
        )
    if made.closing.minor > 0:
        return say(N_("{amount} waits to be paid out: no IBAN of the shop is known."), amount=money(made.closing))
    if any(each.is_leaving for each in made.payouts):
        return say(N_("The account is closed when the bank has paid. With the pay-out it balances to zero."))
    return say(N_("The account balances to zero. Neither side owes the other anything."))
