"""Amounts, days and months as an SMS or a mail says them: plain letters, no space that a telephone does not know."""

from datetime import date
from decimal import Decimal

from babel import dates

from app.amounts import plain_money, separators
from app.money import Money


def amount(money: Money, language: str) -> str:
    """``18,40 AZN``"""
    return plain_money(money, language)


def price(value: Decimal, currency: str, language: str) -> str:
    """A price with all its decimals: ``0,0236 AZN``."""
    return f"{str(value).replace('.', separators(language)[1])} {currency}"


def day(on: date) -> str:
    return f"{on:%d.%m.%Y}"


def month(on: date) -> str:
    return f"{on:%m.%Y}"


def month_name(on: date, language: str) -> str:
    return str(dates.format_skeleton("yMMMM", on, locale=language))


def written_price(text: str, currency: str, language: str) -> str:
    """As it stands on a biller's record; empty when it is free."""
    return "" if text == "0" else price(Decimal(text), currency, language)
