"""``/top-ups``: each transfer's journey to the agent's balance, as it happens."""

from flask import Blueprint, render_template, request
from markupsafe import Markup

from app import clock, db
from app.bank.model import Deposit
from app.bank.money_clock import money_clock
from app.bank.queries import LAST_TOP_UPS, PAGE, find_deposit, silent_accounts, top_ups_of
from app.errors import N_, Invalid
from app.people.permissions import SEE_OWN_STATEMENT
from app.remarks import Remark
from app.web import slots
from app.web.actor import actor, shop
from app.web.guards import guard
from app.web.language import language

blueprint = Blueprint("top-ups", __name__, template_folder="templates")

LONGEST_CURSOR = 18


def install() -> None:
    slots.fill("on-balance", last_top_ups)


def last_top_ups() -> Markup:
    """The newest few, for the owner's other pages."""
    if not actor().may(SEE_OWN_STATEMENT):
        return Markup()
    with db.reading() as session:
        found = top_ups_of(session, shop(), limit=LAST_TOP_UPS)
    now = clock.now()
    return slots.drawn("bank/_last_top_ups.html", rows=[(deposit, money_clock(deposit, now=now)) for deposit in found])


@blueprint.get("/top-ups")
@guard(SEE_OWN_STATEMENT)
def top_ups() -> str:
    cursor, now = number(request.args.get("cursor", "")), clock.now()
    with db.reading() as session:
        found = top_ups_of(session, shop(), before=cursor)
        silent = silent_accounts(session, now=now, market=actor().market)
    rows = [(deposit, money_clock(deposit, now=now)) for deposit in found]
    return render_template("bank/top_ups.html", rows=rows, silent=silent, more=len(found) == PAGE, first=cursor is None)


def number(cursor: str) -> int | None:
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= LONGEST_CURSOR):
        raise Invalid(cursor=N_("This cursor was not given by us."))
    return int(cursor) if cursor else None


@blueprint.get("/top-ups/<reference>")
@guard(SEE_OWN_STATEMENT)
def top_up(reference: str) -> str:
    with db.reading() as session:
        deposit = find_deposit(session, reference, agent=shop())
    return render_template("bank/top_up.html", deposit=deposit, clock=money_clock(deposit, now=clock.now()), trace=own_trace(deposit))


def own_trace(deposit: Deposit) -> list[str]:
    """Why it matched. Of one that a person assigned the text may name others: that is not theirs to read."""
    return [Remark.from_json(remark).in_words(language()) for remark in deposit.trace] if deposit.person_id else []
