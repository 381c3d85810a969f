"""A mail with number and month answers with the bill as PDF, or names what is missing (product.md §11); over the sandbox's real servers."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import structlog
import time_machine
from imap_tools import MailMessage

from app import clock, db
from app.billers.gateways import Gateways
from app.config import Config
from app.demo import demo_billers
from app.inquiries import answer_inquiries as answering
from app.inquiries import read_mailbox as reading
from app.inquiries.answer_mail import answer_mail, reply
from app.inquiries.model import EBill, Inquiry
from app.inquiries.note_bounce import Bounce, note_bounces
from app.inquiries.open_mail import Letter, open_mail
from app.inquiries.read_mailbox import Mailbox, read_mailbox
from app.inquiries.understand import understand
from app.money import Money
from app.notifications.deliver_messages import Messenger, deliver_messages, message_id
from app.notifications.write_message import write_mail
from tests.conftest import Database
from tests.inquiries.conftest import inquiries, messages, outcomes
from tests.sandbox_process import Controls, Json, Sandbox, running_sandbox

GISE = "gise@gise.example"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@dataclass
class Post:
    """Both ends of the mail: people at the sandbox, and the worker's jobs."""

    sandbox: Sandbox
    config: Config

    @property
    def control(self) -> Controls:
        return self.sandbox.control

    def read(self) -> None:
        """The worker looks once."""
        read_mailbox(Mailbox(self.config), Gateways(self.config), now=clock.now())

    def says(self, text: str, *, sender: str = "ayse@example.com", subject: str = "Fatura", **more: str) -> None:
        self.control.mail(sender, GISE, subject, text, **more)  # type: ignore[arg-type]

    def sent(self, to: str) -> list[Json]:
        deliver_messages(Messenger(self.config), now=clock.now())
        return self.control.messages("mail", to=to)

    def last_bill(self, biller: str) -> tuple[str, str]:
        """:returns: a subscriber and the month of a bill there is"""
        number = self.control.plain_subscriber(biller)
        record = next(one for one in demo_billers() if one.code == biller)
        record.url, record.secret = self.sandbox.url, "demo"
        bills = Gateways(self.config).of(record).inquire(number).bills
        return number, f"{bills[0].last_day:%Y-%m}"

    def raw(self, message: int) -> bytes:
        with sqlite3.connect(self.sandbox.store) as connection:
            return bytes(connection.execute("SELECT raw FROM messages WHERE id = ?", (message,)).fetchone()[0])


@pytest.fixture
def post(database: Database, sandbox: Sandbox) -> Post:
    config = replace(
        database.config,
        billers_url=sandbox.url,
        sms_url=sandbox.sms_url,
        smtp_url=sandbox.smtp_url,
        imap_url=sandbox.imap_url,
    )
    with db.transaction() as session:
        session.add_all(demo_billers())
    db._remembered.clear()
    post = Post(sandbox, config)
    post.read()  # what other tests left in the box
    return post


def one(post: Post, to: str) -> Json:
    (mail,) = post.sent(to)
    return mail


def test_we_write_from_the_address_that_was_set_and_never_answer_ourselves(post: Post) -> None:
    post.config = replace(post.config, mail_from="fatura@pay.example")
    post.says("hello", sender="first@example.com")
    post.says("hello", sender="fatura@pay.example")
    post.read()
    assert one(post, "first@example.com")["from"] == "fatura@pay.example"
    assert post.sent("fatura@pay.example") == []


@pytest.mark.parametrize("biller", ["millenicom", "azercell", "masmovil", "vodafone-hu"])
def test_number_and_month_bring_the_bill(post: Post, biller: str) -> None:
    number, month = post.last_bill(biller)
    sender = f"{biller}@example.com"
    post.says(f"{number} {month}", sender=sender, subject="")
    post.read()
    mail = one(post, sender)
    assert [(part["type"], part["name"].startswith(biller)) for part in mail["attachments"]] == [("application/pdf", True)]
    assert number in mail["text"] and mail["subject"].startswith("Re: ")
    inquiry = inquiries()[-1]
    assert (inquiry.outcome, inquiry.biller, inquiry.subscriber, inquiry.period) == ("answered", biller, number, month)


def test_a_reply_says_whom_it_answers_and_that_a_machine_wrote_it(post: Post) -> None:
    number, month = post.last_bill("millenicom")
    post.says(f"{number} {month}", sender="thread@example.com", Message_ID="<b@x.example>", References="<a@x.example>")
    post.read()
    mail = message_from_bytes(post.raw(one(post, "thread@example.com")["id"]), policy=policy.default)
    assert (mail["In-Reply-To"], mail["References"]) == ("<b@x.example>", "<a@x.example> <b@x.example>")
    assert (mail["Auto-Submitted"], mail["Subject"]) == ("auto-replied", "Re: Fatura")


@pytest.mark.parametrize("length", [60, 100, 190])
def test_long_message_ids_stay_whole(post: Post, length: int) -> None:
    name = f"<{'x' * length}@example.com>"
    sender = f"long{length}@example.com"
    post.says("merhaba", sender=sender, Message_ID=name)
    post.read()
    raw = post.raw(one(post, sender)["id"])
    assert f"In-Reply-To: {name}".encode() in raw.replace(b"\r\n ", b" ").replace(b":  ", b": ")


def test_what_is_missing_is_named_with_an_example(post: Post) -> None:
    post.says("Merhaba, faturamı istiyorum, lütfen. Mayıs 2025", sender="m1@example.com")
    post.says("Hello, please send me the bill for 5300001042, thanks", sender="m2@example.com")
    post.says("Hello, please send me my bill, thanks", sender="m3@example.com")
    post.read()
    first, second, third = (one(post, f"m{number}@example.com") for number in (1, 2, 3))
    assert first["text"].count("\n- ") == second["text"].count("\n- ") == 1 and third["text"].count("\n- ") == 2
    assert "- the month of the bill" in second["text"] and "5300001042" in second["text"]
    assert "- the subscriber number" in third["text"] and "- the month of the bill" in third["text"]
    assert "5300001042" in first["text"], "an example of the writer's country"
    assert all(mail["attachments"] == [] for mail in (first, second, third)) and outcomes()[-3:] == ["incomplete"] * 3


def test_the_writer_s_language_answers(post: Post) -> None:
    post.says("Merhaba, faturamı istiyorum, lütfen", sender="tr@example.com")
    post.says("Hello, please send me my bill, thanks", sender="en@example.com")
    post.read()
    assert "Merhaba" in one(post, "tr@example.com")["text"] and "Hello" in one(post, "en@example.com")["text"]


def test_no_such_bill_no_such_subscriber_and_a_closed_account_are_told_apart(post: Post) -> None:
    """P-28"""
    number, _ = post.last_bill("millenicom")
    closed = next(str(each["number"]) for each in post.control.subscribers("millenicom") if each["state"] == "closed")
    for sender, text in (("n1", f"{number} 2001-05"), ("n2", "5399999999 2025-05"), ("n3", f"{closed} 2025-05")):
        post.says(f"Hello please {text}", sender=f"{sender}@example.com")
    post.read()
    assert sorted(str(outcome) for outcome in outcomes()[-3:]) == ["closed", "no-bill", "not-found"]
    texts = [one(post, f"n{place}@example.com")["text"] for place in (1, 2, 3)]
    assert len(set(texts)) == 3 and "May 2001" in texts[0] and "444 0 144" in texts[2]


def test_a_biller_that_is_away_is_asked_again_before_that_is_said(post: Post) -> None:
    number, month = post.last_bill("azercell")
    post.control.fault("azercell", "inquiry", "error_500", times=4, subscriber=number)
    with time_machine.travel(clock.now(), tick=False) as travel:
        start = clock.now()
        post.says(f"{number} {month}", sender="away@example.com")
        for minutes in (0, 1, 6, 21):
            travel.move_to(start + timedelta(minutes=minutes))
            assert post.sent("away@example.com") == []
            post.read()
        assert outcomes()[-1] == "unreachable" and len(post.sent("away@example.com")) == 1


def test_post_and_fax_are_refused_with_the_reason_and_the_bill_comes_by_mail(post: Post) -> None:
    number, month = post.last_bill("azercell")
    post.says(f"Hello, please send the bill {number} {month} by post", sender="p1@example.com")
    post.says("Hello, please send my bill by fax", sender="p2@example.com")
    post.says(f"Hello, please send the bill {post.last_bill('masmovil')[0]} by fax", sender="p3@example.com")
    post.read()
    first, second, third = (one(post, f"p{number}@example.com") for number in (1, 2, 3))
    assert "25.01.2020" in first["text"] and "650" in first["text"] and len(first["attachments"]) == 1
    assert "not delivered by post or fax" in second["text"] and "MASMOVIL" in third["text"] and "25.01.2020" not in third["text"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.com>"},
        {"Return_Path": "<>"},
        {"X_Auto_Response_Suppress": "All"},
        {"From": "MAILER-DAEMON@example.com"},
        {"From": "no-reply@example.com"},
        {"From": GISE},
        {"From": "nobody"},
    ],
)
def test_machines_are_never_answered(post: Post, headers: dict[str, str]) -> None:
    """Two machines that answer each other never stop."""
    before = len(messages())
    post.says("5300001042 2025-05", sender="machine@example.com", **headers)
    post.read()
    assert outcomes()[-1] == "ignored" and len(messages()) == before


def test_a_person_s_client_may_say_that_no_machine_wrote(post: Post) -> None:
    post.says("merhaba", sender="person@example.com", Auto_Submitted="no")
    post.read()
    assert outcomes()[-1] == "incomplete"


def test_html_alone_is_read(post: Post) -> None:
    number, month = post.last_bill("millenicom")
    post.says(
        "", sender="html@example.com", html=f"<table><tr><td>{number}</td><td>{month}</td></tr></table><blockquote>5300001043</blockquote>"
    )
    post.read()
    assert len(one(post, "html@example.com")["attachments"]) == 1


def test_little_of_what_a_stranger_wrote_goes_back_and_in_few_mails() -> None:
    inquiry = Inquiry(language="en", subject="x" * 200, subscriber="5300001042", period="2025-05")
    assert reply(inquiry, "answered", []).subject == "Re: " + "x" * 80
    bills = [bill_of(f"r{place}", date(2025, 5, 28)) for place in range(9)]
    found = SimpleNamespace(bills=bills, subscriber=SimpleNamespace(number="5300001042", advance=Money(0, "TRY")))
    assert len(answer_mail(inquiry, next(iter(demo_billers())), found).bills) == 3  # type: ignore[arg-type]


def bill_of(ref: str, day: date) -> SimpleNamespace:
    money = Money(1, "TRY")
    return SimpleNamespace(ref=ref, number=ref, first_day=day, last_day=day, due_on=day, amount=money, open=money, state="open")


def test_headers_cannot_be_injected(post: Post) -> None:
    """C15"""
    post.says("merhaba", sender="inject@example.com", subject="=?utf-8?q?Fatura=0D=0ABcc:_all=40example.com=0D=0A=0D=0Abody?=")
    post.read()
    mail = message_from_bytes(post.raw(one(post, "inject@example.com")["id"]), policy=policy.default)
    assert mail["Bcc"] is None and mail["To"] == "inject@example.com" and "\n" not in str(mail["Subject"])
    assert len(mail.get_all("Subject", [])) == len(mail.get_all("To", [])) == 1


def test_of_a_mail_that_is_too_large_only_the_subject_is_read(post: Post) -> None:
    number, month = post.last_bill("millenicom")
    attachment = {"name": "film.mp4", "type": "video/mp4", "content": "AAAA" * 1_200_000}
    post.control.mail("large@example.com", GISE, "Hello please", f"{number} {month}", [attachment])
    post.control.mail("large2@example.com", GISE, f"{number} {month}", "", [attachment])
    with patch.object(reading, "LARGEST", 3_000_000):
        post.read()
    assert "too large" in one(post, "large@example.com")["text"] and len(one(post, "large2@example.com")["attachments"]) == 1


def test_whoever_writes_too_often_hears_nothing(post: Post) -> None:
    for _ in range(23):
        post.says("merhaba", sender="often@example.com")
    post.read()
    assert len(post.sent("often@example.com")) == 20 and outcomes().count("too-many") == 3


def test_the_same_mail_twice_and_two_workers_at_once_are_one_reply(post: Post) -> None:
    number, month = post.last_bill("millenicom")
    for _ in range(2):
        post.says(f"{number} {month}", sender="twice@example.com", Message_ID="<one@example.com>")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: post.read(), range(2)))
    assert len(post.sent("twice@example.com")) == 1


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("place", "name"), [(reading, "keep_inquiry"), (reading, "note_bounces"), (answering, "ask"), (answering, "end_inquiry")]
)
@pytest.mark.parametrize("after", [False, True])
def test_whoever_is_killed_between_two_steps_is_finished_by_the_next(post: Post, place: object, name: str, after: bool) -> None:
    number, month = post.last_bill("azercell")
    sender = f"killed-{name.replace('_', '-')}-{after}@example.com"
    post.says(f"{number} {month}", sender=sender)
    real, deaths = getattr(place, name), iter([True])

    def dies(*args: object, **kwargs: object) -> object:
        dying = next(deaths, False)
        if dying and not after:
            raise Killed
        answer = real(*args, **kwargs)
        if dying:
            raise Killed
        return answer

    with patch.object(place, name, dies):
        with pytest.raises(Killed):
            post.read()
        with time_machine.travel(clock.now() + timedelta(seconds=31), tick=False):
            post.read()
            post.read()
            assert len(post.sent(sender)) == 1


def test_a_mail_nobody_can_open_holds_up_no_other(post: Post) -> None:
    post.says("x", sender="broken@example.com")
    post.says("merhaba", sender="behind@example.com")
    real, deaths = open_mail, iter([True])

    def breaks(*args: object, **kwargs: object) -> object:
        if next(deaths, False):
            raise LookupError("unknown encoding: nothing")
        return real(*args, **kwargs)  # type: ignore[arg-type]

    with patch.object(reading, "open_mail", breaks):
        post.read()
    assert len(post.sent("behind@example.com")) == 1 and "ignored" in outcomes()


def test_a_mail_in_which_we_die_each_time_is_put_aside_and_the_next_is_answered(post: Post) -> None:
    class Death(BaseException):
        """The process ends here."""

    post.says("x", sender="deadly@example.com")
    post.says("merhaba", sender="after-it@example.com")
    with patch.object(reading, "open_mail", side_effect=Death):
        for _ in range(reading.MOST_OPENINGS):
            with pytest.raises(Death):
                post.read()
    post.read()
    assert len(post.sent("after-it@example.com")) == 1 and post.sent("deadly@example.com") == [] and "ignored" in outcomes()


@pytest.mark.parametrize(
    "hostile",
    [
        b"Subject: " + b"=?utf-8?q?x?= " * 10_000 + b"\r\n\r\nx",
        b"Subject: x\r\n\r\n" + b"\r\n" * 100_000,
        b"A: b\r\n\r\n" + b"--x\r\n" * 300,
    ],
)
def test_what_is_made_to_keep_us_busy_is_not_taken_apart(hostile: bytes) -> None:
    with patch.object(MailMessage, "__init__") as parse, pytest.raises(reading.MadeToKeepUsBusy):
        reading.BoundedMail([(b"1 (UID 1 BODY[] {9}", hostile), b")"])
    assert not parse.called


def test_a_mail_made_to_keep_us_busy_holds_up_no_other(post: Post) -> None:
    post.says("x\n" + "--x\n" * 300, sender="busy@example.com")
    post.says("merhaba", sender="behind-it@example.com")
    post.read()
    assert len(post.sent("behind-it@example.com")) == 1 and post.sent("busy@example.com") == [] and "ignored" in outcomes()


def test_a_mail_that_cannot_be_built_hinders_no_other(post: Post) -> None:
    """It is a noted failure of its own, loud, without its text and recipient."""
    with db.transaction() as session:
        for place, to in enumerate(("secret@[b.c", "fine@example.com")):
            write_mail(session, key=f"m{place}", to=to, subject="Faturanız", body="private", now=clock.now())
    with structlog.testing.capture_logs() as said:
        assert len(post.sent("fine@example.com")) == 1
    (bad,) = [message for message in messages() if message.recipient == "secret@[b.c"]
    assert bad.last_error.startswith("it cannot be sent") and bad.tries == 1 and bad.next_try_at
    assert [line["log_level"] for line in said if line["event"] == "message.cannot-be-sent"] == ["error"]
    assert "secret@" not in f"{said} {bad.last_error}" and "private" not in str(said)


# Mails that come back ------------------------------------------------------------------------------------------------------------------


def registered(email: str) -> int:
    with db.transaction() as session:
        e_bill = EBill(
            biller="azercell", subscriber="502003015", email=email, agent="2000003015", consent_at=clock.now(), consent_by="person:1",
            bills_from=clock.now().date(), seen=[], next_look_at=clock.now(),
        )  # fmt: skip
        session.add(e_bill)
        session.flush()
        return e_bill.id


def is_bounced(number: int) -> bool:
    with db.reading() as session:
        return session.get_one(EBill, number).bounced_at is not None


def test_a_mail_that_comes_back_marks_its_address(post: Post) -> None:
    number = registered("wrong@example.com")
    with db.transaction() as session:
        write_mail(session, key="x", to="wrong@example.com", subject="Faturanız", body="…", now=clock.now())
    mail = one(post, "wrong@example.com")
    post.control.bounce(mail["id"])
    post.read()
    assert is_bounced(number) and outcomes()[-1] == "bounce"


def test_whoever_did_not_get_the_mail_cannot_name_it(post: Post) -> None:
    number = registered("safe@example.com")
    with db.transaction() as session:
        write_mail(session, key="z", to="safe@example.com", subject="Faturanız", body="…", now=clock.now())
    assert len(post.sent("safe@example.com")) == 1
    (message,) = [message for message in messages() if message.key == "z"]
    true = message_id(message)
    for guess in (f"<{message.id}.{message.created_at:%Y%m%d%H%M%S}@gise.example>", true.replace(message.token.hex, "0" * 32), true):
        with db.transaction() as session:
            note_bounces(session, [Bounce(guess, "safe@example.com")], now=clock.now())
        assert is_bounced(number) == (guess == true)


def test_reports_count_among_what_their_sender_wrote(post: Post) -> None:
    reports = [Letter(f"r{place}", "x@example.com", "", "", "", "", "", "", report=True, too_long=False) for place in range(21)]
    wish = understand("", "", [])
    kept = [reading.understood(letter, wish, now=clock.now()).outcome for letter in reports]
    assert kept == ["bounce"] * 20 + ["too-many"]
    tagged = Letter("r", "X+tag@example.com", "", "", "", "", "", "", report=False, too_long=False)
    assert reading.understood(tagged, wish, now=clock.now()).outcome == "too-many"


def test_a_report_about_no_mail_of_ours_marks_nothing(post: Post) -> None:
    """Anybody may write a report; only one about a mail that we sent to that address counts."""
    number = registered("right@example.com")
    with db.transaction() as session:
        write_mail(session, key="y", to="somebody@example.com", subject="Faturanız", body="…", now=clock.now())
    mail = one(post, "somebody@example.com")
    with sqlite3.connect(post.sandbox.store) as connection:
        connection.execute("UPDATE messages SET recipient = 'right@example.com' WHERE id = ?", (mail["id"],))
    post.control.bounce(mail["id"])
    post.read()
    assert not is_bounced(number) and outcomes()[-1] == "bounce"
