"""A refusal is read in the reader's language, down to its last word (house.md §2.6)."""

import pytest
from flask import Flask

from app.agents.suspend_agent import NotInThatState
from app.bank.assign_deposit import AgentNotOpen
from app.cancellations.request_cancellation import NothingToCancel
from app.collections.pay_bill import NotPayable, OlderFirst
from app.documents.clean_scan import EmptyFile
from app.errors import Invalid, Refusal
from app.web.refusals import on_page, sentence


@pytest.mark.parametrize(
    ("refusal", "turkish"),
    [
        (NothingToCancel(payment="P1", state="cancelled"), "P1 ödemesinin durumu: iptal edildi. İptal edilecek bir şey yok."),
        (NotInThatState(number="1000001042", state="closing"), "1000001042 numaralı bayinin durumu: kapanış sürecinde."),
        (OlderFirst(biller="Millenicom", number="M-1"), "Millenicom önce eski faturaları tahsil eder: önce M-1 ödenmeli."),
        (NotPayable(biller="Millenicom", code="E42"), "Millenicom bu faturayı burada kabul etmiyor (E42)."),
    ],
)
def test_a_state_is_said_in_the_readers_language(app: Flask, refusal: Refusal, turkish: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "tr"}):
        assert sentence(refusal).startswith(turkish)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert sentence(refusal) == str(refusal)


def test_a_page_says_what_is_wrong_and_names_no_field(app: Flask) -> None:
    refusal = Invalid(reason="Write down why.", name="The name is missing.")
    with app.test_request_context(headers={"Accept-Language": "tr"}):
        assert on_page(refusal) == "Nedenini yazın. Ad eksik."
        assert sentence(refusal) == "Lütfen kontrol edin: reason, name."


def test_a_sentence_that_names_no_field_comes_first(app: Flask) -> None:
    refusal = AgentNotOpen(agent="1000001042", state="closing")
    with app.test_request_context(headers={"Accept-Language": "tr"}):
        assert on_page(refusal).startswith("1000001042 numaralı bayinin durumu: kapanış sürecinde.")


def test_a_file_that_cannot_be_taken_is_said_once(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "tr"}):
        assert on_page(EmptyFile("form")) == "Yüklenen dosya boş. Fotoğrafı ya da PDF'i yeniden seçin."
