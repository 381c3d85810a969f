"""``/deposits``: what came in, and what a person does about it."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app import clock, db
from app.bank import queries
from app.bank.assign_deposit import assign_deposit, reassign_deposit
from app.bank.forms import AssignForm, NoteForm
from app.bank.model import BankAccount, BankBooking, DepositState
from app.bank.money_clock import money_clock
from app.bank.return_deposit import return_deposit
from app.bank.top_up_views import number
from app.errors import N_, Invalid, Refusal
from app.markets import MARKETS
from app.people.permissions import ASSIGN_DEPOSITS, SEE_DEPOSITS
from app.people.queries import names_by
from app.remarks import Remark
from app.web import slots
from app.web.actor import actor, actor_or_none
from app.web.guards import guard
from app.web.language import language

blueprint = Blueprint("deposits", __name__, template_folder="templates")

STATES = [state.value for state in DepositState]
WAITING, EVERY = DepositState.SUSPENSE.value, "all"


def install() -> None:
    slots.fill("after-refusal", way_back)


def way_back(refusal: Refusal) -> Markup:
    """From a refusal about a deposit to the deposit."""
    person, reference = actor_or_none(), refusal.facts.get("deposit")
    return slots.drawn("bank/_way_back.html", reference=reference) if reference and person and person.may(SEE_DEPOSITS) else Markup()


@blueprint.get("/deposits")
@guard(SEE_DEPOSITS)
def deposits() -> str:
    """Those that wait for a person, unless another state is asked for."""
    args = request.args
    state = args.get("state") if args.get("state") in (*STATES, EVERY) else WAITING
    with db.reading() as session:
        found = queries.list_deposits(
            session,
            state=None if state == EVERY else state,
            since=midnight(args.get("from", "")),
            after=number(args.get("cursor", "")),
        )
        waiting = queries.suspense_by_currency(session)
    now = clock.now()
    return render_template(
        "bank/deposits.html",
        rows=[(deposit, last_word(deposit.trace), now - deposit.seen_at) for deposit in found],
        waiting=waiting,
        state=state,
        states=STATES,
        more=len(found) == queries.PAGE,
    )


def midnight(day: str) -> datetime | None:
    if not day:
        return None
    try:
        return datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=actor().market.zone)
    except ValueError as error:
        raise Invalid(**{"from": N_("This is no day.")}) from error


def last_word(trace: list[dict[str, object]]) -> str:
    """Why it stands where it stands, in one sentence."""
    return Remark.from_json(trace[-1]).in_words(language()) if trace else ""


@blueprint.get("/deposits/<reference>")
@guard(SEE_DEPOSITS)
def deposit(reference: str) -> str:
    return page_of(reference, AssignForm(request.args, meta={"csrf": False}), NoteForm())


def page_of(reference: str, assign: AssignForm, give_back: NoteForm) -> str:
    with db.reading() as session:
        found = queries.find_deposit(session, reference, agent=None)
        booking = session.get_one(BankBooking, found.booking_id)
        market = MARKETS[session.get_one(BankAccount, found.iban).market]
        named = queries.agents_named_in(session, found, market)
        decisions = queries.decisions_about(session, reference)
        persons = names_by(session, (decision.by for decision in decisions))
        sightings = queries.seen_in(session, found)
    assign.agent.data = assign.agent.data or found.suggested or ""
    return render_template(
        "bank/deposit.html",
        deposit=found,
        booking=booking,
        clock=money_clock(found, now=clock.now()),
        trace=[Remark.from_json(remark).in_words(language()) for remark in found.trace],
        named=named,
        decisions=[(decision, persons.get(decision.by, decision.by)) for decision in decisions],
        sightings=sightings,
        assign=assign,
        give_back=give_back,
    )


@blueprint.post("/deposits/<reference>/assignment")
@guard(ASSIGN_DEPOSITS)
def assign(reference: str) -> Response | tuple[str, int]:
    form = AssignForm()
    if not form.validate_on_submit():
        return page_of(reference, form, NoteForm(formdata=None)), 422
    with db.transaction() as session:
        assign_deposit(session, reference, agent=form.agent.data, note=form.note.data, by=actor().by, now=clock.now())
    return redirect(url_for("deposits.deposit", reference=reference), 303)


@blueprint.post("/deposits/<reference>/reassignment")
@guard(ASSIGN_DEPOSITS)
def reassign(reference: str) -> Response | tuple[str, int]:
    form = AssignForm()
    if not form.validate_on_submit():
        return page_of(reference, form, NoteForm(formdata=None)), 422
    with db.transaction() as session:
        reassign_deposit(session, reference, agent=form.agent.data, note=form.note.data, by=actor().by, now=clock.now())
    return redirect(url_for("deposits.deposit", reference=reference), 303)


@blueprint.post("/deposits/<reference>/return")
@guard(ASSIGN_DEPOSITS)
def give_back(reference: str) -> Response | tuple[str, int]:
    form = NoteForm()
    if not form.validate_on_submit():
        return page_of(reference, AssignForm(formdata=None), form), 422
    with db.transaction() as session:
        return_deposit(session, reference, note=form.note.data, by=actor().by, now=clock.now())
    return redirect(url_for("deposits.deposit", reference=reference), 303)
