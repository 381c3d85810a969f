"""The bank's addresses: its accounts, and their statements."""

from datetime import datetime, time

from sandbox import clock
from sandbox.bank.accounts import ACCOUNTS, BankAccount
from sandbox.bank.camt import camt053, camt054
from sandbox.bank.statement import bookings_since, days_since
from sandbox.bank.swift import mt940, mt942
from sandbox.web.fields import Fields
from sandbox.web.message import Reply, Request, json_reply
from sandbox.world import World

FORMATS = ("camt054", "camt053", "mt940", "mt942")
XML, SWIFT = "application/xml; charset=utf-8", "text/plain; charset=us-ascii"


def accounts(world: World, request: Request) -> Reply:
    Fields.of_query(request).done()
    return json_reply(200, {"items": [shown(account) for account in ACCOUNTS.values()]})


def shown(account: BankAccount) -> dict[str, str]:
    return {"iban": account.iban, "currency": account.currency, "bank": account.bank, "market": account.market}


def statement(world: World, request: Request, *, iban: str) -> Reply:
    """Without ``since``: from the beginning of today in the account's zone."""
    account, query = ACCOUNTS.get(iban), Fields.of_query(request)
    if account is None:
        return unknown_account(iban)
    form, now = query.one_of("format", FORMATS), clock.now()
    since = query.moment("since", None) or beginning_of_today(account)
    query.done()
    with world.store.reading() as connection:
        if form == "camt054":
            return Reply(200, camt054(account, bookings_since(connection, account, since), since=since, now=now), XML)
        if form == "mt942":
            return Reply(200, mt942(account, bookings_since(connection, account, since), now=now), SWIFT)
        days = days_since(connection, account, since, now=now)
    return Reply(200, camt053(account, days, now=now), XML) if form == "camt053" else Reply(200, mt940(days), SWIFT)


def beginning_of_today(account: BankAccount) -> datetime:
    return datetime.combine(clock.today(account.zone), time(), account.zone)


def unknown_account(iban: str) -> Reply:
    return json_reply(404, {"code": "unknown_account", "field": "iban", "title": f"There is no account {iban[:40]} at this bank."})
