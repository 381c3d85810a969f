"""The institution's accounts. The banks are invented; the account numbers are well-formed."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

OWNER = "Gişe Ödeme Kuruluşu A.Ş."


@dataclass(frozen=True)
class BankAccount:
    """
    :ivar opening: balance before the first booking, in minor units
    :ivar zone: where the account's business day begins and ends
    """

    iban: str
    currency: str
    bank: str
    market: str
    zone: ZoneInfo
    opening: int


ISTANBUL, BAKU, MADRID, BUDAPEST = (ZoneInfo(name) for name in ("Europe/Istanbul", "Asia/Baku", "Europe/Madrid", "Europe/Budapest"))

ACCOUNTS = {
    account.iban: account
    for account in (
        BankAccount("TR330006100519786457841326", "TRY", "Liman Bankası", "TR", ISTANBUL, 250_000_00),
        BankAccount("TR760006200000012340000629", "TRY", "Örnek Bank", "TR", ISTANBUL, 80_000_00),
        BankAccount("AZ21NABZ00000000137010001944", "AZN", "Nümunə Bank", "AZ", BAKU, 40_000_00),
        BankAccount("ES9121000418450200051332", "EUR", "Banco Ejemplo", "ES", MADRID, 30_000_00),
        BankAccount("HU42117730161111101800000000", "HUF", "Mintabank", "HU", BUDAPEST, 12_000_000_00),
    )
}
