"""
Money: whole minor units (kuruş, qəpik, cents, fillér) and a currency. Nothing else crosses a package border.

Unit prices and bill lines may carry four decimals (``Decimal``) and are rounded once, by :func:`round_to_money`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

EXPONENTS = {"TRY": 2, "AZN": 2, "EUR": 2, "HUF": 2, "USD": 2, "GBP": 2}  # ISO 4217; the last two only ever arrive by mistake (E17)
SMALLEST_COIN = {"HUF": 500}  # minor units, where cash is rounded by law: Hungary has no coin below 5 Ft
LARGEST = 10**15  # minor units; a thousand times the largest amount anyone pays, far below bigint

_WHOLE = r"0|[1-9][0-9]*"
_GROUPED = r"[1-9][0-9]{0,2}(?P<group>[., \u00a0\u202f])[0-9]{3}(?:(?P=group)[0-9]{3})*"
_AMOUNT = re.compile(rf"(?P<major>{_GROUPED}|{_WHOLE})(?:(?P<mark>[.,])(?P<minor>[0-9]{{1,2}}))?")


class NotAnAmount(ValueError):
    """The text is no amount of money, or can be read in two ways."""


class OtherCurrency(TypeError):
    """Two currencies met in one sum: always a bug."""


@dataclass(frozen=True, slots=True)
class Money:
    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int or self.currency not in EXPONENTS:
            raise TypeError(f"no money: {self.minor!r} {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        """For logs and tests: ``120.50 TRY``. People see :func:`app.amounts.money`."""
        return f"{self.decimal} {self.currency}"

    @property
    def decimal(self) -> Decimal:
        """In major units, with all the currency's decimals."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise OtherCurrency(f"{self} and {other}")
        return other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    zero = Money(0, currency)
    return Money(sum(zero._same(amount) for amount in amounts), currency)


def round_to_money(value: Decimal, currency: str) -> Money:
    """Half-up, once (1.005 becomes 1.01, -1.005 becomes -1.01)."""
    if not value.is_finite():
        raise TypeError(f"no money: {value!r}")
    return Money(int(value.scaleb(EXPONENTS[currency]).quantize(Decimal(1), ROUND_HALF_UP)), currency)


def is_cash_rounded(currency: str) -> bool:
    return currency in SMALLEST_COIN


def round_cash(amount: Money) -> Money:
    """
    What is handed over in coins and notes: 16,592.49 Ft are 16,590 Ft, 16,592.50 Ft are 16,595 Ft. The debt itself stays exact.

    A market whose coins are as small as its money rounds nothing.
    """
    coin = SMALLEST_COIN.get(amount.currency, 1)
    coins = (abs(amount.minor) * 2 + coin) // (coin * 2)  # half up, away from zero
    return Money(coins * coin if amount.minor >= 0 else -coins * coin, amount.currency)


def read_amount(text: str, currency: str) -> Money:
    """
    What a person typed. One decimal mark, comma or point, with one or two digits; groups only when complete.

    ``1.234`` could be twelve hundred or one and a bit: nobody guesses, the person is asked.

    :raises NotAnAmount: with the text itself, never a guess
    """
    match = _AMOUNT.fullmatch(text.strip(" \t\r\n"))
    if not match or (match["mark"] and match["mark"] == match["group"]):
        raise NotAnAmount(text)
    groups = match["major"].count(match["group"]) if match["group"] else 0
    if groups == 1 and match["group"] in ".," and not match["mark"]:
        raise NotAnAmount(text)
    exponent = EXPONENTS[currency]
    digits = re.sub(r"[^0-9]", "", match["major"]) + (match["minor"] or "").ljust(exponent, "0")
    if len(digits) > 15:
        raise NotAnAmount(text)
    return Money(int(digits), currency)
