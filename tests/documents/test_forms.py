"""The forms that people sign: one page each, and their code is read from a bad photograph (product.md §7)."""

import re
from io import BytesIO

import pypdf
import pytest

from app import db
from app.documents.clean_scan import clean_scan
from app.documents.form_kinds.parts import BOXES, Changes, Choices, Fields, Form
from app.documents.paper_code import code_of, is_ours, references_in
from app.documents.print_form import FORMS, print_form
from app.languages import NAMES
from app.markets import MARKETS, Market
from tests.conftest import Database
from tests.documents.photos import photographed
from tests.people import at

NOON = at("2026-11-23T12:00:00+03:00")
REFERENCES = {
    "bill_cancellation": "P261119-K3P17K3M9QXA",
    "agent_information": "C-7K3M-9Q2X-4",
    "agency_termination": "C-2A4B-6C8D-E",
    "person_change": "C-ZZZZ-0000-9",
}


def words(pdf: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages).split())


def pages(pdf: bytes) -> int:
    return len(pypdf.PdfReader(BytesIO(pdf)).pages)


def market_of(language: str) -> Market:
    return next((market for market in MARKETS.values() if language in market.languages), MARKETS["TR"])


def longest_values(form: Form) -> dict[str, str]:
    """Everything as long as it is printed, in the widest letter."""
    data = {"until": "17:00"}
    for section in form.sections.values():
        match section:
            case Fields():
                data |= {field.name: "W" * field.longest for row in section.rows for field in row}
            case Choices():
                data[section.name] = section.options[0][0]
                if section.more:
                    data[section.more.name] = "Wide words " * (section.more.longest // 11)
            case Changes():
                data |= {f"{field.name}.{end}": "WIDE WORD " * (field.longest // 10) for field in section.fields for end in ("old", "new")}
    return data


def form(kind: str, *, language: str = "tr", data: dict[str, str] | None = None, reference: str | None = None) -> bytes:
    with db.reading() as session:
        values = {"until": "17:00"} | (data or {})
        return print_form(session, kind, market=market_of(language), language=language, data=values, reference=reference, at=NOON)


@pytest.mark.parametrize("language", sorted(NAMES))
@pytest.mark.parametrize("kind", sorted(FORMS))
def test_a_form_is_one_page_blank_and_full(database: Database, kind: str, language: str) -> None:
    blank = form(kind, language=language)
    full = form(kind, language=language, data=longest_values(FORMS[kind]), reference=REFERENCES[kind])
    assert (pages(blank), pages(full)) == (1, 1)
    assert "GISE:" not in words(blank)
    assert REFERENCES[kind] in words(full)


@pytest.mark.parametrize("kind", sorted(FORMS))
@pytest.mark.parametrize("angle", [-25, -8, 13, 180])
def test_the_code_is_read_from_a_signed_paper_photographed_askew(database: Database, kind: str, angle: int) -> None:
    """100 dots an inch, perspective, shadow, blur, noise, JPEG of quality 40, ink over the code"""
    photo = photographed(form(kind, reference=REFERENCES[kind]), angle=angle, seed=angle + 100)
    scan = clean_scan(photo, field="form", watermark="test")
    assert references_in(scan.codes) == [REFERENCES[kind]]


def test_a_blank_form_names_nobody(database: Database) -> None:
    scan = clean_scan(photographed(form("person_change"), angle=3), field="form", watermark="test")
    assert scan.codes == ()


def test_values_stand_in_their_boxes_or_as_text(database: Database) -> None:
    """A number of another length is not squeezed into the boxes"""
    boxed = words(form("person_change", data={"phone": "+905321234567", "identity": "10000000146"}))
    assert re.search(r"5 ?3 ?2 ?1 ?2 ?3 ?4 ?5 ?6 ?7", boxed)
    assert "123456" in words(form("person_change", data={"identity": "123456"}))


def test_what_is_too_long_says_so(database: Database) -> None:
    assert "…" in words(form("person_change", data={"email": "x" * 500}))


def test_what_changes_is_ticked_and_old_beside_new(database: Database) -> None:
    paper = words(form("agent_information", data={"name.old": "Eski Ad", "name.new": "Yeni Ad"}))
    assert paper.index("Eski Ad") < paper.index("Yeni Ad")


def test_every_market_has_boxes_for_every_number() -> None:
    assert all(set(markets) == set(MARKETS) for markets in BOXES.values())


@pytest.mark.parametrize(
    "text",
    ["GISE:", "GISE:c-7k3m", "gise:C-7K3M", "C-7K3M-9Q2X-4", "GISE:C", "GISE:C-7K3M\n", "GISE:" + "A" * 20 + "-" + "B" * 40, "GISE:C-İ"],
)
def test_what_is_not_ours_is_no_code(text: str) -> None:
    assert not is_ours(text)


def test_a_code_leads_back_to_its_reference() -> None:
    codes = [code_of(reference) for reference in (*REFERENCES.values(), *REFERENCES.values())]
    assert references_in(["https://example.com", *codes]) == list(REFERENCES.values())
