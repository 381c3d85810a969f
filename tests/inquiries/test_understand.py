"""What somebody who writes to us wants, in six languages (product.md §11): number and month in any order, nothing guessed."""

import subprocess
import sys
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imap_tools import MailMessage
from lxml import etree

from app.billers.model import Biller
from app.demo import demo_billers
from app.inquiries.numbers import find_subscribers
from app.inquiries.open_mail import as_text
from app.inquiries.periods import find_periods
from app.inquiries.read_mailbox import Place, opened
from app.inquiries.understand import NO_PERIOD, NO_SUBSCRIBER, PERIODS, SUBSCRIBERS, own_words, understand

BILLERS = list(demo_billers())


@pytest.mark.parametrize(
    "text",
    [
        "2025-05", "2025/5", "2025.05", "2025. 05.", "05/2025", "5.2025", "05-2025",
        "Mayıs 2025", "MAYIS 2025", "mayis 2025", "2025 Mayıs ayı", "2025 yılı Mayıs faturası", "Mayıs 2025'e ait",
        "may 2025-ci il", "2025-ci ilin may ayı", "Mayın 2025",
        "May 2025", "may of 2025", "May, 2025",
        "2025. május", "2025. májusi", "2025 majus", "Május 2025",
        "mayo de 2025", "mayo del 2025", "MAYO 2025",
        "2025eko maiatza", "2025eko maiatzaren", "2025eko maiatzeko faktura", "maiatza 2025",
    ],
)  # fmt: skip
def test_a_month_is_read_however_it_is_written(text: str) -> None:
    assert find_periods(f"5300001042 {text}") == ["2025-05"]
    assert find_periods(f"{text}\n5300001042") == ["2025-05"]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Şubat 2025", "02"), ("Ağustos 2025", "08"), ("Eylül 2025", "09"), ("Aralık'ta 2025", None), ("Kasım 2025", "11"),
        ("yanvar 2025-ci il", "01"), ("İyun 2025", "06"), ("sentyabrın 2025", "09"), ("2025-ci il oktyabr", "10"),
        ("2025. január", "01"), ("2025. augusztusi", "08"), ("2025. szeptember", "09"), ("2025 októberi", "10"),
        ("enero de 2025", "01"), ("septiembre de 2025", "09"), ("diciembre 2025", "12"),
        ("2025eko urtarrila", "01"), ("2025eko otsaileko", "02"), ("2025ko urrian", "10"), ("2025eko abenduaren", "12"),
        ("February 2025", "02"), ("Dec 2025", "12"), ("ene 2025", "01"),
    ],
)  # fmt: skip
def test_months_with_accents_and_case_endings(text: str, month: str | None) -> None:
    assert find_periods(text) == ([f"2025-{month}"] if month else [])


@pytest.mark.parametrize(
    "text", ["05/25", "Mayıs 25", "22.05.2025", "2025-05-22", "2025. 05. 22.", "maybe 2025", "2025", "13/2025", "mayıs", "00/2025"]
)
def test_no_month_is_guessed(text: str) -> None:
    """A year of two digits, a day somebody mentions, a year alone."""
    assert find_periods(text) == []


@pytest.mark.parametrize(
    ("text", "biller", "subscriber"),
    [
        ("5300001042", "millenicom", "5300001042"),
        ("Abone no: 530 000 10 42 faturam", "millenicom", "5300001042"),
        ("530-000-1042", "millenicom", "5300001042"),
        ("nömrəm 50 200 30 15", "azercell", "502003015"),
        ("+994 50 200 30 15", "azercell", "502003015"),
        ("0502003015", "azercell", "502003015"),
        ("(050) 200-30-15", "azercell", "502003015"),
        ("línea 600 004 021", "masmovil", "600004021"),
        ("0034 600004021", "masmovil", "600004021"),
        ("70/000-5033", "vodafone-hu", "700005033"),
        ("06 70 000 5033", "vodafone-hu", "700005033"),
        ("Abone ５３００００１０４２", "millenicom", "5300001042"),
        ("5300001042, tel 0212 555 44 33", "millenicom", "5300001042"),
    ],
)
def test_a_subscriber_number_is_found(text: str, biller: str, subscriber: str) -> None:
    (found,) = find_subscribers(text, BILLERS)
    assert (found.biller.code, found.subscriber) == (biller, subscriber)


@pytest.mark.parametrize("text", ["", "merhaba", "53000010421", "A5300001042", "155300001042", "12345", "٥٣٠٠٠٠١٠٤٢"])
def test_a_part_of_a_longer_number_is_none(text: str) -> None:
    assert find_subscribers(text, BILLERS) == []


def test_the_named_biller_decides_between_two_of_one_shape() -> None:
    other = Biller(code="bakcell", market="AZ", name="Bakcell", subscriber_pattern="(?:10|50|51)[0-9]{7}")
    assert len(find_subscribers("502003015", [*BILLERS, other])) == 2
    (found,) = find_subscribers("Bakcell 502003015", [*BILLERS, other])
    assert found.biller is other


WISHES = [
    ("tr", "Fatura talebi", "Merhaba, 5300001042 numaralı aboneliğimin Mayıs 2025 faturasını istiyorum."),
    ("az", "", "Salam, 50 200 30 15 nömrəsinin 2025-ci ilin may ayı üçün hesabını göndərin"),
    ("en", "my bill", "Hello, please send me the bill for 5300001042, May 2025. Thanks"),
    ("hu", "Számla", "Tisztelt Cím! Kérem a 700005033 számom 2025. májusi számláját. Köszönöm"),
    ("es", "Factura", "Hola, quiero la factura de mayo de 2025 de la línea 600004021, por favor."),
    ("eu", "Faktura", "Kaixo, 600004021 zenbakiaren 2025eko maiatzeko faktura nahi dut, mesedez."),
]


@pytest.mark.parametrize(("language", "subject", "body"), WISHES)
def test_a_whole_wish_in_the_writer_s_language(language: str, subject: str, body: str) -> None:
    wish = understand(subject, body, BILLERS)
    assert (wish.language, wish.missing, wish.period, wish.by_paper) == (language, (), "2025-05", False)
    assert wish.biller and wish.subscriber


def test_number_and_month_may_stand_in_the_subject_alone() -> None:
    wish = understand("5300001042 2025-05", "", BILLERS)
    assert (wish.subscriber, wish.period, wish.missing, wish.language) == ("5300001042", "2025-05", (), "tr")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Faturamı istiyorum", (NO_SUBSCRIBER, NO_PERIOD)),
        ("5300001042", (NO_PERIOD,)),
        ("Mayıs 2025", (NO_SUBSCRIBER,)),
        ("5300001042 ve 5300001043, Mayıs 2025", (SUBSCRIBERS,)),
        ("5300001042 Mayıs 2025 ve Haziran 2025", (PERIODS,)),
        ("5300001042 05/25", (NO_PERIOD,)),
    ],
)
def test_what_is_missing_is_named(text: str, missing: tuple[str, ...]) -> None:
    assert understand("", text, BILLERS).missing == missing


def test_quoted_lines_and_a_repeated_mail_do_not_count() -> None:
    body = "5300001042 2025-05\n\n> 5300001043 2025-06\n-----Original Message-----\nFrom: x\n5300001044 2025-07"
    wish = understand("Re: fatura", body, BILLERS)
    assert (wish.subscriber, wish.period, wish.missing) == ("5300001042", "2025-05", ())
    assert own_words("evet\nKimden: Gişe <gise@gise.example>\nhayır") == "evet"
    assert own_words("De la línea 600004021") == "De la línea 600004021"


@pytest.mark.parametrize(
    "text",
    ["posta ile gönderin", "Postayla", "faksla", "faks ile yollayın", "poçt ilə göndərin", "by post please", "send it by fax", "postán kérem",
     "postai úton", "faxon", "por correo postal", "por fax", "postaz bidali", "faxez"],
)  # fmt: skip
def test_post_and_fax_are_heard(text: str) -> None:
    assert understand("", f"5300001042 2025-05 {text}", BILLERS).by_paper


@pytest.mark.parametrize(
    "text",
    ["e-posta ile gönderin", "eposta adresim", "elektronik posta ile", "e-poçt ilə", "elektron poçtla", "correo electrónico", "Fax: +90 312 555 44 33",
     "Tel/Faks: 0312 555 44 33", "faks no 0312", "posta kutusu dolu değil"],
)  # fmt: skip
def test_mail_by_computer_and_signatures_wish_for_no_paper(text: str) -> None:
    assert not understand("", f"5300001042 2025-05 {text}", BILLERS).by_paper


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<blockquote>", "<a>", "<", "<b><i>", "<table><tr><td>", "<p><b>", "&", "</a", "<?", "<![CDATA["]
)
def test_a_hostile_html_takes_no_longer_than_its_beginning(piece: str) -> None:
    """Only a bounded beginning is parsed: nothing a stranger mails keeps others waiting."""
    fed: list[int] = []

    class Parser(etree.HTMLParser):
        def feed(self, data: bytes) -> None:  # type: ignore[override]
            fed.append(len(data))
            super().feed(data)

    with patch.object(etree, "HTMLParser", Parser):
        as_text(piece * 100_000)
        assert "5300001042" in as_text(f"<p>5300001042</p>{piece * 100_000}") and max(fed) <= 20_000
    code = f"from app.inquiries.open_mail import as_text; as_text({piece!r} * 100_000)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)


@pytest.mark.parametrize("html", ["", "  ", "\0", "\ud800", "<", "5300001042", "a\0b <p>\udfff"])
def test_html_that_is_none_is_read_too(html: str) -> None:
    assert as_text(html).split() in ([], ["<"], ["?"], ["5300001042"], ["a", "b", "?"])


def test_quotes_in_quotes_end_where_the_outer_one_ends() -> None:
    assert as_text("<blockquote>1<blockquote>2</blockquote>3</blockquote><p>4").split() == ["4"]


def test_html_is_read_as_people_see_it() -> None:
    html = "<style>5300001043</style><table><tr><td>5300<b>001042</b></td><td>2025-05</td></tr></table><blockquote>5300001044</blockquote><p>son"
    assert as_text(html).split() == ["5300001042", "2025-05", "son"]
    wish = understand("", as_text("<p>Mayıs&nbsp;2025<br>530&#160;000&nbsp;10&nbsp;42</p>"), BILLERS)
    assert (wish.subscriber, wish.period) == ("5300001042", "2025-05")


@given(st.text(), st.text(alphabet=st.sampled_from("0123456789 -./()\n>mayısMAİəÖ+:|５٣")))
def test_whatever_is_written_nothing_raises(subject: str, body: str) -> None:
    wish = understand(subject, body + "\n" + as_text(f"<p>{body}<td>{subject}"), BILLERS)
    assert bool(wish.missing) != bool(wish.subscriber and wish.period)


HEADERS = st.sampled_from(
    [b"Subject", b"From", b"To", b"Message-ID", b"References", b"Content-Type", b"Content-Transfer-Encoding", b"Return-Path"]
)
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([
        b"multipart/mixed; boundary=x", b"multipart/report; report-type=delivery-status; boundary=x", b"text/html; charset=nothing", b"base64",
        b"=?nothing?b?////?=", b"=?utf-8?q?=ff=fe?=", b'"a" <a@example.com>, b', b"quoted-printable", b"<x@y.example>", b"text/plain; charset=utf-7",
    ]),
)  # fmt: skip


@given(st.lists(st.tuples(HEADERS, VALUES), max_size=8), st.binary(max_size=300))
def test_whatever_a_mail_holds_it_is_opened_or_known_to_be_unreadable(headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    raw = b"".join(name + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + body + b"\r\n--x\r\n\r\n" + body
    letter, bounces = opened(MailMessage.from_bytes(raw), Place("1", "1:1"), too_long=False, ourselves="gise@gise.example")
    assert letter.machine or letter.sender
    assert (
        not any("\n" in text or "\r" in text for text in (letter.subject, letter.sender, letter.message_id, letter.thread))
        and len(bounces) <= 10
    )
