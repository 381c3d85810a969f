"""The bank: what was booked stands in every format, and balances follow each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import urllib3
from stdnum import iban as iban_number

from sandbox.bank.swift_text import ALLOWED, to_swift, wrap
from tests.sandbox_process import Controls, Refused, Sandbox, running_sandbox

TRY_ACCOUNT, SECOND_TRY, AZN_ACCOUNT = "TR330006100519786457841326", "TR760006200000012340000629", "AZ21NABZ00000000137010001944"
EUR_ACCOUNT, HUF_ACCOUNT = "ES9121000418450200051332", "HU42117730161111101800000000"
NOW = "2026-11-22T12:00:00+03:00"


@dataclass(frozen=True)
class Entry:
    reference: str
    amount: Decimal  # signed
    is_reversal: bool
    day: str
    value_date: str


@dataclass(frozen=True)
class Day:
    currency: str
    day: str
    opening: Decimal
    closing: Decimal
    entries: tuple[Entry, ...]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A bank with a few days of bookings, at noon of a Sunday in Istanbul."""
    with running_sandbox(tmp_path_factory.mktemp("bank"), subscribers=12, clock=NOW) as sandbox:
        book_some(sandbox.control)
        yield sandbox


def book_some(control: Controls) -> None:
    control.transfer(TRY_ACCOUNT, 50000, "BAKIYE YUKLEME 05321234567", booked_at="2026-11-19T09:00:00+03:00", reference="R1")
    control.transfer(TRY_ACCOUNT, 12345, "05321234567", booked_at="2026-11-19T23:59:59.999+03:00", reference="R2")
    control.transfer(TRY_ACCOUNT, 100, "son dakika", booked_at="2026-11-20T00:00:00+03:00", reference="R3")
    control.transfer(TRY_ACCOUNT, 50000, "IADE", booked_at="2026-11-20T10:00:00+03:00", reference="R4", reversal_of="R1")
    control.transfer(TRY_ACCOUNT, 9900, "hesap bakım ücreti", booked_at="2026-11-21T18:00:00+03:00", reference="R5", side="debit")
    control.transfer(TRY_ACCOUNT, 9900, "IADE", booked_at="2026-11-21T19:00:00+03:00", reference="R6", reversal_of="R5")
    control.transfer(TRY_ACCOUNT, 0, "sıfır", reference="R7")
    control.transfer(TRY_ACCOUNT, 777, "ileri valör", reference="R8", value_date="2026-11-25")
    control.transfer(TRY_ACCOUNT, 5000, "döviz", currency="EUR", reference="R9")


def statement(sandbox: Sandbox, iban: str, form: str, since: str = "2026-11-01T00:00:00+03:00") -> bytes:
    answer = urllib3.request("GET", f"{sandbox.bank_url}/accounts/{iban}/statement?format={form}&since={quote(since)}")
    assert answer.status == 200, answer.data
    return answer.data


def camt_days(data: bytes) -> list[Day]:
    root = strip(ElementTree.fromstring(data))
    return [camt_day(element) for element in root.iter("Stmt")]


def camt_day(element: ElementTree.Element) -> Day:
    opening, closing = element.findall("Bal")
    assert [balance.findtext("Tp/CdOrPrtry/Cd") for balance in (opening, closing)] == ["OPBD", "CLBD"]
    return Day(
        currency=element.findtext("Acct/Ccy", ""),
        day=opening.findtext("Dt/Dt", ""),
        opening=signed(opening),
        closing=signed(closing),
        entries=tuple(camt_entry(entry) for entry in element.findall("Ntry")),
    )


def camt_entry(entry: ElementTree.Element) -> Entry:
    assert entry.findtext("Sts/Cd") == "BOOK"
    return Entry(
        reference=entry.findtext("AcctSvcrRef", ""),
        amount=signed(entry),
        is_reversal=entry.findtext("RvslInd") == "true",
        day=entry.findtext("BookgDt/DtTm", "")[:10],
        value_date=entry.findtext("ValDt/Dt", ""),
    )


def signed(element: ElementTree.Element) -> Decimal:
    return Decimal(element.findtext("Amt", "")) * (1 if element.findtext("CdtDbtInd") == "CRDT" else -1)


def strip(root: ElementTree.Element) -> ElementTree.Element:
    for element in root.iter():
        element.tag = element.tag.partition("}")[2]
    return root


BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d+,\d\d)")
LINE = re.compile(r"(\d{6})(\d{4})(R?[CD])(\d+,\d\d)(N[A-Z]{3})(NONREF)(?://(.{1,16}))?")


def mt940_days(data: bytes) -> list[Day]:
    days = []
    for message in data.decode("ascii").split("\r\n-\r\n")[:-1]:
        fields = re.findall(r"(?:^|\r\n):(\d\d[A-Z]?):([^\r]*(?:\r\n[^:][^\r]*)*)", message)
        assert [tag for tag, _ in fields if tag not in ("61", "86")] == ["20", "25", "28C", "60F", "62F"]
        opening, closing = (BALANCE.fullmatch(text) for tag, text in fields if tag in ("60F", "62F"))
        assert opening and closing and opening[3] == closing[3] and opening[2] == closing[2]
        entries = tuple(mt_entry(text) for tag, text in fields if tag == "61")
        assert len(entries) == len([1 for tag, _ in fields if tag == "86"])
        days.append(Day(opening[3], iso(opening[2]), mt_amount(opening[1], opening[4]), mt_amount(closing[1], closing[4]), entries))
    return days


def mt_entry(text: str) -> Entry:
    match = LINE.fullmatch(text.split("\r\n")[0])
    assert match, text
    value, day, mark, amount, kind, _, reference = match.groups()
    assert (kind == "NRTI") == (len(mark) == 2)
    sign = {"C": "C", "D": "D", "RC": "D", "RD": "C"}[mark]
    return Entry(reference or "", mt_amount(sign, amount), len(mark) == 2, f"2026-{day[:2]}-{day[2:]}", iso(value))


def mt_amount(mark: str, text: str) -> Decimal:
    return Decimal(text.replace(",", ".")) * (1 if mark == "C" else -1)


def iso(date: str) -> str:
    return f"20{date[:2]}-{date[2:4]}-{date[4:]}"


def test_the_accounts(bank: Sandbox) -> None:
    items = urllib3.request("GET", f"{bank.bank_url}/accounts").json()["items"]
    assert [(one["iban"], one["currency"], one["market"]) for one in items] == [
        (TRY_ACCOUNT, "TRY", "TR"),
        (SECOND_TRY, "TRY", "TR"),
        (AZN_ACCOUNT, "AZN", "AZ"),
        (EUR_ACCOUNT, "EUR", "ES"),
        (HUF_ACCOUNT, "HUF", "HU"),
    ]
    assert all(iban_number.is_valid(one["iban"]) and one["bank"] for one in items)


@pytest.mark.parametrize("form", ["camt053", "mt940"])
def test_every_day_adds_up_and_follows_the_one_before(bank: Sandbox, form: str) -> None:
    days = (camt_days if form == "camt053" else mt940_days)(statement(bank, TRY_ACCOUNT, form))
    for day in days:
        assert day.opening + sum((entry.amount for entry in day.entries), Decimal(0)) == day.closing
        assert {entry.day for entry in day.entries} <= {day.day}
    for currency in ("TRY", "EUR"):
        own = [day for day in days if day.currency == currency]
        assert [day.day for day in own] == ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"]
        assert all(earlier.closing == later.opening for earlier, later in pairwise(own))
    assert [(day.opening, day.closing) for day in days if day.currency == "EUR"][-1] == (Decimal("0.00"), Decimal("50.00"))


def test_both_day_formats_tell_the_same(bank: Sandbox) -> None:
    days = camt_days(statement(bank, TRY_ACCOUNT, "camt053"))
    assert mt940_days(statement(bank, TRY_ACCOUNT, "mt940")) == days
    assert [(entry.reference, entry.amount, entry.is_reversal) for day in days for entry in day.entries] == [
        ("R1", Decimal("500.00"), False),
        ("R2", Decimal("123.45"), False),
        ("R3", Decimal("1.00"), False),
        ("R4", Decimal("-500.00"), True),
        ("R5", Decimal("-99.00"), False),
        ("R6", Decimal("99.00"), True),
        ("R7", Decimal("0.00"), False),
        ("R8", Decimal("7.77"), False),
        ("R9", Decimal("50.00"), False),
    ]
    assert days[3].entries[1].value_date == "2026-11-25"


def test_since_is_a_day_for_day_statements(bank: Sandbox) -> None:
    days = camt_days(statement(bank, TRY_ACCOUNT, "camt053", "2026-11-20T20:59:59Z"))
    assert [day.day for day in days if day.currency == "TRY"] == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert days[0].opening == Decimal("250623.45")
    (tomorrow,) = camt_days(statement(bank, AZN_ACCOUNT, "camt053", "2026-11-30T00:00:00Z"))
    assert tomorrow.day == "2026-11-22" and tomorrow.opening == tomorrow.closing


def test_what_was_booked_since_a_moment(bank: Sandbox) -> None:
    """The moment the bank entered it counts, so that a booking for an earlier hour is not missed."""
    reference = bank.control.transfer(SECOND_TRY, 4200, "İŞÇİ ÖDEMESİ *05321234567*", sender_name="Şükrü Işık", reference="LATE")
    entered = ElementTree.fromstring(statement(bank, SECOND_TRY, "camt054"))
    assert entered.tag == "{urn:iso:std:iso:20022:tech:xsd:camt.054.001.08}Document"
    (entry,) = strip(entered).iter("Ntry")
    assert (entry.findtext("AcctSvcrRef"), entry.findtext("Amt"), entry.findtext("CdtDbtInd")) == (reference, "42.00", "CRDT")
    assert entry.find("Amt").get("Ccy") == "TRY"  # type: ignore[union-attr]
    details = entry.find("NtryDtls/TxDtls")
    assert details is not None
    assert details.findtext("RltdPties/Dbtr/Pty/Nm") == "Şükrü Işık"
    assert details.findtext("RltdPties/DbtrAcct/Id/IBAN") == "TR760006200000012340000629"
    assert details.findtext("RmtInf/Ustrd") == "İŞÇİ ÖDEMESİ *05321234567*"
    stamp = entry.findtext("BookgDt/DtTm", "")
    assert stamp.startswith("2026-11-22T12:0") and stamp.endswith("+03:00")
    bank.control.transfer(SECOND_TRY, 1, "earlier", booked_at="2026-11-18T00:00:00Z", reference="EARLIER")
    later = strip(ElementTree.fromstring(statement(bank, SECOND_TRY, "camt054", stamp)))
    assert "EARLIER" in [one.findtext("AcctSvcrRef") for one in later.iter("Ntry")]
    nothing = strip(ElementTree.fromstring(statement(bank, SECOND_TRY, "camt054", "2026-12-01T00:00:00Z")))
    assert list(nothing.iter("Ntry")) == []


def test_elements_stand_in_the_schemas_order(bank: Sandbox) -> None:
    root = strip(ElementTree.fromstring(statement(bank, TRY_ACCOUNT, "camt053")))
    order = ["Amt", "CdtDbtInd", "RvslInd", "Sts", "BookgDt", "ValDt", "AcctSvcrRef", "BkTxCd", "NtryDtls"]
    for entry in root.iter("Ntry"):
        tags = [child.tag for child in entry]
        assert tags == [tag for tag in order if tag in tags]
    for one in root.iter("Stmt"):
        tags = [child.tag for child in one if child.tag != "Ntry"]
        assert tags == ["Id", "ElctrncSeqNb", "CreDtTm", "FrToDt", "Acct", "Bal", "Bal", "TxsSummry"]
    assert all(len(text.text or "") <= 35 for tag in ("Id", "MsgId", "AcctSvcrRef") for text in root.iter(tag))


def test_an_interim_statement(bank: Sandbox) -> None:
    text = statement(bank, TRY_ACCOUNT, "mt942").decode("ascii")
    lira, euro = text.split("\r\n-\r\n")[:2]
    head = r":20:TRY261122\d{6}\r\n:25:TR330006100519786457841326\r\n:28C:26326/1\r\n:34F:TRY0,\r\n:13D:2611221[0-9]{3}\+0300\r\n"
    assert re.match(head, lira)
    assert lira.endswith("\r\n:90D:2TRY599,00\r\n:90C:6TRY731,22") and ":61:2611201120RC500,00NRTINONREF//R4\r\n" in lira
    assert ":61:2611211121RD99,00NRTINONREF//R6\r\n" in lira
    assert ":34F:EUR0,\r\n" in euro and euro.endswith(":90D:0EUR0,00\r\n:90C:1EUR50,00")


def test_long_and_foreign_text_survives_swift(bank: Sandbox) -> None:
    description = ("Çağrı'nın ödemesi — şifalı günler; müşteri no: 05321234567 -" * 7)[:420]
    reference = "A-REFERENCE-OF-THIRTY-CHARACTERS"
    bank.control.transfer(HUF_ACCOUNT, 1659500, description, currency="HUF", sender_name="Győző Űr", reference=reference)
    text = statement(bank, HUF_ACCOUNT, "mt940").decode("ascii")
    lines = text.split("\r\n")
    start = next(number for number, line in enumerate(lines) if line.startswith(":61:") and "A-REFERENCE" in line)
    assert lines[start].endswith("//A-REFERENCE-OF-T") and lines[start + 1] == f"/{reference}"
    narrative = lines[start + 2 : start + 8]
    assert narrative[0] == ":86:/ORDP//NAME/Gyozo Ur/ACCT/TR760006200000012340000629" and len(narrative) == 6
    assert narrative[1].startswith("/REMI/Cagri'nin odemesi - sifali gunler. musteri no: 0532")
    assert all(len(line.removeprefix(":86:")) <= 65 and set(line) <= ALLOWED and line[0] not in "-" for line in narrative)
    assert lines[start + 8].startswith(":62F:")
    assert "musteri no: 05321234567 -Cagri'nin" in "".join(narrative)
    camt = strip(ElementTree.fromstring(statement(bank, HUF_ACCOUNT, "camt054")))
    assert ["".join(one.text or "" for one in details.iter("Ustrd")) for details in camt.iter("TxDtls")] == [description]


def test_swift_text() -> None:
    assert to_swift("Şəhla İŞIK*0062*_05321234567 ₺ & ı") == "Sehla ISIK.0062.-05321234567 TL + i"
    assert to_swift("ñ ő ß 🎉") == "n o ss ."
    assert set(to_swift("".join(map(chr, range(1, 0x3000))))) <= ALLOWED
    assert wrap("ab c:de", width=4, most=6) == ["a", "b c:", "de"]
    assert "".join(wrap("x" * 700, width=65, most=6)) == "x" * 390


def test_twins_are_both_booked_and_a_reversal_takes_one(bank: Sandbox) -> None:
    for _ in range(2):
        bank.control.transfer(AZN_ACCOUNT, 1000, "eyni", currency="AZN", reference="TWIN")
    for _ in range(2):
        bank.control.transfer(AZN_ACCOUNT, 1000, "geri", currency="AZN", reference="BACK", reversal_of="TWIN")
    (day,) = camt_days(statement(bank, AZN_ACCOUNT, "camt053"))
    assert [(entry.reference, entry.amount, entry.is_reversal) for entry in day.entries] == [
        ("TWIN", Decimal("10.00"), False),
        ("TWIN", Decimal("10.00"), False),
        ("BACK", Decimal("-10.00"), True),
        ("BACK", Decimal("-10.00"), True),
    ]
    for wrong in ("TWIN", "BACK", "NEVER"):
        with pytest.raises(Refused) as refused:
            bank.control.transfer(AZN_ACCOUNT, 1000, "geri", currency="AZN", reversal_of=wrong)
        assert refused.value.body["field"] == "reversal_of"


def test_a_bank_may_give_no_reference(bank: Sandbox) -> None:
    assert bank.control.transfer(EUR_ACCOUNT, 500, "sin referencia", currency="EUR", reference="", sender_iban="") == ""
    made = bank.control.transfer(EUR_ACCOUNT, 500, "con referencia", currency="EUR")
    assert re.fullmatch(r"F261122\d{8}", made)
    (day,) = camt_days(statement(bank, EUR_ACCOUNT, "camt053"))
    assert [entry.reference for entry in day.entries] == ["", made]
    assert mt940_days(statement(bank, EUR_ACCOUNT, "mt940")) == [day]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "format"),
        ("format=pdf", "format"),
        ("format=mt940&since=yesterday", "since"),
        ("format=mt940&since=2026-11-22T10:00:00", "since"),
        ("format=mt940&since=9999-12-31T23:59:59-23:59", "since"),
        ("format=mt940&until=2026-11-22T10:00:00Z", "until"),
    ],
)
def test_a_question_that_cannot_be_read(bank: Sandbox, query: str, field: str) -> None:
    answer = urllib3.request("GET", f"{bank.bank_url}/accounts/{TRY_ACCOUNT}/statement?{query}")
    assert (answer.status, answer.json()["field"]) == (422, field)


def test_a_plus_sign_nobody_escaped_is_understood(bank: Sandbox) -> None:
    answer = urllib3.request("GET", f"{bank.bank_url}/accounts/{TRY_ACCOUNT}/statement?format=mt940&since=2026-11-22T10:00:00+03:00")
    assert len(mt940_days(answer.data)) == 2


def test_an_account_that_is_not_ours(bank: Sandbox) -> None:
    answer = urllib3.request("GET", f"{bank.bank_url}/accounts/TR000000000000000000000000/statement?format=mt940")
    assert (answer.status, answer.json()["code"]) == (404, "unknown_account")
    with pytest.raises(Refused) as refused:
        bank.control.transfer("TR000000000000000000000000", 1, "x")
    assert refused.value.status == 404


@pytest.mark.parametrize("clock", ["2026-11-23T00:25:00+03:00", "2026-11-22T23:35:00+03:00"])
def test_without_since_it_is_today_where_the_account_is(tmp_path: Path, clock: str) -> None:
    with running_sandbox(tmp_path, subscribers=12, clock=clock) as sandbox:
        reference = sandbox.control.transfer(TRY_ACCOUNT, 50000, "05321234567")
        sandbox.control.transfer(TRY_ACCOUNT, 100, "yesterday", booked_at="2026-11-21T10:00:00+03:00")
        bank = f"{sandbox.bank_url}/accounts/{TRY_ACCOUNT}/statement"
        camt = strip(ElementTree.fromstring(urllib3.request("GET", f"{bank}?format=camt054").data))
        assert len(list(camt.iter("Ntry"))) == 2
        assert urllib3.request("GET", f"{bank}?format=mt942").data.count(b":61:") == 2
        (today,) = mt940_days(urllib3.request("GET", f"{bank}?format=mt940").data)
        assert ([entry.reference for entry in today.entries], today.day) == ([reference], clock[:10])


def test_bookings_outlive_a_kill(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, subscribers=12) as sandbox:
        reference = sandbox.control.transfer(TRY_ACCOUNT, 50000, "05321234567")
        sandbox.kill()
        sandbox.start()
        (day,) = mt940_days(statement(sandbox, TRY_ACCOUNT, "mt940", "2030-01-01T00:00:00Z"))
        assert [entry.reference for entry in day.entries] == [reference]
