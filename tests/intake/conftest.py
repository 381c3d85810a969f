"""A shop whose address is registered, an operator, and a mailbox as the test says: the mail is what the reader hands over."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import clock, db
from app.agents.model import Agent
from app.changes.model import Change
from app.changes.request_change import Wish, request_change
from app.documents.clean_scan import CleanScan, WrongKind
from app.inquiries.open_mail import Letter
from app.inquiries.read_mailbox import Arrival
from app.intake import bring_paper, open_papers
from app.intake.model import Intake, IntakePaper
from app.intake.take_mail import PaperDesk
from app.notifications.model import Message
from app.people.model import Person
from tests.conftest import Database
from tests.people import Shop, at, hire, open_shop

TEN = at("2026-11-23T10:00:00+03:00")
KEYS = (b"k" * 32,)
MAIL = "kizilay@example.com"


@pytest.fixture
def monday(database: Database) -> Iterator[Callable[[datetime], None]]:
    """It is ten o'clock; call it to make it another time."""
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller.move_to


@pytest.fixture
def shop(monday: object) -> Shop:
    shop = open_shop("1000001042")
    with db.transaction() as session:
        session.get_one(Agent, shop.number).email = MAIL
    return shop


@pytest.fixture
def operator(monday: object) -> Person:
    return hire("operator", name="Burak Demir")


def picture(*codes: str) -> bytes:
    """What the clean room of these tests opens: the codes that stand on it."""
    return b"picture " + ",".join(codes).encode()


@pytest.fixture(autouse=True)
def quick_scans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Making scans anew has its own tests. :returns: the watermarks that were drawn"""
    drawn: list[str] = []

    def clean(content: bytes, *, field: str, watermark: str) -> CleanScan:
        if not content.startswith(b"picture"):
            raise WrongKind(field)
        drawn.append(watermark)
        codes = content.removeprefix(b"picture ").decode().split(",")
        return CleanScan(b"\xff\xd8\xff" + content, "image/jpeg", 1, tuple(f"GISE:{code}" for code in codes if code))

    for place in (open_papers, bring_paper):
        monkeypatch.setattr(place, "clean_scan", clean)
    return drawn


@dataclass
class Post:
    """People write; the worker's room takes it in."""

    desk: PaperDesk
    count: int = 0
    taken: list[bool] = field(default_factory=list)

    def __call__(
        self,
        *attachments: bytes,
        sender: str = MAIL,
        subject: str = "Evrak",
        body: str = "Ektedir.",
        asks_for_a_bill: bool = False,
        source: str = "",
        **more: object,
    ) -> Intake | None:
        self.count += 1
        facts: dict[str, object] = {"machine": "", "report": False, "too_long": False} | more
        letter = Letter(
            source or f"mail-{self.count}", sender, "gise@gise.example", subject, body, "<a@x.example>", "<a@x.example>",
            attachments=attachments, **facts,  # type: ignore[arg-type]
        )  # fmt: skip
        arrived = clock.now() - timedelta(minutes=3)
        self.taken.append(self.desk(Arrival(letter, arrived, asks_for_a_bill=asks_for_a_bill), now=clock.now()))
        return last() if self.taken[-1] else None


@pytest.fixture
def post(monday: object, database: Database) -> Post:
    return Post(PaperDesk(database.config.scan_keys, None))


def last() -> Intake:
    with db.reading() as session:
        return session.scalars(select(Intake).order_by(Intake.id.desc()).limit(1)).one()


def papers(intake: Intake | None) -> Sequence[IntakePaper]:
    assert intake
    with db.reading() as session:
        return session.scalars(select(IntakePaper).filter_by(intake=intake.id).order_by(IntakePaper.place)).all()


def filed(intake: Intake | None) -> list[str]:
    return [paper.filed_as for paper in papers(intake)]


def answers(to: str = MAIL) -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(Message.body).filter_by(recipient=to, channel="mail").order_by(Message.id)))


def keyed_in(shop: Shop, operator: Person, *, kind: str = "person-add", phone: str = "05351112233") -> Change:
    """On behalf of the owner, who has still to sign: its papers are missing."""
    wanted = {"name": "Can Er", "phone": phone, "role": "cashier"} if kind == "person-add" else {"name": "Yeni İletişim"}
    wish = Wish(kind=kind, by=f"person:{operator.id}", agent=shop.number, wanted=wanted, on_behalf_of=shop.owner.id)
    return request_change(wish, keys=KEYS, now=clock.now())


def state(change: Change) -> str:
    with db.reading() as session:
        return session.get_one(Change, change.id).state
