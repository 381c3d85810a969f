"""Bank files into statements: exactly, or not at all (product.md §5)."""

import json
import re
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.bank.incoming.read_event import read_event, read_kept
from app.bank.statement.numbers import Bad, swift_amount, xml_amount
from app.bank.statement.read import read_statements
from app.bank.statement.statement import Booking, Side, Statement, Status, Unreadable, shown
from tests.bank.bank import Paper, Transfer, said

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> list[Statement]:
    return read_statements((SAMPLES / name).read_bytes())


def only(raw: bytes) -> Statement:
    (statement,) = read_statements(raw)
    return statement


def only_booking(raw: bytes) -> Booking:
    (booking,) = only(raw).bookings
    return booking


def mt940(*lines: str, opening: str = "C261101TRY0,", closing: str) -> bytes:
    head = [":20:X", ":25:TR330006100519786457841326", ":28C:1/1", f":60F:{opening}"]
    return "\r\n".join([*head, *lines, f":62F:{closing}", "-", ""]).encode()


MESSAGES = {"052": ("BkToCstmrAcctRpt", "Rpt"), "053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}


def camt(entries: str, *, balances: str = "", number: str = "053", version: int = 8) -> bytes:
    account, (message, kind) = "<Acct><Id><IBAN>TR330006100519786457841326</IBAN></Id></Acct>", MESSAGES[number]
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{number}.001.{version:02d}"><{message}><{kind}>'
        f"{account}{balances}{entries}</{kind}></{message}></Document>"
    ).encode()


def test_an_mt940_with_everything_that_banks_do() -> None:
    """Block headers, a text before them, wrapped lines, a funds code, a point in an amount, 30 February"""
    first, second, third = sample("odd.sta")

    assert (first.account, first.number, first.page, first.currency) == ("TR330006100519786457841326", 7, 1, "TRY")
    assert (first.opening, first.closing, first.trouble) == (100_000, 150_950, None)
    top_up, charge, coded = first.bookings
    assert (top_up.side, top_up.amount, top_up.day) == (Side.CREDIT, 50_000, date(2026, 11, 1))
    assert top_up.reference == "F2611010000000012345"  # whole in the supplement, cut in the field
    assert (top_up.details[0].sender_name, top_up.details[0].sender_iban) == ("AYSE YILMAZ", "TR320010009999901234567890")
    assert top_up.text == "BAKIYE YUKLEME 05321234567"  # a full line goes on in the middle of a word
    assert (charge.side, charge.amount, charge.text) == (Side.DEBIT, 50, "EFT UCRETI kisa satir")
    assert (coded.amount, coded.value_date, coded.day) == (1000, date(2026, 2, 28), date(2026, 3, 2))
    assert (coded.text, coded.details[0].sender_name) == ("TELEFON 0532 123 45 67", "AYSE YILMAZ")
    assert [str(note) for note in coded.notes] == ["There is no day 260230; it is read as 28 Feb 2026."]

    assert said(second.trouble) == (
        "Line 26: opening 1,509.50 TL and the bookings make 1,609.50 TL, but the closing is 1,609.51 TL: it is off by 0.01 TL."
    )
    assert third.trouble is None
    assert (third.bookings[0].side, third.bookings[0].reversal) == (Side.DEBIT, True)


def test_a_camt_with_a_batch_and_a_line_that_is_only_announced() -> None:
    """E27, E28: the details are the deposits; a pending line is in no balance"""
    (statement,) = sample("batch.xml")

    assert (statement.format, statement.trouble, statement.opening, statement.closing) == ("camt053", None, 150_950, 180_950)
    batch, announced = statement.bookings
    assert [(detail.amount, detail.text) for detail in batch.details] == [(12_000, "05321234567"), (18_000, "05329876543")]
    assert (batch.reference, batch.details[0].reference) == ("B261104000000001", "")
    assert (announced.status, announced.text, announced.day_is_sure) == (Status.PENDING, "05321234567", False)


def test_a_later_version_without_a_status() -> None:
    """A camt entry without status is booked; the account may be named as another identification"""
    (statement,) = sample("notice.xml")

    (booking,) = statement.bookings
    assert (statement.format, statement.account) == ("camt054", "TR330006100519786457841326")
    assert (booking.amount, booking.status, booking.reference) == (25_050, Status.BOOKED, "N261105000000001")
    assert booking.booked_at == datetime(2026, 11, 4, 21, 30, tzinfo=UTC)
    assert booking.details[0].sender_name == "Ayşe Yılmaz"


@pytest.mark.parametrize(
    ("mark", "side", "reversal", "status"),
    [
        ("C", Side.CREDIT, False, Status.BOOKED),
        ("D", Side.DEBIT, False, Status.BOOKED),
        ("CR", Side.CREDIT, False, Status.BOOKED),  # a funds code
        ("DR", Side.DEBIT, False, Status.BOOKED),
        ("RC", Side.DEBIT, True, Status.BOOKED),
        ("RD", Side.CREDIT, True, Status.BOOKED),
        ("RDR", Side.CREDIT, True, Status.BOOKED),
        ("EC", Side.CREDIT, False, Status.PENDING),
    ],
)
def test_the_marks_of_field_61(mark: str, side: Side, reversal: bool, status: Status) -> None:
    """RC is money out, RD is money in"""
    minor = 0 if status is Status.PENDING else 10_412 if side is Side.CREDIT else -10_412
    booking = only_booking(
        mt940(f":61:2611021102{mark}104,12NTRFNONREF", closing=f"{'D' if minor < 0 else 'C'}261102TRY{shown(abs(minor))}")
    )
    assert (booking.side, booking.reversal, booking.status, booking.amount) == (side, reversal, status, 10_412)


def test_an_amount_with_a_sign_of_its_own_is_not_guessed() -> None:
    statement = only(mt940(":61:2611021102D-104,12NTRFNONREF", closing="C261102TRY104,12"))
    assert str(statement.trouble) == "Line 5: the amount in “2611021102D-104,12NTRFNONREF” carries a sign of its own."
    assert not statement.whole


def test_reversals_are_read_the_other_way_when_the_balances_say_so() -> None:
    """A bank to which RC is money in: never a plain credit or debit"""
    turned = only(mt940(":61:2611021102RC100,00NTRFNONREF", ":61:2611021102C5,00NTRFNONREF", closing="C261102TRY105,00"))
    assert turned.trouble is None
    assert [booking.signed for booking in turned.bookings] == [10_000, 500]

    plain = only(mt940(":61:2611021102C100,00NTRFNONREF", closing="D261102TRY100,00"))
    assert plain.trouble is not None


def test_the_entry_date_takes_the_year_that_is_nearest() -> None:
    booking = only_booking(mt940(":61:2701021231C1,00NTRFNONREF", closing="C261231TRY1,00"))
    assert (booking.value_date, booking.day) == (date(2027, 1, 2), date(2026, 12, 31))


@pytest.mark.parametrize("text", ["532-123-45-67", "532/1234567", "0532.123.45.67"])
def test_a_phone_in_a_free_text_is_no_structure(text: str) -> None:
    assert only_booking(mt940(":61:2611021102C1,00NTRFNONREF", f":86:{text}", closing="C261102TRY1,00")).text == text


def test_a_time_of_day_at_the_beginning_of_a_line_is_text() -> None:
    lines = [":61:2611021102C1,00NTRFNONREF", ":86:2026-11-02T16", ":26:37 05321234567", ":20:44:45 kasa", "-"]
    statement = only(mt940(*lines, closing="C261102TRY1,00"))
    assert statement.trouble is None
    assert "05321234567" in statement.bookings[0].text


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("672,", 67_200),
        ("0,7", 70),
        ("500,01", 50_001),
        ("000000002145.00", 214_500),
        ("1.234,56", 123_456),
        ("1,234.56", 123_456),
        ("1,000", 100),
    ],
)
def test_swift_amounts(text: str, minor: int) -> None:
    assert swift_amount(text) == minor


@pytest.mark.parametrize("text", ["1.234", "12..34", "1,2345", "1,234,5", "", ",", "1e3", "٣,00", "1" * 20, "0,001"])
def test_what_is_no_swift_amount_is_refused(text: str) -> None:
    with pytest.raises(Bad):
        swift_amount(text)


@pytest.mark.parametrize(
    ("text", "minor"), [("8.850", 885), ("177607", 17_760_700), ("2426466.1", 242_646_610), ("0", 0), (".5", 50), ("5442.09000", 544_209)]
)
def test_xml_amounts(text: str, minor: int) -> None:
    assert xml_amount(text) == minor


@pytest.mark.parametrize("text", ["12..34", "1,5", "-5", "1e3", "NaN", "Infinity", "", "8.855", "1 000", "１"])
def test_what_is_no_xml_amount_is_refused(text: str) -> None:
    """Three decimals are refused unless the last is zero"""
    with pytest.raises(Bad):
        xml_amount(text)


def test_a_bad_amount_names_its_line() -> None:
    statement = only(camt('\n\n<Ntry><Amt Ccy="TRY">12..34</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-02</Dt></BookgDt></Ntry>'))
    assert str(statement.trouble) == "Line 3: the amount “12..34” is no number."


def test_details_that_do_not_make_the_booking_leave_it_whole_and_doubtful() -> None:
    """E28"""
    booking = only_booking(Paper().camt054([Transfer("300.00", parts=(("120.00", "a"), ("179.99", "b")))]))
    assert [detail.amount for detail in booking.details] == [30_000]
    assert said(booking.doubt) == "The transfers of this batch make 299.99 TL, the booking is 300.00 TL."


def test_one_transfer_is_the_whole_booking_whatever_its_own_amount_says() -> None:
    """Charges may lie between: what moved on the account counts"""
    booking = only_booking(Paper().camt054([Transfer("26.00", parts=(("1526.00", "a"),))]))
    assert (booking.amount, booking.details[0].amount, booking.doubt) == (2600, 2600, None)


def test_an_intraday_file_whose_totals_differ_is_in_trouble() -> None:
    raw = Paper().mt942([Transfer("10.00"), Transfer("20.00")]).replace(b":90C:2TRY30,00", b":90C:3TRY30,00")
    assert str(only(raw).trouble) == "Line 11: the file says 3 bookings of 30.00, but it holds 2 of 30.00."


def test_a_file_that_was_cut_off_is_no_statement() -> None:
    """A cut file is never partly credited"""
    whole = Paper().mt940([Transfer("10.00", "05321234567"), Transfer("20.00")])
    for length in range(len(whole) - 8):
        try:
            statements = read_statements(whole[:length])
        except Unreadable:
            continue
        assert [statement.trouble is not None for statement in statements] == [True]
        assert not statements[0].whole or b":62F:" in whole[:length]
    whole = Paper().camt053([Transfer("10.00", "05321234567")])
    for length in range(len(whole) - 2):
        with pytest.raises(Unreadable):
            read_statements(whole[:length])


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "neither XML nor SWIFT"),
        (b"hello", "neither XML nor SWIFT"),
        (b"<html/>", "It is a html, not a statement"),
        (b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'></Document>", "not a statement"),
        (b"<Document><BkToCstmrStmt></BkToCstmrStmt></Document>", "no statement in it"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><Document><BkToCstmrStmt>&a;</BkToCstmrStmt></Document>", "document type"),
        (b"<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'><Document/>", "document type"),
        (b"<Document><BkToCstmrStmt>&nothing;</BkToCstmrStmt></Document>", "no well-formed XML"),
        (b"<Document xmlns='urn:}}'><Ntfctn></Ntfctn></Document>", "no well-formed XML"),
        (b"<Ntry></Ntry>", "It is a Ntry, not a statement"),
        ("<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE x [<!ENTITY a 'b'>]><Document/>".encode("utf-16"), "document type"),
    ],
)
def test_what_is_no_bank_file_is_refused_with_a_reason(raw: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_statements(raw)


AMOUNTS = st.integers(1, 10**9).map(shown)
TRANSFERS = st.lists(
    st.builds(Transfer, amount=AMOUNTS, text=st.text("0123456789 ABCabc/*-", max_size=60), side=st.sampled_from(["credit", "debit"]), day=st.just(date(2026, 11, 2))),
    max_size=6,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # two cores that others use too
@given(TRANSFERS, st.sampled_from(["mt940", "camt053"]), st.data())
def test_any_single_changed_digit_of_an_amount_is_caught(transfers: list[Transfer], format: str, data: st.DataObject) -> None:
    """A statement that does not add up is never credited"""
    raw = Paper().write(format, transfers)
    assert only(raw).trouble is None
    places = [place for start, end in amounts_in(raw, format) for place in range(start, end) if raw[place : place + 1].isdigit()]
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([digit for digit in b"0123456789" if digit != raw[place]]))
    assert only(raw[:place] + bytes([digit]) + raw[place + 1 :]).trouble is not None


AMOUNTS_IN = {
    "mt940": rb":6[02]F:[CD][0-9]{6}TRY([0-9,]+)|:61:[0-9]{10}[CD]([0-9,]+)N",
    "mt942": rb":90[CD]:([0-9]+TRY[0-9,]+)|:61:[0-9]{10}[CD]([0-9,]+)N",
    "camt053": rb"<Ntry><Amt[^>]*>([0-9.]+)<|</Tp><Amt[^>]*>([0-9.]+)<",
    "csv": rb";(-?[0-9.]+,[0-9]{2})(?=[;\r])",
}
THREE = [
    Transfer("1234.56", "05321234567", reference="F1", day=date(2026, 11, 2)),
    Transfer("20.00", "kira", reference="F2", side="debit", day=date(2026, 11, 2)),
    Transfer("7.05", "fatura", reference="F3", day=date(2026, 11, 2)),
]


def amounts_in(raw: bytes, format: str) -> list[tuple[int, int]]:
    return [match.span(match.lastindex or 0) for match in re.finditer(AMOUNTS_IN[format], raw)]


@pytest.mark.parametrize("format", list(AMOUNTS_IN))
def test_every_digit_changed_to_every_other_is_caught(format: str) -> None:
    """Of each amount, balance and total of one file, none left out"""
    raw = Paper().write(format, THREE)
    assert only(raw).trouble is None
    places = [place for start, end in amounts_in(raw, format) for place in range(start, end) if raw[place : place + 1].isdigit()]
    assert len(places) > 20
    for place in places:
        for digit in set(b"0123456789") - {raw[place]}:
            changed = raw[:place] + bytes([digit]) + raw[place + 1 :]
            try:
                assert only(changed).trouble is not None, changed[place - 20 : place + 20]
            except Unreadable:
                continue


@pytest.mark.parametrize("format", ["mt940", "mt942", "camt052", "camt053", "camt054"])
def test_cut_at_every_byte_it_is_all_of_the_file_or_nothing(format: str) -> None:
    """A cut file is never partly credited: what is taken without a person's word holds every booking, whole"""
    raw = Paper().write(format, THREE)
    whole = [(booking.signed, booking.text, booking.reference) for booking in only(raw).bookings]
    assert len(whole) == 3
    refused = 0
    for length in range(len(raw)):
        try:
            statements = read_statements(raw[:length])
        except Unreadable:
            refused += 1
            continue
        for statement in statements:
            read = [(booking.signed, booking.text, booking.reference) for booking in statement.bookings]
            assert statement.trouble is not None or read == whole, raw[:length][-40:]
            refused += statement.trouble is not None
    assert refused > len(raw) * 0.9


def test_an_intraday_file_without_totals_has_to_end() -> None:
    """It may have been cut off behind any of its lines"""
    head = ":20:X\r\n:25:TR330006100519786457841326\r\n:34F:TRY0,\r\n:61:2611021102C1,00NTRFNONREF\r\n"
    cut = only(head.encode())
    assert str(cut.trouble) == "Line 1: the statement that begins here has neither totals nor an end; it may have been cut off."
    assert only((head + "-\r\n").encode()).trouble is None


def test_a_lone_dash_ends_a_message_unless_more_of_its_fields_follow() -> None:
    ended = only(b":20:X\r\n:25:TR330006100519786457841326\r\n:34F:TRY0,\r\n:61:2611021102C1,00NTRF\r\n:86:kira\r\n-\r\nbank's own words")
    assert ended.bookings[0].text == "kira"
    text = only_booking(mt940(":61:2611021102C1,00NTRFNONREF", ":86:kira", "-", "05321234567", closing="C261102TRY1,00")).text
    assert text == "kira - 05321234567"


def test_a_booking_says_what_its_file_says() -> None:
    """Cut out of the file when somebody asks, in whatever letters it is written"""
    for format, start in (("mt940", ":61:"), ("camt053", "<Ntry>"), ("csv", "02.11.2026;")):
        booking = only(Paper().write(format, [Transfer("5.00", "Işık", reference="F1", day=date(2026, 11, 2))])).bookings[0]
        assert booking.raw.startswith(start)
        assert "Işık" in booking.raw
        assert "\r" not in booking.raw
    wide = Paper().camt053(THREE).decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert [booking.raw[:6] + booking.raw[-7:] for booking in only(wide).bookings] == ["<Ntry></Ntry>"] * 3


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_nothing_but_the_readers_own_refusal(raw: bytes) -> None:
    with suppress(Unreadable):
        read_statements(raw)


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["credit", "debit", "1.00", "-1.00", "TRY", "2026-11-02", "2026-11-02T10:00:00+03:00", "booked"])  # fmt: skip
NAMES = st.sampled_from(
    ["side", "amount", "currency", "day", "value_date", "booked_at", "status", "reversal", "reference", "text", "name", "iban", "x"]
)
ROWS = st.dictionaries(NAMES, VALUES, max_size=8) | VALUES
EVENTS = st.fixed_dictionaries(
    {}, optional={"account": VALUES, "opening": VALUES, "closing": VALUES, "bookings": st.lists(ROWS, max_size=3) | VALUES}
)


@given(EVENTS)
def test_whatever_a_bank_pushes_is_read_or_refused(event: dict[str, object]) -> None:
    with suppress(Unreadable):
        read_event(json.dumps(event).encode())


@given(st.binary(max_size=200).map(lambda raw: b"{" + raw))
def test_whatever_begins_like_an_event_is_read_or_refused(raw: bytes) -> None:
    with suppress(Unreadable):
        read_kept(raw)


PIECES = st.sampled_from(
    [":20:X", ":25:TR33", ":28C:1/1", ":60F:C261101TRY1,", ":61:2611021102C1,00NTRF//1", ":61:261102RC1,NTRF", ":86:166?00X?20Y", ":86:/REMI/x",
     ":NS:01x", ":62F:C261102TRY2,", ":90C:1TRY1,", ":34F:TRY0,", "-", "-}", "{4:", "x", "", ":61:", ":60F:", ":28C:9" * 9, ":25:", "\x00"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("\n".join), st.text(max_size=5))
def test_whatever_stands_in_swift_text_is_read_or_in_trouble(text: str, end: str) -> None:
    with suppress(Unreadable):
        for statement in read_statements((text + end).encode()):
            assert statement.trouble or statement.account


ELEMENTS = st.sampled_from(
    [
        "Amt",
        "CdtDbtInd",
        "Sts",
        "BookgDt",
        "ValDt",
        "NtryDtls",
        "TxDtls",
        "RmtInf",
        "Ustrd",
        "Ntry",
        "Bal",
        "Dt",
        "Cd",
        "RvslInd",
        "Acct",
        "Id",
    ]
)
TREES = st.recursive(
    st.sampled_from(["", "CRDT", "12.50", "-1", "2026-11-02", "2026-13-45", "x", "true", "BOOK"]),
    lambda inner: st.builds(lambda name, parts: f"<{name} Ccy='TRY'>{''.join(parts)}</{name}>", ELEMENTS, st.lists(inner, max_size=4)),
    max_leaves=12,
)


@given(st.lists(TREES, max_size=5).map("".join), st.sampled_from(list(MESSAGES)), st.integers(1, 13))
def test_whatever_stands_in_a_camt_is_read_or_in_trouble(inner: str, number: str, version: int) -> None:
    with suppress(Unreadable):
        for statement in read_statements(camt(f"<Ntry>{inner}</Ntry>{inner}", balances=inner, number=number, version=version)):
            assert statement.trouble or statement.account


WORDS = st.text("0123456789 ABCşİ<&'*-/\n", max_size=300)
SHOWN_INTRADAY = st.lists(
    st.builds(
        lambda parts, **told: Transfer(
            shown(sum(minor for minor, _ in parts)),
            parts[0][1],
            parts=tuple((shown(minor), text) for minor, text in parts if len(parts) > 1),
            **told,
        ),
        parts=st.lists(st.tuples(st.integers(1, 10**9), WORDS), min_size=1, max_size=3),
        reference=st.text("F0123456789", max_size=20),
        side=st.sampled_from(["credit", "debit"]),
        reversal=st.booleans(),
        status=st.sampled_from(["BOOK", "PDNG", "INFO"]),
        day=st.dates(date(2026, 10, 1), date(2026, 11, 2)),
    ),
    max_size=4,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(SHOWN_INTRADAY, st.sampled_from(["camt052", "camt054"]))
def test_what_a_bank_shows_in_the_course_of_the_day_is_read_as_it_is(transfers: list[Transfer], format: str) -> None:
    """E27, E28: sides, reversals, batches and what is only announced; every letter of the texts"""
    statement = only(Paper().write(format, transfers))
    assert (statement.format, statement.trouble, statement.has_balances) == (format, None, False)
    statuses = {"BOOK": Status.BOOKED, "PDNG": Status.PENDING, "INFO": Status.INFORMATION}
    assert [(each.signed, each.reversal, each.status, each.day, each.reference) for each in statement.bookings] == [
        (each.signed, each.reversal, statuses[each.status], each.day, each.reference) for each in transfers
    ]
    for booking, transfer in zip(statement.bookings, transfers, strict=True):
        parts = transfer.parts or [(transfer.amount, transfer.text)]
        assert [(shown(detail.amount), letters(detail.text)) for detail in booking.details] == [
            (amount, letters(text)) for amount, text in parts
        ]


def letters(text: str) -> str:
    return "".join(text.split())


def test_control_characters_and_absurd_sums() -> None:
    """What no database could keep"""
    booking = only_booking(mt940(":61:2611021102C1,00NTRFNONREF", ":86:05321\x00234567", closing="C261102TRY1,00"))
    assert booking.text == "05321234567"
    with pytest.raises(Unreadable, match="larger than any account"):
        read_statements(mt940(*[":61:2611021102C999999999999,99NTRFNONREF"] * 20_000, closing="C261102TRY1,00"))
    assert (
        only(
            camt('<Ntry><Amt Ccy="TRY">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><DtTm>2999-12-31T23:59:59-12:00</DtTm></BookgDt></Ntry>')
        )
        .bookings[0]
        .booked_at
        is None
    )
