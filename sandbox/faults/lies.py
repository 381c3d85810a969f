"""Wrong words: the books are right, what is said about them is not."""

from dataclasses import replace

from app.billing.bill import Account, Bill, Line, Section
from app.money import Money
from sandbox.billers.answer import Answer
from sandbox.billers.collect import ELSEWHERE
from sandbox.billers.look_up import NoAccount

Said = Account | NoAccount | Answer

MUCH, LITTLE = 100, 1  # minor units by which a wrong amount and a wrong line are off


def lie(mode: str, said: Said) -> Said:
    """
    :param mode: one of ``wrong_amount``, ``wrong_line``, ``wrong_reference``, ``already_paid``, ``refuse``
    :returns: what is said instead; the truth itself where there is nothing to be wrong about
    """
    if isinstance(said, Account):
        return lie_about_account(mode, said)
    return lie_about_payment(mode, said) if isinstance(said, Answer) else said


def lie_about_account(mode: str, said: Account) -> Account | NoAccount:
    match mode:
        case "wrong_amount":
            return replace(said, bills=tuple(more_expensive(bill) for bill in said.bills))
        case "wrong_line":
            return replace(said, bills=tuple(with_wrong_line(bill) for bill in said.bills))
        case "wrong_reference":
            return replace(said, subscriber=replace(said.subscriber, number=other(said.subscriber.number)))
        case "already_paid":
            return replace(said, bills=tuple(replace(bill, state="paid", open=Money(0, bill.currency)) for bill in said.bills))
        case _:
            return NoAccount("unknown_subscriber")


def more_expensive(bill: Bill) -> Bill:
    """It adds up, but it is not the bill the biller has: paying it ends in ``amount_changed``."""
    if not bill.open:
        return bill
    extra = Money(MUCH, bill.currency)
    invented = Section("other", "—", extra, (Line("—", extra),))
    return replace(bill, amount=bill.amount + extra, open=bill.open + extra, sections=(*bill.sections, invented))


def with_wrong_line(bill: Bill) -> Bill:
    """Its first line is off by one minor unit, so that the bill does not add up."""
    if not bill.sections:
        return bill
    section = bill.sections[0]
    line = replace(section.lines[0], amount=section.lines[0].amount + Money(LITTLE, bill.currency))
    return replace(bill, sections=(replace(section, lines=(line, *section.lines[1:])), *bill.sections[1:]))


def lie_about_payment(mode: str, said: Answer) -> Answer:
    match mode:
        case "wrong_amount" | "wrong_line" if said.amount:
            return replace(said, amount=said.amount + Money(MUCH if mode == "wrong_amount" else LITTLE, said.amount.currency))
        case "wrong_amount" | "wrong_line":
            return said
        case "wrong_reference":
            return replace(said, reference=other(said.reference))
        case "already_paid":
            return Answer("rejected", said.reference, code="already_paid", by_reference=ELSEWHERE, at=said.at)
        case _:
            return Answer("rejected", said.reference, code="not_allowed")


def other(reference: str) -> str:
    """Looks the same, is another: the last digit or letter is changed."""
    return reference[:-1] + ("1" if reference[-1:] != "1" else "2")
