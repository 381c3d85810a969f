"""Control of the bank: money comes in, goes out, or is taken back."""

from datetime import timedelta

from app.money import EXPONENTS
from sandbox import clock
from sandbox.bank.accounts import ACCOUNTS
from sandbox.bank.pages import unknown_account
from sandbox.bank.transfers import NothingToReverse, Transfer, book
from sandbox.web.fields import Fields, Invalid
from sandbox.web.message import Reply, Request, json_reply
from sandbox.world import World

MOST = 10**13  # minor units; what an MT940 can print
LONGEST_REFERENCE, LONGEST_NAME, LONGEST_ACCOUNT, LONGEST_DESCRIPTION = 35, 140, 34, 420
CLOCKS_APART = timedelta(minutes=1)


def add(world: World, request: Request) -> Reply:
    fields = Fields.of_body(request)
    iban, transfer = fields.text("iban"), read(fields)
    fields.done()
    account = ACCOUNTS.get(iban)
    if account is None:
        return unknown_account(iban)
    try:
        with world.store.writing() as connection:
            reference = book(connection, account, transfer, now=clock.now())
    except NothingToReverse as nothing:
        raise Invalid("reversal_of", "No booking of this reference, amount and currency is left to be reversed.") from nothing
    return json_reply(201, {"reference": reference})


def read(fields: Fields) -> Transfer:
    reversal_of = fields.line("reversal_of", None, longest=LONGEST_REFERENCE)
    side = fields.one_of("side", ("credit", "debit"), None)
    if side and reversal_of:
        raise Invalid("side", "A reversal goes the other way than what it reverses; leave the side out.")
    booked_at = fields.moment("booked_at", None)
    if booked_at and booked_at > clock.now() + CLOCKS_APART:
        raise Invalid("booked_at", "A bank books nothing in the future. For a later value date say value_date.")
    return Transfer(
        currency=fields.one_of("currency", tuple(EXPONENTS)),
        amount=fields.whole("amount", most=MOST),
        side=side or "credit",
        sender_name=fields.line("sender_name", longest=LONGEST_NAME),
        sender_iban=fields.line("sender_iban", longest=LONGEST_ACCOUNT, may_be_empty=True).replace(" ", ""),
        description=fields.text("description", longest=LONGEST_DESCRIPTION, may_be_empty=True),
        reference=fields.line("reference", None, longest=LONGEST_REFERENCE, may_be_empty=True),
        booked_at=booked_at,
        value_date=fields.day("value_date", None),
        reversal_of=reversal_of,
    )
