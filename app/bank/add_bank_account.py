"""Take one of our own bank accounts into the book."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session
from stdnum import iban as iban_numbers

from app import audit
from app.bank.model import BankAccount, BankFeed
from app.bank.statement.statement import account_name
from app.errors import N_, Invalid, Refusal
from app.markets import MARKETS
from app.text import one_line


class AccountThere(Refusal):
    say = N_("The account {iban} is there already: {label}.")


def add_bank_account(
    session: Session, *, iban: str, bank: str, market: str, by: str, now: datetime, label: str = "", aliases: Sequence[str] = ()
) -> BankAccount:
    """
    :param aliases: how the bank's files name the account besides its IBAN
    :raises Invalid: naming each field that is wrong
    :raises AccountThere: …
    """
    errors = {}
    if not iban_numbers.is_valid(iban):
        errors["iban"] = N_("This is no IBAN.")
    if market not in MARKETS:
        errors["market"] = N_("The market is one of TR, AZ, ES, HU.")
    if not one_line(bank):
        errors["bank"] = N_("The name of the bank is missing.")
    if errors:
        raise Invalid(**errors)
    number = iban_numbers.compact(iban)
    if there := session.get(BankAccount, number):
        raise AccountThere(iban=number, label=there.label)
    account = BankAccount(
        iban=number,
        bank=one_line(bank),
        market=market,
        currency=MARKETS[market].currency,
        label=one_line(label) or one_line(bank),
        aliases=[account_name(alias) for alias in aliases],
        added_at=now,
        added_by=by,
    )
    session.add(account)
    session.flush()
    session.add(BankFeed(iban=number))
    audit.record(session, "bank-account.added", about=number, by=by, at=now, bank=account.bank, market=market)
    session.flush()
    return account
