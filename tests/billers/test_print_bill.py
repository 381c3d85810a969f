"""A bill on paper says what the biller says, line by line, in the reader's language (product.md §11, carriers.md)."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import amounts
from app.billers.bill_words import four_decimals, quantity, section_title, span
from app.billers.model import OVERDUE_RULES
from app.billers.print_bill import STATES, Shop, print_bill
from app.billing.bill import BILL_STATES, FLAGS, SECTION_KINDS, Bill, Line, Section, Subscriber
from app.billing.explain import explain
from app.billing.help_texts import HELP
from app.billing.terms import in_language
from app.languages import translate
from app.money import LARGEST, Money
from tests.billers import sample_bills as samples
from tests.people import at

NOON = at("2026-11-10T12:00:00+03:00")
IN_TIME = {
    "millenicom": at("2026-07-10T12:00:00+03:00"),
    "azercell": NOON,
    "masmovil": at("2025-05-28T12:00:00+02:00"),
    "vodafone-hu": at("2026-07-10T12:00:00+02:00"),
}
SHOP = Shop("Kızılay İletişim", ("Gazi Mustafa Kemal Bulvarı 12, Ankara", "Agent number 1000001042"))
OWN = {"millenicom": "tr", "azercell": "az", "masmovil": "es", "vodafone-hu": "hu"}
LANGUAGES = ("tr", "en", "az", "es", "eu", "hu")


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().replace("\u200b", "").split()) for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def printed(code: str, bill: Bill, *, language: str = "en", advance: str = "0", **more: object) -> str:
    said = {"at": IN_TIME[code]} | more
    pdf = print_bill(samples.biller(code), samples.subscriber(code, advance=advance), bill, language=language, **said)  # type: ignore[arg-type]
    return " ".join(pages(pdf))


@pytest.mark.parametrize("language", ["own", "en"])
@pytest.mark.parametrize("code", samples.SAMPLES)
def test_every_line_and_every_sum_is_there(code: str, language: str) -> None:
    bill = samples.SAMPLES[code]()
    assert explain(bill).adds_up
    language = OWN[code] if language == "own" else language
    paper = printed(code, bill, language=language)
    at_last = 0
    for section in bill.sections:
        title = in_language(section.title, of=OWN[code], to=language)
        at_last = paper.index(f"{title} ", at_last)  # in the carrier's own order
        assert translate(HELP[section.kind], language) in paper
        assert f"{translate('Sum', language)} {amounts.money(section.amount, language)}".replace("\xa0", " ") in paper
        for line in section.lines:
            assert in_language(line.text, of=OWN[code], to=language) in paper
    assert [note for note in bill.notes if in_language(note, of=OWN[code], to=language) not in paper] == []
    for fact in (bill.number, samples.CARRIERS[code][5], samples.CARRIERS[code][4], "A*** Y*****", samples.CARRIERS[code][3]):
        assert fact in paper
    assert " ".join(re.findall(".{1,4}", bill.iban)) in paper


@pytest.mark.parametrize(
    ("code", "language", "facts"),
    [
        ("millenicom", "tr", ["300,00 TL", "60,00 TL", "30,00 TL", "390,00 TL", "5,85 TL", "395,85 TL", "785,85 TL", "300,0000 TL", "18 gün"]),
        ("millenicom", "en", ["785.85 TL", "1 Jun – 30 Jun 2026", "1 month", "Net amount", "A standing order pays this bill"]),
        ("azercell", "az", ["0,0236 ₼", "0,17 ₼", "66 dəq 13 san", "7 SMS", "21,15 ₼", "−1,60 ₼", "19,55 ₼"]),
        ("azercell", "tr", ["0,0236 ₼", "66 dk 13 sn", "Aylık ücretler", "Ödenmiş ya da avanstan düşülmüş"]),
        ("masmovil", "es", ["13,48 €", "6,77 €", "3,35 €", "23,60 €", "12,5000 €", "37,55 €", "Fecha de cobro del emisor 4 jun 2025"]),
        ("masmovil", "eu", ["23,60 €", "0,1210 €", "1 mai. – 21 mai. 2025"]),
        ("vodafone-hu", "hu", ["5 066,67 Ft", "13 066,67 Ft", "3 528 Ft", "0,33 Ft", "16 595 Ft", "316 perc 40 mp", "6,33 GB", "8 000,0000 Ft"]),
        ("vodafone-hu", "en", ["5,066.67 Ft", "13,066.67 Ft", "16,595 Ft", "102 min 30 s", "Cash to pay, rounded to 5 Ft 16,595 Ft"]),
    ],
)  # fmt: skip
def test_the_worked_examples_to_the_last_unit(code: str, language: str, facts: list[str]) -> None:
    paper = printed(code, samples.SAMPLES[code](), language=language)
    assert [fact for fact in facts if fact.replace("\xa0", " ") not in paper] == []


def test_a_plan_change_and_its_cash() -> None:
    """carriers.md: 21,088 Ft, in cash 21,090 Ft; what is taken off has its minus"""
    bill = samples.vodafone_change()
    assert (explain(bill).adds_up, str(bill.amount)) == (True, "21088.00 HUF")
    paper = printed("vodafone-hu", bill)
    for fact in (
        "Open now 21,088 Ft",
        "Cash to pay, rounded to 5 Ft 21,090 Ft",
        "−4,387.10 Ft",
        "−500 Ft",
        "−1,703.23 Ft",
        "−8,000.0000 Ft",
    ):
        assert fact in paper


def test_where_coins_are_small_no_cash_is_rounded() -> None:
    assert "Cash" not in printed("millenicom", samples.millenicom_june())


PAYABLE = ("Open now", "Ways to pay", "At this shop", "to pay until", "TR37", "standing order")


@pytest.mark.parametrize("state", ["paid", "credit", "withdrawn"])
def test_what_is_not_to_be_paid_does_not_look_payable(state: str) -> None:
    bill = replace(samples.millenicom_june(), state=state, open=Money(0, "TRY"))
    paper = printed("millenicom", bill, shop=SHOP)
    word, sentence = STATES[state]
    assert f"{word} {sentence}" in paper
    assert [fact for fact in PAYABLE if fact in paper] == []
    assert "OPEN" not in paper


def test_a_credit_balance() -> None:
    """carriers.md: a negative bill is a credit balance, not payable"""
    paper = printed("vodafone-hu", samples.vodafone_credit())
    assert "CREDIT BALANCE" in paper
    assert "Total of the bill −7,333.33 Ft" in paper
    assert "Cash" not in paper


def test_an_open_bill_says_where_and_until_when_it_is_paid() -> None:
    paper = printed("millenicom", samples.millenicom_june(), shop=SHOP)
    for fact in (
        *PAYABLE,
        "OPEN to pay until 26 Jul 2026",
        "At this shop until 26 Jul 2026",
        "Kızılay İletişim",
        "Agent number 1000001042",
    ):
        assert fact in paper
    assert "At a shop of Gişe until 26 Jul 2026" in printed("millenicom", samples.millenicom_june()), "by mail there is no shop"


@pytest.mark.parametrize(("rule", "shop_takes_it"), [(rule, rule != "refuse") for rule in OVERDUE_RULES])
def test_an_overdue_bill_is_only_offered_where_its_biller_takes_it(rule: str, shop_takes_it: bool) -> None:
    """P-24; the day after the due day begins where the biller is"""
    for moment, overdue in (("2026-07-26T23:59:59+03:00", False), ("2026-07-27T00:00:00+03:00", True)):
        pdf = print_bill(
            samples.biller("millenicom", overdue=rule), samples.subscriber("millenicom"), samples.millenicom_june(), language="en", at=at(moment), shop=SHOP
        )  # fmt: skip
        paper = " ".join(pages(pdf))
        assert ("was due on 26 Jul 2026" in paper) is overdue
        assert ("At this shop" in paper) is (not overdue or shop_takes_it)


def test_a_bill_that_does_not_add_up_says_so() -> None:
    """P-26: on the paper, too, and whatever its state"""
    bill = replace(samples.millenicom_june(), amount=Money(785_86, "TRY"))
    for state in ("open", "paid"):
        assert "The lines of this bill do not add up to its amount." in printed("millenicom", replace(bill, state=state))


def test_the_copy_says_what_it_is() -> None:
    """From the second on it says which one"""
    first, third = (printed("millenicom", samples.millenicom_june(), copy=copy) for copy in (1, 3))
    assert "A copy that Gişe made for the customer, free of charge, on 10 Jul 2026 12:00:00." in first
    assert "COPY" not in first
    assert "COPY 3" in third
    assert third.count("Copy 3.") == 1


def test_an_advance_is_shown() -> None:
    assert "Advance 1.60 ₼" in printed("azercell", samples.azercell_october(), advance="1.60")


def test_a_long_bill_repeats_its_heads_and_counts_its_pages() -> None:
    bill = samples.long_bill()
    pdf = print_bill(samples.biller("millenicom"), samples.subscriber("millenicom"), bill, language="tr", at=NOON, shop=SHOP, copy=2)
    found = pages(pdf)
    assert len(found) == 3
    for number, page in enumerate(found, start=1):
        assert f"Sayfa {number} / 3" in page
        assert "Kullanım Dönem Miktar Birim fiyat Net tutar" in page
        assert ("KOPYA 2" in page) and ("Gişe'nin müşteri için" in page) and ("Suret 2." in page)
    assert all("Millenicom M5300001042202610 · Abone numarası 5300001042" in page for page in found[1:])
    assert "".join(found).count("Uluslararası görüşme") == 100
    assert "Fatura toplamı 616,20 TL" in found[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_shows(language: str) -> None:
    """ő ű ə ı ş ñ ₼ € ₺ Ft: nothing is printed as a question mark"""
    words = "Őrült Űr őű Əmanət ə ığşçöüİĞŞ Año ñ ¿? ₼ € ₺ Ft"
    bill = replace(samples.vodafone_change(), notes=(words,))
    assert words in printed("vodafone-hu", bill, language=language)


def test_a_paper_for_the_archive_and_always_the_same() -> None:
    """docs/decisions/0013"""
    first, second = (
        print_bill(samples.biller("azercell"), samples.subscriber("azercell"), samples.azercell_october(), language="az", at=NOON)
        for _ in range(2)
    )
    assert first == second
    reader = pypdf.PdfReader(BytesIO(first))
    xmp = reader.xmp_metadata.stream.get_data().decode() if reader.xmp_metadata else ""
    assert re.search(r"pdfaid:conformance>A<", xmp)
    assert re.search(r"pdfuaid:part>1<", xmp)
    assert str(reader.root_object["/Lang"]) == "az"
    assert all(float(page.mediabox.width) == pytest.approx(595.28, abs=0.1) for page in reader.pages)


def test_text_is_shown_as_typed_and_never_run() -> None:
    """C13: what a biller writes is only letters"""
    evil = '#panic("x") *b* $x$ <l> @r `c` {page} {copy} {0}'
    bill = samples.millenicom_june()
    section = replace(bill.sections[0], title=evil, lines=(replace(bill.sections[0].lines[0], text=evil, unit="{count}"),))
    paper = printed("millenicom", replace(bill, sections=(section,), notes=(evil,), number=evil), language="tr")
    assert paper.count('#panic("x") *b* $x$ <l> @r `c` {page} {copy} {0}') >= 3


@pytest.mark.parametrize(
    ("amount", "unit", "language", "shown"),
    [
        ("316.6667", "minute", "en", "316 min 40 s"),
        ("316.6667", "minute", "tr", "316 dk 40 sn"),
        ("500", "minute", "en", "500 min"),
        ("1234.99", "minute", "tr", "1.234 dk 59 sn"),
        ("0.9999", "minute", "en", "1 min"),
        ("-2.5", "minute", "en", "−2 min 30 s"),
        ("6.3333", "GB", "hu", "6,33 GB"),
        ("10", "GB", "tr", "10 GB"),
        ("6.335", "GB", "en", "6.34 GB"),
        ("1", "month", "en", "1 month"),
        ("3", "month", "tr", "3 ay"),
        ("7", "sms", "en", "7 SMS"),
        ("2.5", "Kbit", "tr", "2,5 Kbit"),
        ("2", "", "en", "2"),
        ("1E+999999", "minute", "en", "1E+999999 min"),
        ("1E-999999", "GB", "en", "1E-999999 GB"),
    ],
)
def test_quantities(amount: str, unit: str, language: str, shown: str) -> None:
    assert quantity(Decimal(amount), unit, language).replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("price", "currency", "language", "shown"),
    [
        ("0.0236", "AZN", "az", "0,0236 ₼"),
        ("0.0236", "AZN", "en", "0.0236 ₼"),
        ("8000", "HUF", "hu", "8 000,0000 Ft"),
        ("-11000.5", "HUF", "en", "−11,000.5000 Ft"),
        ("19.9", "EUR", "eu", "19,9000 €"),
        ("300", "TRY", "tr", "300,0000 TL"),
    ],
)
def test_unit_prices_keep_four_decimals(price: str, currency: str, language: str, shown: str) -> None:
    """A currency's own pattern would make 0.02 of 0.0236"""
    assert four_decimals(Decimal(price), currency, language).replace("\xa0", " ") == shown


def test_spans() -> None:
    first, last = date(2026, 12, 22), date(2027, 1, 21)
    assert span(first, last, "en") == "22 Dec 2026 – 21 Jan 2027"
    assert span(date(2026, 10, 1), date(2026, 10, 31), "tr") == "1 Eki – 31 Eki 2026"
    assert span(first, first, "en") == span(first, None, "en") == "22 Dec 2026"
    assert span(None, None, "en") == ""


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
UNITS = st.sampled_from(("", "month", "minute", "GB", "sms", "day", "piece", "Stück {x}", "%"))


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    currency = draw(st.sampled_from(("TRY", "AZN", "EUR", "HUF")))
    amounts = st.integers(-LARGEST, LARGEST).map(lambda minor: Money(minor, currency))
    lines = st.builds(
        Line, TEXTS, amounts, st.none() | DAYS, st.none() | DAYS, st.none() | DECIMALS, UNITS, st.none() | DECIMALS
    )  # fmt: skip
    sections = draw(
        st.lists(st.builds(Section, st.sampled_from(SECTION_KINDS), TEXTS | st.just(""), amounts, st.lists(lines, max_size=5).map(tuple)), max_size=6)
    )  # fmt: skip
    return Bill(
        ref="X", number=draw(TEXTS), first_day=draw(DAYS), last_day=draw(DAYS), issued_on=draw(DAYS), due_on=draw(DAYS),
        amount=draw(amounts), open=draw(amounts), past_due=draw(amounts), state=draw(st.sampled_from(BILL_STATES)), version="v",
        charged_on=draw(st.none() | DAYS), flags=tuple(draw(st.lists(st.sampled_from(FLAGS), unique=True))),
        sections=tuple(sections) + ((Section("usage", "Long", Money(0, currency), draw(lines.map(lambda line: (line,) * 200))),) if draw(st.booleans()) else ()),
        notes=tuple(draw(st.lists(TEXTS, max_size=3))), iban=draw(TEXTS | st.just("")), biller_phone=draw(TEXTS | st.just("")),
    )  # fmt: skip


@settings(max_examples=60, deadline=timedelta(seconds=10), suppress_health_check=list(HealthCheck))
@given(bill=bills(), language=st.sampled_from(LANGUAGES), copy=st.integers(0, 3), shop=st.sampled_from((None, SHOP)))
def test_whatever_a_biller_sends_is_printed(bill: Bill, language: str, copy: int, shop: Shop | None) -> None:
    subscriber = Subscriber("1", "İ" * 100, "active", Money(0, bill.currency), Money(5, bill.currency))
    pdf = print_bill(samples.biller("millenicom"), subscriber, bill, language=language, at=NOON, shop=shop, copy=copy)
    found = pages(pdf)
    state = "nothing-open" if bill.state == "open" and bill.open.minor <= 0 else bill.state
    assert translate(STATES[state][0], language) in found[0]
    page = translate("Page {page} of {pages}", language).partition("{")[0].strip()
    assert page in found[-1] and len(found) < 200


def test_the_paper_says_when_the_carrier_charges_it() -> None:
    """P-26: the day, as the page does"""
    bill = replace(samples.masmovil_minicycle(), flags=("near-charge-date",), charged_on=date(2025, 5, 29))
    assert "The biller charges this bill itself on 29 May 2025." in printed("masmovil", bill)


@pytest.mark.parametrize(
    ("title", "language", "shown"),
    [
        ("Cuotas mensuales", "eu", "Hileko kuotak"),
        ("Cosas nuestras", "es", "Cosas nuestras"),
        ("Cosas nuestras", "en", "Monthly fees"),
        ("", "es", "Cuotas mensuales"),
        ("", "en", "Monthly fees"),
    ],
)
def test_a_section_always_has_a_title_that_its_reader_understands(title: str, language: str, shown: str) -> None:
    section = Section("monthly", title, Money(0, "EUR"))
    assert section_title(section, language, of="es") == shown
