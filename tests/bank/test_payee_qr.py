"""The codes beside our accounts, as banking apps read them."""

import pytest
from segno.helpers import make_epc_qr

from app.bank.model import BankAccount
from app.bank.payee_qr import crc16, epc, payee_qr
from tests.bank.bank import BUDAPEST_IBAN, IBAN

PRODUCER = "0829"
# The example of the technical guide: its payee is invented, its CRC is right
OF_THE_GUIDE = (
    "750210010212020400100310RFR234510106122005291401590712200530140159541200000001505061460126TR1234567890123456789012340712"
    "HASAN YILDIZ1002032032F93CC13E3E6410C1BADEEAF349E09A565016399394233285179163047CE6"
)
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


def test_the_example_of_the_technical_guide_is_read_as_we_write() -> None:
    """Its fields stand as ours do: those that we leave out are times, a sum, the producer's own hash (20) and a place (50)"""
    read = fields(OF_THE_GUIDE)
    assert read["63"] == crc16(OF_THE_GUIDE[:-4])
    assert list(read) == ["75", "01", "02", "03", "06", "07", "54", "61", "10", "20", "50", "63"]
    assert (read["75"], read["02"], read["10"]) == ("10", "0010", "03")
    assert list(fields(read["61"])) == ["01", "07"]


def test_a_turkish_account_as_tr_karekod() -> None:
    kind, text = payee_qr(account(IBAN, "TR", "TRY"), "05321234567", producer=PRODUCER)
    read = fields(text)
    assert kind == "karekod"
    assert list(read) == ["75", "01", "02", "03", "61", "63"]
    assert (read["75"], read["01"], read["02"], read["03"]) == ("10", "11", PRODUCER, "005321234567")
    assert fields(read["61"]) == {"01": IBAN, "07": "GISE", "10": "03"}
    assert read["63"] == crc16(text[:-4])


def test_who_has_no_producer_code_makes_no_tr_karekod() -> None:
    """Only a bank, or whoever is registered for it, may"""
    assert payee_qr(account(IBAN, "TR", "TRY"), "05321234567", producer="") == ("plain", f"{IBAN}\nLiman\n05321234567")


def test_a_euro_account_as_the_payments_council_has_it() -> None:
    """EPC069-12 v002: the same lines that segno writes, without the amount that the payer fills in"""
    kind, text = payee_qr(account(MADRID_IBAN, "ES", "EUR"), "612345678", producer=PRODUCER)
    assert kind == "epc"
    lines = text.split("\n")
    assert lines == ["BCD", "002", "1", "SCT", "", "Gise", MADRID_IBAN, "", "", "", "612345678"]
    assert len(text.encode()) <= 331
    assert make_epc_qr(name="Gise", iban=MADRID_IBAN, amount=1, text="612345678").error == "M"
    assert epc(MADRID_IBAN, "612345678") == text


@pytest.mark.parametrize(("iban", "market", "currency"), [(BUDAPEST_IBAN, "HU", "HUF"), ("AZ21NABZ00000000137010001944", "AZ", "AZN")])
def test_elsewhere_plain_lines(iban: str, market: str, currency: str) -> None:
    assert payee_qr(account(iban, market, currency), "201234567", producer=PRODUCER) == ("plain", f"{iban}\nLiman\n201234567")
