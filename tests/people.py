"""
The people of the tests, who speak the counter's language: a shop looks up, pays and is topped up; a biller
answers as it is told. ``lira("120.50")`` is money.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sqlalchemy import select

from app import clock, db
from app.agents.add_agent import add_agent
from app.agents.model import Agent
from app.bank.model import BankAccount
from app.billers.gateway import AccountClosed, Answer, BillerUnreachable, DayLine, Order, SubscriberNotFound, Verdict
from app.billers.look_up_bills import look_up_bills
from app.billers.model import Biller
from app.billers.queries import charges_for
from app.billing.bill import Account, Bill, Line, Section, Subscriber
from app.collections.model import Payment
from app.collections.pay_bill import Wish, pay_bill
from app.ledger import book
from app.ledger.chart import agent_account
from app.ledger.model import Posting
from app.ledger.self_check import self_check
from app.markets import MARKETS, Market
from app.money import Money, read_amount, total
from app.people.add_person import add_person
from app.people.model import Person
from app.people.remove_person import remove_person

PASSWORD = "gise-test-2026"
OUR_BANKS = {
    "TR": "bank:TR330006100519786457841326",
    "AZ": "bank:AZ21NABZ00000000137010001944",
    "ES": "bank:ES9121000418450200051332",
    "HU": "bank:HU42117730161111101800000000",
}
_counter = itertools.count(1)


def lira(text: str) -> Money:
    return read_amount(text, "TRY")


def journal() -> list[str]:
    """The whole book as text, in order: ``payment.reserved   agent:1000001042 -> transit 120.50``."""
    with db.reading() as session:
        postings = session.scalars(select(Posting).order_by(Posting.id)).all()
    return [f"{p.event}   {p.source} -> {p.target} {Money(p.amount, p.currency).decimal}" for p in postings]


def book_is_right() -> bool:
    with db.reading() as session:
        wrong = self_check(session)
        sums: dict[str, int] = {}
        for _, money in book.trial_balance(session):
            sums[money.currency] = sums.get(money.currency, 0) + money.minor
    assert wrong == []
    assert not any(sums.values())
    return True


@dataclass
class ScriptedBiller:
    """
    A biller that answers what the test says, call by call, and books what it says yes to.

    :ivar answers: for the next payments; empty means yes
    :ivar charges: subscriber, text and amount by our reference; :ivar e_bills: address by subscriber
    :ivar truths: for the next status questions; empty means what was really booked
    """

    record: Biller
    on_unknown: Literal["ask", "reverse"] = "ask"
    answers: list[Answer] = field(default_factory=list)
    truths: list[Answer] = field(default_factory=list)
    reversals: list[Answer] = field(default_factory=list)
    booked: dict[str, Order] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    charges: dict[str, tuple[str, str, Decimal]] = field(default_factory=dict)
    e_bills: dict[str, str] = field(default_factory=dict)
    reachable: bool = True

    def bill(
        self,
        amount: str,
        *,
        subscriber: str | None = None,
        ref: str | None = None,
        version: str = "v1",
        flags: tuple[str, ...] = (),
        contains: Sequence[Bill] = (),
        **more: object,
    ) -> Bill:
        """
        A new open bill, of a new subscriber unless one is named.

        :param contains: older bills whose open amounts stand on it as past debt, on top of ``amount``
        :param more: fields of the bill that shall be others
        """
        number = next(_counter)
        subscriber = subscriber or f"530{number:07d}"
        debt = total((old.open for old in contains), "TRY")
        current, money = lira(amount), lira(amount) + debt
        lines = tuple(Line(old.number, old.open, rule="past-due", inputs={"bill": old.ref}) for old in contains)
        bill = Bill(
            ref=ref or f"B{number}",
            number=f"M-{number}",
            first_day=date(2026, 10, 1),
            last_day=date(2026, 10, 31),
            issued_on=date(2026, 11, 1),
            due_on=date(2026, 12, 20),
            amount=money,
            open=money,
            past_due=debt,
            state="open",
            version=version,
            flags=flags,
            sections=(
                Section("monthly", "Paket", current, (Line("Paket", current),)),
                *([Section("past-due", "Geçmiş dönem", debt, lines)] if contains else []),
            ),
        )
        bill = replace(bill, **more)  # type: ignore[arg-type]
        known = self.accounts.get(subscriber)
        person = known.subscriber if known else Subscriber(subscriber, "A*** Y*****", "active", lira("0.00"), lira("0.00"))
        bills = tuple(old for old in (known.bills if known else ()) if old.ref != bill.ref)
        self.accounts[subscriber] = Account(person, (bill, *bills))
        return bill

    def subscriber_of(self, bill: Bill) -> str:
        return next(number for number, account in self.accounts.items() if bill in account.bills)

    @contextmanager
    def place(self) -> Iterator[None]:
        yield

    def inquire(self, subscriber: str, *, period: str | None = None) -> Account:
        self.looked_up.append(subscriber)
        self.must_know(subscriber)
        account = self.accounts[subscriber]
        bills = tuple(bill for bill in account.bills if period in (None, f"{bill.last_day:%Y-%m}"))
        return replace(account, bills=bills)

    def must_know(self, subscriber: str) -> None:
        if not self.reachable:
            raise BillerUnreachable(biller=self.record.name, phone=self.record.phone)
        if subscriber not in self.accounts:
            raise SubscriberNotFound(biller=self.record.name, subscriber=subscriber)
        if self.accounts[subscriber].subscriber.state == "closed":
            raise AccountClosed(biller=self.record.name, subscriber=subscriber, phone=self.record.phone)

    def pay(self, order: Order) -> Answer:
        self.asked.append(f"pay {order.reference}")
        answer = self.answers.pop(0) if self.answers else Answer(Verdict.YES, biller_reference=f"MB-{order.reference}")
        if answer.verdict is Verdict.YES or answer.code == "applied":
            self.booked[order.reference] = order
        return answer

    def status(self, order: Order, *, seconds_since_sent: int) -> Answer:
        self.asked.append(f"status {order.reference}")
        if self.truths:
            return self.truths.pop(0)
        if order.reference in self.booked:
            return Answer(Verdict.YES, biller_reference=f"MB-{order.reference}")
        return Answer(Verdict.NO if self.on_unknown == "ask" else Verdict.UNKNOWN, "never_seen")

    def reverse(self, order: Order, *, reason: str) -> Answer:
        self.asked.append(f"reverse {order.reference}")
        if self.reversals:
            return self.reversals.pop(0)
        self.booked.pop(order.reference, None)
        return Answer(Verdict.YES)

    def day(self, on: date) -> list[DayLine] | None:
        return None

    def dispute(self, *, subscriber: str, bill: str, reason: str) -> str:
        return "DISPUTE-1"

    def charge(self, subscriber: str, *, reference: str, text: str, amount: Decimal) -> None:
        self.asked.append(f"charge {subscriber}")
        self.must_know(subscriber)
        self.charges.setdefault(reference, (subscriber, text, amount))

    def switch_e_bill(self, subscriber: str, *, email: str) -> None:
        self.asked.append(f"e-bill {email}")
        self.must_know(subscriber)
        self.e_bills[subscriber] = email


UNKNOWN = Answer(Verdict.UNKNOWN, "no-answer")
UNKNOWN_BUT_APPLIED = Answer(Verdict.UNKNOWN, "applied")


def yes(biller_reference: str) -> Answer:
    return Answer(Verdict.YES, biller_reference=biller_reference)


def no(code: str) -> Answer:
    return Answer(Verdict.NO, code)


@dataclass
class Shop:
    """A shop with an owner."""

    number: str
    owner: Person
    market: Market

    @property
    def by(self) -> str:
        return f"person:{self.owner.id}"

    @property
    def balance(self) -> Money:
        with db.reading() as session:
            return book.balance(session, agent_account(self.number)).balance

    def topped_up(self, amount: str) -> None:
        """A transfer with the owner's phone reaches our account."""
        from tests.bank.bank import Paper, comes, open_account, transfer  # the bank knows shops, too

        iban, currency = OUR_BANKS[self.market.code].removeprefix("bank:"), self.market.currency
        with db.reading() as session:
            is_ours = session.get(BankAccount, iban) is not None
        if not is_ours:
            open_account(iban, self.market.code)
        today = clock.today(self.market.zone)  # elsewhere it may be tomorrow already
        comes(Paper(iban=iban, currency=currency).camt054([transfer(amount, self.owner.phone, currency=currency, day=today)]))

    def wish(self, biller: ScriptedBiller, bill: Bill, *, amount: str | None = None, key: str | None = None, **more: object) -> Wish:
        """Looks the bill up and says what is to be paid."""
        now, subscriber = clock.now(), biller.subscriber_of(bill)
        look_up_bills(biller.record, subscriber, biller, asked_by=self.number, now=now)
        wanted = lira(amount) if amount else bill.open
        wish = Wish(
            agent=self.number,
            person=self.owner.id,
            market=self.market,
            biller=biller.record,
            charges=charges_for(biller.record, wanted, agent_group="standard", on=now.date()),
            key=key or f"key-{next(_counter)}",
            subscriber=subscriber,
            bill=bill.ref,
            amount=wanted,
            version=bill.version,
        )
        return replace(wish, **more)  # type: ignore[arg-type]

    def pays(self, biller: ScriptedBiller, bill: Bill, **more: object) -> Payment:
        return pay_bill(self.wish(biller, bill, **more), biller, now=clock.now())  # type: ignore[arg-type]


def open_shop(number: str | None = None, *, name: str = "Kızılay İletişim", market: str = "TR") -> Shop:
    number = number or f"1{next(_counter):09d}"
    now, phone = (
        clock.now(),
        {"TR": "0532{:07d}", "AZ": "+99450{:07d}", "ES": "+346{:08d}", "HU": "+3620{:07d}"}[market].format(next(_counter)),
    )
    with db.transaction() as session:
        agent = add_agent(session, number=number, market=market, name=name, by="test", now=now)
        session.flush()
        owner = add_person(session, agent=agent, role="owner", name="Ayşe Yılmaz", phone=phone, password=PASSWORD, by="test", now=now)
    return Shop(number, owner, MARKETS[market])


def hire(role: str, *, shop: Shop | None = None, name: str = "Zeynep Demir") -> Person:
    """Somebody of the institution, or of a shop."""
    now = clock.now()
    with db.transaction() as session:
        agent = session.get(Agent, shop.number) if shop else None
        return add_person(
            session, agent=agent, role=role, name=name, phone=f"0534{next(_counter):07d}", password=PASSWORD, by="test", now=now
        )


def leaves(by: str) -> None:
    """Somebody's login is stopped; what was begun stays."""
    with db.transaction() as session:
        remove_person(session, int(by.removeprefix("person:")), by="test", now=clock.now())


def open_biller(code: str = "millenicom", **rules: object) -> ScriptedBiller:
    biller = Biller(
        code=code, market="TR", name=code.capitalize(), category="internet", phone="444 0 144", door="direct", secret="s",
        subscriber_label="Abone no", subscriber_pattern="[0-9]{10}", subscriber_example="5301234567", **rules,
    )  # fmt: skip
    with db.transaction() as session:
        session.add(biller)
        session.flush()
        session.refresh(biller)
        session.expunge(biller)
    return ScriptedBiller(biller)


def read_payment(reference: str) -> Payment:
    with db.reading() as session:
        return session.get_one(Payment, reference)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
