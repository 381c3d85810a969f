"""The codes beside our accounts, as banking apps read them."""

import pytest
from segno.helpers import make_epc_qr

from app.bank.model import BankAccount
from app.bank.payee_qr import crc16, epc, payee_qr
from tests.bank.bank import BUDAPEST_IBAN, IBAN

MADRID_IBAN = "ES9121000418450200051332"


def account(iban: str, market: str, currency: str) -> BankAccount:
    return BankAccount(iban=iban, bank="Liman Bankası", label="Liman", market=market, currency=currency, aliases=[])


def fields(text: str) -> dict[str, str]:
    """Tag → value, read as any EMV reader reads it."""
    found = {}
    while text:
        tag, length = text[:2], int(text[2:4])
        found[tag], text = text[4 : 4 + length], text[4 + length :]
    return found


def test_the_crc_of_the_standard() -> None:
    """CRC-16/CCITT-FALSE: its published check value"""
    assert crc16("123456789") == "29B1"


def test_a_turkish_account_as_tr_karekod() -> None:
    kind, text = payee_qr(account(IBAN, "TR", "TRY"), "05321234567")
    read = fields(text)
    assert kind == "karekod"
    assert list(read) == ["75", "01", "02", "03", "61", "63"]
    assert (read["75"], read["01"], read["02"], read["03"]) == ("10", "11", "0061", "005321234567")
    assert fields(read["61"]) == {"01": IBAN, "07": "GISE", "10": "03"}
    assert read["63"] == crc16(text[:-4])


def test_a_euro_account_as_the_payments_council_has_it() -> None:
    """EPC069-12 v002: the same lines that segno writes, without the amount that the payer fills in"""
    kind, text = payee_qr(account(MADRID_IBAN, "ES", "EUR"), "612345678")
    assert kind == "epc"
    lines = text.split("\n")
    assert lines == ["BCD", "002", "1", "SCT", "", "Gise", MADRID_IBAN, "", "", "", "612345678"]
    assert len(text.encode()) <= 331
    assert make_epc_qr(name="Gise", iban=MADRID_IBAN, amount=1, text="612345678").error == "M"
    assert epc(MADRID_IBAN, "612345678") == text


@pytest.mark.parametrize(("iban", "market", "currency"), [(BUDAPEST_IBAN, "HU", "HUF"), ("AZ21NABZ00000000137010001944", "AZ", "AZN")])
def test_elsewhere_plain_lines(iban: str, market: str, currency: str) -> None:
    assert payee_qr(account(iban, market, currency), "201234567") == ("plain", f"{iban}\nLiman\n201234567")
