"""``/cut-offs``: until when one may cancel on which days, what will hold, and what each day is called."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.billers.queries import billers_of
from app.cancellations.change_hours import Change, change_hours, decide_hours
from app.cancellations.forms import DAY_WORDS, BankDayForm, HoursForm
from app.cancellations.hours import all_written_days, coming_days, hours_table, open_proposals, rules_of, special_days_ahead
from app.cancellations.model import HoursProposal
from app.cancellations.queries import name_of
from app.config import Config
from app.errors import N_, NotFound
from app.markets import INSTITUTION, MARKETS, Market
from app.people.permissions import FIND_PAYMENTS, SET_HOURS
from app.people.second_person import is_the_asker
from app.web.actor import actor
from app.web.forms import SelectChoice
from app.web.guards import guard
from app.web.language import _, language
from app.web.parts import part
from app.web.slots import drawn, fill

blueprint = Blueprint("cut_offs", __name__, template_folder="templates")


def install() -> None:
    fill("on-counter", days_ahead)


def days_ahead() -> Markup:
    """Which of the next days are not like others, for a shop's first page and beside its countdown."""
    market = actor().market
    today = clock.today(market.zone)
    days = special_days_ahead(market.code, today, language(), part(Config).cut_off)
    return drawn("cancellations/_days_ahead.html", days=days, day_words=DAY_WORDS, today=today)


@blueprint.get("/cut-offs")
@guard(FIND_PAYMENTS)
def cut_offs() -> str:
    return page(chosen_market(), HoursForm(formdata=None), BankDayForm(formdata=None))


def chosen_market() -> Market:
    code = request.values.get("market", INSTITUTION.code)
    if code not in MARKETS:
        raise NotFound
    return MARKETS[code]


def page(market: Market, hours_form: HoursForm, day_form: BankDayForm) -> str:
    now = clock.now()
    today = now.astimezone(market.zone).date()
    offer_billers(hours_form, market)
    with db.reading() as session:
        rules = rules_of(session, market.code)
        written = all_written_days(session, market.code)
        return render_template(
            "cancellations/cut_offs.html",
            market=market,
            markets=MARKETS.values(),
            today=today,
            hours_form=hours_form,
            day_form=day_form,
            table=hours_table(rules, today=today),
            days=coming_days(session, market, first=today, language=language(), override=part(Config).cut_off),
            rules=rules,
            written=written,
            proposals=[(proposal, *what_may_be_done(session, proposal)) for proposal in open_proposals(session, now=now)],
            who={by: who_set(session, by) for by in {*(rule.set_by for rule in rules), *(day.set_by for day in written)}},
            day_words=DAY_WORDS,
        )


def who_set(session: Session, by: str) -> str:
    """A person's name; what a migration wrote was there when the house opened."""
    return _(N_("From the beginning")) if by.startswith("migration:") else name_of(session, by)


def offer_billers(form: HoursForm, market: Market) -> None:
    form.biller.choices = [SelectChoice("", _(N_("All"))), *(SelectChoice(biller.code, biller.name) for biller in billers_of(market))]


def what_may_be_done(session: Session, proposal: HoursProposal) -> tuple[str, bool]:
    """By whom it is, and whether this person may decide; the verb decides again."""
    own = is_the_asker(session, proposal.proposed_by, actor().by, now=clock.now())
    return name_of(session, proposal.proposed_by), actor().may(SET_HOURS) and not own


@blueprint.post("/cut-offs/hours")
@guard(SET_HOURS)
def set_hours() -> Response | tuple[str, int]:
    market, form = chosen_market(), HoursForm()
    offer_billers(form, market)
    if not form.validate_on_submit():
        return page(market, form, BankDayForm(formdata=None)), 422
    return change(
        Change(
            kind="hours",
            market=market.code,
            biller=form.biller.data,
            day_class=form.day_class.data,
            first_day=day_of(form.first_day.data),
            asked_until=form.asked_until.data,
            reported_until=form.reported_until.data,
            note=form.note.data,
        )
    )


@blueprint.post("/cut-offs/days")
@guard(SET_HOURS)
def set_day() -> Response | tuple[str, int]:
    market, form = chosen_market(), BankDayForm()
    if not form.validate_on_submit():
        return page(market, HoursForm(formdata=None), form), 422
    wanted = Change(
        kind="day", market=market.code, day_class=form.day_class.data, first_day=day_of(form.first_day.data), note=form.note.data
    )
    return change(wanted)


def day_of(typed: Any) -> date:
    assert isinstance(typed, date), "the form requires it"
    return typed


def change(wanted: Change) -> Response:
    with db.transaction() as session:
        done = change_hours(session, wanted, by=actor().by, now=clock.now())
    if isinstance(done, HoursProposal):
        flash(_(N_("It is for today, so a second approver has to agree. It stands below until then.")), "done")
    else:
        flash(_(N_("Set. It holds from that day on; the shops see it beforehand.")), "done")
    return redirect(url_for("cut_offs.cut_offs", market=wanted.market), 303)


@blueprint.post("/cut-offs/proposals/<number:number>/decision")
@guard(SET_HOURS)
def decide(number: int) -> Response:
    with db.transaction() as session:
        proposal = decide_hours(session, number, agreed=request.form.get("agreed") == "yes", by=actor().by, now=clock.now())
    return redirect(url_for("cut_offs.cut_offs", market=proposal.market), 303)
