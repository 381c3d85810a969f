"""
The demo's shops, people and billers on an empty database (contract.md §3). Its money comes in through the bank, its
payments go out through the billers' doors: every balance is postings.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import audit, clock, db
from app.agents.add_agent import add_agent
from app.agents.model import Agent
from app.audit import AuditLine
from app.bank.add_bank_account import add_bank_account
from app.bank.credit_deposits import credit_deposits
from app.bank.desk_limit import desk_limits, set_desk_limit
from app.bank.incoming.fetch_statements import Bank, fetch_statements
from app.bank.model import Deposit
from app.billers.gateways import Gateways
from app.billers.look_up_bills import look_up_bills
from app.billers.model import Biller, Tariff
from app.billers.queries import charges_for, find_biller
from app.collections.model import Payment
from app.collections.pay_bill import Wish, pay_bill
from app.config import Config
from app.ledger import book
from app.ledger.chart import agent_account
from app.markets import MARKETS
from app.money import Money
from app.outside import Peer
from app.people.add_person import add_person
from app.people.model import Person

BY = "job:demo"
PASSWORD = "gise-demo-2026"  # printed on the first screen of every demo
BEGUN, MADE = "demo.begun", "demo.made"


@dataclass(frozen=True)
class DemoShop:
    """
    :ivar iban: of ours, where it sends its money; :ivar own_iban: where it is paid out to
    :ivar balance: what stands on its account when the demo opens, in minor units
    :ivar paid: amounts of the bills it has paid before that, in minor units
    """

    number: str
    market: str
    name: str
    address: str
    owner: tuple[str, str]
    cashiers: tuple[tuple[str, str], ...]
    iban: str
    own_iban: str
    biller: str
    balance: int
    paid: tuple[int, ...]


SHOPS = (
    DemoShop(
        "1000001042", "TR", "Kızılay İletişim", "Gazi Mustafa Kemal Bulvarı 12, Ankara", ("05320001042", "Ayşe Yılmaz"),
        (("05320011042", "Mehmet Kaya"),), "TR330006100519786457841326", "TR180006200000001000001042",
        "millenicom", 25_000_00, (390_00, 785_85, 219_90, 150_00, 412_35),
    ),
    DemoShop(
        "1000002077", "TR", "Moda Kırtasiye", "Moda Caddesi 7, İstanbul", ("05330002077", "Elif Şahin"), (), "TR760006200000012340000629",
        "TR030001000000000100002077", "millenicom", 300_00, (84_50,),
    ),
    DemoShop(
        "2000003015", "AZ", "Bakı Xidmət", "Nizami küçəsi 5, Bakı", ("+994502003015", "Rəşad Əliyev"), (), "AZ21NABZ00000000137010001944",
        "AZ45NABZ20000030150000000000", "azercell", 1_500_00, (18_40, 25_00),
    ),
    DemoShop(
        "3000004021", "ES", "Bilbo Denda", "Kale Nagusia 3, Bilbo", ("+34600004021", "Ane Etxeberria"), (), "ES9121000418450200051332",
        "ES6000491500051234567892", "masmovil", 2_000_00, (20_25, 29_90),
    ),
    DemoShop(
        "4000005033", "HU", "Pesti Sarok", "Fő utca 9, Budapest", ("+36200005033", "Kovács Zsófia"), (), "HU42117730161111101800000000",
        "HU31117730160000400005033000", "vodafone-hu", 500_000_00, (16_595_00, 21_090_00),
    ),
)  # fmt: skip

STAFF = (
    ("05340000001", "Deniz Aydın", "approver"),
    ("05340000002", "Selin Koç", "approver"),
    ("05340000003", "Burak Demir", "operator"),
    ("05340000004", "Ece Arslan", "support"),
    ("05340000005", "Murat Çelik", "accountant"),
    ("05340000006", "Gül Öztürk", "auditor"),
)

BANKS = (
    ("TR330006100519786457841326", "Liman Bankası", "TR"),
    ("TR760006200000012340000629", "Örnek Bank", "TR"),
    ("AZ21NABZ00000000137010001944", "Nümunə Bank", "AZ"),
    ("ES9121000418450200051332", "Banco Ejemplo", "ES"),
    ("HU42117730161111101800000000", "Mintabank", "HU"),
)


def make_demo(config: Config, *, now: datetime) -> bool:
    """
    A journey. Whoever stops it on the way starts it again and gets the whole.

    :returns: whether there is a demo; a database with other people's agents stays as it is
    """
    with db.transaction() as session:
        if not may_begin(session, now=now):
            return False
        if is_done(session, MADE):
            return True
        if not session.get(Agent, SHOPS[0].number):
            add_records(session, now=now)
    outside = Outside(Peer(config.billers_url), Bank(config), Gateways(config))
    for shop in SHOPS:
        open_for_business(shop, outside)
    with db.transaction() as session:
        audit.record(session, MADE, about="demo", by=BY, at=clock.now())
    return True


def may_begin(session: Session, *, now: datetime) -> bool:
    if is_done(session, BEGUN):
        return True
    if session.scalar(select(func.count()).select_from(Agent)) or session.scalar(select(func.count()).select_from(Person)):
        return False
    audit.record(session, BEGUN, about="demo", by=BY, at=now)
    return True


def is_done(session: Session, event: str) -> bool:
    return session.scalars(select(AuditLine.id).filter_by(event=event, by=BY).limit(1)).first() is not None


def add_records(session: Session, *, now: datetime) -> None:
    for iban, bank, market in BANKS:
        add_bank_account(session, iban=iban, bank=bank, market=market, by=BY, now=now)
    for market, amount in desk_limits(session, now=now).items():  # contract.md §5: what is uploaded in the demo is credited at once
        set_desk_limit(session, market=market, amount=amount, valid_from=None, uploads_wait=False, by=BY, now=now)
    for biller in demo_billers():
        session.add(biller)
    session.flush()
    for tariff in demo_tariffs():
        session.add(tariff)
    for shop in SHOPS:
        agent = add_agent(
            session, number=shop.number, market=shop.market, name=shop.name, address=shop.address, iban=shop.own_iban, by=BY, now=now
        )
        session.flush()
        for role, persons in (("owner", (shop.owner,)), ("cashier", shop.cashiers)):
            for phone, name in persons:
                add_person(session, agent=agent, role=role, name=name, phone=phone, password=PASSWORD, by=BY, now=now)
    for phone, name, role in STAFF:
        add_person(session, agent=None, role=role, name=name, phone=phone, password=PASSWORD, by=BY, now=now)


def demo_billers() -> Sequence[Biller]:
    return (
        Biller(
            code="millenicom", market="TR", name="Millenicom", category="internet", phone="444 0 144", door="bank", secret="demo",
            subscriber_label="Abone numarası", subscriber_pattern="53[0-9]{8}", subscriber_example="5300001042",
            desk="444 0 144 Müşteri Hizmetleri", sms_code="4144",
        ),
        Biller(
            code="azercell", market="AZ", name="Azercell", category="mobile", phone="111", door="direct", secret="demo",
            subscriber_label="Nömrə", subscriber_pattern="(?:10|50|51)[0-9]{7}", subscriber_example="502003015", amount_rule="any",
            desk="Azercell Ekspres", sms_code="650", sms_price="0.0236", paper_ended_on=date(2020, 1, 25),
        ),
        Biller(
            code="masmovil", market="ES", name="MASMOVIL", category="mobile", phone="2373", door="direct", secret="demo",
            subscriber_label="Número de línea", subscriber_pattern="6[0-9]{8}", subscriber_example="600004021",
            desk="MASMOVIL, 2373", sms_code="23730",
        ),
        Biller(
            code="vodafone-hu", market="HU", name="Vodafone Magyarország", category="mobile", phone="1270", door="direct", secret="demo",
            subscriber_label="Telefonszám", subscriber_pattern="70[0-9]{7}", subscriber_example="700005033",
            desk="Vodafone ügyfélszolgálat, 1270", sms_code="1271",
        ),
    )  # fmt: skip


def demo_tariffs() -> Sequence[Tariff]:
    """Millenicom's customers pay no fee."""
    since = date(2025, 1, 1)
    return (
        Tariff(biller="azercell", agent_group="standard", valid_from=since, fee=[{"flat": 20}], share=[{"flat": 12}], tax=0),
        Tariff(biller="masmovil", agent_group="standard", valid_from=since, fee=[{"flat": 50}], share=[{"flat": 30}], tax=0),
        Tariff(biller="vodafone-hu", agent_group="standard", valid_from=since, fee=[{"flat": 20000}], share=[{"flat": 12000}], tax=0),
    )


@dataclass(frozen=True)
class Outside:
    """:ivar controls: of the sandbox, where somebody sends money and a carrier writes a bill"""

    controls: Peer
    bank: Bank
    gateways: Gateways

    def control(self, what: str, **facts: object) -> dict[str, str]:
        with self.controls.place():
            reply = self.controls.call(
                "POST", f"/control/{what}", body=json.dumps(facts).encode(), headers={"Content-Type": "application/json"}
            )
        if reply.status != 201:
            raise RuntimeError(f"the sandbox answered {reply.status} to {what}: {reply.body.decode(errors='replace')[:300]}")
        made: dict[str, str] = json.loads(reply.body)
        return made

    def subscribers(self, biller: str) -> list[str]:
        with self.controls.place():
            reply = self.controls.call("GET", f"/control/subscribers?biller={biller}")
        return [item["number"] for item in json.loads(reply.body)["items"]]


def open_for_business(shop: DemoShop, outside: Outside) -> None:
    """A first transfer, the payments, and a second transfer that brings the balance to what it shall be."""
    market = MARKETS[shop.market]
    aim = Money(shop.balance, market.currency)
    paid = how_many(Payment, shop)
    if how_many(Deposit, shop) == 0:
        top_up(shop, Money(sum(shop.paid) * 2, market.currency), outside)
    for number, amount in enumerate(shop.paid[paid:], start=paid):
        pay(shop, Money(amount, market.currency), number, outside)
    missing = aim - balance_of(shop)
    if missing.minor > 0:
        top_up(shop, missing, outside)
    if balance_of(shop) != aim:
        raise RuntimeError(f"agent {shop.number} has {balance_of(shop)} and should have {aim}")


def how_many(model: type[Payment] | type[Deposit], shop: DemoShop) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(model).filter_by(agent=shop.number)) or 0


def balance_of(shop: DemoShop) -> Money:
    with db.reading() as session:
        return book.balance(session, agent_account(shop.number)).balance


def top_up(shop: DemoShop, amount: Money, outside: Outside) -> None:
    """From the owner's bank, with the login phone in the text; unless the bank has it already from a start that was stopped."""
    phone, name = shop.owner
    before = balance_of(shop)
    bring_in(outside)
    if balance_of(shop) != before:
        return
    outside.control(
        "transfers", iban=shop.iban, amount=amount.minor, currency=amount.currency, sender_name=name, sender_iban="", description=phone
    )
    bring_in(outside)


def bring_in(outside: Outside) -> None:
    fetch_statements(outside.bank, now=clock.now())
    credit_deposits(now=clock.now())


def pay(shop: DemoShop, amount: Money, number: int, outside: Outside) -> None:
    """A bill made for the demo, so that the subscribers' own bills stay open for whoever tries."""
    market = MARKETS[shop.market]
    biller = find_biller(shop.biller, market)
    gateway = outside.gateways.of(biller)
    plain = 200 + number + SHOPS.index(shop) * 3  # of the first 220, which have nothing special
    subscriber = outside.subscribers(biller.code)[plain]
    ref = outside.control("bills", biller=biller.code, subscriber=subscriber, amount=amount.minor)["ref"]
    quotes = look_up_bills(biller, subscriber, gateway, asked_by=shop.number, now=clock.now()).quotes
    bill = next(quote.bill for quote in quotes if quote.bill.ref == ref)
    with db.reading() as session:
        seller = session.scalars(select(Person).filter_by(agent=shop.number).order_by(Person.id.desc()).limit(1)).one()
    wish = Wish(
        agent=shop.number,
        person=seller.id,
        market=market,
        biller=biller,
        charges=charges_for(biller, amount, agent_group="standard", on=clock.today(market.zone)),
        key=f"demo-{shop.number}-{number}",
        subscriber=subscriber,
        bill=ref,
        amount=amount,
        version=bill.version,
    )
    pay_bill(wish, gateway, now=clock.now())
