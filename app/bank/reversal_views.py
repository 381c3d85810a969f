"""``/reversals``: what the bank took back without saying what; a person finds the deposit, or puts it aside."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app import clock, db
from app.bank import queries
from app.bank.forms import LinkForm, NoteForm
from app.bank.settle_reversal import link_reversal, set_reversal_aside
from app.bank.statement_views import sum_in_words
from app.people.permissions import ASSIGN_DEPOSITS, SEE_DEPOSITS
from app.web.actor import actor
from app.web.guards import guard

blueprint = Blueprint("reversals", __name__, template_folder="templates")


@blueprint.get("/reversals")
@guard(SEE_DEPOSITS)
def reversals() -> str:
    with db.reading() as session:
        found = queries.open_reversals(session)
    return render_template("bank/reversals.html", bookings=found, sum=sum_in_words)


@blueprint.get("/reversals/<number:number>")
@guard(SEE_DEPOSITS)
def reversal(number: int) -> str:
    return page_of(number, LinkForm(), NoteForm())


def page_of(number: int, link: LinkForm, aside: NoteForm) -> str:
    with db.reading() as session:
        booking = queries.find_open_reversal(session, number)
        candidates = queries.could_be_taken_back(session, booking)
    return render_template("bank/reversal.html", booking=booking, candidates=candidates, link=link, aside=aside, sum=sum_in_words)


@blueprint.post("/reversals/<number:number>/deposit")
@guard(ASSIGN_DEPOSITS)
def link(number: int) -> Response | tuple[str, int]:
    form = LinkForm()
    if not form.validate_on_submit():
        return page_of(number, form, NoteForm(formdata=None)), 422
    with db.transaction() as session:
        link_reversal(session, number, form.deposit.data, note=form.note.data, by=actor().by, now=clock.now())
    return redirect(url_for("deposits.deposit", reference=form.deposit.data), 303)


@blueprint.post("/reversals/<number:number>/aside")
@guard(ASSIGN_DEPOSITS)
def set_aside(number: int) -> Response | tuple[str, int]:
    form = NoteForm()
    if not form.validate_on_submit():
        return page_of(number, LinkForm(formdata=None), form), 422
    with db.transaction() as session:
        set_reversal_aside(session, number, note=form.note.data, by=actor().by, now=clock.now())
    return redirect(url_for("reversals.reversals"), 303)
