"""Amounts as people read them: the one formatter for pages, papers, messages and alerts."""

from functools import cache

from babel import Locale

from app.money import EXPONENTS, Money

SYMBOLS = {"TRY": "TL", "AZN": "₼", "EUR": "€", "HUF": "Ft", "USD": "$", "GBP": "£"}
NO_BREAK = "\u00a0"


def money(amount: Money, to_language: str) -> str:
    """``25.000,00 TL`` in Turkish, ``25,000.00 TL`` in English; whole forints without decimals."""
    return digits(amount, to_language) + NO_BREAK + SYMBOLS[amount.currency]


def digits(amount: Money, to_language: str) -> str:
    group, mark = separators(to_language)
    exponent = EXPONENTS[amount.currency]
    whole, minor = divmod(abs(amount.minor), 10**exponent)
    text = f"{whole:,}".replace(",", group)
    if minor or amount.currency != "HUF":
        text += f"{mark}{minor:0{exponent}d}"
    return ("−" if amount.minor < 0 else "") + text


def plain_money(amount: Money, to_language: str) -> str:
    """``18,40 AZN``: for an SMS, in letters that every telephone knows."""
    return f"{plain(digits(amount, to_language))} {amount.currency}"


def plain(text: str) -> str:
    """Without the spaces and signs that a telephone does not know."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2212", "-")


@cache
def separators(to_language: str) -> tuple[str, str]:
    symbols = Locale.parse(to_language).number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


def hundredths(amount: int, currency: str) -> Money | str:
    """What a bank writes, who may keep currencies that our book does not: those stay as they came, ``1000.00 CHF``."""
    if currency in EXPONENTS:
        return Money(amount, currency)
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d} {currency}"
