"""``/returns``: money on its way back to its senders and out to closing shops, gathered into files that another person decides."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.bank import queries
from app.bank.deposit_views import not_shown
from app.bank.desk_model import AgentPayout
from app.bank.forms import DebitForm, DecideForm, NoteForm, PayoutForm
from app.bank.model import BankBooking
from app.bank.payouts.batch_left import debits_like, states_of
from app.bank.payouts.link_payout import debits_of_payout, decide_debit, open_debit, propose_debit
from app.bank.payouts.link_payout import mark as mark_of_debit
from app.bank.payouts.return_batch import FORMATS, Leaving, decide_batch, download_batch, gather_returns, mark, payable, void_batch
from app.bank.settle_reversal import link_batch
from app.bank.unshown import only_uploaded
from app.people.confirmed import confirmed
from app.people.permissions import ASSIGN_DEPOSITS, DECIDE_DEPOSITS, SEE_DEPOSITS
from app.people.queries import names_by
from app.people.second_person import is_the_asker
from app.web.actor import actor
from app.web.files import download
from app.web.guards import guard

blueprint = Blueprint("returns", __name__, template_folder="templates")


@blueprint.get("/returns")
@guard(SEE_DEPOSITS)
def returns() -> str:
    with db.reading() as session:
        waiting, payouts = queries.returning_deposits(session), queries.waiting_payouts(session)
        unseen = only_uploaded(session, (deposit.booking_id for deposit in waiting))
        batches = queries.return_batches(session)
        names = names_by(session, (batch.gathered_by for batch in batches))
        states = states_of(session, batches)
    groups: dict[tuple[str, str], list[tuple[Any, bool, str]]] = {}
    for deposit in waiting:
        why_not = not_shown(deposit) if deposit.booking_id in unseen else ""
        groups.setdefault((deposit.iban, deposit.currency), []).append((deposit, not why_not and payable(deposit, deposit.iban), why_not))
    for payout in payouts:
        groups.setdefault((payout.iban, payout.currency), []).append((payout, payable(payout, payout.iban), ""))
    return render_template("bank/returns.html", groups=groups, batches=batches, names=names, states=states)


@blueprint.post("/returns")
@guard(ASSIGN_DEPOSITS)
def gather() -> Response:
    with db.transaction() as session:
        batch = gather_returns(session, request.form.get("iban", ""), request.form.getlist("deposit"), by=actor().by, now=clock.now())
    return redirect(url_for("returns.batch", number=batch.id), 303)


@blueprint.get("/returns/<number:number>")
@guard(SEE_DEPOSITS)
def batch(number: int) -> str:
    return page_of(number)


def page_of(number: int, *, decide: DecideForm | None = None, void: NoteForm | None = None, debit: DebitForm | None = None) -> str:
    with db.reading() as session:
        return render_template(
            "bank/return_batch.html",
            decide=decide or DecideForm(formdata=None),
            void=void or NoteForm(formdata=None),
            debit=debit or DebitForm(formdata=None),
            formats=FORMATS,
            **what_there_is(session, number),
        )


def what_there_is(session: Session, number: int) -> dict[str, Any]:
    found = queries.find_return_batch(session, number)
    own = is_the_asker(session, found.gathered_by, actor().by, now=clock.now())
    people = [found.gathered_by, found.decided_by or "", found.downloaded_by or "", found.voided_by or ""]
    deposits, payouts = queries.deposits_of_batch(session, number), queries.payouts_of_batch(session, number)
    leaving: list[Leaving] = [*deposits, *payouts]
    all_on_their_way = bool(leaving) and all(each.is_leaving for each in leaving)
    return {
        "batch": found,
        "state": states_of(session, [found])[found.id],
        "alone": alone(session, payouts),
        "deposits": deposits,
        "payouts": payouts,
        "debits": debits_like(session, found) if all_on_their_way and not (payouts and found.number == 1) else (),
        "names": names_by(session, people),
        "mark": mark(found),
        "may_decide": actor().may(DECIDE_DEPOSITS) and not own,
    }


def alone(session: Session, payouts: Sequence[AgentPayout]) -> list[dict[str, Any]]:
    """Payouts on their way that may have left alone: the debits that could be it, or what somebody has said about that."""
    found: list[dict[str, Any]] = []
    for payout in payouts:
        proposal, debits = open_debit(session, payout.reference), debits_of_payout(session, payout)
        if proposal:
            own = is_the_asker(session, proposal.proposed_by, actor().by, now=clock.now())
            said: dict[str, Any] = {
                "proposal": proposal,
                "booking": session.get(BankBooking, proposal.booking),
                "mark": mark_of_debit(proposal),
                "who": names_by(session, [proposal.proposed_by]).get(proposal.proposed_by, proposal.proposed_by),
                "may_decide": actor().may(DECIDE_DEPOSITS) and not own,
            }
            found.append({"payout": payout} | said)
        elif debits:
            found.append({"payout": payout, "debits": debits})
    return found


@blueprint.post("/returns/<number:number>/payouts/<reference>/debit")
@guard(ASSIGN_DEPOSITS)
def debit_of_payout(number: int, reference: str) -> Response | tuple[str, int]:
    """A payout left alone, and its line carries no number of ours: a person says which it is, another agrees."""
    form = DebitForm()
    if not form.validate_on_submit():
        return page_of(number, debit=form), 422
    with db.transaction() as session:
        propose_debit(session, reference, int(form.booking.data), note=form.note.data, by=actor().by, now=clock.now())
    return redirect(url_for("returns.batch", number=number), 303)


@blueprint.post("/returns/<number:number>/debits/<number:debit>/decision")
@guard(DECIDE_DEPOSITS)
@confirmed
def decide_debit_of_payout(number: int, debit: int) -> Response | tuple[str, int]:
    form = DecideForm()
    if not form.validate_on_submit():
        return page_of(number, decide=form), 422
    granted = form.granted.data == "yes"
    with db.transaction() as session:
        decide_debit(session, debit, granted=granted, answer=form.answer.data, seen=form.seen.data, by=actor().by, now=clock.now())
    return redirect(url_for("returns.batch", number=number), 303)


@blueprint.post("/returns/<number:number>/decision")
@guard(DECIDE_DEPOSITS)
@confirmed
def decide(number: int) -> Response | tuple[str, int]:
    form = DecideForm()
    if not form.validate_on_submit():
        return page_of(number, decide=form), 422
    granted = form.granted.data == "yes"
    with db.transaction() as session:
        decide_batch(session, number, granted=granted, answer=form.in_words(), seen=form.seen.data, by=actor().by, now=clock.now())
    return redirect(url_for("returns.batch", number=number), 303)


@blueprint.post("/returns/<number:number>/file")
@guard(ASSIGN_DEPOSITS)
def file(number: int) -> Response | tuple[str, int]:
    """Once: it is recorded who took it to the bank, and which bytes."""
    form = PayoutForm()
    if not form.validate_on_submit():
        return page_of(number), 422
    with db.transaction() as session:
        made = download_batch(session, number, format=form.format.data, by=actor().by, now=clock.now())
    return download(made.content, made.media_type, made.name)


@blueprint.post("/returns/<number:number>/debit")
@guard(ASSIGN_DEPOSITS)
def debit(number: int) -> Response | tuple[str, int]:
    """The bank booked the file as one sum, and a person says which."""
    form = DebitForm()
    if not form.validate_on_submit():
        return page_of(number, debit=form), 422
    with db.transaction() as session:
        link_batch(session, number, int(form.booking.data), note=form.note.data, by=actor().by, now=clock.now())
    return redirect(url_for("returns.batch", number=number), 303)


@blueprint.post("/returns/<number:number>/void")
@guard(DECIDE_DEPOSITS)
@confirmed
def void(number: int) -> Response | tuple[str, int]:
    form = NoteForm()
    if not form.validate_on_submit():
        return page_of(number, void=form), 422
    with db.transaction() as session:
        void_batch(session, number, note=form.note.data, by=actor().by, now=clock.now())
    return redirect(url_for("returns.batch", number=number), 303)
