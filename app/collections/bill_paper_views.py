"""A bill on paper and by mail, free of charge, for whoever looks it up; ``create_app`` fills the bill page's places with it."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import clock, db, languages, throttle
from app.agents.model import Agent
from app.billers.bill_words import language_of
from app.billers.hand_out_bill import HandOut, file_name, mail_copy, print_copy
from app.billers.look_up_bills import Quote
from app.billers.model import MAILED, BillCopy, Biller
from app.billers.print_bill import Shop
from app.billers.queries import copies_of
from app.billing.bill import Bill, Subscriber
from app.collections.bill_views import find_bill
from app.collections.forms import NO_ADDRESS, BillMailForm
from app.collections.visible import visible_biller
from app.errors import N_, Invalid
from app.notifications.addresses import mailbox_of, masked, read_mail_address
from app.notifications.write_message import is_written
from app.people.permissions import HAND_OUT_BILLS
from app.people.queries import names_by
from app.web import display
from app.web.actor import actor
from app.web.files import paper
from app.web.guards import guard
from app.web.language import _, language
from app.web.slots import drawn, fill

blueprint = Blueprint("bill_papers", __name__, template_folder="templates")

MAILS_OF_A_SHOP, MAILS_TO_AN_ADDRESS, AN_HOUR = 60, 5, 3600


@dataclass(frozen=True)
class CopyRow:
    """One copy as this reader may see it."""

    copy: int
    how: str
    to: str
    by: str
    at: datetime
    language: str


def install() -> None:
    fill("beside-bill", beside_bill)
    fill("under-bill", under_bill)


@blueprint.get("/bills/<biller>/<subscriber>/<ref>/paper")
@guard(HAND_OUT_BILLS)
def print_paper(biller: str, subscriber: str, ref: str) -> Response:
    record = visible_biller(biller)
    wanted = read_language(record, request.args.get("language", ""))
    found, quote = find_bill(record, subscriber, ref)
    with db.transaction() as session:
        pdf = print_copy(session, hand_out(session, record, found.subscriber, quote.bill, wanted), now=clock.now())
    return paper(pdf, file_name(record, quote.bill))


@blueprint.post("/bills/<biller>/<subscriber>/<ref>/mail")
@guard(HAND_OUT_BILLS)
def mail(biller: str, subscriber: str, ref: str) -> AnyResponse:
    """One press is one mail, however often it is sent."""
    record, form = visible_biller(biller), BillMailForm()
    if not form.validate_on_submit():
        raise Invalid(**{name: str(messages[0]) for name, messages in form.errors.items() if name})
    to = read_mail_address(form.email.data)
    if to is None:
        raise Invalid(email=NO_ADDRESS)
    wanted, key = read_language(record, form.language.data), f"bill.mailed:{actor().by}:{form.key.data}"
    with db.reading() as session:
        known = is_written(session, key)
    if not known:
        slow_down(to)
        found, quote = find_bill(record, subscriber, ref)
        with db.transaction() as session:
            copy = hand_out(session, record, found.subscriber, quote.bill, wanted)
            mail_copy(session, copy, to=to, key=key, now=clock.now())
    period = request.args.get("period") or None
    return redirect(url_for("bills.bill", biller=biller, subscriber=subscriber, ref=ref, period=period, mailed=1), 303)


def read_language(biller: Biller, code: str) -> str:
    """:raises Invalid: if it is none of those that are offered; nothing said is the carrier's own"""
    if code and code not in languages.NAMES:
        raise Invalid(language=N_("Choose one of the languages."))
    return code or languages.supported(language_of(biller))


def slow_down(to: str) -> None:
    """
    Nobody floods a mailbox, and no shop the mail server.

    :raises TooMany: …
    """
    throttle.hit(f"bill-mail:{actor().agent or actor().by}", most=MAILS_OF_A_SHOP, seconds=AN_HOUR, now=clock.now())
    throttle.hit(f"bill-mail-to:{mailbox_of(to)}", most=MAILS_TO_AN_ADDRESS, seconds=AN_HOUR, now=clock.now())


def hand_out(session: Session, biller: Biller, subscriber: Subscriber, bill: Bill, language: str) -> HandOut:
    number = actor().agent
    shop = shop_of(session.get_one(Agent, number), language) if number else None
    return HandOut(biller, subscriber, bill, language, by=actor().by, agent=number, shop=shop)


def shop_of(agent: Agent, language: str) -> Shop:
    number = languages.say(N_("Agent number {number}"), language, number=agent.number)
    phone = display.phone(agent.phone) if agent.phone else ""
    return Shop(agent.name, tuple(line for line in (agent.address, phone, number) if line))


def beside_bill(biller: Biller, subscriber: Subscriber, quote: Quote) -> Markup:
    """Print and mail, in the carrier's language and, if it is another, in the reader's."""
    if not actor().may(HAND_OUT_BILLS):
        return Markup()
    offered = dict.fromkeys((languages.supported(language_of(biller)), language()))
    return drawn(
        "collections/_bill_paper.html",
        bill=bill_address(biller, subscriber, quote),
        languages_offered=[(code, languages.NAMES[code]) for code in offered],
        key=secrets.token_urlsafe(18),
    )


def under_bill(biller: Biller, subscriber: Subscriber, quote: Quote) -> Markup:
    """Who handed this bill out, to whom and when."""
    with db.reading() as session:
        copies = copies_of(session, biller.code, subscriber.number, quote.bill.ref)
        people = names_by(session, [copy.by for copy in copies])
    rows = [copy_row(copy, people) for copy in copies]
    sent = next((row for row, copy in zip(rows, copies, strict=True) if copy.how == MAILED and copy.agent == actor().agent), None)
    return drawn("collections/_bill_copies.html", rows=rows, sent=sent if request.args.get("mailed") else None)


def copy_row(copy: BillCopy, people: dict[str, str]) -> CopyRow:
    own = copy.agent == actor().agent
    to = copy.to if own else masked(copy.to)
    return CopyRow(copy.copy, copy.how, to, who(copy, people, own=own), copy.at, languages.NAMES.get(copy.language, copy.language))


def who(copy: BillCopy, people: dict[str, str], *, own: bool) -> str:
    """A shop reads the names of its own people only."""
    name = people.get(copy.by, "")
    if own and name:
        return name
    if copy.agent is None:
        return "Gişe"
    return _(N_("Another shop")) if actor().agent else f"{name} · {copy.agent}"


def bill_address(biller: Biller, subscriber: Subscriber, quote: Quote) -> dict[str, str | None]:
    """With the period by which an older bill was found."""
    return {"biller": biller.code, "subscriber": subscriber.number, "ref": quote.bill.ref, "period": request.args.get("period") or None}
