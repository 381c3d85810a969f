"""Money between suspense and the shop, with a document; two other persons always decide."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app import db
from app.bank.decision import Two
from app.bank.post_by_hand import HandPosting, post_by_hand
from app.changes import shapes
from app.changes.kind import EVERY_SOURCE, Field, Kind, Paper, Subject, Values
from app.changes.model import OPEN, Change, State
from app.errors import N_, Invalid, Refusal
from app.money import Money
from app.people.queries import names_by

NAME, REVERSAL = "manual-posting", "manual-posting-reversal"
TO_AGENT, FROM_AGENT = "to-agent", "from-agent"
DIRECTIONS = {TO_AGENT: N_("From suspense to the shop"), FROM_AGENT: N_("From the shop into suspense")}
ANOTHER = {"": N_("No other posting has this number"), "yes": N_("Another posting with this document number is meant")}
DOCUMENT = Paper("document", N_("The document that proves it"), "form", EVERY_SOURCE)


class DocumentUsed(Refusal):
    say = N_(
        "{change}, asked for at {when} by {who}, has this document number already; it is {state}. Nothing was asked for. "
        "If it is about another posting, say so beside the number."
    )
    known_as = "must-confirm"


def before(_session: Session, _subject: Subject) -> dict[str, Any]:
    return {}


def check(session: Session, subject: Subject, wanted: Values) -> None:
    """:raises Invalid: … :raises DocumentUsed: …"""
    errors = {}
    if not wanted["amount"]:
        errors["amount"] = N_("An amount above zero is needed here.")
    if not wanted.get("deposit") and not wanted.get("document_number"):
        errors["document_number"] = N_("Name the deposit or the document that it is about.")
    if errors:
        raise Invalid(**errors)
    if wanted.get("document_number") and wanted.get("another") != "yes":
        must_be_new(session, subject, str(wanted["document_number"]))


def must_be_new(session: Session, subject: Subject, number: str) -> None:
    """
    In the market: a document that is keyed in twice is a mistake more often than two postings. What was denied, withdrawn or
    reversed has moved nothing, and frees its number.

    :raises DocumentUsed: …
    """
    db.queue_for(session, f"document:{subject.market.code}:{number.casefold()}")
    reversal = aliased(Change)
    reversed_ones = select(reversal.wanted["reverses"].astext).where(reversal.kind == REVERSAL, reversal.applied_at.is_not(None))
    question = select(Change).where(
        Change.kind == NAME,
        Change.market == subject.market.code,
        func.lower(Change.wanted["document_number"].astext) == func.lower(number),
        Change.state.in_((*OPEN, State.APPLIED)),
        Change.asked_at.is_not(None),
        Change.reference.not_in(reversed_ones),
    )
    if there := session.scalars(question.order_by(Change.id.desc()).limit(1)).first():
        asker = there.asked_by or ""
        who = names_by(session, [asker]).get(asker, asker)
        raise DocumentUsed(change=there.reference, when=there.asked_at, who=who, state=there.state)


def weigh(_subject: Subject, wanted: Values) -> int:
    """The amount, in minor units; no market has a limit, so that it always takes two."""
    return int(wanted["amount"])


def matter(subject: Subject, wanted: Values) -> str:
    parts = (subject.shop.number, wanted["direction"], wanted["amount"], wanted.get("deposit") or wanted.get("document_number"))
    return " ".join(map(str, parts))


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    posting = posting_of(change, subject, to_agent=change.wanted["direction"] == TO_AGENT, name=change.reference)
    post_by_hand(session, posting, decided_by=two_of(change), by=by, now=now)
    return {}


def two_of(change: Change) -> Two:
    """Who asked, and who granted it last."""
    return Two(change.asked_by or "", change.granted_by)


def posting_of(change: Change, subject: Subject, *, to_agent: bool, name: str) -> HandPosting:
    """:param change: the one that says what is moved"""
    amount = change.wanted["amount"]
    assert isinstance(amount, int)
    return HandPosting(
        name=name,
        agent=subject.shop.number,
        amount=Money(amount, subject.market.currency),
        to_agent=to_agent,
        deposit=str(change.wanted["deposit"]) if change.wanted.get("deposit") else None,
    )


KIND = Kind(
    name=NAME,
    title=N_("Posting by hand"),
    explains=N_(
        "The amount moves between suspense and the shop's account at once, and stands in the shop's statement with the number of this "
        "change. A deposit that is named moves whole, and is decided by it."
    ),
    asked_by=frozenset({"operator", "approver"}),
    papers=(DOCUMENT,),
    needs_reason=True,
    fields=(
        Field("direction", N_("Direction"), is_needed=True, choices=DIRECTIONS),
        Field("amount", N_("Amount"), is_needed=True, is_money=True),
        Field("deposit", N_("Deposit that it is about"), shapes.deposit_reference, longest=40, hint=N_("Such as D251122-7K3M9QXA2B4C.")),
        Field("document_number", N_("Number of the document"), longest=100),
        Field("another", N_("If another posting has this document number"), choices=ANOTHER),
    ),
    before=before,
    check=check,
    weigh=weigh,
    matter=matter,
    apply=apply,
)
