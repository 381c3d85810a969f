"""``/top-ups``: each transfer's journey to the agent's balance, as it happens."""

from flask import Blueprint, flash, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app import clock, db
from app.bank.forms import NoticeForm
from app.bank.model import Deposit
from app.bank.money_clock import money_clock
from app.bank.queries import LAST_TOP_UPS, PAGE, find_deposit, silent_accounts, top_ups_of
from app.bank.tell_credited import choose_notices, notices_of
from app.errors import N_, Invalid
from app.people.permissions import SEE_OWN_STATEMENT
from app.remarks import Remark
from app.web import display, slots
from app.web.actor import actor, shop
from app.web.guards import guard
from app.web.inputs import read_cursor
from app.web.language import _, language

blueprint = Blueprint("top-ups", __name__, template_folder="templates")

CHOSEN = N_("Your choice counts from the next top-up on.")


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
    cursor, now = read_cursor(), clock.now()
    with db.reading() as session:
        found = top_ups_of(session, shop(), before=cursor)
        silent = silent_accounts(session, now=now, market=actor().market)
        sms, mail = notices_of(session, actor().person)
    form = NoticeForm(formdata=None, sms=sms, mail=mail)
    rows = [(deposit, money_clock(deposit, now=now)) for deposit in found]
    return render_template("bank/top_ups.html", rows=rows, silent=silent, more=len(found) == PAGE, first=cursor is None, form=form)


@blueprint.post("/top-ups/notices")
@guard(SEE_OWN_STATEMENT)
def notices() -> Response:
    """Who is told of each top-up, and how: each owner chooses for the own telephone and address."""
    form = NoticeForm()
    if not form.validate_on_submit():
        raise Invalid(mail=N_("This is no e-mail address."))
    with db.transaction() as session:
        choose_notices(session, actor().person, sms=form.sms.data, mail=form.mail.data, by=actor().by, now=clock.now())
    flash(_(CHOSEN), "done")
    return redirect(url_for("top-ups.top_ups"), 303)


@blueprint.get("/top-ups/<reference>")
@guard(SEE_OWN_STATEMENT)
def top_up(reference: str) -> str:
    with db.reading() as session:
        deposit = find_deposit(session, reference, agent=shop())
    return render_template("bank/top_up.html", deposit=deposit, clock=money_clock(deposit, now=clock.now()), trace=own_trace(deposit))


def own_trace(deposit: Deposit) -> list[str]:
    """Why it matched. Of one that a person assigned the text may name others: that is not theirs to read."""
    return [display.said(Remark.from_json(remark), language()) for remark in deposit.trace] if deposit.person_id else []
