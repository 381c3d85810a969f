"""The exports of Turkish banks: read exactly, proven by their own balances, or refused (product.md §5)."""
# ruff: noqa: DTZ001 — a bank's own time is naive: it is meant in the account's zone

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.bank.statement.read import read_statements
from app.bank.statement.statement import Side, Statement, Status, Unreadable, shown
from tests.bank.bank import IBAN, Paper, Transfer

SAMPLES = Path(__file__).parent / "samples"
TOP_UP, FAST, CHARGE = (
    "BAKİYE YÜKLEME 05321234567 AYŞE IŞIK",
    "FAST*0062*0533 987 65 43 yükleme*1629974954*FAST",
    "EFT ÜCRETİ BSMV",
)


OPENS_EMPTY = f"IBAN;{IBAN}\r\nDevreden Bakiye;0,00"


def sample(name: str, account: str = "") -> Statement:
    (statement,) = read_statements((SAMPLES / name).read_bytes(), account=account)
    return statement


def table(*rows: str, heading: str = "Tarih;Açıklama;Tutar;Bakiye", above: str = f"IBAN;{IBAN}", encoding: str = "cp1254") -> bytes:
    return "".join(f"{row}\r\n" for row in (above, heading, *rows)).encode(encoding)


def only(raw: bytes, account: str = "") -> Statement:
    (statement,) = read_statements(raw, account=account)
    return statement


def lines(statement: Statement) -> list[tuple[str, str]]:
    return [(shown(booking.signed), booking.text) for booking in statement.bookings]


def trouble(raw: bytes) -> str:
    return str(only(raw).trouble)


def test_two_columns_newest_first() -> None:
    """windows-1254; opening, total, count and closing are said and agree"""
    statement = sample("two_columns.csv")
    assert (statement.format, statement.account, statement.currency) == ("csv", IBAN, "TRY")
    assert (statement.opening, statement.closing, statement.trouble) == (100_000, 114_950, None)
    assert lines(statement) == [("500.00", TOP_UP), ("-0.50", CHARGE), ("150.00", FAST), ("-500.00", "İADE 05321234567")]
    first, _, late, back = statement.bookings
    assert (first.line, first.booked_at, first.reference) == (10, datetime(2026, 11, 1, 9, 12), "D0002")
    assert (late.day, late.value_date) == (date(2026, 11, 2), date(2026, 11, 3))
    assert back.reversal  # E14


def test_letters_and_english() -> None:
    """UTF-16; ``1,000`` is a thousand because the others say so"""
    statement = sample("letters.csv")
    assert lines(statement) == [("1500.00", "TOP UP 05321234567"), ("-75.00", "CHARGE"), ("1000.00", "TOP UP 0533 987 65 43")]
    assert (statement.opening, statement.closing, statement.trouble) == (2_000_000, 2_242_500, None)
    (detail,) = statement.bookings[0].details
    assert (detail.sender_name, detail.sender_iban) == ("AYŞE YILMAZ", "TR320010009999901234567890")


def test_only_the_balances_say_the_side() -> None:
    statement = sample("only_balances.csv")
    assert statement.account == "0062-1234567"
    assert lines(statement) == [("1500.00", "BAKİYE, YÜKLEME 05321234567"), ("-75.00", 'EFT "ÜCRETİ" BSMV'), ("1000.00", "0533 987 65 43")]


def test_a_workbook_that_others_cannot_open() -> None:
    """An empty fill, a wrong dimension, the text far to the right"""
    statement = sample("broken_styles.xlsx")
    assert (statement.format, statement.account, statement.trouble) == ("xlsx", IBAN, None)
    assert lines(statement) == [("1500.00", TOP_UP), ("250.50", FAST), ("-75.00", CHARGE), ("12345678.90", "KİRA ŞUBAT")]
    assert statement.closing == 1_236_735_440
    assert statement.bookings[3].booked_at == datetime(2026, 11, 2)  # midnight is a time where the others have one


def test_a_workbook_without_balances_and_account() -> None:
    with pytest.raises(Unreadable, match="does not name the account"):
        sample("no_account.xlsx")
    statement = sample("no_account.xlsx", IBAN)
    assert lines(statement) == [("1500.00", TOP_UP), ("-75.00", CHARGE), ("1000.00", FAST)]
    assert (statement.account, statement.opening, statement.closing, statement.trouble) == (IBAN, None, None, None)


@pytest.mark.parametrize(("name", "closing"), [("newest_first.xls", 2_025_050), ("two_columns.xls", 2_242_500)])
def test_an_old_workbook(name: str, closing: int) -> None:
    statement = sample(name)
    assert (statement.format, statement.account, statement.trouble) == ("xls", IBAN, None)
    assert (statement.opening, statement.closing) == (2_000_000, closing)
    assert (statement.bookings[0].text, statement.bookings[0].booked_at) == (TOP_UP, datetime(2026, 11, 1, 9, 12))


def test_a_file_about_another_account_than_the_chosen_one() -> None:
    with pytest.raises(Unreadable, match="not about TR320010009999901234567890"):
        sample("two_columns.csv", "TR320010009999901234567890")
    assert sample("only_balances.csv", IBAN).account == IBAN  # a branch's own number gives way
    with pytest.raises(Unreadable, match="not about TR32"):
        read_statements(Paper().mt940([Transfer("1.00")]), account="TR320010009999901234567890")
    with pytest.raises(Unreadable, match="names several accounts"):
        only(table("01.11.2026;x;1,00;1,00", above=f"{IBAN};TR320010009999901234567890"))


@pytest.mark.parametrize("encoding", ["cp1254", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_whatever_letters_and_delimiter(encoding: str, delimiter: str) -> None:
    rows = [["IBAN", IBAN], ["Tarih", "Açıklama", "Borç", "Alacak"], ["01.11.2026", "ŞÜKRÜ IĞDIR", "", "12.50"]]
    raw = "".join(delimiter.join(row) + "\n" for row in rows).encode(encoding)
    assert lines(only(raw)) == [("12.50", "ŞÜKRÜ IĞDIR")]


@pytest.mark.parametrize(
    "heading",
    [
        "TARİH;AÇIKLAMA;TUTAR;BAKİYE",
        "İşlem Tarihi;İşlem Açıklaması;İşlem Tutarı*;Kalan Bakiye",
        "islem tarihi;aciklama;tutar (TL);bakiye (TL)",
        "Tarih/Saat;Açıklama:;Tutar TL;Son Bakiye",
        "Date;Description;Amount;Balance",
    ],
)
def test_headings_are_found_by_their_words(heading: str) -> None:
    assert lines(only(table("01.11.2026;kira;-12,50;100,00", heading=heading))) == [("-12.50", "kira")]


def test_headings_too_far_below_are_none() -> None:
    assert only(table("01.11.2026;x;-1,00;1,00", above="IBAN;" + IBAN + "\r\n" * 28)).bookings
    with pytest.raises(Unreadable, match="nor a table"):
        only(table("01.11.2026;x;-1,00;1,00", above="IBAN;" + IBAN + "\r\n" * 40))


def test_a_heading_that_stands_there_twice() -> None:
    with pytest.raises(Unreadable, match="“Tutar” stands there twice"):
        only(table("01.11.2026;x;1,00;1,00", heading="Tarih;Açıklama;Tutar;Tutar"))


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ("1.234,56", 123_456),
        ("1.234", 123_400),
        ("+1.234,5", 123_450),
        ("1234567,89", 123_456_789),
        ("1.234.567", 123_456_700),
        ("1 234,56", 123_456),
        ("12,50 TL", 1250),
        ("₺12,50", 1250),
        ("12", 1200),
        ("0,00", 0),
    ],
)
def test_turkish_decimals(amount: str, minor: int) -> None:
    after = shown(minor - 50).replace(".", ",")
    statement = only(table(f"01.11.2026;x;{amount};", f"02.11.2026;y;-0,50;{after}", above=OPENS_EMPTY, encoding="utf-8"))
    assert (statement.bookings[0].signed, statement.trouble) == (minor, None)


@pytest.mark.parametrize("written", ["-75,00", "75,00-", "(75,00)", "\u221275,00", "- 75,00 TL"])
def test_a_minus_wherever_it_stands(written: str) -> None:
    assert only(table(f"01.11.2026;x;{written};25,00", encoding="utf-8")).bookings[0].signed == -7500


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (["01.11.2026;x;1.234;"], "“1.234” can be read in two ways"),
        (["01.11.2026;x;1.234,50;", "01.11.2026;x;1,234.50;"], "Line 4: the amount “1,234.50” is written in another way"),
        (["01.11.2026;x;1.2345;"], "is no number"),
        (["01.11.2026;x;12,5,0;"], "is no number"),
        (["01.11.2026;x;1e3;"], "is no number"),
        (["01.11.2026;x;١٢;"], "neither"),
        (["32.11.2026;x;1,00;"], "“32.11.2026” is no date"),
        (["11/31/2026;x;1,00;"], "is no date"),
        (["01.11.2026 25:00;x;1,00;"], "is no date"),
        ([";x;1,00;"], "an amount, but no date"),
        (["01.11.2026;x;;"], "no amount"),
        (["01.11.2026;x;-1,00;", "02.11"], "“02.11” is no whole row"),
    ],
)
def test_nothing_is_guessed(rows: list[str], why: str) -> None:
    """Read exactly, or in quarantine with its line"""
    encoding = "utf-8" if "neither" in why else "cp1254"
    assert why.replace("neither", "is no number") in trouble(table(*rows, encoding=encoding))


def test_three_decimals_are_not_hidden_by_a_zero() -> None:
    assert "two ways" in trouble(table("01.11.2026;x;1.230;", "01.11.2026;y;1.50;"))


def test_a_date_that_does_not_exist_is_the_months_last_day() -> None:
    (booking,) = only(table("30.02.2026;x;-1,00;")).bookings
    assert booking.day == date(2026, 2, 28)
    assert [str(note) for note in booking.notes] == ["There is no day 30.02.2026; it is read as 28 Feb 2026."]


@pytest.mark.parametrize(
    "text", ["2026-11-01 09:12", "01/11/2026-09:12:00", "1.11.2026 9:12", "2026-11-01T09:12:00.123", "01-11-2026 09.12"]
)
def test_dates_and_times(text: str) -> None:
    assert only(table(f"{text};x;-1,00;1,00")).bookings[0].booked_at == datetime(2026, 11, 1, 9, 12)


def test_without_a_sign_a_letter_or_a_balance_nobody_knows_the_side() -> None:
    """A person may release it"""
    statement = only(table("01.11.2026;x;1,00", "01.11.2026;y;2,00", heading="Tarih;Açıklama;Tutar"))
    assert str(statement.trouble) == "Nothing in the file says whether its amounts came in or went out."
    assert statement.whole
    assert only(table("01.11.2026;x;1,00", "01.11.2026;y;-2,00", heading="Tarih;Açıklama;Tutar")).trouble is None


def test_the_first_side_is_not_guessed_either() -> None:
    rows = ("01.11.2026;x;100,00;900,00", "01.11.2026;y;50,00;850,00")
    assert only(table(*rows)).trouble is not None
    opened = table(*rows, above=f"IBAN;{IBAN}\r\nDevreden Bakiye;1.000,00")
    assert lines(only(opened)) == [("-100.00", "x"), ("-50.00", "y")]


@pytest.mark.parametrize("letter", ["A", "a", "Alacak", "C"])
def test_a_letter_beside_a_sign(letter: str) -> None:
    heading = "Tarih;Açıklama;Tutar;B/A"
    assert only(table(f"01.11.2026;x;1,00;{letter}", "01.11.2026;y;-1,00;B", heading=heading)).bookings[0].side is Side.CREDIT
    assert "disagree" in trouble(table(f"01.11.2026;x;-1,00;{letter}", heading=heading))
    assert "neither in nor out" in trouble(table("01.11.2026;x;-1,00;?", heading=heading))


def test_two_columns_are_exclusive() -> None:
    heading = "Tarih;Açıklama;Borç;Alacak"
    assert "on both sides" in trouble(table("01.11.2026;x;1,00;2,00", heading=heading))
    assert lines(only(table("01.11.2026;x;-1,00;0,00", "01.11.2026;y;;2,00", heading=heading))) == [("-1.00", "x"), ("2.00", "y")]
    assert "with a minus in some rows" in trouble(table("01.11.2026;x;-1,00;", "01.11.2026;y;2,00;", heading=heading))


@pytest.mark.parametrize(
    ("below", "why"),
    [
        ("Toplam;;3,00;", "a total of 3,00, but its rows make 2.00"),
        ("Kayıt Sayısı: 3", "says 3 bookings, but it holds 2"),
        ("Kapanış Bakiyesi;9,00", "it closes with 9.00, but its rows end at 2.00"),
    ],
)
def test_what_stands_below_has_to_agree(below: str, why: str) -> None:
    """So a file that lost rows is seen"""
    assert why in trouble(table("01.11.2026;x;3,00;3,00", "01.11.2026;y;-1,00;2,00", below))


def test_pending_rows_are_in_no_balance() -> None:
    """E27"""
    heading = "Tarih;Açıklama;Tutar;Bakiye;Durum"
    statement = only(table("01.11.2026;x;3,00;3,00;", "01.11.2026;y;9,00;;Beklemede", "01.11.2026;z;-1,00;2,00;", heading=heading))
    assert (statement.trouble, [booking.status for booking in statement.bookings][1]) == (None, Status.PENDING)


def test_rows_in_any_order_find_the_one_that_adds_up() -> None:
    rows = ["01.11.2026;a;100,00;1.100,00", "01.11.2026;b;-30,00;1.070,00", "02.11.2026;c;5,00;1.075,00", "02.11.2026;d;7,00;1.082,00"]
    for order in (rows, rows[::-1], [rows[2], rows[0], rows[3], rows[1]]):
        statement = only(table(*order))
        assert [text for _, text in lines(statement)] == ["a", "b", "c", "d"]
        assert (statement.opening, statement.closing) == (100_000, 108_200)


def test_a_quotation_mark_swallows_no_rows() -> None:
    """A text that begins with one took everything up to the next into one cell"""
    raw = table('01.11.2026;"ALI;-1,00;99,00', "02.11.2026;x;-2,00;97,00", '03.11.2026;VELI";-3,00;94,00')
    with pytest.raises(Unreadable, match="quotation marks"):
        only(raw)


def digits_in(raw: bytes, pattern: bytes) -> list[int]:
    return [
        place
        for match in re.finditer(pattern, raw)
        for place in range(match.start(1), match.end(1))
        if raw[place : place + 1].isdigit()
    ]  # fmt: skip


AMOUNTS = st.lists(st.tuples(st.integers(1, 10**9), st.booleans()), min_size=2, max_size=6)


@given(AMOUNTS, st.booleans(), st.data())
def test_any_single_changed_digit_is_caught(amounts: list[tuple[int, bool]], newest_first: bool, data: st.DataObject) -> None:
    """Of every amount and balance, where the file also says how it opens"""
    transfers = [Transfer(shown(minor), f"t{place}", side="credit" if came_in else "debit", day=date(2026, 11, 1 + place)) for place, (minor, came_in) in enumerate(amounts)]  # fmt: skip
    raw = Paper().csv(transfers)
    if newest_first:
        head, rows, end = raw.split(b"\r\n")[:5], raw.split(b"\r\n")[5:-2], raw.split(b"\r\n")[-2:]
        raw = b"\r\n".join([*head, *rows[::-1], *end])
    assert only(raw).trouble is None
    place = data.draw(st.sampled_from(digits_in(raw, rb"[;]((?:-?[0-9.]+,[0-9]{2}))(?=[;\r])")))
    digit = data.draw(st.sampled_from([digit for digit in b"0123456789" if digit != raw[place]]))
    with suppress(Unreadable):
        assert only(raw[:place] + bytes([digit]) + raw[place + 1 :]).trouble is not None


@pytest.mark.parametrize("name", ["two_columns.csv", "letters.csv", "only_balances.csv", "broken_styles.xlsx", "newest_first.xls"])
def test_a_file_that_was_cut_off_is_never_partly_read(name: str) -> None:
    """
    At every byte, in workbooks at every fiftieth: refused, in trouble, or rows that stand whole in it
    """
    raw = (SAMPLES / name).read_bytes()
    whole = {(booking.line, booking.signed, booking.text, booking.reference) for booking in sample(name).bookings}
    for length in range(0, len(raw), 1 if name.endswith(".csv") else 50):
        with suppress(Unreadable):
            for statement in read_statements(raw[:length]):
                read = {(booking.line, booking.signed, booking.text, booking.reference) for booking in statement.bookings}
                assert statement.trouble or read <= whole, length


def test_a_text_that_may_be_cut_waits_for_a_person() -> None:
    raw = table("01.11.2026;-1,00;kira", "02.11.2026;1,00;yükleme 05321234567", heading="Tarih;Tutar;Açıklama")
    assert only(raw).trouble is None
    cut = only(raw[:-4])
    assert str(cut.trouble) == "Line 4: the last line has no end, so the file may have been cut off in it."
    assert cut.whole


# Hostile files (C23)


def package(**parts: bytes) -> bytes:
    out = BytesIO()
    with ZipFile(BytesIO((SAMPLES / "broken_styles.xlsx").read_bytes())) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.rpartition("/")[2].partition(".")[0], old.read(name)))
    return out.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        package(sheet1=b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'),
        package(sheet1=b"<worksheet>" + b"\x00" * 300_000_000),
        package(sheet1=b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'),
        b"PK\x03\x04" + b"\x00" * 100,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5000,
        (SAMPLES / "newest_first.xls").read_bytes()[:5000],
    ],
    ids=["entity", "300 MB", "seventeen billion cells", "no zip", "no workbook", "cut"],
)  # fmt: skip
def test_a_hostile_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_statements(raw)


def test_another_packing_of_a_workbook_is_refused() -> None:
    out = BytesIO()
    with ZipFile(BytesIO((SAMPLES / "broken_styles.xlsx").read_bytes())) as old, ZipFile(out, "w", ZIP_BZIP2) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(Unreadable):
        read_statements(out.getvalue())


def test_formulas_are_not_evaluated() -> None:
    """A text that looks like one stays what it is"""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["IBAN", IBAN], ["Tarih", "Açıklama", "Tutar"], [datetime(2026, 11, 1), "=1+1", -1.5], [datetime(2026, 11, 1), "x", "=2"]):
        sheet.append(row)
    sheet["B3"].data_type = "s"
    out = BytesIO()
    book.save(out)
    statement = only(out.getvalue())
    assert [booking.text for booking in statement.bookings] == ["=1+1"]
    assert "no amount" in str(statement.trouble)


CELLS = st.sampled_from(
    ["Tarih", "Açıklama", "Tutar", "Borç", "Alacak", "Bakiye", "B/A", "IBAN", IBAN, "01.11.2026", "30.02.2026", "99.99.9999", "1.234", "1,00", "-1,00", "x",
     "", "Toplam", "Devreden Bakiye", "Kapanış Bakiyesi", "Kayıt Sayısı: 1", "A", "B", '"', "\x00", "٣", "1e9", "9" * 30, "NaN", "09:12"]
)  # fmt: skip
ROWS = st.lists(st.lists(CELLS, max_size=6), max_size=12)


@given(ROWS, st.sampled_from([";", ",", "\t"]), st.sampled_from(["cp1254", "utf-8", "utf-16"]))
def test_whatever_stands_in_a_table_is_read_or_in_trouble(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    text = "\n".join(delimiter.join(row) for row in [["IBAN", IBAN], ["Tarih", "Açıklama", "Tutar", "Bakiye"], *rows])
    with suppress(Unreadable):
        for statement in read_statements(text.encode(encoding, errors="replace")):
            assert statement.trouble or statement.account


OF_A_WORKBOOK = CELLS.map(lambda text: text.replace("\x00", "")) | st.sampled_from([None, True, 1, -1.5, 1e300, 0.1 + 0.2, datetime(2026, 11, 1, 9, 12), date(1905, 1, 1), time(9, 12), timedelta(days=40)])  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])  # a program of its own opens each
@given(st.lists(st.lists(st.lists(OF_A_WORKBOOK, max_size=6), max_size=10), min_size=1, max_size=3), st.booleans())
def test_whatever_stands_in_a_workbook_is_read_or_in_trouble(sheets: list[list[list[object]]], with_headings: bool) -> None:
    book = Workbook(write_only=True)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in [*([["IBAN", IBAN], ["Tarih", "Açıklama", "Tutar", "Bakiye"]] if with_headings else []), *rows]:
            sheet.append(row)
    out = BytesIO()
    book.save(out)
    with suppress(Unreadable):
        for statement in read_statements(out.getvalue()):
            assert statement.format == "xlsx"
            assert statement.trouble or statement.account


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(AMOUNTS)
def test_a_workbook_says_what_its_table_says_as_text(amounts: list[tuple[int, bool]]) -> None:
    transfers = [Transfer(shown(minor), f"t{place}", side="credit" if came_in else "debit", day=date(2026, 11, 1 + place)) for place, (minor, came_in) in enumerate(amounts)]  # fmt: skip
    text, book = only(Paper().csv(transfers)), only(Paper().xlsx(transfers))
    assert (book.opening, book.closing, book.trouble) == (text.opening, text.closing, None)
    assert [(each.signed, each.text, each.day) for each in book.bookings] == [(each.signed, each.text, each.day) for each in text.bookings]
