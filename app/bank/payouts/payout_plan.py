"""What a payout file says, whatever its format."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from app.money import Money

OURSELVES = "GISE"  # how banks know us; plain letters pass everywhere


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """
    :ivar reference: the deposit's or payout's number: it travels as the end-to-end id and comes back in the bank's statement
    :ivar word: what Turkish banks call it
    """

    reference: str
    amount: Money
    name: str
    iban: str
    word: str = "IADE"


@dataclass(frozen=True, kw_only=True)
class Payout:
    """:ivar iban: our account, which pays"""

    reference: str
    made_at: datetime
    day: date
    iban: str
    bank: str
    currency: str
    transfers: tuple[Transfer, ...]

    @property
    def total(self) -> Money:
        return Money(sum(transfer.amount.minor for transfer in self.transfers), self.currency)


def remittance(transfer: Transfer) -> str:
    """With the number, in case the end-to-end id is lost on the way."""
    return f"{transfer.word} {transfer.reference}"


_LETTERS = str.maketrans(
    {"ı": "i", "ə": "e", "Ə": "E", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "ß": "ss", "&": "+"}
)


def plain(text: str, *, longest: int = 70) -> str:
    """The letters that every bank takes (SEPA's Latin set); never empty."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    kept = re.sub(r"[^0-9A-Za-z/?:().,'+ -]", " ", letters)
    return " ".join(kept.split())[:longest].strip() or "NOTPROVIDED"
