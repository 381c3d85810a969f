"""Paper tells the truth (P-10), and that it was handed out is a fact of its own (P-11)."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO

import pypdf
import pytest
from sqlalchemy import select

from app import clock, db
from app.agents.model import Agent
from app.billers.model import Tariff
from app.collections.model import Payment, Slip, State
from app.collections.print_slip import Slips, print_slip
from app.collections.slips import NoPaper
from tests.conftest import Database
from tests.people import UNKNOWN, ScriptedBiller, Shop, no, open_biller, open_shop, read_payment


@pytest.fixture
def millenicom(database: Database) -> ScriptedBiller:
    return open_biller()


@pytest.fixture
def shop(database: Database) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("500.00")
    return shop


def slip(payment: Payment, millenicom: ScriptedBiller, *, notes: tuple[str, ...] = (), language: str = "en") -> str:
    with db.transaction() as session:
        slips = Slips(
            payment=read_payment(payment.reference),
            agent=session.get_one(Agent, payment.agent),
            biller=millenicom.record,
            cashier="Ayşe Yılmaz",
            language=language,
            check_at=f"https://gise.example/r/{payment.receipt_code}",
            notes=notes,
        )
        pdf = print_slip(session, slips, by="person:1", now=clock.now())
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def become(payment: Payment, state: State) -> None:
    with db.transaction() as session:
        there = session.get_one(Payment, payment.reference)
        there.state, there.released, there.settled_at = state, state is State.CANCELLED, clock.now()


def test_paid_means_a_receipt(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-10: amount, fee and total each on a line of their own, with both references and the code to check it by"""
    with db.transaction() as session:
        session.add(Tariff(biller="millenicom", agent_group="standard", valid_from=date(2026, 1, 1), fee=[{"flat": 500}], share=[], tax=0))
    payment = shop.pays(millenicom, millenicom.bill("390.00"))

    paper = slip(payment, millenicom, notes=("Cancel today before 17:00.",))

    for fact in (
        "PAID", "Kızılay İletişim", "Agent number 1000001042", "Bill 390.00 TL", "Service fee 5.00 TL", "Total 395.00 TL",
        payment.reference, f"MB-{payment.reference}", payment.receipt_code, payment.subscriber, "A*** Y*****", "Ayşe Yılmaz",
        "1 Oct 2026 – 31 Oct 2026", "Cancel today before 17:00.",
    ):  # fmt: skip
        assert fact in paper
    assert "AGAIN" not in paper


def test_unknown_means_a_slip_that_nobody_takes_for_a_receipt(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-10"""
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    paper = slip(payment, millenicom)
    for fact in ("OUTCOME PENDING", "DO NOT PAY AGAIN", "This is not a receipt", payment.reference, "120.50 TL"):
        assert fact in paper
    assert "PAID" not in paper
    assert payment.receipt_code not in paper


def test_refused_means_no_paper(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-10"""
    millenicom.answers = [no("withdrawn")]
    with pytest.raises(NoPaper):
        slip(shop.pays(millenicom, millenicom.bill("120.50")), millenicom)


def test_cancelled_means_a_void_slip_to_sign(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-10, P-13"""
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    become(payment, State.CANCELLED)
    paper = slip(payment, millenicom)
    for fact in ("CANCELLED", "receipt is void", "To be given back 120.50 TL", "I got 120.50 TL back"):
        assert fact in paper


def test_a_reprint_says_which_copy_it_is(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-11, screens.md: the original has no mark"""
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    papers = [slip(payment, millenicom) for _ in range(3)]
    assert [re.findall(r"COPY \d", paper) for paper in papers] == [[], ["COPY 1"], ["COPY 2"]]
    with db.reading() as session:
        assert sorted((one.kind, one.copy) for one in session.scalars(select(Slip))) == [("receipt", 1), ("receipt", 2), ("receipt", 3)]


def test_two_printers_never_make_the_same_copy(shop: Shop, millenicom: ScriptedBiller) -> None:
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    with ThreadPoolExecutor(8) as pool:
        papers = list(pool.map(lambda _: slip(payment, millenicom), range(8)))
    assert sorted("".join(re.findall(r"COPY \d", paper)) for paper in papers) == ["", *(f"COPY {copy}" for copy in range(1, 8))]


def test_the_slip_of_an_unknown_payment_gives_way_to_its_receipt(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-11: copies are counted for each kind"""
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    slip(payment, millenicom)
    become(payment, State.PAID)
    assert "COPY" not in slip(payment, millenicom)


def test_amounts_and_days_are_written_as_the_reader_writes_them(shop: Shop, millenicom: ScriptedBiller) -> None:
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    paper = slip(payment, millenicom, language="tr")
    assert "120,50 TL" in paper
    assert "20 Ara 2026" in paper
