"""The worked examples of carriers.md as a shop sees them: the product's own look-up, through the real doors, line by line."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from app import db
from app.billers.gateways import Gateways
from app.billers.look_up_bills import Quote, look_up_bills
from app.billers.model import Biller
from app.demo import demo_billers
from app.money import Money
from tests.conftest import Database
from tests.sandbox_process import Sandbox, running_sandbox

NOW = datetime.fromisoformat("2026-11-22T10:00:00+03:00")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), clock=NOW.isoformat(), subscribers=10) as sandbox:
        yield sandbox


@pytest.fixture
def counter(sandbox: Sandbox, database: Database) -> "Counter":
    with db.transaction() as session:
        session.add_all(demo_billers())
    return Counter(Gateways(replace(database.config, billers_url=sandbox.url)))


class Counter:
    def __init__(self, gateways: Gateways) -> None:
        self.gateways = gateways

    def looks_up(self, code: str, number: str, month: str | None = None) -> list[Quote]:
        with db.reading() as session:
            biller = session.get_one(Biller, code)
        return list(look_up_bills(biller, number, self.gateways.of(biller), asked_by="1000001042", now=NOW, period=month).quotes)


@pytest.mark.parametrize(
    ("biller", "number", "month", "amount", "payable"),
    [
        ("masmovil", "699000001", "2025-05", "20.25", "20.25"),  # 29.90 × 21/31
        ("masmovil", "699000001", "2025-06", "29.90", "29.90"),
        ("masmovil", "699000002", "2025-05", "23.60", "23.60"),  # three lines
        ("masmovil", "699000003", "2025-05", "32.75", None),  # and an instalment, charged on 4 June
        ("masmovil", "699000003", "2025-06", "29.90", None),  # none at the end of June
        ("masmovil", "699000003", "2025-07", "42.40", None),
        ("masmovil", "699000004", "2025-05", "11.57", "11.57"),  # 12/31
        ("masmovil", "699000005", "2025-05", "4.82", "4.82"),  # 5/31
        ("masmovil", "699000006", "2025-05", "22.51", "22.51"),  # 14/31 + 7/31
        ("masmovil", "699000007", "2025-06", "29.90", "29.90"),  # no minicycle
        ("masmovil", "699000008", "2025-01", "0.96", "0.96"),  # 31 January
        ("masmovil", "699000009", "2024-02", "1.03", "1.03"),  # 29 February
        ("masmovil", "699000010", "2025-05", "25.25", "25.25"),  # with a bonus
        ("vodafone-hu", "709900001", "2025-06", "16595.00", "16595.00"),  # active on 12 June
        ("vodafone-hu", "709900002", "2025-08", "21088.00", "21088.00"),  # August
        ("vodafone-hu", "709900003", "2025-08", "21415.00", "21415.00"),  # the day that is paid twice
        ("vodafone-hu", "709900004", "2025-09", "-9313.00", None),  # −7,333.33 net: a credit
        ("vodafone-hu", "709900005", "2025-08", "11684.00", "11684.00"),  # premium: (8,000 + 1,200) × 1.27
        ("vodafone-hu", "709900006", "2025-08", "10759.00", "10759.00"),  # late roaming: (8,000 + 472) × 1.27 = 10,759.44
        ("azercell", "519900001", "2025-04", "18.40", None),  # paid with 20.00
        ("azercell", "519900001", "2025-05", "21.15", "19.55"),
        ("azercell", "519900002", "2025-05", "11.97", "11.97"),  # 7 SMS: 0.17
        ("millenicom", "5399000001", "2025-05", "390.00", "390.00"),
        ("millenicom", "5399000001", "2025-06", "785.85", "785.85"),
        ("millenicom", "5399000002", "2025-06", "785.85", "395.85"),  # May was paid elsewhere first
        ("millenicom", "5399000003", "2025-06", "785.85", "285.85"),  # 500.00 were paid
    ],
)
def test_what_a_shop_sees(counter: Counter, biller: str, number: str, month: str, amount: str, payable: str | None) -> None:
    """Amount and payable amount; every bill adds up (P-20, P-25)."""
    (quote,) = counter.looks_up(biller, number, month)
    assert (str(quote.bill.amount.decimal), quote.explained.adds_up) == (amount, True)
    assert (quote.bill.open, quote.refuse) == ((money(payable, quote), "") if payable else (money("0.00", quote), "closed"))


def money(text: str, quote: Quote) -> Money:
    return Money(int(text.replace(".", "")), quote.bill.currency)


def test_a_shop_sees_june_and_may_and_that_june_pays_both(counter: Counter) -> None:
    """P-25: 785.85 is payable with June, 390.00 with May alone; nobody may take both."""
    june, may = counter.looks_up("millenicom", "5399000001")
    assert (june.bill.open, may.bill.open, june.bill.past_due) == (Money(78585, "TRY"), Money(39000, "TRY"), Money(39000, "TRY"))
    (carried,) = [line for part in june.bill.sections for line in part.lines if line.rule == "past-due"]
    assert carried.inputs["bill"] == may.bill.ref
