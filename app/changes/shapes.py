"""Numbers by their own rules: what a tax number, an IBAN, a telephone looks like in each market."""

import re
from datetime import date
from types import ModuleType

from stdnum import iban as ibans
from stdnum.az import voen
from stdnum.es import nif
from stdnum.exceptions import ValidationError
from stdnum.hu import anum
from stdnum.tr import tckimlik, vkn

from app.bank.returned import deposits_named_in
from app.changes.kind import WrongShape
from app.changes.references import read_reference
from app.errors import N_
from app.markets import Market
from app.notifications.addresses import read_mail_address
from app.phones import read_mobile, read_phone

TAX_NUMBERS: dict[str, tuple[ModuleType, ...]] = {"TR": (vkn, tckimlik), "AZ": (voen,), "ES": (nif,), "HU": (anum,)}
NO_TAX_NUMBER = {
    "TR": N_("This is neither a VKN (10 digits) nor a TCKN (11 digits)."),
    "AZ": N_("This is no VÖEN (10 digits)."),
    "ES": N_("This is no NIF."),
    "HU": N_("This is no adószám: 8 digits, or 8-1-2."),
}


def tax_number(text: str, market: Market) -> str:
    """VKN or TCKN, VÖEN, NIF, adószám: without spaces; the Hungarian one with its tail if it was given."""
    digits = text.replace(" ", "")
    if not text.isascii():
        raise WrongShape(NO_TAX_NUMBER[market.code])
    if market.code == "HU":
        head, *tail = digits.replace("-", " ").split() or [""]
        head, tail = (digits[:8], [digits[8], digits[9:]]) if digits.isdecimal() and len(digits) == 11 else (head, tail)
        if is_valid(anum, head) and (not tail or ([len(part) for part in tail] == [1, 2] and "".join(tail).isdecimal())):
            return "-".join([anum.compact(head), *tail])
    else:
        for rule in TAX_NUMBERS[market.code]:
            if is_valid(rule, digits):
                return str(rule.compact(digits))
    raise WrongShape(NO_TAX_NUMBER[market.code])


def is_valid(rule: ModuleType, text: str) -> bool:
    try:
        rule.validate(text)
    except ValidationError:
        return False
    return True


def masked_tckn(text: str, market: Market) -> str:
    """Checked, and only its last two digits kept: they are enough to compare it with a card."""
    if market.code != "TR":
        raise WrongShape(N_("An identity number is asked for in Turkey alone; leave this empty."))
    if not (text.isascii() and is_valid(tckimlik, text)):
        raise WrongShape(N_("This is no TCKN: it has 11 digits, the last two of which are computed."))
    return "*" * 9 + str(tckimlik.compact(text))[-2:]


def iban(text: str, market: Market) -> str:
    try:
        number = str(ibans.validate(text if text.isascii() else ""))
    except ValidationError as error:
        raise WrongShape(N_("This is no IBAN: a digit is wrong or missing.")) from error
    if number[:2] != market.code:
        raise WrongShape(N_("This IBAN belongs to another country; the shop is paid out in its own."))
    return number


def phone(text: str, market: Market) -> str:
    """Any telephone of the market, a landline too."""
    number = read_phone(text, market=market.code)
    if number is None or not number.startswith(f"+{market.calling_code}"):
        raise WrongShape(N_("This is no telephone number of the shop's country."))
    return number


def mobile(text: str, market: Market) -> str:
    number = read_mobile(text, market=market.code)
    if number is None:
        raise WrongShape(N_("This is no mobile number of the shop's country."))
    return number


def day(text: str, _market: Market) -> str:
    """As ISO 8601 writes it."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise WrongShape(N_("This is no day.")) from error
    if not text.isascii():
        raise WrongShape(N_("This is no day."))
    return found.isoformat()


def agent_number(text: str, _market: Market) -> str:
    if not (text.isascii() and text.isdecimal() and len(text) == 10):
        raise WrongShape(N_("An agent number has ten digits."))
    return text


def change_reference(text: str, _market: Market) -> str:
    reference = read_reference(text) if text.isascii() else None
    if reference is None:
        raise WrongShape(N_("This is no number of a change."))
    return reference


def deposit_reference(text: str, _market: Market) -> str:
    numbers = deposits_named_in(text) if text.isascii() else []
    if len(numbers) != 1:
        raise WrongShape(N_("This is no number of a deposit."))
    return numbers[0]


def group(text: str, _market: Market) -> str:
    if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", text):
        raise WrongShape(N_("A group is a word of small letters and digits, such as standard."))
    return text


def mail_address(text: str, _market: Market) -> str:
    address = read_mail_address(text)
    if address is None:
        raise WrongShape(N_("This is no mail address."))
    return address
