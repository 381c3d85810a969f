"""The reply to a mail, in the writer's language: the bill of that month as PDF, or exactly what is missing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.billers.hand_out_bill import HandOut
from app.billers.model import Biller
from app.billing.bill import Account, Bill
from app.errors import N_
from app.inquiries import figures
from app.inquiries.model import ANSWERED, CLOSED, INCOMPLETE, NO_BILL, NOT_FOUND, UNREACHABLE, Inquiry
from app.inquiries.refuse_paper import refuse_paper
from app.inquiries.reply import Reply
from app.inquiries.understand import NO_PERIOD, NO_SUBSCRIBER, PERIODS, SUBSCRIBERS
from app.languages import say
from app.markets import MARKETS
from app.remarks import Remark
from app.text import without_links

BY = "job:answer-mail"
MOST_PAPERS = 3  # each goes in a mail of its own
LONGEST_SUBJECT = 80  # of a stranger's that we send back

GREETING = N_("Hello,")
CLOSING = N_("This mail was written automatically. You may answer it with the subscriber number and the month of a bill.")
MISSING = {
    NO_SUBSCRIBER: N_("the subscriber number"),
    SUBSCRIBERS: N_("which one subscriber number you mean: your mail names several"),
    NO_PERIOD: N_("the month of the bill, with its year in four digits"),
    PERIODS: N_("which one month you mean: your mail names several"),
}
PROBLEMS = {
    NOT_FOUND: N_("{biller} knows no subscriber {subscriber}. Please check the number."),
    CLOSED: N_("The account {subscriber} at {biller} is closed. {biller} answers at {phone}."),
    UNREACHABLE: N_("{biller} has not answered us for some time. Please write again later, or call {phone}."),
    NO_BILL: N_("{biller} has no bill of {month} for the subscriber {subscriber}."),
}


def answer_mail(inquiry: Inquiry, biller: Biller, found: Account | str) -> Reply:
    """:param found: what the biller said about that month, or why it said nothing (P-28)"""
    assert inquiry.subscriber and inquiry.period
    facts = {"biller": biller.name, "subscriber": inquiry.subscriber, "phone": biller.phone, "month": month_of(inquiry)}
    if isinstance(found, str):
        return reply(inquiry, found, [*paper_refused(inquiry, biller), say(PROBLEMS[found], inquiry.language, **facts)])
    bills = [bill for bill in found.bills if f"{bill.last_day:%Y-%m}" == inquiry.period][:MOST_PAPERS]
    if not bills:
        return reply(inquiry, NO_BILL, [*paper_refused(inquiry, biller), say(PROBLEMS[NO_BILL], inquiry.language, **facts)])
    text = [*paper_refused(inquiry, biller), *(about(biller, found, bill, inquiry.language) for bill in bills)]
    copies = tuple(HandOut(biller, found.subscriber, bill, inquiry.language, by=BY) for bill in bills)
    return reply(inquiry, ANSWERED, text, bills=copies)


def month_of(inquiry: Inquiry) -> str:
    return figures.month_name(date.fromisoformat(f"{inquiry.period}-01"), inquiry.language)


def paper_refused(inquiry: Inquiry, biller: Biller) -> Iterator[str]:
    if inquiry.by_paper:
        yield paper_refusal(biller, inquiry.language)


def paper_refusal(biller: Biller, language: str) -> str:
    refusal = refuse_paper(biller)
    words = {name: fact.in_words(language) if isinstance(fact, Remark) else fact for name, fact in refusal.facts.items()}
    return say(refusal.say, language, **words)


def about(biller: Biller, account: Account, bill: Bill, language: str) -> str:
    """The sums in words, as they stand now."""
    facts = {
        "biller": biller.name,
        "subscriber": account.subscriber.number,
        "number": bill.number,
        "first": figures.day(bill.first_day),
        "last": figures.day(bill.last_day),
        "amount": figures.amount(bill.amount, language),
        "open": figures.amount(bill.open, language),
        "day": figures.day(bill.due_on),
    }
    lines = [say(N_("{biller}, subscriber {subscriber}: bill {number} for {first} – {last} is attached."), language, **facts)]
    lines.append(say(N_("Amount: {amount}"), language, **facts))
    if bill.state == "open" and bill.open.minor > 0:
        lines.append(say(N_("To pay now: {open}, by {day}"), language, **facts))
    else:
        lines.append(say(N_("Nothing of this bill is open."), language))
    if account.subscriber.advance.minor > 0:
        lines.append(say(N_("Paid ahead: {amount}."), language, amount=figures.amount(account.subscriber.advance, language)))
    return "\n".join(lines)


@dataclass(frozen=True)
class Gap:
    """What a mail lacks. :ivar example: a number of the biller that was meant, or of the writer's own country"""

    missing: Sequence[str]
    example: str
    biller: Biller | None


def ask_for_missing(inquiry: Inquiry, gap: Gap, *, now: datetime) -> Reply:
    """Names exactly what is missing, and shows how a mail is complete."""
    language = inquiry.language
    refused = list(paper_refused(inquiry, gap.biller)) if gap.biller else list(paper_refused_by_all(inquiry))
    before = now.date().replace(day=1) - timedelta(days=1)
    text = [
        *refused,
        *too_long(inquiry),
        say(N_("To send you a bill we still need:"), language) + "".join(f"\n- {say(MISSING[what], language)}" for what in gap.missing),
        say(N_("Write it like this: {example}"), language, example=f"{gap.example} {figures.month_name(before, language)}"),
    ]
    return reply(inquiry, INCOMPLETE, text)


def paper_refused_by_all(inquiry: Inquiry) -> Iterator[str]:
    """Nobody knows yet whose bill is meant; by paper none comes."""
    if inquiry.by_paper:
        yield say(N_("Bills are not delivered by post or fax. Free instead: printed at the counter of any service point, or by e-mail."),
                  inquiry.language)  # fmt: skip


def too_long(inquiry: Inquiry) -> Iterator[str]:
    if inquiry.too_long:
        yield say(N_("Your mail was too large; only its subject was read. Please write again without attachments."), inquiry.language)


def example_for(billers: Iterable[Biller], language: str) -> str:
    """A number as it looks in the writer's country, else anywhere."""
    found = sorted(billers, key=lambda biller: (language not in MARKETS[biller.market].languages, biller.code))
    return found[0].subscriber_example if found else "1234567890"


def reply(inquiry: Inquiry, outcome: str, paragraphs: Sequence[str], *, bills: tuple[HandOut, ...] = ()) -> Reply:
    language = inquiry.language
    text = "\n\n".join([say(GREETING, language), *paragraphs, say(CLOSING, language)]) + "\n"
    subject = without_links(inquiry.subject)[:LONGEST_SUBJECT].rstrip() or say(N_("Your bill"), language)
    return Reply(outcome, text, subject=subject if subject.lower().startswith("re:") else f"Re: {subject}", bills=bills)
