"""Each copy of a bill is counted and written down, in the transaction in which it goes out (product.md §11)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pypdf
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app import db
from app.audit import AuditLine
from app.billers.hand_out_bill import HandOut, file_name, mail_copy, print_copy, record_copy
from app.billers.model import ASKED_BY_MAIL, BillCopy
from app.billers.queries import copies_of
from app.notifications.addresses import masked, read_mail_address
from app.notifications.model import Message
from tests.billers import sample_bills as samples
from tests.conftest import Database
from tests.people import at, open_biller

NOON = at("2026-07-10T12:00:00+03:00")
TO = "musteri@example.com"


@pytest.fixture
def copy(database: Database) -> HandOut:
    record = open_biller().record
    return HandOut(record, samples.subscriber("millenicom"), samples.millenicom_june(), "en", by="person:7", agent="1000001042")


def copies(copy: HandOut) -> list[BillCopy]:
    with db.reading() as session:
        return list(reversed(copies_of(session, copy.biller.code, copy.subscriber.number, copy.bill.ref)))


def messages() -> list[Message]:
    with db.reading() as session:
        return list(session.scalars(select(Message)))


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages).split())


def mails(copy: HandOut, *, key: str = "k1", to: str = TO, **more: str) -> bool:
    with db.transaction() as session:
        return mail_copy(session, copy, to=to, key=key, now=NOON, **more)


def prints(copy: HandOut) -> str:
    with db.transaction() as session:
        return words(print_copy(session, copy, now=NOON))


def test_printed_and_mailed_copies_are_counted_together(copy: HandOut) -> None:
    assert "COPY" not in prints(copy)
    assert mails(copy)
    assert mails(copy, key="k2", how=ASKED_BY_MAIL)
    assert "COPY 4" in prints(copy)
    assert [(one.copy, one.how, one.to, one.agent, one.by, one.language) for one in copies(copy)] == [
        (1, "printed", "", "1000001042", "person:7", "en"),
        (2, "mailed", TO, "1000001042", "person:7", "en"),
        (3, "asked-by-mail", TO, "1000001042", "person:7", "en"),
        (4, "printed", "", "1000001042", "person:7", "en"),
    ]


def test_the_mail_brings_the_bill(copy: HandOut) -> None:
    mails(copy)
    (message,) = messages()
    assert (message.channel, message.recipient, message.subject) == ("mail", TO, "Millenicom: your bill M5300001042202606")
    for fact in ("Millenicom bill M5300001042202606", "1 Jun 2026 – 30 Jun 2026", "785.85 TL is open", "until 26 Jul 2026", "free copy"):
        assert fact in message.body.replace("\xa0", " ")
    assert message.attachment_name == "millenicom-M5300001042202606.pdf"
    assert message.attachment is not None
    assert "Total of the bill 785.85 TL" in words(message.attachment)


def test_a_bill_that_is_paid_is_not_asked_for_by_mail(copy: HandOut) -> None:
    mails(replace(copy, bill=replace(copy.bill, state="paid")))
    assert "Nothing of it is to be paid now." in messages()[0].body


def test_one_press_is_one_mail_and_one_copy(copy: HandOut) -> None:
    """B9: eight presses of the same form at once"""
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(lambda _: mails(copy), range(8)))
    assert sorted(new) == [False] * 7 + [True]
    assert (len(messages()), len(copies(copy))) == (1, 1)


def test_two_printers_never_make_the_same_copy(copy: HandOut) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: prints(copy), range(8)))
    assert [one.copy for one in copies(copy)] == list(range(1, 9))


def test_mail_copy_and_audit_line_happen_together_or_not_at_all(copy: HandOut) -> None:
    with pytest.raises(RuntimeError), db.transaction() as session:
        mail_copy(session, copy, to=TO, key="k1", now=NOON)
        raise RuntimeError("the transaction dies")
    assert (messages(), copies(copy)) == ([], [])
    mails(copy)
    with db.reading() as session:
        (line,) = session.scalars(select(AuditLine).filter_by(event="bill.mailed"))
    assert line.about == "millenicom/5300001042/M5300001042202606"
    assert line.facts == {"to": "m***@e***.com", "how": "mailed", "copy": "1", "language": "en"}, "C25: masked"


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE bill_copy SET \"to\" = 'x@y.zz'", "bill_copy is append-only"),
        ("UPDATE bill_copy SET biller = 'azercell'", "permission denied"),
        ("DELETE FROM bill_copy", "permission denied"),
        ("TRUNCATE bill_copy", "permission denied"),
    ],
)
def test_copies_are_for_ever(copy: HandOut, statement: str, refusal: str) -> None:
    """Only an address is ever replaced, by an erasure's pseudonym (C27)"""
    prints(copy)
    with pytest.raises(DBAPIError, match=refusal), db.transaction() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"how": "faxed", "to": TO}, "bill_copy_way_known"),
        ({"how": "mailed", "to": ""}, "bill_copy_mailed_to_somebody"),
        ({"how": "printed", "to": TO}, "bill_copy_mailed_to_somebody"),
        ({"how": "printed", "agent": "42"}, "bill_copy_agent_has_ten_digits"),
        ({"how": "printed", "by": ""}, "bill_copy_by_someone_in_a_language"),
    ],
)
def test_the_table_states_the_business(copy: HandOut, wrong: dict[str, str], constraint: str) -> None:
    said = {"language": "en", "by": "person:1"} | wrong
    with pytest.raises(IntegrityError, match=constraint), db.transaction() as session:
        record_copy(session, "millenicom", "5300001042", "M1", now=NOON, **said)


@pytest.mark.parametrize(
    "typed",
    [
        "", "a", "a@b", "@example.com", "a@", "a@@example.com", "a b@example.com", "a@exa mple.com", "a@example.com,b@example.com",
        "a@example.com;b@example.com", "Ali <a@example.com>", "a@example.com\nBcc: b@example.com", "a@example.com\r\nSubject: x", "a\n@example.com",
        "a@example.com\0", '"a b"@example.com', "a..b@example.com", ".a@example.com", "a.@example.com", "a@-example.com", "a@example-.com",
        "a@example..com", "a@example.c", "a@127.0.0.1", "a@[127.0.0.1]", "ş@example.com", "a@örnek.com", "a@example.com\u2028", "<a@example.com>",
        "a" * 65 + "@example.com", "a@" + "b." * 126 + "com",
    ],
)  # fmt: skip
def test_what_is_no_address(typed: str) -> None:
    """C15: one address, and nothing that could become a second header"""
    assert read_mail_address(typed) is None


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ali.veli+fatura@example.com", "ali.veli+fatura@example.com"),
        (" Ali@Mail.EXAMPLE.com ", "Ali@mail.example.com"),
        ("o'neil@xn--rnek-5qa.example", "o'neil@xn--rnek-5qa.example"),
    ],
)
def test_what_is_an_address(typed: str, address: str) -> None:
    assert read_mail_address(typed) == address


def test_masked() -> None:
    assert masked("ali.veli@mail.example.com") == "a***@m***.com"
    assert masked("") == ""


def test_a_file_name_is_safe_in_every_header() -> None:
    """C12, C15"""
    bill = replace(samples.millenicom_june(), number='../..\r\nX: "ş" 1/2')
    assert file_name(samples.biller("millenicom"), bill) == "millenicom-X12"
