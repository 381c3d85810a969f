"""A bill in two languages: every text that the four carriers print stands in the term base, in all six."""

import ast
import csv
import inspect
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from types import ModuleType

import pytest

from app import languages
from app.billing import terms
from app.billing.carriers import azercell, masmovil, millenicom, vodafone_hu
from app.billing.debt import Claim
from app.billing.draft import Draft
from app.billing.instalments import Financing
from app.billing.period import month_of
from app.billing.proration import Fee
from app.billing.usage import Allowance, Charged, Used
from app.inquiries.answer_sms import CHARGE
from app.money import Money
from sandbox.billing_runs import people
from tests.billing.test_masmovil import MINICYCLE

JUNE, JULY = month_of(date(2025, 6, 1)), month_of(date(2025, 7, 1))
LONG_AGO = date(2024, 1, 1)
OWN = "Own name of a contract"  # of a plan, an allowance, a device: it stays as its carrier wrote it


def everything_used(kinds: object, closed_first: date, before: date) -> tuple[Used, ...]:
    own = tuple(Used(kind, Decimal(90), closed_first) for kind in kinds)  # type: ignore[attr-defined]
    return (*own, *(Used(kind, Decimal(3), before, arrived_on=closed_first) for kind in kinds))  # type: ignore[attr-defined]


def rich_bills() -> Iterator[tuple[str, Draft | None]]:
    """The fullest bill of each carrier."""
    fee = Fee(OWN, Decimal("30.00"), LONG_AGO)
    free = ((OWN, (Allowance("data", OWN, "GB", Decimal(50)), Allowance("call", OWN, "minute", Decimal(30)))),)
    inquiries = [Charged(azercell.SMS_TEXT, azercell.SMS_INQUIRY, 7)]
    used = everything_used(azercell.PRICES, JUNE.first, date(2025, 5, 30))
    yield "az", azercell.draft(azercell.Contract((fee,), free, used), JUNE, inquiries=inquiries)
    used = everything_used(masmovil.PRICES, MINICYCLE.first, date(2025, 4, 30))
    bonus, phone = masmovil.Bonus(OWN, Decimal(10), Decimal(5), date(2025, 5, 3)), Financing(OWN, Decimal("12.50"), 24, LONG_AGO)
    yield "es", masmovil.draft(masmovil.Contract((fee,), free, used, (bonus,), (phone,)), MINICYCLE)
    debt = Claim("M-05", Money(0, "TRY"), Money(39000, "TRY"))
    older = (millenicom.Older(debt, "M05", date(2025, 6, 13)),)
    used = everything_used(millenicom.PRICES, JUNE.first, date(2025, 5, 30))
    yield "tr", millenicom.draft(millenicom.Contract((fee,), used), JUNE, older=older, inquiries=[Charged(OWN, Decimal("1.5"), 2)])
    used = everything_used(vodafone_hu.PRICES, JULY.first, date(2025, 6, 30))
    plan = vodafone_hu.Plan(Fee(OWN, Decimal("8001.37"), date(2025, 7, 12)), free[0][1], discount=Decimal(10))
    one_off = vodafone_hu.OneOff(OWN, Decimal(2000), date(2025, 7, 16))
    yield (
        "hu",
        vodafone_hu.draft(
            vodafone_hu.Contract((plan,), used, (one_off,), usage_discount=Decimal(5)), JULY, inquiries=[Charged(OWN, Decimal(12), 2)]
        ),
    )


def printed(draft: Draft) -> set[str]:
    texts = {section.title for section in draft.sections} | set(draft.notes)
    return texts | {line.text for section in draft.sections for line in section.lines} - {OWN}


@pytest.mark.parametrize(("of", "draft"), list(rich_bills()), ids=lambda one: one if isinstance(one, str) else "")
def test_every_text_that_a_carrier_prints_stands_in_the_term_base(of: str, draft: Draft | None) -> None:
    assert draft is not None
    assert sorted(text for text in printed(draft) if not terms.is_known(text, of=of)) == []
    units = {line.unit for section in draft.sections for line in section.lines if line.unit}
    assert all(terms.units()[unit][language] for unit in units for language in terms.LANGUAGES)


@pytest.mark.parametrize(
    ("of", "module"), [("az", azercell), ("es", masmovil), ("tr", millenicom), ("hu", vodafone_hu)], ids=lambda one: str(one)[:2]
)
def test_the_rich_bills_leave_no_text_of_a_carrier_out(of: str, module: ModuleType) -> None:
    """A literal with a letter that no name or rule of ours has is something printed: some rich bill shows it."""
    draft = dict(rich_bills())[of]
    assert draft is not None
    shown = " ".join(printed(draft))
    tree = ast.parse(inspect.getsource(module))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]
    assert [text for text in texts if (not text.isascii() or " " in text.strip()) and text.strip(" ,:+%") not in shown] == []


def test_a_row_is_whole_and_has_as_many_places_in_every_language() -> None:
    with terms.FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert all(row[language].strip() == row[language] != "" for language in terms.LANGUAGES), row
            assert len({row[language].count(terms.HOLE) for language in terms.LANGUAGES}) == 1, row


@pytest.mark.parametrize(
    ("text", "of", "to", "said"),
    [
        ("Cuotas mensuales", "es", "eu", "Hileko kuotak"),
        ("Cuotas mensuales", "es", "es", "Cuotas mensuales"),
        ("Gecikme bedeli, fatura M05", "tr", "en", "Late fee, bill M05"),
        ("IVA 21 % incluido: 16,74 + 3,51", "es", "tr", "%21 IVA dahil: 16,74 + 3,51"),
        ("Havidíj-kedvezmény, B", "hu", "en", "Monthly-fee discount, B"),
        ("Roaming (késve érkezett)", "hu", "tr", "Dolaşım (geç gelen)"),
        ("KDV %20", "tr", "hu", "KDV (hozzáadottérték-adó) 20%"),
        ("Fibra 500 Mb + móvil 50 GB", "es", "tr", "Fibra 500 Mb + móvil 50 GB"),
        ("Hizmetler: {0} {x}", "tr", "en", "Services: {0} {x}"),
        ("", "tr", "en", ""),
    ],
)
def test_a_text_in_another_language(text: str, of: str, to: str, said: str) -> None:
    assert terms.in_language(text, of=of, to=to) == said


@pytest.mark.parametrize("code", ["650", "4144", "23730"])
@pytest.mark.parametrize("of", terms.LANGUAGES)
def test_an_sms_that_was_charged_is_known_whatever_its_code_and_language(of: str, code: str) -> None:
    """Our own words for it lie on the carrier's bill as we charged it."""
    in_all = {language: languages.translate(CHARGE, language).format(code=code) for language in terms.LANGUAGES}
    assert terms.is_known(in_all[of], of=of)
    assert {language: terms.in_language(in_all[of], of=of, to=language) for language in terms.LANGUAGES} == in_all


def test_the_charged_sms_of_azercell_s_bills_is_the_same_text() -> None:
    assert languages.translate(CHARGE, "az").format(code="650") == azercell.SMS_TEXT == people.SMS_TEXT
    assert terms.in_language(azercell.SMS_TEXT, of="az", to="en") == "SMS inquiry to 650"
