"""A copy of a bill leaves the house, on paper or by mail: counted, recorded, and it says which copy it is (product.md §11)."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app import amounts, audit, languages
from app.billers.model import MAILED, PRINTED, BillCopy, Biller
from app.billers.print_bill import Shop, print_bill
from app.billing.bill import Bill, Subscriber
from app.errors import N_
from app.notifications.addresses import masked
from app.notifications.write_message import is_written, write_mail
from app.text import one_line

SUBJECT = N_("{biller}: your bill {number}")
OPEN_BODY = N_(
    "Hello,\n\nattached is your {biller} bill {number} for {period}. {amount} is open; it is to be paid until {day}.\n\n"
    "It is a free copy that was asked for at Gişe. If you did not ask for it, please delete this mail.\n\nGişe"
)
OTHER_BODY = N_(
    "Hello,\n\nattached is your {biller} bill {number} for {period}. Nothing of it is to be paid now.\n\n"
    "It is a free copy that was asked for at Gişe. If you did not ask for it, please delete this mail.\n\nGişe"
)


@dataclass(frozen=True)
class HandOut:
    """
    Whose bill, as the biller shows it now, and who hands it out.

    :ivar language: of the copy
    :ivar agent: number of the shop; ``None`` and no ``shop`` when the institution does it
    """

    biller: Biller
    subscriber: Subscriber
    bill: Bill
    language: str
    by: str
    agent: str | None = None
    shop: Shop | None = None


def print_copy(session: Session, copy: HandOut, *, now: datetime) -> bytes:
    """The bill as PDF, recorded as printed."""
    return pdf_of(copy, number=record(session, copy, how=PRINTED, to="", now=now), now=now)


def mail_copy(session: Session, copy: HandOut, *, to: str, key: str, how: str = MAILED, now: datetime) -> bool:
    """
    The bill as a mail in the outbox, recorded in the same transaction.

    :param to: an address that :func:`app.notifications.addresses.read_mail_address` let through
    :param key: names the occasion, such as one press of a button
    :returns: whether it is a new one; the same occasion makes one mail and one copy
    """
    lock(session, copy.biller.code, copy.subscriber.number, copy.bill.ref)
    if is_written(session, key):
        return False
    name, pdf = copy_for_mail(session, copy, how=how, to=to, now=now)
    facts = mail_facts(copy)
    write_mail(
        session,
        key=key,
        to=to,
        subject=languages.say(SUBJECT, copy.language, **facts),
        body=languages.say(OPEN_BODY if is_open(copy.bill) else OTHER_BODY, copy.language, **facts),
        attachment_name=name,
        attachment=pdf,
        now=now,
    )
    return True


def copy_for_mail(session: Session, copy: HandOut, *, how: str, to: str, now: datetime) -> tuple[str, bytes]:
    """
    For a mail whose words are the caller's: the copy recorded with its audit line, in the transaction in which it goes out.

    :returns: the file's name, and the bill as PDF that says which copy it is
    """
    number = record(session, copy, how=how, to=to, now=now)
    about = f"{copy.biller.code}/{copy.subscriber.number}/{copy.bill.ref}"
    audit.record(session, "bill.mailed", about=about, by=copy.by, at=now, to=masked(to), how=how, copy=number, language=copy.language)
    return f"{file_name(copy.biller, copy.bill)}.pdf", pdf_of(copy, number=number, now=now)


def record_copy(
    session: Session, biller: str, subscriber: str, bill: str, *, how: str, language: str, by: str, now: datetime, to: str = "",
    agent: str | None = None,
) -> int:  # fmt: skip
    """
    Write down one more copy, in the transaction in which it goes out.

    :param biller: its code; :param subscriber: number; :param bill: the biller's ref of it
    :param how: ``printed``, ``mailed``, ``asked-by-mail`` or ``e-bill``
    :param to: the mail address; empty for a print
    :param agent: number of the shop that hands it out
    :returns: which copy it is, from 1
    """
    lock(session, biller, subscriber, bill)
    of_this = (BillCopy.biller == biller, BillCopy.subscriber == subscriber, BillCopy.bill == bill)
    number = session.execute(select(func.coalesce(func.max(BillCopy.copy), 0) + 1).where(*of_this)).scalar_one()
    row = {"biller": biller, "subscriber": subscriber, "bill": bill, "copy": number, "how": how, "to": to, "language": language}
    session.execute(insert(BillCopy).values(row | {"agent": agent, "at": now, "by": by}))
    return number


def lock(session: Session, biller: str, subscriber: str, bill: str) -> None:
    """Whoever hands out the same bill at the same moment waits, so that no two are the same copy."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"bill-copy:{biller}/{subscriber}/{bill}", 0))))


def record(session: Session, copy: HandOut, *, how: str, to: str, now: datetime) -> int:
    return record_copy(
        session, copy.biller.code, copy.subscriber.number, copy.bill.ref, how=how, to=to, language=copy.language, agent=copy.agent,
        by=copy.by, now=now,
    )  # fmt: skip


def pdf_of(copy: HandOut, *, number: int, now: datetime) -> bytes:
    return print_bill(copy.biller, copy.subscriber, copy.bill, language=copy.language, at=now, shop=copy.shop, copy=number)


def file_name(biller: Biller, bill: Bill) -> str:
    """Letters, digits and dashes, without an ending; safe in every header."""
    return f"{biller.code}-{re.sub('[^A-Za-z0-9-]', '', bill.number)[:60]}"


def mail_facts(copy: HandOut) -> dict[str, str]:
    bill, language = copy.bill, copy.language
    return {
        "biller": copy.biller.name,
        "number": one_line(bill.number),
        "period": f"{languages.day(bill.first_day, language)} – {languages.day(bill.last_day, language)}",
        "amount": amounts.money(bill.open, language),
        "day": languages.day(bill.due_on, language),
    }


def is_open(bill: Bill) -> bool:
    return bill.state == "open" and bill.open.minor > 0
