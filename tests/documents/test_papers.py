"""Papers: printed the same for ever, numbered without gaps (P-10, C-06)."""

import json
import re
import threading
from datetime import timedelta
from io import BytesIO

import psycopg
import pypdf
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import db
from app.documents.model import Paper
from app.documents.number_paper import issue_paper, print_numbered
from app.documents.print_paper import FOLDER, NOT_IN_THE_FONTS, print_paper, printable, qr
from tests.conftest import Database
from tests.people import at

NOON = at("2026-11-23T12:00:00+03:00")
SHOP = {"name": "Kızılay İletişim", "lines": ["Atatürk Bulvarı 84/B, Çankaya / Ankara"]}
RECEIPT = {
    "language": "tr",
    "title": "ÖDENDİ",
    "shop": SHOP,
    "copy": "",
    "facts": [["Abone", "5301234567"]],
    "amounts": [["Fatura", "390,00 ₺"], ["Əmanət", "−1,00 ₼"], ["Díj", "5 € – Őrült Űr"]],
    "total": ["Toplam", "395,00 TL"],
    "proof": [["İşlem no", "P261119-K3P17K3M9QXA"]],
    "check": "Kodu okutun.",
    "code": "P261119-K3P17K3M9QXA-8WZ3Q1FD",
    "qr": qr("P261119"),
    "foot": "Bu makbuzu saklayın.",
}
DEKONT = {
    "language": "tr",
    "title": "DEKONT",
    "institution": "Gişe",
    "shop": SHOP,
    "number-label": "Dekont no",
    "head": [],
    "payment": {"title": "Ödeme", "rows": [["Abone", "5301234567"]]},
    "amounts": [["Fatura", "390,00 TL"]],
    "total": ["Toplam", "390,00 TL"],
    "check": "Kodu okutun.",
    "code": "P261119",
    "signature": "Kaşe, imza",
    "foot": "Gişe",
}


def words(pdf: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages).split())


def issued(about: str) -> Paper:
    with db.transaction() as session:
        return issue_paper(session, "dekont", about=about, facts=DEKONT, language="en", by="person:1", now=NOON)


def test_every_letter_of_our_languages_is_printed() -> None:
    pdf = print_paper("receipt", RECEIPT, at=NOON)
    for word in ("ÖDENDİ", "Kızılay İletişim", "390,00 ₺", "Əmanət", "−1,00 ₼", "€ – Őrült Űr"):
        assert word in words(pdf)


def test_the_same_data_make_the_same_paper() -> None:
    """Byte by byte, whatever was printed in between"""
    first = print_paper("receipt", RECEIPT, at=NOON)
    other = print_paper("receipt", RECEIPT | {"title": "BAŞKA"}, at=NOON)
    assert first != other
    assert print_paper("receipt", RECEIPT, at=NOON) == first


def test_a_paper_is_made_for_the_archive_and_for_those_who_cannot_see() -> None:
    """PDF/A-2a and PDF/UA-1, in its own language, with every font inside"""
    reader = pypdf.PdfReader(BytesIO(print_paper("receipt", RECEIPT, at=NOON)))
    xmp = reader.xmp_metadata.stream.get_data().decode() if reader.xmp_metadata else ""
    assert re.search(r"pdfaid:part>2<", xmp)
    assert re.search(r"pdfaid:conformance>A<", xmp)
    assert re.search(r"pdfuaid:part>1<", xmp)
    assert str(reader.root_object["/Lang"]) == "tr"
    assert len(reader.pages) == 1
    fonts = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert all(
        "/FontFile" in str(font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object().keys())
        for font in fonts.values()
    )


def test_a_roll_is_eighty_millimetres_wide() -> None:
    width = pypdf.PdfReader(BytesIO(print_paper("receipt", RECEIPT, at=NOON))).pages[0].mediabox.width
    assert round(float(width) / 72 * 25.4) == 80


def test_text_is_shown_as_typed_and_never_run() -> None:
    """C13: markup, code and control characters of a name are only letters"""
    evil = '#panic("x") *b* = H $x$ <l> @r `c` \\u{41} [x] #include "/etc/passwd" \u202egnp.exe\x07'
    pdf = print_paper("receipt", RECEIPT | {"shop": {"name": evil, "lines": []}}, at=NOON)
    assert '#panic("x") *b* = H $x$ <l> @r `c` \\u{41} [x] #include "/etc/passwd" gnp.exe' in words(pdf)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("中文", "??"),
        ("a\u200db\u202ec", "abc"),
        ("i\u0307", "i"),  # no composed letter: the dot above goes, the letter stays
        ("s\u0327", "ş"),
        ("a\tb", "a b"),
        ("👍", "?"),
        ("Жук", "Жук"),
    ],
)
def test_what_the_fonts_lack_leaves_a_mark(typed: str, printed: str) -> None:
    """A missing letter would break the archive's standard, and so the payment's paper"""
    assert printable({"x": [typed]}) == {"x": [printed]}


def test_the_fonts_show_everything_that_is_let_through() -> None:
    """The program and the font files know the same letters, in both faces"""
    everything = "".join(chr(code) for code in range(0x20, 0x3000) if not NOT_IN_THE_FONTS.match(chr(code)))
    assert len(everything) > 400
    print_paper("receipt", RECEIPT | {"foot": everything, "code": everything, "title": everything}, at=NOON)


def test_the_templates_know_no_language() -> None:
    """Sentences come from Python, translated: in a template every letter outside code and comments would be one"""
    for file in FOLDER.glob("*.typ"):
        code = re.sub(r"//.*", "", file.read_text())
        assert not re.search(r"[^\x00-\x7f]", code), file.name


def test_many_printers_at_once() -> None:
    """One compiler, many threads"""
    papers: list[bytes] = []

    def print_some(number: int) -> None:
        papers.extend(print_paper("receipt", RECEIPT | {"title": f"T{number}"}, at=NOON) for _ in range(10))

    threads = [threading.Thread(target=print_some, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(papers) == 80
    assert len(set(papers)) == 8


def test_numbers_have_no_gaps_and_one_paper_for_one_thing(database: Database) -> None:
    """C-06"""
    assert [issued(about).number for about in ("P1", "P2", "P1")] == ["D-2026-000001", "D-2026-000002", "D-2026-000001"]
    with pytest.raises(RuntimeError), db.transaction() as session:
        issue_paper(session, "dekont", about="P3", facts=DEKONT, language="en", by="person:1", now=NOON)
        raise RuntimeError("the transaction dies")
    assert issued("P4").number == "D-2026-000003"


def test_a_year_begins_where_the_institution_is(database: Database) -> None:
    """21:00 in Greenwich on the last of December is the new year in Istanbul"""
    with db.transaction() as session:
        paper = issue_paper(session, "dekont", about="P1", facts=DEKONT, language="en", by="person:1", now=at("2026-12-31T21:00:00+00:00"))
    assert paper.number == "D-2027-000001"


def test_parallel_numbers_are_different(database: Database) -> None:
    numbers: list[str] = []
    threads = [threading.Thread(target=lambda n=n: numbers.append(issued(f"P{n}").number)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [f"D-2026-{serial:06d}" for serial in range(1, 13)]


def test_each_copy_says_which_one_it_is_and_the_rest_never_changes(database: Database) -> None:
    """C-06, P-11"""
    paper = issued("P1")
    printed = []
    for day in range(3):
        with db.transaction() as session:
            printed.append(print_numbered(session, paper, also={"qr": qr("P261119")}, by=f"person:{day}", now=NOON + timedelta(days=day)))
    assert [re.findall(r"COPY \d", words(pdf)) for pdf in printed] == [[], ["COPY 1"], ["COPY 2"]]
    assert all("D-2026-000001" in words(pdf) for pdf in printed)
    with psycopg.connect(database.url) as connection:
        rows = connection.execute("SELECT copy, by FROM paper_copy ORDER BY copy").fetchall()
    assert rows == [(0, "person:0"), (1, "person:1"), (2, "person:2")]


@pytest.mark.parametrize("statement", ["UPDATE paper SET facts = '{}'", "DELETE FROM paper", "DELETE FROM paper_copy"])
def test_papers_are_for_ever(database: Database, statement: str) -> None:
    issued("P1")
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text(statement))


def test_what_a_paper_says_is_json() -> None:
    assert json.loads(json.dumps(printable(DEKONT)))["title"] == "DEKONT"
