"""The counter's pages of bills: chosen, typed, warned about, confirmed, disputed."""

import re
from datetime import date, timedelta
from io import BytesIO

import pypdf
import pytest
from flask import Flask

from app import clock, db
from app.billers.gateway import AccountClosed, BillerUnreachable
from app.billers.gateways import Gateways
from app.billers.model import Dispute
from app.billing.bill import Bill
from app.collections.model import Payment
from tests.cancellations.test_pages import Browser, shown
from tests.people import ScriptedBiller, Shop, hire, lira, open_biller, open_shop

SUBSCRIBER = "5301112233"


@pytest.fixture
def shop(app: Flask) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("5000.00")
    return shop


@pytest.fixture
def counter(app: Flask, shop: Shop) -> Browser:
    return Browser(app, shop.owner.phone)


class Rules:
    """Opens the one biller of a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def __call__(self, **rules: object) -> ScriptedBiller:
        biller = open_biller("millenicom", **rules)
        self.monkeypatch.setattr(Gateways, "of", lambda self, record: biller)
        return biller


@pytest.fixture
def rules(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Rules:
    return Rules(monkeypatch)


def look(counter: Browser, subscriber: str = SUBSCRIBER) -> str:
    return counter.reads(f"/bills?biller=millenicom&subscriber={subscriber}")


def confirmation(*bills: Bill, **amounts: str) -> str:
    typed = "".join(f"&amount-{bill.ref}={amounts[f'b{number}']}" for number, bill in enumerate(bills) if f"b{number}" in amounts)
    return f"/payments/new?biller=millenicom&subscriber={SUBSCRIBER}" + "".join(f"&bill={bill.ref}" for bill in bills) + typed


def pays(counter: Browser, page: str, **more: object) -> Payment | str:
    """Presses the button of a confirmation. :returns: the payment, or the page that is shown instead"""
    fields = dict(re.findall(r'<input type="hidden" name="((?:bills-|biller|subscriber)[^"]*)" value="([^"]*)">', page))
    answer = counter.send("/payments", **fields, **more)
    if answer.status_code != 303:
        return shown(answer)
    with db.reading() as session:
        return session.get_one(Payment, re.findall(r"P[0-9A-Z-]+", answer.headers["Location"])[0])


def ticked(page: str) -> list[str]:
    return [re.findall(r'value="([^"]*)"', box)[0] for box in re.findall(r"<input[^>]*bill-choice[^>]*>", page) if " checked" in box]


def test_the_newest_bill_with_the_rest_in_it_is_ticked_and_nothing_counts_twice(counter: Browser, rules: Rules) -> None:
    """P-25: without a script, too: the server drops May, and says so"""
    biller = rules()
    may = biller.bill("390.00", subscriber=SUBSCRIBER)
    june = biller.bill("395.85", subscriber=SUBSCRIBER, contains=[may])
    page = look(counter)
    assert ticked(page) == [june.ref]
    assert f"Contained in {june.number}" in page
    assert '<div class="h2 mb-0">785.85 TL' in page
    assert f'data-covers="{may.ref}"' in page
    page = counter.reads(confirmation(june, may))
    assert f"{may.number} is not paid by itself: it is contained in {june.number}." in page
    assert "Pay 785.85 TL" in page
    payment = pays(counter, page)
    assert isinstance(payment, Payment)
    assert payment.bill_amount == lira("785.85")
    assert payment.covers == [may.ref]


def test_three_bills_oldest_first(counter: Browser, rules: Rules) -> None:
    """P-21: one confirmation pays them in order; without the oldest it says which one comes first"""
    biller = rules(bill_order="oldest-first")
    months = [date(2026, month, 1) for month in (5, 6, 7)]
    bills = [biller.bill("10.00", subscriber=SUBSCRIBER, first_day=day, last_day=day + timedelta(days=27)) for day in months]
    page = look(counter)
    assert ticked(page) == [bills[0].ref]
    assert "several are paid in that order" in page
    refused = counter.get(confirmation(bills[2], bills[1]))
    assert refused.status_code == 422
    for fact in ("The biller does not take it", f"bill {bills[0].number} comes before this one"):
        assert fact in shown(refused)
    outcome = pays(counter, counter.reads(confirmation(bills[2], bills[0], bills[1])))
    assert isinstance(outcome, str)
    assert outcome.count("state-paid") == 3
    assert [order.bill for order in biller.booked.values()] == [bill.ref for bill in bills]


def test_all_or_none(counter: Browser, rules: Rules) -> None:
    """P-21"""
    biller = rules(bill_order="all")
    bills = [biller.bill("10.00", subscriber=SUBSCRIBER) for _ in range(3)]
    page = look(counter)
    assert sorted(ticked(page)) == sorted(bill.ref for bill in bills)
    assert "takes all open bills together" in page
    part = counter.get(confirmation(bills[0], bills[1]))
    assert part.status_code == 422
    assert f"bill {bills[2].number} is missing" in shown(part)
    assert "Pay 30.00 TL" in counter.reads(confirmation(*bills))


def test_only_the_newest(counter: Browser, rules: Rules) -> None:
    """P-21, ``single``"""
    biller = rules(bill_order="single")
    older, newer = (biller.bill("10.00", subscriber=SUBSCRIBER) for _ in range(2))
    page = look(counter)
    assert page.count('name="bill"') == 1
    assert "takes only its newest bill" in page
    assert counter.get(confirmation(older)).status_code == 422
    assert counter.get(confirmation(newer)).status_code == 200


@pytest.mark.parametrize(
    ("given", "beside", "allowed", "refused", "sentence"),
    [
        ({"amount_rule": "up", "largest": 20000}, "From 120.50 TL to 200.00 TL", "121,00", "120.49", "between 120.50 TL and 200.00 TL"),
        ({"amount_rule": "down"}, "From 0.01 TL to 120.50 TL", "20", "120.51", "between 0.01 TL and 120.50 TL"),
        ({"amount_rule": "any", "largest": 50000}, "From 0.01 TL to 500.00 TL", "500", "500.01", "between 0.01 TL and 500.00 TL"),
        ({"amount_rule": "range", "smallest": 1000, "largest": 20000}, "From 10.00 TL to 200.00 TL", "10", "9.99", "between 10.00 TL and"),
        (
            {"amount_rule": "multiple", "step": 500, "largest": 50000},
            "From 5.00 TL to 500.00 TL, in steps of 5.00 TL",
            "115",
            "117",
            "only multiples of 5.00 TL between 5.00 TL and 500.00 TL",
        ),
        (
            {"amount_rule": "options", "options": [1000, 2000]},
            '<option value="20.00">20.00 TL</option>',
            "20.00",
            "15",
            "10.00 TL, 20.00 TL",
        ),
    ],
    ids=lambda value: value["amount_rule"] if isinstance(value, dict) else "",
)
def test_a_typed_amount(
    counter: Browser, rules: Rules, given: dict[str, object], beside: str, allowed: str, refused: str, sentence: str
) -> None:
    """P-20: what is possible stands beside the box; what is not is said before anybody counts money"""
    biller = rules(**given)
    bill = biller.bill("120.50", subscriber=SUBSCRIBER)
    assert beside in look(counter)
    answer = counter.get(confirmation(bill, b0=refused))
    assert answer.status_code == 422
    assert "Not this amount" in shown(answer)
    assert sentence in shown(answer)
    assert f'href="/bills?biller=millenicom&amp;subscriber={SUBSCRIBER}"' in shown(answer)
    payment = pays(counter, counter.reads(confirmation(bill, b0=allowed)))
    assert isinstance(payment, Payment)
    assert payment.bill_amount == lira(allowed)


def test_an_exact_bill_has_no_box(counter: Browser, rules: Rules) -> None:
    """P-20"""
    biller = rules()
    bill = biller.bill("120.50", subscriber=SUBSCRIBER)
    assert "amount-box" not in look(counter)
    answer = counter.get(confirmation(bill, b0="100"))
    assert "only 120.50 TL is possible" in shown(answer)


def test_the_rest_is_said_before_and_printed_after(counter: Browser, rules: Rules) -> None:
    """P-27: on the confirmation, on the payment's page, on roll and A5 and the dekont"""
    biller = rules(amount_rule="any")
    bill = biller.bill("785.85", subscriber=SUBSCRIBER)
    look(counter)
    page = counter.reads(confirmation(bill, b0="500,00"))
    assert re.search(r"Remaining on this bill</td>.{0,60}285\.85 TL", page)
    payment = pays(counter, page)
    assert isinstance(payment, Payment)
    page = counter.reads(f"/payments/{payment.reference}")
    assert len(re.findall(r"Remaining on this bill</dt><dd[^>]*>285\.85 TL", page)) == 2, "the page and its paper"
    for address in ("receipt.pdf", "receipt.pdf?size=a5", "dekont"):
        text = pypdf.PdfReader(BytesIO(counter.get(f"/payments/{payment.reference}/{address}").data)).pages[0].extract_text()
        assert "Bu faturada kalan" in text, address
        assert "285,85" in text, address


def test_what_is_too_much_becomes_an_advance(counter: Browser, rules: Rules) -> None:
    """P-27: only where the biller takes more than is open"""
    biller = rules(amount_rule="any")
    bill = biller.bill("18.40", subscriber=SUBSCRIBER)
    look(counter)
    page = counter.reads(confirmation(bill, b0="20"))
    assert re.search(r"Goes to the subscriber(&#39;|')s advance</td>.{0,60}1\.60 TL", page)
    payment = pays(counter, page)
    assert isinstance(payment, Payment)
    text = pypdf.PdfReader(BytesIO(counter.get(f"/payments/{payment.reference}/receipt.pdf").data)).pages[0].extract_text()
    assert "1,60" in text


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("accept", ""),
        ("accept-with-fee", "The biller&#39;s late fee is in its amount."),
        ("refuse", "takes it only itself, phone 444 0 144"),
    ],
)
def test_overdue_in_words(counter: Browser, shop: Shop, rules: Rules, rule: str, sentence: str) -> None:
    """P-24"""
    biller = rules(overdue=rule)
    today = clock.now().astimezone(shop.market.zone).date()
    biller.bill("10.00", subscriber=SUBSCRIBER, due_on=today - timedelta(days=12))
    page = look(counter)
    assert "12 days overdue" in page
    assert sentence in page or sentence.replace("&#39;", "'") in page
    assert ('name="bill"' in page) == (rule != "refuse")


def test_each_warning_is_a_box_of_its_own(counter: Browser, rules: Rules) -> None:
    """P-26, P-29: with the day of the charge; what is missing is said in words; what was confirmed stays on the payment's page"""
    biller = rules()
    bill = biller.bill("10.00", subscriber=SUBSCRIBER, flags=("near-charge-date", "standing-order"), charged_on=date(2026, 12, 4))
    assert "The biller charges this bill itself on 4 Dec 2026." in look(counter)
    page = counter.reads(confirmation(bill))
    assert page.count('name="confirmed"') == 2
    assert "The biller charges this bill itself on 4 Dec 2026." in page
    refused = pays(counter, page, confirmed=["near-charge-date"])
    assert isinstance(refused, str)
    for fact in ("Ask the customer first", "A standing order pays this bill from a bank account. Ask the customer first"):
        assert fact in refused
    payment = pays(counter, page, confirmed=["near-charge-date", "standing-order"])
    assert isinstance(payment, Payment)
    page = counter.reads(f"/payments/{payment.reference}")
    assert "Confirmed before paying" in page
    assert "The biller charges this bill itself on 4 Dec 2026." in page
    assert "A standing order pays this bill" in page


def test_four_answers_are_four_screens(counter: Browser, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-28: the last two with the biller's phone"""
    biller = rules()
    biller.bill("10.00", subscriber=SUBSCRIBER, state="paid", open=lira("0.00"))
    assert "Nothing is owed" in look(counter)

    def heading(address: str) -> tuple[int, str, str]:
        answer = counter.get(address)
        page = shown(answer)
        return answer.status_code, re.sub(r"<[^>]*>", "", re.findall(r"<h1.*?</h1>", page)[0]).strip(), page

    address = f"/bills?biller=millenicom&subscriber={SUBSCRIBER}"
    assert heading("/bills?biller=millenicom&subscriber=5309999999")[:2] == (404, "No such subscriber")

    def closed(number: str, **_more: object) -> None:
        raise AccountClosed(biller="Millenicom", subscriber=number, phone="444 0 144")

    monkeypatch.setattr(biller, "inquire", closed)
    status, title, page = heading(address)
    assert (status, title) == (404, "The account is closed")
    assert 'href="tel:4440144"' in page

    def away(number: str, **_more: object) -> None:
        raise BillerUnreachable(biller="Millenicom", phone="444 0 144")

    monkeypatch.setattr(biller, "inquire", away)
    status, title, page = heading(address)
    assert (status, title) == (503, "The biller does not answer")
    assert 'href="tel:4440144"' in page


def test_a_dispute_from_button_to_warning(app: Flask, counter: Browser, rules: Rules) -> None:
    """P-29: another shop sees that it is disputed, not why or by whom"""
    biller = rules()
    bill = biller.bill("10.00", subscriber=SUBSCRIBER)
    address = f"/bills/millenicom/{SUBSCRIBER}/{bill.ref}"
    page = counter.reads(address)
    assert "Dispute this bill" in page
    assert 'name="reason"' in page
    answer = counter.send(f"{address}/dispute", reason="Nobody called Mars")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}#dispute")
    page = counter.reads(address)
    for fact in (
        "The customer disputes this bill",
        "Nobody called Mars",
        "Written down · Ayşe Yılmaz",
        "Millenicom knows of it",
        "DISPUTE-1",
    ):
        assert fact in page
    assert 'name="reason"' not in page
    assert "The customer disputes this bill." in look(counter)
    assert 'value="disputed"' in counter.reads(confirmation(bill))
    stranger = Browser(app, open_shop("1000002077").owner.phone)
    page = stranger.reads(address)
    assert "The customer disputes this bill" in page
    for fact in ("Mars", "Written down · "):
        assert fact not in page
    assert "Nobody called Mars" in Browser(app, hire("support").phone).reads(address)


def test_a_biller_that_could_not_be_told(counter: Browser, rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-29: first by itself, then by a button, with the phone"""
    biller = rules()
    bill = biller.bill("10.00", subscriber=SUBSCRIBER)
    address = f"/bills/millenicom/{SUBSCRIBER}/{bill.ref}"

    def away(**_facts: str) -> str:
        raise BillerUnreachable(biller="Millenicom", phone="444 0 144")

    with monkeypatch.context() as patch:
        patch.setattr(biller, "dispute", away)
        assert counter.send(f"{address}/dispute", reason="Too much").status_code == 303
    assert "told again by itself" in counter.reads(address)
    with db.transaction() as session:
        session.query(Dispute).one().next_tell_at = None
    page = counter.reads(address)
    for fact in ("could not be told", "444 0 144", "Tell Millenicom again"):
        assert fact in page
    counter.send(f"{address}/dispute", reason="Too much")
    assert "Millenicom knows of it" in counter.reads(address)


def test_a_dispute_needs_a_reason(counter: Browser, rules: Rules) -> None:
    biller = rules()
    bill = biller.bill("10.00", subscriber=SUBSCRIBER)
    answer = counter.send(f"/bills/millenicom/{SUBSCRIBER}/{bill.ref}/dispute", reason=" ")
    assert answer.status_code == 422
    assert "Say what is wrong with the bill." in shown(answer)
