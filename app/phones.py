"""Mobile numbers: a person signs in with one, and a transfer's text carries it."""

import re

import phonenumbers

from app.markets import MARKETS

CALLING_CODES = {int(market.calling_code) for market in MARKETS.values()}


def read_phone(text: str, *, market: str = "TR") -> str | None:
    """A number as typed, in E.164 (``+905320001042``), or ``None``. Without a country code it belongs to ``market``."""
    if len(text) > 30 or not text.isascii():
        return None
    try:
        number = phonenumbers.parse(text, market)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code not in CALLING_CODES or number.extension or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_mobile(text: str, *, market: str) -> str | None:
    """As :func:`read_phone`, but only a mobile number of that very market."""
    number, country = read_phone(text, market=market), MARKETS[market]
    national = (number or "").removeprefix(f"+{country.calling_code}")
    return number if number and re.fullmatch(country.mobile, national) else None


def as_typed(number: str) -> str:
    """As its owner writes it into a transfer: ``05320001042`` in Turkey, with the country code elsewhere."""
    return "0" + number[3:] if number.startswith("+90") else number


def masked(number: str) -> str:
    """For logs and strangers: ``+90532***1042``."""
    return number[:6] + "***" + number[-4:]
