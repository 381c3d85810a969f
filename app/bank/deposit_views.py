"""``/deposits``: the desk. What came in on the left, one deposit on the right, and what people do about it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.bank import desk_queries, queries
from app.bank.decision import takes_two
from app.bank.desk_model import DepositProposal
from app.bank.dismiss_deposit import possible_targets
from app.bank.forms import AssignForm, DecideForm, DismissForm, NoteForm, ReturnForm
from app.bank.incoming.statement_queries import quarantine_queue
from app.bank.model import BankAccount, BankBooking, Deposit, DepositState
from app.bank.money_clock import money_clock
from app.bank.payouts.sent_back import payout_known_as
from app.bank.propose_decision import Wish, decide_or_propose, decide_proposal, mark, withdraw_proposal
from app.bank.return_deposit import NotShown, keep_deposit
from app.bank.suggestions import prefilled, suggestions_for
from app.bank.unshown import only_uploaded
from app.errors import N_, Refusal
from app.markets import MARKETS
from app.people.confirmed import confirmed
from app.people.permissions import ASSIGN_DEPOSITS, DECIDE_DEPOSITS, SEE_DEPOSITS
from app.people.queries import names_by
from app.people.second_person import is_the_asker
from app.remarks import Remark
from app.text import one_line
from app.web import slots
from app.web.actor import actor, actor_or_none
from app.web.guards import guard
from app.web.inputs import read_cursor, read_midnight
from app.web.language import _, language

blueprint = Blueprint("deposits", __name__, template_folder="templates")

STATES = [state.value for state in DepositState]
WAITING, EVERY, PROPOSED = DepositState.SUSPENSE.value, "all", "proposed"
FILTERS = ("state", "why", "from", "q", "cursor")
WAITS = N_("It is proposed; another person decides it now.")
DONE = N_("It is done.")


def install() -> None:
    slots.fill("after-refusal", way_back)


def way_back(refusal: Refusal) -> Markup:
    """From a refusal about a deposit to the deposit."""
    person, reference = actor_or_none(), refusal.facts.get("deposit")
    return slots.drawn("bank/_way_back.html", reference=reference) if reference and person and person.may(SEE_DEPOSITS) else Markup()


@blueprint.get("/deposits")
@guard(SEE_DEPOSITS)
def deposits() -> str:
    """Those that wait for a person, unless others are asked for."""
    with db.reading() as session:
        return render_template("bank/deposits.html", chosen=None, **left_side(session))


def left_side(session: Session) -> dict[str, Any]:
    """The heaps with counts and ages, and the list of the chosen one; its filters go with every link."""
    state = request.args.get("state") if request.args.get("state") in (*STATES, EVERY, PROPOSED) else WAITING
    why, words = request.args.get("why", "")[:8], one_line(request.args.get("q", ""), longest=100)
    if state == PROPOSED:
        proposed = desk_queries.open_proposals(session)
        found = [deposit for _proposal, deposit in proposed]
    else:
        chosen = None if state == EVERY else state
        found = list(desk_queries.desk_list(session, state=chosen, why=why, words=words, since=read_midnight("from"), cursor=read_cursor()))
    now = clock.now()
    return {
        "rows": [(deposit, last_word(deposit), now - deposit.seen_at) for deposit in found],
        "heaps": desk_queries.heaps(session),
        "proposals": desk_queries.proposals_queue(session),
        "quarantined": quarantine_queue(session),
        "reasons": [(each, each.in_words(language())) for each in desk_queries.suspense_by_reason(session)] if state == WAITING else [],
        "waiting": queries.suspense_by_currency(session),
        "silent": queries.silent_accounts(session, now=now),
        "state": state,
        "states": STATES,
        "why": why,
        "words": words,
        "filters": {name: value for name in FILTERS if (value := request.args.get(name))},
        "more": state != PROPOSED and len(found) == queries.PAGE,
        "now": now,
    }


def last_word(deposit: Deposit) -> str:
    """Why it stands where it stands, in one sentence."""
    return Remark.from_json(deposit.trace[-1]).in_words(language()) if deposit.trace else ""


@blueprint.get("/deposits/<reference>")
@guard(SEE_DEPOSITS)
def deposit(reference: str) -> str:
    return page_of(reference, assign=AssignForm(request.args, meta={"csrf": False}))


def page_of(
    reference: str,
    *,
    assign: AssignForm | None = None,
    give_back: ReturnForm | None = None,
    dismiss: DismissForm | None = None,
    keeping: NoteForm | None = None,
    decide: DecideForm | None = None,
) -> str:
    """The form that was sent stands there as it was sent, the others empty."""
    assign = assign or AssignForm(formdata=None)
    with db.reading() as session:
        found = queries.find_deposit(session, reference, agent=None)
        if found.state == DepositState.SUSPENSE:
            assign.agent.data = assign.agent.data or found.suggested or ""
        return render_template(
            "bank/deposits.html",
            chosen=found,
            assign=assign,
            give_back=give_back or ReturnForm(formdata=None),
            dismiss=dismiss or DismissForm(formdata=None),
            keeping=keeping or NoteForm(formdata=None),
            decide=decide or DecideForm(formdata=None),
            **right_side(session, found),
            **left_side(session),
        )


def right_side(session: Session, found: Deposit) -> dict[str, Any]:
    now, state = clock.now(), found.state
    market = MARKETS[session.get_one(BankAccount, found.iban).market]
    decisions = queries.decisions_about(session, found.reference)
    proposals = desk_queries.proposals_about(session, found.reference)
    people = {each.by for each in decisions} | {each.second_by or "" for each in decisions}
    people |= {each.proposed_by for each in proposals} | {each.decided_by or "" for each in proposals} | {found.ended_by or ""}
    acts = state in (DepositState.SUSPENSE, DepositState.CREDITED)
    waiting = state == DepositState.SUSPENSE
    return {
        "booking": session.get_one(BankBooking, found.booking_id),
        "clock": money_clock(found, now=now),
        "trace": [Remark.from_json(remark).in_words(language()) for remark in found.trace],
        "came_back": payout_known_as(session, found) if waiting else None,
        "suggestions": [
            (each.agent, [remark.in_words(language()) for remark in each.why], prefilled(each.why, language()))
            for each in (suggestions_for(session, found, market, now=now) if waiting else ())
        ],
        "targets": possible_targets(session, found) if waiting else (),
        "unseen": not_shown(found) if waiting and only_uploaded(session, [found.booking_id]) else "",
        "two": acts and takes_two(session, found, now=now),
        "decisions": decisions,
        "sightings": queries.seen_in(session, found),
        "names": names_by(session, people),
    } | what_waits(session, proposals)


def not_shown(deposit: Deposit) -> str:
    """Why it cannot be given back; the verb says the same."""
    return Remark.of(NotShown.say, deposit=deposit.reference).in_words(language())


def what_waits(session: Session, proposals: Any) -> dict[str, Any]:
    """The open proposal, if there is one, and whether the reader may decide it; the verb decides again."""
    waits: DepositProposal | None = next((each for each in proposals if each.decided_at is None), None)
    person = actor()
    own = waits is not None and is_the_asker(session, waits.proposed_by, person.by, now=clock.now())
    return {
        "proposal": waits,
        "mark": mark(waits) if waits else "",
        "may_decide": waits is not None and not own and person.may(DECIDE_DEPOSITS),
        "may_withdraw": waits is not None and waits.proposed_by == person.by and waits.kind != "credit",
        "past": [each for each in proposals if each.decided_at is not None and each.granted is not True],
    }


@blueprint.post("/deposits/<reference>/assignment")
@guard(ASSIGN_DEPOSITS)
def assign(reference: str) -> Response | tuple[str, int]:
    form = AssignForm()
    if not form.validate_on_submit():
        return page_of(reference, assign=form), 422
    return act(reference, Wish(kind="assign", agent=form.agent.data, note=form.in_words()))


@blueprint.post("/deposits/<reference>/reassignment")
@guard(ASSIGN_DEPOSITS)
def reassign(reference: str) -> Response | tuple[str, int]:
    form = AssignForm()
    if not form.validate_on_submit():
        return page_of(reference, assign=form), 422
    return act(reference, Wish(kind="reassign", agent=form.agent.data, note=form.in_words()))


@blueprint.post("/deposits/<reference>/return")
@guard(ASSIGN_DEPOSITS)
def give_back(reference: str) -> Response | tuple[str, int]:
    form = ReturnForm()
    if not form.validate_on_submit():
        return page_of(reference, give_back=form), 422
    return act(reference, Wish(kind="return", note=form.in_words()))


@blueprint.post("/deposits/<reference>/dismissal")
@guard(ASSIGN_DEPOSITS)
def dismiss(reference: str) -> Response | tuple[str, int]:
    form = DismissForm()
    if not form.validate_on_submit():
        return page_of(reference, dismiss=form), 422
    return act(reference, Wish(kind="dismiss", target=form.target.data, note=form.in_words()))


def act(reference: str, wish: Wish) -> Response:
    with db.transaction() as session:
        proposal = decide_or_propose(session, reference, wish, by=actor().by, now=clock.now())
    flash(_(WAITS if proposal else DONE), "done")
    return redirect(url_for("deposits.deposit", reference=reference), 303)


@blueprint.post("/deposits/<reference>/keeping")
@guard(ASSIGN_DEPOSITS)
def keep(reference: str) -> Response | tuple[str, int]:
    form = NoteForm()
    if not form.validate_on_submit():
        return page_of(reference, keeping=form), 422
    with db.transaction() as session:
        keep_deposit(session, reference, note=form.note.data, by=actor().by, now=clock.now())
    return redirect(url_for("deposits.deposit", reference=reference), 303)


@blueprint.post("/deposits/proposals/<number:number>/decision")
@guard(DECIDE_DEPOSITS)
@confirmed
def decide(number: int) -> Response | tuple[str, int]:
    form = DecideForm()
    with db.reading() as session:
        reference = queries.deposit_of_proposal(session, number)
    if not form.validate_on_submit():
        return page_of(reference, decide=form), 422
    granted = form.granted.data == "yes"
    with db.transaction() as session:
        decide_proposal(session, number, granted=granted, answer=form.in_words(), seen=form.seen.data, by=actor().by, now=clock.now())
    return redirect(url_for("deposits.deposit", reference=reference), 303)


@blueprint.post("/deposits/proposals/<number:number>/withdrawal")
@guard(ASSIGN_DEPOSITS)
def withdraw(number: int) -> Response:
    with db.transaction() as session:
        reference = withdraw_proposal(session, number, by=actor().by, now=clock.now()).reference
    return redirect(url_for("deposits.deposit", reference=reference), 303)
