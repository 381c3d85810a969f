"""
What the QR beside our account says, so that a banking app fills the transfer in, the agent's own reference included.

EUR accounts: the European Payments Council's QR (EPC069-12 version 002). TRY accounts: TR Karekod for FAST, person to
person. Anywhere else, and where a code cannot be made, the plain lines that a person can read and copy.
"""

import re

from app.bank.model import BankAccount
from app.errors import N_

PAYEE = "Gise"
EPC, KAREKOD, PLAIN = "epc", "karekod", "plain"
WORDS = {
    EPC: N_("For your banking app: fills account and number in"),
    KAREKOD: N_("TR Karekod (FAST): fills the account in; check the description"),
    PLAIN: N_("IBAN and your number, for a phone"),
}


def payee_qr(account: BankAccount, reference: str, *, producer: str) -> tuple[str, str]:
    """
    :param reference: what the agent writes into the transfer
    :param producer: our code as a maker of TR Karekod; who has none makes none
    :returns: which kind it is, and its text
    """
    if account.currency == "EUR":
        return EPC, epc(account.iban, reference)
    if producer and account.market == "TR" and account.currency == "TRY" and re.fullmatch("TR[0-9]{24}", account.iban):
        return KAREKOD, karekod(account.iban, reference, producer=producer)
    return PLAIN, "\n".join((account.iban, account.label, reference))


def epc(iban: str, reference: str) -> str:
    """EPC069-12 v002 without an amount, which the standard allows and the payer fills in."""
    return "\n".join(("BCD", "002", "1", "SCT", "", PAYEE, iban, "", "", "", reference))


def karekod(iban: str, reference: str, *, producer: str) -> str:
    """
    TR Karekod, static, without an amount: version, use, producer, reference number, and the FAST template with the
    account, the payee's name and the flow of person to person (docs/decisions/0020 says what proves each of them).
    """
    number = re.sub("[^0-9]", "", reference)[-12:].zfill(12)
    template = tlv("01", iban) + tlv("07", PAYEE.upper()) + tlv("10", "03")
    body = tlv("75", "10") + tlv("01", "11") + tlv("02", producer) + tlv("03", number) + tlv("61", template) + "6304"
    return body + crc16(body)


def tlv(tag: str, value: str) -> str:
    """Tag, length in two digits, value."""
    assert 0 < len(value) < 100
    return f"{tag}{len(value):02d}{value}"


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE, four hexadecimal digits, over everything before it, its own tag and length included."""
    crc = 0xFFFF
    for byte in text.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return f"{crc:04X}"
