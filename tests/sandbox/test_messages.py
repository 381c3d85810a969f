"""SMS and mail, both ways."""

import base64
import smtplib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import urllib3

from tests.sandbox_process import Controls, Sandbox


def send(sandbox: Sandbox, to: str, text: str, key: str | None = None) -> urllib3.BaseHTTPResponse:
    headers = {"Idempotency-Key": key} if key else {}
    return urllib3.request("POST", f"{sandbox.sms_url}/messages", json={"to": to, "text": text}, headers=headers)


def test_an_sms_is_kept_once_however_often_it_is_sent(sandbox: Sandbox, control: Controls) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: send(sandbox, "05320001042", "Kodunuz: 123456", "sms-1"), range(20)))
    assert {answer.status for answer in answers} == {201} and len({answer.json()["id"] for answer in answers}) == 1
    (message,) = control.messages("sms", to="05320001042")
    assert message["id"] == answers[0].json()["id"] and (message["text"], message["attachments"]) == ("Kodunuz: 123456", [])
    assert send(sandbox, "05320001042", "another", "sms-1").json()["code"] == "key_reused"


def test_without_a_key_two_are_two(sandbox: Sandbox, control: Controls) -> None:
    for _ in range(2):
        send(sandbox, "05320009999", "aynı metin")
    assert len(control.messages("sms", to="05320009999")) == 2
    assert {message["to"] for message in control.messages("sms")} >= {"05320009999"}


def test_the_inbox_is_read_on_from_the_last_one(sandbox: Sandbox, control: Controls) -> None:
    first, second = control.sms("05321234567", "650", "5300001042"), control.sms("05321234567", "650", "KAÇ BORCUM VAR?")
    inbox = f"{sandbox.sms_url}/inbox"
    everything = urllib3.request("GET", inbox).json()["items"]
    assert [one["id"] for one in everything][-2:] == [first, second]
    (last,) = urllib3.request("GET", f"{inbox}?after={first}").json()["items"]
    assert set(last) == {"id", "from", "to", "text", "at"} and (last["from"], last["text"]) == ("05321234567", "KAÇ BORCUM VAR?")
    assert urllib3.request("GET", f"{inbox}?after={second}").json()["items"] == []
    assert urllib3.request("GET", f"{inbox}?after=x").json()["field"] == "after"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": "1"}, "text"),
        ({"to": "1", "text": ""}, "text"),
        ({"to": 1, "text": "x"}, "to"),
        ({"to": "1", "text": "x", "from": "y"}, "from"),
    ],
)
def test_an_sms_that_cannot_be_sent(sandbox: Sandbox, body: dict[str, object], field: str) -> None:
    answer = urllib3.request("POST", f"{sandbox.sms_url}/messages", json=body)
    assert (answer.status, answer.json()["field"]) == (422, field)


def test_mail_is_taken_and_shown(sandbox: Sandbox, control: Controls) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "gise@example.com", "a@example.com, b@example.com", "Faturanız – Ekim"
    mail.set_content("Sayın müşterimiz,\nfaturanız ektedir.\n")
    mail.add_attachment(b"%PDF-1.7 not really", maintype="application", subtype="pdf", filename="fatura ğ.pdf")
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port) as smtp:
        smtp.send_message(mail)
    (shown,) = control.messages("mail", to="a@example.com")
    assert [shown] == control.messages("mail", to="b@example.com")
    assert (shown["channel"], shown["from"], shown["subject"]) == ("mail", "gise@example.com", "Faturanız – Ekim")
    assert shown["text"] == "Sayın müşterimiz,\nfaturanız ektedir.\n"
    assert shown["attachments"] == [{"name": "fatura ğ.pdf", "type": "application/pdf", "size": 19}]
    assert set(shown) == {"id", "channel", "to", "from", "subject", "text", "at", "attachments"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no header at all",
        b"Subject: =?utf-8?b?////?=\r\nContent-Type: text/plain; charset=nothing\r\n\r\n\xff\xfe",
        b"Subject: \xff\xfe\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhalf",
        b"Content-Type: text/html; charset=iso-8859-9\r\n\r\n<p>\xfe\xdd</p>",
        b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner",
    ],
)
def test_mail_of_any_shape_is_taken(sandbox: Sandbox, control: Controls, raw: bytes) -> None:
    before = len(control.messages("mail"))
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port) as smtp:
        assert smtp.sendmail("odd@example.com", ["odd@example.com"], raw) == {}
    assert len(control.messages("mail")) == before + 1


def test_mail_to_the_product_is_kept_as_it_travels(sandbox: Sandbox, control: Controls) -> None:
    attachment = {"name": "kimlik ş.jpg", "type": "image/jpeg", "content": base64.b64encode(b"\xff\xd8 invented").decode()}
    number = control.mail("ayse@example.com", "fatura@example.com", "5300001042 2026-10", "Faturamı istiyorum.", [attachment])
    assert number not in {message["id"] for message in control.messages("mail")}, "only what the product sent is shown"
    with sqlite3.connect(sandbox.store) as connection:
        direction, raw = connection.execute("SELECT direction, raw FROM messages WHERE id = ?", (number,)).fetchone()
    mail = message_from_bytes(raw, policy=policy.default)
    (part,) = mail.iter_attachments()
    assert (direction, mail["Subject"]) == ("in", "5300001042 2026-10")
    assert (part.get_filename(), part.get_content()) == ("kimlik ş.jpg", b"\xff\xd8 invented")
