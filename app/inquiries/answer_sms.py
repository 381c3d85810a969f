"""The reply to an SMS: pure. Three joined messages at most, in the biller's language."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from app.billers.bill_words import language_of
from app.billers.model import Biller
from app.billing.bill import Account, Bill, Subscriber
from app.billing.owed import owed_bills
from app.errors import N_
from app.inquiries import figures
from app.inquiries.model import ANSWERED, CLOSED, NOT_FOUND, NOTHING_OWED, UNREACHABLE, Inquiry
from app.inquiries.reply import Reply
from app.languages import say
from app.money import total

LONGEST = 3 * 67  # characters of three joined messages with letters outside of GSM's own alphabet
MOST_BILLS = 3

PROBLEMS = {
    NOT_FOUND: N_("{biller} knows no subscriber {subscriber}. Please check the number."),
    CLOSED: N_("The account {subscriber} at {biller} is closed. Please call {phone}."),
    UNREACHABLE: N_("{biller} does not answer at the moment. Please try again later or call {phone}."),
}
HOW_TO_WRITE = N_("Please write only your {biller} subscriber number, for example {example}.")
CHARGE = N_("SMS inquiry to {code}")


def answer_sms(inquiry: Inquiry, biller: Biller, found: Account | str) -> Reply:
    """:param found: what the biller said, or why it said nothing (P-28)"""
    assert inquiry.subscriber
    return say_problem(found, biller, inquiry.subscriber) if isinstance(found, str) else say_account(biller, found)


def say_account(biller: Biller, account: Account) -> Reply:
    """What is owed, bill by bill and in all; what was paid ahead; what this message costs."""
    subscriber, bills = account.subscriber, owed_bills(account.bills)
    for shown in range(min(len(bills), MOST_BILLS), -1, -1):
        text = " ".join([*say_debt(biller, subscriber, bills, shown=shown), *say_besides(biller, subscriber)])
        if len(text) <= LONGEST:
            break
    return Reply(ANSWERED if bills else NOTHING_OWED, text)


def say_debt(biller: Biller, subscriber: Subscriber, bills: Sequence[Bill], *, shown: int) -> list[str]:
    """:param shown: so many bills, the newest first, are named one by one; the sum is of all"""
    language = language_of(biller)
    whole = figures.amount(total((bill.open for bill in bills), subscriber.unbilled.currency), language)
    facts = {"biller": biller.name, "subscriber": subscriber.number, "total": whole}
    if not bills:
        return [say(N_("{biller} {subscriber}: nothing is owed."), language, **facts)]
    if len(bills) == shown == 1:
        facts |= {"month": figures.month(bills[0].last_day), "day": figures.day(bills[0].due_on)}
        return [say(N_("{biller} {subscriber}: {total} to pay by {day} ({month})."), language, **facts)]
    lines = [
        say(N_("{month}: {amount} by {day}."), language, month=figures.month(bill.last_day), amount=figures.amount(bill.open, language),
            day=figures.day(bill.due_on))
        for bill in bills[:shown]
    ]  # fmt: skip
    more = [say(N_("And {count} older bills."), language, count=len(bills) - shown)] if 0 < shown < len(bills) else []
    return [say(N_("{biller} {subscriber}: {total} to pay."), language, **facts), *lines, *more]


def say_besides(biller: Biller, subscriber: Subscriber) -> Iterator[str]:
    language, cost = language_of(biller), Decimal(biller.sms_price)
    if subscriber.advance.minor > 0:
        yield say(N_("Paid ahead: {amount}."), language, amount=figures.amount(subscriber.advance, language))
    if subscriber.unbilled.minor > 0:
        yield say(N_("Not billed yet: {amount}."), language, amount=figures.amount(subscriber.unbilled, language))
    if cost:
        yield say(N_("This message costs {price}."), language, price=figures.price(cost, subscriber.unbilled.currency, language))


def say_problem(outcome: str, biller: Biller, subscriber: str) -> Reply:
    return Reply(outcome, say(PROBLEMS[outcome], language_of(biller), biller=biller.name, subscriber=subscriber, phone=biller.phone))


def how_to_write(biller: Biller) -> str:
    return say(HOW_TO_WRITE, language_of(biller), biller=biller.name, example=biller.subscriber_example)


def text_of_charge(biller: Biller) -> str:
    """How the carrier's bill calls it."""
    return say(CHARGE, language_of(biller), code=biller.sms_code)
